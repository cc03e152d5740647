/* shell/whose_all.c - what "deleted" files still lie in a stack; see whose_view.h
 *
 * Listed is every file whose content one does not see at its path any more. Where a whole
 * folder was hidden at once it is one line; asked for the folder itself, its files are.
 * Plain copies (chown, chmod) are counted only: their content is no secret. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/stack_view.h"
#include "shell/view.h"
#include "shell/whose_view.h"

enum { MOST_LINES = 60, SIZE_COLUMNS = 9 };

/* Files of one layer that are hidden by the same, at `path`: a folder with several, or
 * one file. */
struct group {
	uint32_t layer;
	uint32_t path;
	const struct stack_item *item; /* one of them */
	struct stack_count what;
};

struct groups {
	struct group *items;
	size_t count;
	struct stack_count all;
	struct stack_count copies;
};

static bool is_within(const struct stack *stack, uint32_t path, int32_t folder)
{
	for (int32_t at = (int32_t)path; at >= 0; at = stack->paths[at].parent)
		if (at == folder)
			return true;
	return false;
}

static struct group *group_of(struct groups *groups,
			      const struct stack_item *item, uint32_t path)
{
	struct group *group;

	for (size_t i = groups->count; i-- > 0;) {
		group = &groups->items[i];
		if (group->layer == item->layer && group->path == path &&
		    group->item->by == item->by &&
		    group->item->fate == item->fate)
			return group;
	}
	groups->items = mem_grow(groups->items, groups->count + 1,
				 sizeof(*group));
	group = &groups->items[groups->count++];
	*group = (struct group){ item->layer, path, item, { 0 } };
	return group;
}

static bool is_file(const struct stack_item *item)
{
	return item->kind != STACK_FOLDER && item->kind != STACK_WHITEOUT;
}

static int compare_groups(const void *a, const void *b)
{
	const struct group *x = a;
	const struct group *y = b;

	if (x->item->fate != y->item->fate)
		return (x->item->fate == STACK_REWRITTEN) -
		       (y->item->fate == STACK_REWRITTEN);
	if (x->layer != y->layer)
		return x->layer < y->layer ? -1 : 1;
	return (x->path > y->path) - (x->path < y->path);
}

static void gather(const struct whose *whose, struct groups *groups)
{
	const struct stack *stack = &whose->stack;

	for (size_t i = 0; i < stack->item_count; i++) {
		const struct stack_item *item = &stack->items[i];
		uint32_t path = item->path;
		struct group *group;

		if (item->fate == STACK_SEEN || !is_file(item) ||
		    !is_within(stack, path, whose->index))
			continue;
		if (item->fate == STACK_COPIED) {
			groups->copies.files++;
			groups->copies.bytes += item->bytes;
			continue;
		}
		/* Strictly inside of what was asked for. */
		if (item->by_path != (uint32_t)whose->index &&
		    is_within(stack, item->by_path, whose->index))
			path = item->by_path;
		group = group_of(groups, item, path);
		group->what.files++;
		group->what.bytes += item->bytes;
		groups->all.files++;
		groups->all.bytes += item->bytes;
	}
	if (groups->count)
		qsort(groups->items, groups->count, sizeof(*groups->items),
		      compare_groups);
}

/* ---- for people ---- */

static void put_group(struct view *view, const struct whose *whose,
		      const struct group *group)
{
	const struct stack *stack = &whose->stack;
	bool several = group->what.files > 1;
	OWN_FREE char *path = stack_view_path(
		stack->paths[several ? group->path : group->item->path].path);
	OWN_FREE char *size = view_size(view, group->what.bytes);
	OWN_FREE char *why = stack_view_why(group->item->fate,
					    group->item->change,
					    group->item->by);
	OWN_FREE char *what = NULL;

	if (several)
		what = mem_fmt(_("%s (%lld files)"), path,
			       (long long)group->what.files);
	else
		what = mem_str(path);
	if (view->form == VIEW_PLAIN) {
		view_say(view, 0, _("layer %u still holds %s, %s: %s"),
			 group->layer + 1, what, size, why);
		return;
	}
	buf_fmt(&view->out, "%4u ", group->layer + 1);
	view_right(view, size, SIZE_COLUMNS);
	buf_str(&view->out, "  ");
	{
		OWN_FREE char *text = mem_fmt("%s - %s", what, why);
		int at = 4 + 1 + SIZE_COLUMNS + 2;

		style_wrap(&view->out, text, at, at, view->columns);
	}
}

static void put_answer(struct view *view, const struct whose *whose,
		       const struct groups *groups)
{
	OWN_FREE char *size = view_size(view, groups->all.bytes);

	if (groups->all.files)
		view_answer(view,
			    _("%s still carries files that nobody sees any more: %lld (%s). They lie in its layers and go wherever these go."),
			    whose->name, (long long)groups->all.files, size);
	else
		view_answer(view,
			    _("%s: nothing that was deleted or replaced lies hidden at %s."),
			    whose->name, whose->shown);
}

/* A name that cannot be typed as it is shown is the last choice. */
static bool is_better(const struct stack *stack, const struct stack_item *item,
		      const struct stack_item *best, bool alone)
{
	bool typed = stack_view_is_plain(stack->paths[item->path].path);

	if (typed != stack_view_is_plain(stack->paths[best->path].path))
		return typed;
	return best->fate == item->fate && alone && item->size < best->size;
}

/* The smallest that was deleted: a few words rather than a megabyte. */
static char *next_of(const struct view *view, const struct whose *whose,
		     const struct groups *groups)
{
	const struct stack *stack = &whose->stack;
	const struct group *best = NULL;
	const struct stack_item *item;

	for (size_t i = 0; i < groups->count; i++) {
		const struct group *g = &groups->items[i];
		bool alone = g->item->path == g->path;

		item = g->item;
		if (item->kind != STACK_FILE || !item->size ||
		    item->size > WHOSE_MAX_SHOWN)
			continue;
		if (!best || is_better(stack, item, best->item, alone))
			best = g;
	}
	if (!best)
		return mem_fmt("layers %s", whose->name);
	item = best->item;
	if (!stack_view_is_plain(stack->paths[item->path].path))
		return mem_fmt("whose --all --json %s", whose->name);
	return whose_show_line(view->shell, whose, (int32_t)(item - stack->items));
}

static void put_copies(struct view *view, const struct groups *groups)
{
	OWN_FREE char *size = view_size(view, groups->copies.bytes);

	if (groups->copies.files)
		view_say(view, 2,
			 _("Beside these, hidden by a copy with the same content, no secret but waste: files: %lld (%s)."),
			 (long long)groups->copies.files, size);
}

/* ---- JSON ---- */

static json_t *all_json(const struct whose *whose, const struct groups *groups)
{
	const struct stack *stack = &whose->stack;
	json_t *files = json_array();

	for (size_t i = 0; i < stack->item_count; i++) {
		const struct stack_item *item = &stack->items[i];

		if (item->fate == STACK_SEEN || !is_file(item) ||
		    !is_within(stack, item->path, whose->index))
			continue;
		json_array_append_new(
			files,
			json_pack("{s:o,s:i,s:s,s:I,s:s,s:i,s:o,s:o}", "path",
				  stack_view_text(
					  stack->paths[item->path].path),
				  "layer",
				  (int)item->layer + 1, "kind",
				  whose_kind(item), "size_bytes",
				  (json_int_t)item->size, "why",
				  stack_fate_name(item->fate), "hidden_by",
				  (int)item->by + 1, "hidden_by_path",
				  stack_view_text(
					  stack->paths[item->by_path].path),
				  "changed",
				  stack_view_changes_json(item->change)));
	}
	return json_pack("{s:s,s:s?,s:o,s:I,s:I,s:I,s:I,s:o}", "image",
			 stack->name, "container", stack->container, "path",
			 stack_view_text(whose->path), "unseen_files",
			 (json_int_t)groups->all.files, "unseen_bytes",
			 (json_int_t)groups->all.bytes, "copied_files",
			 (json_int_t)groups->copies.files, "copied_bytes",
			 (json_int_t)groups->copies.bytes, "files", files);
}

void whose_all_view(struct view *view, const struct whose *whose)
{
	struct groups groups = { 0 };
	OWN_FREE char *next = NULL;

	gather(whose, &groups);
	next = next_of(view, whose, &groups);
	if (view->form == VIEW_JSON) {
		view_json(view, all_json(whose, &groups), next);
		free(groups.items);
		return;
	}
	put_answer(view, whose, &groups);
	for (size_t i = 0; i < groups.count; i++) {
		if (view->form == VIEW_DRAWN && i == MOST_LINES) {
			view_say(view, 2,
				 _("... and %zu more lines; --plain and --json have all."),
				 groups.count - i);
			break;
		}
		put_group(view, whose, &groups.items[i]);
	}
	put_copies(view, &groups);
	view_next(view, "%s", next);
	view_end(view);
	free(groups.items);
}
