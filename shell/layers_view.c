/* shell/layers_view.c - `layers` for people; see layers_view.h
 *
 *   myapp:2 is 6 layers, 162MB; 6MB of that is hidden waste, 156MB is shared.
 *
 *   +  7 rw     4kB  ▏           container web
 *   |                1 new
 *   |  6 ro     6MB  ▍           RUN chown -R app:app /scripts
 *   |                635 copied
 *   +  1 ro  62.4MB  ████        (comes with dockershell)
 *                    3870 new; shared with debian:slim
 *
 *   Waste ... */
#include "shell/layers_view.h"

#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/stack_view.h"
#include "shell/view.h"

enum {
	SIZE_COLUMNS = 8,
	BAR_COLUMNS = 10,
	TEXT_AT = 18, /* behind edge, number, ro or rw, size */
	BARS_FROM = 72,
	MOST_SHARES = 4,
	MOST_WASTE = 8,
};

/* ---- what a layer did ---- */

/* Takes `text`. */
static void add_part(struct buf *out, int64_t number, char *text)
{
	OWN_FREE char *part = text;

	if (number)
		buf_fmt(out, "%s%s", out->len ? ", " : "", part);
}

/* "4 new, 3 rewritten, 635 copied". Given. */
static char *what_it_did(const struct view *view,
			 const struct stack_layer *layer)
{
	OWN_BUF struct buf out = { 0 };
	OWN_FREE char *size = view_size(view, layer->deletes.bytes);

	add_part(&out, layer->added.files,
		 mem_fmt(_("%lld new"), (long long)layer->added.files));
	add_part(&out, layer->copied.files,
		 mem_fmt(_("%lld copied"), (long long)layer->copied.files));
	add_part(&out, layer->rewritten.files,
		 mem_fmt(_("%lld rewritten"),
			 (long long)layer->rewritten.files));
	add_part(&out, layer->folders,
		 layer->folders == 1 ? mem_str(_("1 new folder")) :
				       mem_fmt(_("%lld new folders"),
					       (long long)layer->folders));
	add_part(&out, layer->deletes.files,
		 mem_fmt(_("hides %lld below (%s)"),
			 (long long)layer->deletes.files, size));
	if (!out.len)
		buf_str(&out, _("no files"));
	return buf_give(&out);
}

/* "busybox:latest, web:1 and 3 more". Given. */
static char *names_of(const struct strs *names)
{
	OWN_STRS struct strs first = { 0 };
	OWN_FREE char *text = NULL;

	for (size_t i = 0; i < names->count && i < MOST_SHARES; i++)
		strs_add(&first, names->items[i]);
	text = strs_join(&first, ", ");
	if (names->count <= MOST_SHARES)
		return own_give_ptr(&text);
	return mem_fmt(_("%s and %zu more"), text, names->count - MOST_SHARES);
}

static char *shares_of(const struct stack_layer *layer)
{
	OWN_FREE char *images = names_of(&layer->images);
	OWN_FREE char *ends = names_of(&layer->ends);

	if (!layer->images.count)
		return mem_str("");
	if (layer->ends.count == layer->images.count)
		return mem_fmt(_("shared: up to here it is %s"), ends);
	if (layer->ends.count)
		return mem_fmt(_("shared with %s; up to here it is %s"), images,
			       ends);
	return mem_fmt(_("shared with %s"), images);
}

/* ---- one layer ---- */

static const char *edge_of(const struct view *view, size_t number, size_t count)
{
	if (view->ascii)
		return number == 0 || number + 1 == count ? "+" : "|";
	if (number + 1 == count)
		return "┌";
	return number == 0 ? "└" : "│";
}

static void put_note(struct view *view, bool last, const char *text)
{
	const char *edge = last ? " " : view->ascii ? "|" : "│";
	OWN_BUF struct buf lines = { 0 };
	int width = view->columns - TEXT_AT;
	char *at;

	if (!*text)
		return;
	style_wrap(&lines, text, 0, 0, width < 20 ? 20 : width);
	at = lines.data;
	while (at && *at) {
		size_t len = strcspn(at, "\n");

		buf_fmt(&view->out, "%s%*s%.*s\n", edge, TEXT_AT - 1, "",
			(int)len, at);
		at += len + (at[len] == '\n');
	}
}

/* With blanks behind it up to the next column. */
static void put_bar(struct view *view, int64_t bytes, int64_t largest)
{
	size_t from = view->out.len;
	OWN_FREE char *bar = NULL;

	view_bar(view, largest ? (double)bytes / (double)largest : 0,
		 BAR_COLUMNS);
	bar = mem_str(buf_text(&view->out) + from);
	view->out.len = from;
	view_pad(view, bar, BAR_COLUMNS + 1, false);
}

static void draw_layer(struct view *view, const struct stack *stack,
		       size_t number, int64_t largest)
{
	const struct stack_layer *layer = &stack->layers[number];
	OWN_FREE char *size = view_size(view, layer->size_bytes);
	OWN_FREE char *made_by = stack_view_made_by(stack, layer);
	OWN_FREE char *did = what_it_did(view, layer);
	OWN_FREE char *shares = shares_of(layer);
	OWN_FREE char *cut = NULL;
	int room = view->columns - TEXT_AT;

	buf_fmt(&view->out, "%s%3zu %s ",
		edge_of(view, number, stack->layer_count), number + 1,
		layer->writable ? "rw" : "ro");
	view_right(view, size, SIZE_COLUMNS);
	buf_str(&view->out, "  ");
	if (view->columns >= BARS_FROM) {
		put_bar(view, layer->size_bytes, largest);
		room -= BAR_COLUMNS + 1;
	}
	cut = view_cut(view, made_by, room);
	view_styled(view, STYLE_NAME, cut);
	buf_char(&view->out, '\n');
	put_note(view, number == 0, did);
	put_note(view, number == 0, shares);
}

static void say_layer(struct view *view, const struct stack *stack,
		      size_t number)
{
	const struct stack_layer *layer = &stack->layers[number];
	OWN_FREE char *size = view_size(view, layer->size_bytes);
	OWN_FREE char *made_by = stack_view_made_by(stack, layer);
	OWN_FREE char *did = what_it_did(view, layer);
	OWN_FREE char *shares = shares_of(layer);

	view_say(view, 0,
		 layer->writable ? _("layer %zu, writable, %s, %s: %s") :
				   _("layer %zu, read-only, %s, %s: %s"),
		 number + 1, made_by, size, did);
	if (*shares)
		view_say(view, 0, _("layer %zu is %s"), number + 1, shares);
}

static void put_layers(struct view *view, const struct stack *stack)
{
	int64_t largest = 0;

	for (size_t i = 0; i < stack->layer_count; i++)
		if (stack->layers[i].size_bytes > largest)
			largest = stack->layers[i].size_bytes;
	for (size_t i = stack->layer_count; i-- > 0;)
		if (view->form == VIEW_DRAWN)
			draw_layer(view, stack, i, largest);
		else
			say_layer(view, stack, i);
}

/* ---- the rest ---- */

static void put_answer(struct view *view, const struct layers_facts *facts)
{
	const struct stack *stack = &facts->stack;
	size_t layers = stack->layer_count - (stack->container != NULL);
	OWN_FREE char *size = view_size(view, stack->size_bytes);
	OWN_FREE char *waste = view_size(view, facts->wasted_bytes);
	OWN_FREE char *shared = view_size(view, facts->shared_bytes);
	OWN_FREE char *own = view_size(
		view, stack->container ?
			      stack->layers[stack->layer_count - 1].size_bytes :
			      0);

	if (stack->container)
		view_answer(view,
			    layers == 1 ?
				    _("Container %s: a writable layer of its own (%s) on the %zu layer of %s (%s, of which %s is hidden waste and %s shared with other images).") :
				    _("Container %s: a writable layer of its own (%s) on the %zu layers of %s (%s, of which %s is hidden waste and %s shared with other images)."),
			    stack->container, own, layers, stack->name, size,
			    waste, shared);
	else if (layers == 1)
		view_answer(view,
			    _("%s: one layer, %s, of which %s is shared with other images."),
			    stack->name, size, shared);
	else
		view_answer(view,
			    _("%s: a stack of %zu layers, %s, of which %s is hidden waste and %s shared with other images."),
			    stack->name, layers, size, waste, shared);
}

static void put_config(struct view *view, const struct stack *stack)
{
	OWN_BUF struct buf text = { 0 };

	for (size_t i = 0; i < stack->step_count; i++) {
		OWN_FREE char *one =
			stack_view_instruction(stack->steps[i].created_by);

		if (stack->steps[i].layer < 0)
			buf_fmt(&text, "%s%s", text.len ? "; " : "", one);
	}
	if (text.len)
		view_say(view, 2, _("Config only, no layer: %s"),
			 buf_text(&text));
}

/* What a container's own layer hides is no waste of the image. */
static void put_hiding(struct view *view, const struct stack *stack,
		       const struct stack_hiding *h)
{
	OWN_FREE char *size = view_size(view, h->what.bytes);
	OWN_FREE char *why = stack_view_why(h->fate, h->change, h->by);

	if (stack->layers[h->by].writable)
		view_say(view, 4,
			 _("hidden in this container alone: %s of layer %u (files: %lld): %s."),
			 size, h->layer + 1, (long long)h->what.files, why);
	else
		view_say(view, 4,
			 _("! waste: %s of layer %u (files: %lld): %s."),
			 size, h->layer + 1, (long long)h->what.files, why);
}

static void put_waste(struct view *view, const struct layers_facts *facts)
{
	const struct stack *stack = &facts->stack;

	for (size_t i = 0; i < stack->hiding_count && i < MOST_WASTE; i++)
		put_hiding(view, stack,
			   &stack->hidings[facts->largest[i]]);
	if (stack->hiding_count > MOST_WASTE)
		view_say(view, 4, 
			 stack->hiding_count - MOST_WASTE == 1 ?
				 _("... and %zu smaller one; --json has all.") :
				 _("... and %zu smaller ones; --json has all."),
			 stack->hiding_count - MOST_WASTE);
}

static void put_mount(struct view *view, const struct layers_mount *m)
{
	OWN_FREE char *source = stack_view_path(m->source);
	OWN_FREE char *target = stack_view_path(m->target);
	OWN_FREE char *what = *source ? mem_fmt("%s %s", m->type, source) :
					mem_str(m->type);

	if (m->hides.files)
		view_say(view, 4,
			 _("Over the layers, at %s: %s; it hides what they have there (files: %lld)."),
			 target, what, (long long)m->hides.files);
	else
		view_say(view, 4, _("Over the layers, at %s: %s."), target,
			 what);
}

static void put_containers(struct view *view, const struct stack *stack)
{
	size_t layers = stack->layer_count;
	OWN_FREE char *names = NULL;

	if (stack->container || !layers ||
	    !stack->layers[layers - 1].containers.count)
		return;
	names = names_of(&stack->layers[layers - 1].containers);
	view_say(view, 4,
		 _("Containers that stand on these layers, each with a writable one of its own: %s."),
		 names);
}

/* Sum of the layers = size of the image. */
static void put_sum(struct view *view, const struct layers_facts *facts)
{
	OWN_FREE char *size = view_size(view, facts->stack.size_bytes);

	if (facts->adds_up)
		view_say(view, 2,
			 _("Adds up: the files counted in each layer are %lld bytes, the %s that `images` shows."),
			 (long long)facts->counted_bytes, size);
	else
		view_say(view, 2,
			 _("! It does not add up: %lld bytes lie in the layers, %lld are noted in the store. Somebody changed a layer on the disk."),
			 (long long)facts->counted_bytes,
			 (long long)facts->stack.size_bytes);
}

void layers_view(struct view *view, const struct layers_facts *facts)
{
	const struct stack *stack = &facts->stack;
	OWN_FREE char *place = stack_view_place(facts->name, facts->try_path);
	OWN_FREE char *next = !stack->layer_count ?
				      mem_fmt("argv %s", facts->name) :
			      stack->hidden_bytes ?
				      mem_fmt("whose --all %s", facts->name) :
				      mem_fmt("whose %s", place);

	if (view->form == VIEW_JSON) {
		view_json(view, layers_json(facts), next);
		return;
	}
	put_answer(view, facts);
	for (size_t i = 0; i < facts->mount_count; i++)
		put_mount(view, &facts->mounts[i]);
	put_containers(view, stack);
	if (stack->container)
		view_say(view, 4,
			 _("Over every container: /proc, /dev, /sys, and /etc/hosts, /etc/hostname and /etc/resolv.conf."));
	put_layers(view, stack);
	put_config(view, stack);
	put_waste(view, facts);
	put_sum(view, facts);
	view_next(view, "%s", next);
	view_end(view);
}
