/* shell/whose_view.c - whose a path is; see whose_view.h
 *
 *   /app/a.js of web: layer 6 serves it, 1.12kB: RUN chown -R app:app /app
 *     6     1.12kB  -rw-r--r--  seen
 *     4     1.12kB  -rw-r--r--  hidden: layer 6 holds the same content once more ... */
#include "shell/whose_view.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/layers_view.h"
#include "shell/stack_view.h"
#include "shell/view.h"

enum { SIZE_COLUMNS = 9, MODE_SIZE = 11, MAX_TEXT = 64 << 10 };

void whose_done(struct whose *whose)
{
	stack_done(&whose->stack);
	free(whose->name);
	free(whose->asked);
	free(whose->path);
	free(whose->shown);
	free(whose->link);
	free(whose->leads_to);
	free(whose->mount);
	*whose = (struct whose){ 0 };
}

/* ---- reading ---- */

/* Whether `path` is `folder` or lies in it. */
static bool is_within(const char *path, const char *folder)
{
	size_t len = strcmp(folder, "/") == 0 ? 0 : strlen(folder);

	return strncmp(path, folder, len) == 0 &&
	       (path[len] == '/' || !path[len]);
}

static char *mount_over(const struct layers_facts *facts, const char *path)
{
	static const char *const always[] = { "/proc",	   "/dev",
					      "/sys",	   "/etc/hosts",
					      "/etc/hostname", "/etc/resolv.conf",
					      NULL };
	const struct layers_mount *best = NULL;

	for (size_t i = 0; i < facts->mount_count; i++)
		if (facts->mounts[i].target &&
		    is_within(path, facts->mounts[i].target) &&
		    (!best || strlen(best->target) <
				      strlen(facts->mounts[i].target)))
			best = &facts->mounts[i];
	if (best && !*best->source)
		return mem_fmt(_("%s at %s"), best->type, best->target);
	if (best)
		return mem_fmt(_("%s %s at %s"), best->type, best->source,
			       best->target);
	for (const char *const *p = always; *p; p++)
		if (is_within(path, *p))
			return mem_fmt(_("what the runtime mounts at %s"), *p);
	return NULL;
}

static int read_link(struct shell *shell, struct whose *whose, struct err *err)
{
	struct err lost = { 0 };
	int r;

	if (whose->seen < 0 ||
	    whose->stack.items[whose->seen].kind != STACK_LINK)
		return 0;
	r = stack_link(shell->store, &whose->stack, whose->seen, &whose->link,
		       err);
	/* A link that leads round and round leads nowhere: leads_to is NULL. */
	if (r == 0)
		(void)stack_follow(shell->store, &whose->stack, whose->path,
				   true, &whose->leads_to, &lost);
	return r;
}

int whose_read(struct shell *shell, const char *name, const char *path,
	       struct whose *out, struct err *err)
{
	OWN_LAYERS_FACTS struct layers_facts facts = { 0 };
	OWN_WHOSE struct whose whose = { 0 };
	int r = layers_facts_read(shell, name, &facts, err);

	if (r < 0)
		return r;
	whose.name = mem_str(name);
	whose.asked = mem_str(path);
	whose.stack = facts.stack;
	facts.stack = (struct stack){ 0 };
	r = stack_follow(shell->store, &whose.stack, path, false, &whose.path,
			 err);
	if (r < 0)
		return r;
	whose.shown = stack_view_path(whose.path);
	whose.index = stack_find(&whose.stack, whose.path);
	whose.seen = stack_seen(&whose.stack, whose.index);
	if (whose.stack.container && whose.path)
		whose.mount = mount_over(&facts, whose.path);
	r = read_link(shell, &whose, err);
	if (r < 0)
		return r;
	*out = whose;
	whose = (struct whose){ 0 };
	return 0;
}

int32_t whose_item(const struct whose *whose, unsigned number)
{
	const struct stack *stack = &whose->stack;
	int32_t at = whose->index < 0 ? -1 : stack->paths[whose->index].top;

	for (; at >= 0; at = stack->items[at].below)
		if (number ? stack->items[at].layer + 1 == number :
			     stack->items[at].kind != STACK_WHITEOUT)
			return at;
	return -1;
}

const char *whose_kind(const struct stack_item *item)
{
	static const char *const names[] = {
		[STACK_FILE] = "file",	     [STACK_FOLDER] = "folder",
		[STACK_LINK] = "link",	     [STACK_SPECIAL] = "special",
		[STACK_WHITEOUT] = "whiteout",
	};

	return names[item->kind];
}

/* ---- the answer ---- */

static char *made_by_of(const struct whose *whose, uint32_t layer)
{
	return stack_view_made_by(&whose->stack, &whose->stack.layers[layer]);
}

/* The layers whose folders one sees as one: "9, 8, 1". */
static char *parts_of(const struct whose *whose, size_t *out_count)
{
	OWN_STRS struct strs parts = { 0 };
	int32_t at = whose->seen;

	for (; at >= 0 && whose->stack.items[at].fate == STACK_SEEN &&
	       whose->stack.items[at].kind == STACK_FOLDER;
	     at = whose->stack.items[at].below)
		strs_addf(&parts, "%u", whose->stack.items[at].layer + 1);
	*out_count = parts.count;
	return strs_join(&parts, ", ");
}

static void answer_folder(struct view *view, const struct whose *whose)
{
	size_t count = 0;
	OWN_FREE char *parts = parts_of(whose, &count);

	if (count > 1)
		view_answer(view,
			    _("%s is a folder that %zu layers of %s make together: %s."),
			    whose->shown, count, whose->name, parts);
	else
		view_answer(view,
			    _("%s is a folder that layer %s of %s has alone."),
			    whose->shown, parts, whose->name);
}

static void answer_hidden(struct view *view, const struct whose *whose)
{
	int32_t best = whose_item(whose, 0);
	const struct stack_item *item =
		best < 0 ? NULL : &whose->stack.items[best];
	OWN_FREE char *size = NULL;
	OWN_FREE char *why = NULL;

	if (!item) {
		view_answer(view,
			    _("Nobody serves %s: there is only a whiteout, and nothing below it."),
			    whose->shown);
		return;
	}
	size = view_size(view, item->size);
	why = stack_view_why(item->fate, item->change, item->by);
	view_answer(view,
		    _("Nobody serves %s any more, but layer %u of %s still holds it (%s): %s."),
		    whose->shown, item->layer + 1, whose->name, size, why);
}

static void put_answer(struct view *view, const struct whose *whose)
{
	const struct stack_item *item;
	OWN_FREE char *size = NULL;
	OWN_FREE char *by = NULL;

	if (whose->mount)
		view_answer(view,
			    _("No layer serves %s in %s: %s lies over them."),
			    whose->shown, whose->name, whose->mount);
	if (whose->seen < 0) {
		if (!whose->mount)
			answer_hidden(view, whose);
		return;
	}
	item = &whose->stack.items[whose->seen];
	if (item->kind == STACK_FOLDER && !whose->mount) {
		answer_folder(view, whose);
		return;
	}
	if (whose->mount)
		return;
	size = view_size(view, item->size);
	by = made_by_of(whose, item->layer);
	view_answer(view, _("%s: layer %u of %s serves it, %s. Made by: %s"),
		    whose->shown, item->layer + 1, whose->name, size, by);
}

/* ---- layer by layer ---- */

static char kind_letter(const struct stack_item *item)
{
	static const char kinds[] = { '-', 'd', 'l', 's', 'x' };

	if (item->kind != STACK_SPECIAL)
		return kinds[item->kind];
	return S_ISFIFO(item->mode) ? 'p' :
	       S_ISCHR(item->mode)  ? 'c' :
	       S_ISBLK(item->mode)  ? 'b' :
				      's';
}

static void mode_text(const struct stack_item *item, char out[MODE_SIZE])
{
	static const char letters[] = "rwxrwxrwx";

	out[0] = kind_letter(item);
	for (int i = 0; i < 9; i++)
		out[1 + i] = '-';
	for (int i = 0; i < 9; i++)
		if (item->mode & (0400u >> i))
			out[1 + i] = letters[i];
	/* As ls(1): set-user-id, set-group-id and sticky take the place of x. */
	for (int i = 0; i < 3; i++)
		if (item->mode & (04000u >> i))
			out[3 + 3 * i] = (char)(out[3 + 3 * i] == 'x' ?
							"sst"[i] :
							"SST"[i]);
	out[10] = '\0';
}

static char *state_of(const struct whose *whose, const struct stack_item *item)
{
	OWN_FREE char *why = NULL;

	if (item->kind == STACK_WHITEOUT)
		return mem_str(_("a whiteout: hides what lies below"));
	if (item->fate == STACK_SEEN && item->opaque)
		return mem_str(_("seen; opaque: hides what lies below"));
	if (item->fate == STACK_SEEN)
		return whose->mount ? mem_str(_("under the mount")) :
				      mem_str(_("seen"));
	why = stack_view_why(item->fate, item->change, item->by);
	return mem_fmt(_("hidden: %s"), why);
}

static void put_item(struct view *view, const struct whose *whose,
		     const struct stack_item *item)
{
	OWN_FREE char *size = view_size(view, item->size);
	OWN_FREE char *state = state_of(whose, item);
	char mode[MODE_SIZE];

	mode_text(item, mode);
	if (view->form == VIEW_PLAIN) {
		view_say(view, 0, _("layer %u, %s, mode %o: %s"),
			 item->layer + 1, size, item->mode & 07777u, state);
		return;
	}
	buf_fmt(&view->out, "%4u ", item->layer + 1);
	view_right(view, item->kind == STACK_FOLDER ||
					 item->kind == STACK_WHITEOUT ?
				 "-" :
				 size,
		   SIZE_COLUMNS);
	buf_fmt(&view->out, "  %s  ", mode);
	{
		OWN_BUF struct buf lines = { 0 };
		int at = 4 + 1 + SIZE_COLUMNS + 2 + MODE_SIZE - 1 + 2;

		style_wrap(&lines, state, at, at, view->columns);
		buf_str(&view->out, buf_text(&lines));
	}
}

static void put_items(struct view *view, const struct whose *whose)
{
	const struct stack *stack = &whose->stack;
	int32_t at = whose->index < 0 ? -1 : stack->paths[whose->index].top;
	bool own = false;

	for (; at >= 0; at = stack->items[at].below) {
		put_item(view, whose, &stack->items[at]);
		own = own || stack->layers[stack->items[at].layer].writable;
	}
	if (stack->container && !own)
		view_say(view, 2,
			 _("The container's own layer %zu has no part in it."),
			 stack->layer_count);
}

static void put_link(struct view *view, const struct whose *whose)
{
	OWN_FREE char *asked = stack_view_path(whose->asked);
	OWN_FREE char *link = stack_view_path(whose->link ? whose->link : "");
	OWN_FREE char *end =
		stack_view_path(whose->leads_to ? whose->leads_to : "");

	if (strcmp(whose->asked, whose->path) != 0)
		view_say(view, 2,
			 _("The way to it goes through a link: %s is %s."),
			 asked, whose->shown);
	if (whose->link && !whose->leads_to)
		view_say(view, 2,
			 _("It is a link to %s, which leads round and round to nothing."),
			 link);
	else if (whose->link)
		view_say(view, 2, _("It is a link to %s and leads to %s."),
			 link, end);
}

static void put_folder(struct view *view, const struct whose *whose)
{
	struct stack_count count = { 0 };
	OWN_FREE char *size = NULL;

	/* Under a mount one sees nothing of it. */
	if (whose->mount || whose->seen < 0 ||
	    whose->stack.items[whose->seen].kind != STACK_FOLDER)
		return;
	stack_count_seen(&whose->stack, whose->index, &count);
	size = view_size(view, count.bytes);
	view_say(view, 2,
		 count.files == 1 ?
			 _("What one sees in it, all layers together: %lld file, %s.") :
			 _("What one sees in it, all layers together: %lld files, %s."),
		 (long long)count.files, size);
}

bool whose_is_text(const struct buf *content)
{
	enum { ESCAPE = 033 };

	return !memchr(buf_text(content), '\0', content->len) &&
	       !memchr(buf_text(content), ESCAPE, content->len);
}

char *whose_show_line(const struct shell *shell, const struct whose *whose,
		      int32_t item)
{
	const struct stack *stack = &whose->stack;
	OWN_FREE char *place = stack_view_place(
		whose->name, stack->paths[stack->items[item].path].path);
	OWN_BUF struct buf content = { 0 };
	struct err ignored = { 0 };
	bool is_text = stack_content(shell->store, stack, item, MAX_TEXT,
				     &content, &ignored) == 0 &&
		       whose_is_text(&content);

	return mem_fmt("whose --show --layer %u %s%s",
		       stack->items[item].layer + 1, place,
		       is_text ? "" : " | od -c | head");
}

/* A hidden file can be read, a folder be asked for what is hidden in it. */
static char *next_of(const struct view *view, const struct whose *whose)
{
	const struct stack *stack = &whose->stack;
	int32_t at = whose->index < 0 ? -1 : stack->paths[whose->index].top;
	OWN_FREE char *place = stack_view_place(whose->name, whose->path);

	if (whose->leads_to && strcmp(whose->leads_to, whose->path) != 0) {
		OWN_FREE char *end =
			stack_view_place(whose->name, whose->leads_to);

		return mem_fmt("whose %s", end);
	}
	for (; at >= 0 && stack_view_is_plain(whose->path);
	     at = stack->items[at].below)
		if (stack->items[at].fate != STACK_SEEN &&
		    stack->items[at].kind == STACK_FILE &&
		    stack->items[at].size <= WHOSE_MAX_SHOWN)
			return whose_show_line(view->shell, whose, at);
	if (whose->seen >= 0 && stack_view_is_plain(whose->path) &&
	    stack->items[whose->seen].kind == STACK_FOLDER)
		return mem_fmt("whose --all %s", place);
	return mem_fmt("layers %s", whose->name);
}

/* ---- JSON ---- */

static json_t *item_json(const struct whose *whose,
			 const struct stack_item *item)
{
	const struct stack *stack = &whose->stack;
	OWN_FREE char *by = made_by_of(whose, item->layer);
	bool hidden = item->fate != STACK_SEEN;
	json_t *json = json_pack(
		"{s:i,s:s,s:s,s:s,s:I,s:i,s:I,s:b,s:b}", "layer",
		(int)item->layer + 1, "folder",
		stack->layers[item->layer].folder, "made_by", by, "kind",
		whose_kind(item), "size_bytes", (json_int_t)item->size, "mode",
		(int)(item->mode & 07777), "modified_s",
		(json_int_t)item->mtime_s, "opaque", item->opaque, "seen",
		!hidden && item->kind != STACK_WHITEOUT);

	if (!hidden)
		return json;
	json_object_set_new(json, "why",
			    json_string(stack_fate_name(item->fate)));
	json_object_set_new(json, "hidden_by",
			    json_integer((json_int_t)item->by + 1));
	json_object_set_new(json, "hidden_by_path",
			    stack_view_text(stack->paths[item->by_path].path));
	json_object_set_new(json, "changed",
			    stack_view_changes_json(item->change));
	return json;
}

static json_t *whose_json(const struct whose *whose)
{
	const struct stack *stack = &whose->stack;
	int32_t at = whose->index < 0 ? -1 : stack->paths[whose->index].top;
	json_t *items = json_array();

	for (; at >= 0; at = stack->items[at].below)
		json_array_append_new(items,
				      item_json(whose, &stack->items[at]));
	return json_pack(
		"{s:s,s:s?,s:o,s:o,s:o,s:o,s:o,s:o?,s:o}", "image",
		stack->name, "container", stack->container, "asked",
		stack_view_text(whose->asked), "path",
		stack_view_text(whose->path), "link",
		stack_view_text(whose->link), "leads_to",
		stack_view_text(whose->leads_to), "mount",
		stack_view_text(whose->mount), "served_by",
		whose->seen < 0 ?
			NULL :
			json_integer((json_int_t)stack->items[whose->seen]
					     .layer +
				     1),
		"layers", items);
}

void whose_view(struct view *view, const struct whose *whose)
{
	OWN_FREE char *next = next_of(view, whose);

	if (view->form == VIEW_JSON) {
		view_json(view, whose_json(whose), next);
		return;
	}
	put_answer(view, whose);
	put_link(view, whose);
	put_items(view, whose);
	put_folder(view, whose);
	view_next(view, "%s", next);
	view_end(view);
}
