/* runtime/process_tree.c - see process_tree.h */
#include "runtime/process_tree.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/container_usage.h"
#include "runtime/processes.h"

enum { MOST_DEPTH = 200 };

void process_tree_done(struct process_tree *tree)
{
	for (size_t i = 0; i < tree->count; i++)
		sides_done(&tree->items[i].process);
	free(tree->items);
	*tree = (struct process_tree){ 0 };
}

const char *tree_role_name(enum tree_role role)
{
	static const char *const names[TREE_ROLES] = {
		"program", "first", "monitor",  "forwarder",
		"names",   "exec",  "networks", "helper",
	};

	return names[role];
}

/* ---- the order ---- */

static const struct tree_node *by_pid(const struct process_tree *tree,
				      pid_t pid)
{
	for (size_t i = 0; i < tree->count; i++)
		if (tree->items[i].process.pid == pid)
			return &tree->items[i];
	return NULL;
}

/* A process that is its own ancestor cannot be; two readings of /proc at different
 * times could look so, for a number that was given anew. */
static void add_children(const struct process_tree *found, pid_t parent,
			 int depth, struct process_tree *out)
{
	ssize_t last = -1;

	for (size_t i = 0; i < found->count && depth < MOST_DEPTH; i++) {
		const struct tree_node *node = &found->items[i];
		bool is_child = parent ? node->process.parent == parent
				       : !by_pid(found, node->process.parent);

		if (!is_child || by_pid(out, node->process.pid))
			continue;
		out->items[out->count] = *node;
		out->items[out->count].depth = depth;
		out->items[out->count].last = false;
		last = (ssize_t)out->count++;
		add_children(found, node->process.pid, depth + 1, out);
	}
	if (last >= 0)
		out->items[last].last = true;
}

void process_tree_arrange(struct process_tree *found, struct process_tree *out)
{
	*out = (struct process_tree){ .programs = found->programs };
	out->items = mem_zero(found->count + 1, sizeof(*out->items));
	add_children(found, 0, 0, out);
	for (size_t i = 0; i < found->count; i++)
		if (!by_pid(out, found->items[i].process.pid))
			sides_done(&found->items[i].process);
	free(found->items);
	*found = (struct process_tree){ 0 };
}

/* ---- gathering ---- */

static enum tree_role role_of(const struct sides *process)
{
	static const struct {
		const char *name;
		enum tree_role role;
	} known[] = { { "dsh-monitor", TREE_MONITOR },
		      { "dsh-forward", TREE_FORWARDER },
		      { "dsh-names", TREE_NAMES },
		      { "dsh-exec", TREE_EXEC },
		      { "dsh-net", TREE_NETWORKS } };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].name, process->name) == 0)
			return known[i].role;
	return TREE_OTHER;
}

static void add(struct process_tree *found, pid_t pid, bool own, pid_t first)
{
	struct tree_node *node;
	struct sides process;

	if (by_pid(found, pid) || sides_read(pid, &process) < 0)
		return;
	found->items =
		mem_grow(found->items, found->count + 1, sizeof(*found->items));
	node = &found->items[found->count++];
	*node = (struct tree_node){ .process = process };
	node->role = !own           ? role_of(&process)
		     : pid == first ? TREE_FIRST
				    : TREE_PROGRAM;
	found->programs += own;
}

static bool is_keeper(pid_t pid)
{
	struct process p;

	return process_read(pid, &p) == 0 && strcmp(p.name, "dsh-exec") == 0;
}

int process_tree_read(const struct home *home,
		      const struct container *container,
		      struct process_tree *out, struct err *err)
{
	struct process_tree found = { 0 };
	OWN_PIDS struct pids own = { 0 };
	OWN_PIDS struct pids helpers = { 0 };
	int r = container_processes(home, container->spec.id, &own, err);

	if (r < 0)
		return r;
	if (container->monitor_pid > 0) {
		add(&found, container->monitor_pid, false, 0);
		sides_children(container->monitor_pid, &helpers);
	}
	for (size_t i = 0; i < own.count; i++)
		add(&found, own.items[i], true, container->pid);
	for (size_t i = 0; i < helpers.count; i++)
		add(&found, helpers.items[i], false, 0);
	for (size_t i = found.count; i-- > 0;) {
		pid_t parent = found.items[i].process.parent;

		if (!by_pid(&found, parent) && is_keeper(parent))
			add(&found, parent, false, 0);
	}
	process_tree_arrange(&found, out);
	return 0;
}
