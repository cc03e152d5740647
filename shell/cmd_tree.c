/* shell/cmd_tree.c - tree: the processes of containers, with both of their numbers. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/process_tree.h"
#include "shell/cmd.h"
#include "shell/running.h"
#include "shell/stack_view.h"
#include "shell/view.h"

enum {
	PID_COLUMNS = 8,
	USER_COLUMNS = 15,
	MOST_DEPTH = 64,
	MOST_LINES = 3,  /* of one command */
	LEAST_ROOM = 12, /* in a very deep tree it is wider than the screen */
};

struct tree_opts {
	struct view_opts view;
};

static const struct opt opts[] = {
	VIEW_OPTS(struct tree_opts, view),
	{ 0 },
};

/* What is shown of one container.
 *
 * others  name of the container whose first process this node is, where they share a
 *         pid namespace; NULL for the rest. As many as the tree has */
struct shown {
	struct container container;
	struct process_tree tree;
	char **others;
};

struct board {
	struct shown *items;
	size_t count;
};

static void board_done(struct board *board)
{
	for (size_t i = 0; i < board->count; i++) {
		for (size_t k = 0; k < board->items[i].tree.count; k++)
			free(board->items[i].others[k]);
		free(board->items[i].others);
		container_done(&board->items[i].container);
		process_tree_done(&board->items[i].tree);
	}
	free(board->items);
}
#define OWN_BOARD __attribute__((cleanup(board_done)))

/* ---- gathering ---- */

/* In a pid namespace that several share, whose a process is. Given. */
static char **find_others(struct shell *shell, const struct container *container,
			  const struct process_tree *tree)
{
	char **names = mem_zero(tree->count + 1, sizeof(*names));
	OWN_CONTAINERS struct containers all = { 0 };
	struct err ignored = { 0 };

	if (container_list(shell->home, &all, &ignored) < 0)
		return names;
	for (size_t i = 0; i < all.count; i++)
		for (size_t k = 0; k < tree->count; k++)
			if (all.items[i].pid == tree->items[k].process.pid &&
			    all.items[i].pid != container->pid && !names[k])
				names[k] = mem_str(all.items[i].spec.name);
	return names;
}

/* Takes the container. */
static int add(struct shell *shell, struct board *board,
	       struct container *container, struct err *err)
{
	struct shown *shown;
	struct process_tree tree = { 0 };
	int r = process_tree_read(shell->home, container, &tree, err);

	if (r < 0) {
		container_done(container);
		return r;
	}
	board->items =
		mem_grow(board->items, board->count + 1, sizeof(*board->items));
	shown = &board->items[board->count++];
	*shown = (struct shown){ *container, tree,
				 find_others(shell, container, &tree) };
	*container = (struct container){ 0 };
	return 0;
}

static int add_all(struct shell *shell, struct board *board, struct err *err)
{
	OWN_CONTAINERS struct containers list = { 0 };
	int r = container_list(shell->home, &list, err);

	for (size_t i = 0; r == 0 && i < list.count; i++) {
		struct container *c = &list.items[i];
		struct err ended = { 0 };

		if (c->status == CONTAINER_RUNNING ||
		    c->status == CONTAINER_PAUSED)
			(void)add(shell, board, c, &ended);
	}
	return r;
}

/* ---- words ---- */

static const char *role_text(enum tree_role role)
{
	static const char *const texts[TREE_ROLES] = {
		[TREE_MONITOR] = N_("dockershell: watches over it"),
		[TREE_FORWARDER] = N_("dockershell: carries its ports"),
		[TREE_NAMES] = N_("dockershell: answers for names"),
		[TREE_EXEC] = N_("dockershell: stays with an exec"),
		[TREE_NETWORKS] = N_("dockershell: keeps the networks"),
		[TREE_OTHER] = "dockershell",
	};

	return texts[role] ? _(texts[role]) : "";
}

static char *inside_text(const struct tree_node *node)
{
	if (node->role > TREE_FIRST)
		return mem_str("-");
	return mem_fmt("%d", node->process.inside ? node->process.inside
						  : node->process.pid);
}

static char *user_text(const struct tree_node *node)
{
	const struct sides *p = &node->process;

	if (node->role > TREE_FIRST)
		return mem_fmt("%u", p->uid);
	if (p->inside_uid < 0)
		return mem_fmt("%u > ?", p->uid);
	return mem_fmt("%u > %lld", p->uid, (long long)p->inside_uid);
}

/* The number that its first process has inside: not 1 in a pid namespace that was
 * there before. */
static pid_t first_inside(const struct shown *shown)
{
	for (size_t i = 0; i < shown->tree.count; i++) {
		const struct sides *p = &shown->tree.items[i].process;

		if (shown->tree.items[i].role == TREE_FIRST)
			return p->inside ? p->inside : p->pid;
	}
	return 1;
}

static void say_answer(struct view *view, const struct board *board)
{
	const struct shown *one = board->items;
	size_t programs = 0;

	for (size_t i = 0; i < board->count; i++)
		programs += board->items[i].tree.programs;
	if (!board->count)
		view_answer(view,
			    _("No container runs, so none has a process."));
	else if (board->count == 1 && first_inside(one) != 1)
		view_answer(
			view,
			_("%s: processes inside: %zu; its first is process %d of this machine, and %d inside: it shares that view."),
			one->container.spec.name, programs, one->container.pid,
			first_inside(one));
	else if (board->count == 1)
		view_answer(
			view,
			_("%s: processes inside: %zu; its process 1 is process %d of this machine."),
			one->container.spec.name, programs, one->container.pid);
	else
		view_answer(
			view,
			_("Containers that run: %zu; processes inside: %zu, all of them ordinary processes of this machine."),
			board->count, programs);
}

/* ---- drawn ---- */

/* The lines of a tree, for each level above this node whether it goes on below; and
 * the node's own branch, on its first line. */
static void draw_branch(struct view *view, const struct tree_node *node,
			const bool *open, bool first)
{
	for (int i = 1; i < node->depth + !first && i < MOST_DEPTH; i++)
		buf_str(&view->out, !open[i]	  ? "   "
				    : view->ascii ? "|  "
						  : "│  ");
	if (node->depth && first && node->last)
		buf_str(&view->out, view->ascii ? "`- " : "└─ ");
	else if (node->depth && first)
		buf_str(&view->out, view->ascii ? "|- " : "├─ ");
}

/* A remark is shown whole, a command as much as fits on a few lines. */
static char *text_of(struct view *view, const struct shown *shown,
		     const struct tree_node *node, int room)
{
	const char *other = shown->others[node - shown->tree.items];
	OWN_FREE char *command = NULL;

	if (node->role > TREE_FIRST)
		return mem_fmt("%s (%s)", node->process.name,
			       role_text(node->role));
	command = view_cut(view, node->process.command, MOST_LINES * room);
	if (node->process.state == 'Z')
		return mem_fmt("%s %s", command,
			       _("(zombie: ended, its parent has not asked)"));
	if (other)
		return mem_fmt(_("%s (of the container %s)"), command, other);
	return own_give_ptr(&command);
}

static void draw_numbers(struct view *view, const struct tree_node *node)
{
	OWN_FREE char *outside = mem_fmt("%d", node->process.pid);
	OWN_FREE char *inside = inside_text(node);
	OWN_FREE char *user = user_text(node);

	view_right(view, outside, PID_COLUMNS);
	view_right(view, inside, PID_COLUMNS);
	buf_str(&view->out, "  ");
	view_pad(view, user, USER_COLUMNS, true);
}

static void draw_node(struct view *view, const struct shown *shown,
		      const struct tree_node *node, const bool *open)
{
	int used = 2 * PID_COLUMNS + 2 + USER_COLUMNS;
	int depth = node->depth < MOST_DEPTH ? node->depth : MOST_DEPTH;
	int room = view->columns - used - 3 * depth - 1;
	OWN_FREE char *text = NULL;
	OWN_BUF struct buf wrapped = { 0 };
	OWN_STRS struct strs lines = { 0 };

	if (room < LEAST_ROOM)
		room = LEAST_ROOM;
	text = text_of(view, shown, node, room);
	style_wrap(&wrapped, text, 0, 0, room);
	strs_split(&lines, buf_text(&wrapped), '\n');
	for (size_t i = 0; i < lines.count; i++) {
		if (i > 0 && !*lines.items[i])
			continue; /* behind the last */
		if (i == 0)
			draw_numbers(view, node);
		else
			buf_fmt(&view->out, "%*s", used, "");
		draw_branch(view, node, open, i == 0);
		if (node->role > TREE_FIRST)
			view_styled(view, STYLE_DIM, lines.items[i]);
		else
			buf_str(&view->out, lines.items[i]);
		buf_char(&view->out, '\n');
	}
}

static void draw_tree(struct view *view, const struct shown *shown)
{
	bool open[MOST_DEPTH] = { false };

	for (size_t i = 0; i < shown->tree.count; i++) {
		const struct tree_node *node = &shown->tree.items[i];

		if (node->depth < MOST_DEPTH)
			open[node->depth] = !node->last;
		draw_node(view, shown, node, open);
	}
}

static void draw(struct view *view, const struct board *board)
{
	if (!board->count)
		return;
	view_right(view, _("outside"), PID_COLUMNS);
	view_right(view, _("inside"), PID_COLUMNS);
	buf_str(&view->out, "  ");
	view_pad(view, _("user out > in"), USER_COLUMNS, true);
	buf_fmt(&view->out, "%s\n", _("process"));
	for (size_t i = 0; i < board->count; i++) {
		if (board->count > 1)
			buf_fmt(&view->out, " %s\n",
				board->items[i].container.spec.name);
		draw_tree(view, &board->items[i]);
	}
}

static void say_tree(struct view *view, const struct shown *shown)
{
	for (size_t i = 0; i < shown->tree.count; i++) {
		const struct tree_node *node = &shown->tree.items[i];
		OWN_FREE char *inside = inside_text(node);
		OWN_FREE char *user = user_text(node);

		view_say(
			view, 0,
			_("%s: process %d outside, %s inside, parent %d, user %s, %s%s%s"),
			shown->container.spec.name, node->process.pid, inside,
			node->process.parent, user,
			node->role > TREE_FIRST ? node->process.name
						: node->process.command,
			node->role > TREE_FIRST ? ", " : "",
			role_text(node->role));
		if (shown->others[i])
			view_say(view, 0, _("%s: process %d is of the container %s"),
				 shown->container.spec.name, node->process.pid,
				 shown->others[i]);
	}
}

/* ---- JSON ---- */

static json_t *node_json(const struct shown *shown, size_t index)
{
	const struct tree_node *node = &shown->tree.items[index];
	const struct sides *p = &node->process;
	bool own = node->role <= TREE_FIRST;
	json_t *object = json_pack("{s:i, s:i, s:i, s:s, s:o, s:o, s:i}", "pid",
				   (int)p->pid, "parent", (int)p->parent, "uid",
				   (int)p->uid, "role",
				   tree_role_name(node->role), "name",
				   stack_view_text(p->name), "command",
				   stack_view_text(p->command), "depth",
				   node->depth);

	json_object_set_new(object, "inside_pid",
			    own ? json_integer(p->inside ? p->inside : p->pid)
				: json_null());
	if (shown->others[index])
		json_object_set_new(object, "of_container",
				    json_string(shown->others[index]));
	json_object_set_new(object, "inside_uid",
			    own && p->inside_uid >= 0
				    ? json_integer(p->inside_uid)
				    : json_null());
	return object;
}

static void show_json(struct view *view, const struct board *board,
		      const char *next)
{
	json_t *list = json_array();

	for (size_t i = 0; i < board->count; i++) {
		const struct shown *shown = &board->items[i];
		json_t *nodes = json_array();

		for (size_t k = 0; k < shown->tree.count; k++)
			json_array_append_new(nodes, node_json(shown, k));
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:o}", "container",
						shown->container.spec.name,
						"id", shown->container.spec.id,
						"processes", nodes));
	}
	view_json(view, json_pack("{s:o}", "containers", list), next);
}

static void show(struct view *view, const struct board *board)
{
	OWN_FREE char *next =
		board->count
			? mem_fmt("ns %s", board->items[0].container.spec.name)
			: mem_str("run -d --name web busybox sleep 1000");

	if (view->form == VIEW_JSON) {
		show_json(view, board, next);
		return;
	}
	say_answer(view, board);
	for (size_t i = 0; view->form == VIEW_PLAIN && i < board->count; i++)
		say_tree(view, &board->items[i]);
	if (view->form == VIEW_DRAWN)
		draw(view, board);
	view_next(view, "%s", next);
	view_end(view);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct tree_opts *o = args->opts;
	OWN_BOARD struct board board = { 0 };
	OWN_VIEW struct view view;
	int r = 0;

	view_begin(&view, shell, &o->view);
	if (args->count == 0)
		r = add_all(shell, &board, err);
	for (int i = 0; i < args->count && r == 0; i++) {
		struct container c = { 0 };

		r = running_find(shell, args->words[i], &c, err);
		if (r == 0)
			r = add(shell, &board, &c, err);
	}
	if (r < 0)
		return r;
	show(&view, &board);
	return 0;
}

static const char *const examples[] = {
	"run -d --name web busybox sleep 1000",
	"tree web",
	NULL,
};

const struct cmd cmd_tree = {
	.name = "tree",
	.group = N_("Windows into the machinery"),
	.synopsis = "[OPTIONS] [CONTAINER...]",
	.summary = N_(
		"Show the processes of containers as a tree, with their numbers inside and outside"),
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct tree_opts),
	.examples = examples,
	.lesson = "views",
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_RUNNING,
	.rest = COMPLETE_RUNNING,
};
