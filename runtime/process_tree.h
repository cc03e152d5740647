/* runtime/process_tree.h - the processes of a container, as a tree, with those of this
 * program that serve it.
 *
 *   dsh-monitor            ours: watches over the container
 *   |- process 1           the container's
 *   |  `- ...
 *   `- dsh-forward         ours: carries its published ports
 *
 * What was joined by `exec` has a parent that lies outside, dsh-exec, and no parent
 * inside. */
#ifndef RUNTIME_PROCESS_TREE_H
#define RUNTIME_PROCESS_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/sides.h"

struct container;
struct err;
struct home;

/* What a process is to the container. */
enum tree_role {
	TREE_PROGRAM, /* the container's own */
	TREE_FIRST,   /* its process 1 */
	TREE_MONITOR,
	TREE_FORWARDER,
	TREE_NAMES,
	TREE_EXEC,
	TREE_NETWORKS,
	TREE_OTHER, /* another helper of ours */
	TREE_ROLES,
};

/* depth  0 for the roots; last: no sibling follows it */
struct tree_node {
	struct sides process;
	enum tree_role role;
	int depth;
	bool last;
};

/* In the order in which they are drawn: parents before children. */
struct process_tree {
	struct tree_node *items;
	size_t count;
	size_t programs; /* how many of them are the container's */
};
void process_tree_done(struct process_tree *tree);
#define OWN_PROCESS_TREE __attribute__((cleanup(process_tree_done)))

/* Of a container that runs. What ends meanwhile is left out. */
int process_tree_read(const struct home *home,
		      const struct container *container,
		      struct process_tree *out, struct err *err);

/* Puts processes in no order into that of a tree. The items of `found` are moved.
 * Given: what `out` has. */
void process_tree_arrange(struct process_tree *found, struct process_tree *out);

/* "program", "first", "monitor" ...: for JSON. */
const char *tree_role_name(enum tree_role role);

#endif
