/* shell/compare_view.c - see compare_view.h
 *
 *   node:full      1.05GB  ███████████████████████████████████
 *     base          164MB  █████▌       debian:slim
 *     made by RUN   735MB  ████████████████████████
 *     own files      12MB  ▍
 *     waste         137MB  ████▌ */
#include "shell/compare_view.h"

#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/stack_view.h"
#include "shell/view.h"

enum {
	LABEL_COLUMNS = 18,
	SIZE_COLUMNS = 8,
	MOST_BAR = 48,
	LEAST_BAR = 8,
	MOST_FILES = 40,
};

static const char *const words[COMPARE_CAUSES] = {
	[COMPARE_BASE] = N_("base"),
	[COMPARE_RUN] = N_("made by RUN"),
	[COMPARE_COPY] = N_("own files"),
	[COMPARE_OTHER] = N_("other"),
	[COMPARE_WRITABLE] = N_("written by it"),
	[COMPARE_WASTE] = N_("waste (hidden)"),
};

static const char *name_of(const struct compare_side *side)
{
	return side->stack.container ? side->stack.container :
				       side->stack.name;
}

/* ---- the answer ---- */

static void put_answer(struct view *view, const struct compare *compare)
{
	const struct compare_side *large = &compare->sides[0];
	const struct compare_side *small = &compare->sides[0];
	OWN_FREE char *most = NULL;
	OWN_FREE char *least = NULL;

	for (size_t i = 1; i < compare->count; i++) {
		if (compare->sides[i].total > large->total)
			large = &compare->sides[i];
		if (compare->sides[i].total < small->total)
			small = &compare->sides[i];
	}
	most = view_size(view, large->total);
	least = view_size(view, small->total);
	if (large->total == small->total)
		view_answer(view, _("All are of the same size, %s."), most);
	else if ((double)large->total < 1.05 * (double)small->total)
		view_answer(view,
			    _("They are nearly of one size: %s (%s) to %s (%s)."),
			    name_of(small), least, name_of(large), most);
	else if (small->total == 0)
		view_answer(view, _("%s is the largest, %s; %s is empty."),
			    name_of(large), most, name_of(small));
	else
		view_answer(view,
			    _("%s is the largest, %s: %.1f times as much as %s (%s)."),
			    name_of(large), most,
			    (double)large->total / (double)small->total,
			    name_of(small), least);
}

/* ---- bars ---- */

/* largest  what a bar of full length is; room: how long that may be */
struct scale {
	int64_t largest;
	int room;
};

static void put_row(struct view *view, const char *label, int64_t bytes,
		    struct scale scale, const char *note)
{
	OWN_FREE char *size = view_size(view, bytes);

	if (view->form == VIEW_PLAIN) {
		view_say(view, 0, *note ? "%s: %s, %s" : "%s: %s", label, size,
			 note);
		return;
	}
	view_pad(view, label, LABEL_COLUMNS, true);
	view_right(view, size, SIZE_COLUMNS);
	buf_str(&view->out, "  ");
	view_bar(view,
		 scale.largest ? (double)bytes / (double)scale.largest : 0,
		 scale.room);
	if (*note)
		buf_fmt(&view->out, "  %s", note);
	buf_char(&view->out, '\n');
}

static void put_side(struct view *view, const struct compare_side *side,
		     struct scale scale)
{
	put_row(view, name_of(side), side->total, scale, "");
	for (size_t i = 0; i < COMPARE_CAUSES; i++) {
		OWN_FREE char *label =
			view->form == VIEW_PLAIN ?
				mem_fmt("%s, %s", name_of(side), _(words[i])) :
				mem_fmt("  %s", _(words[i]));

		if (side->causes[i])
			put_row(view, label, side->causes[i], scale,
				i == COMPARE_BASE && side->base ? side->base :
								  "");
	}
}

static void put_sides(struct view *view, const struct compare *compare)
{
	struct scale scale = { .room = view->columns - LABEL_COLUMNS -
				       SIZE_COLUMNS - 2 };
	int note = 0;

	for (size_t i = 0; i < compare->count; i++) {
		const struct compare_side *side = &compare->sides[i];
		int width = side->base ? style_width(side->base) + 2 : 0;

		if (side->total > scale.largest)
			scale.largest = side->total;
		if (width > note)
			note = width;
	}
	scale.room -= note;
	if (scale.room > MOST_BAR)
		scale.room = MOST_BAR;
	if (scale.room < LEAST_BAR)
		scale.room = LEAST_BAR;
	for (size_t i = 0; i < compare->count; i++)
		put_side(view, &compare->sides[i], scale);
}

/* ---- what they share ---- */

static void put_shares(struct view *view, const struct compare *compare)
{
	OWN_FREE char *shared = view_size(view, compare->shared_bytes);
	OWN_FREE char *disk = view_size(view, compare->disk_bytes);
	OWN_FREE char *twins = view_size(view, compare->twin_bytes);
	OWN_FREE char *sum = NULL;
	int64_t total = 0;

	for (size_t i = 0; i < compare->count; i++)
		total += compare->sides[i].total;
	sum = view_size(view, total);
	if (compare->shared_layers)
		view_say(view, 2,
			 _("Shared: %s lie on the disk once (layers: %zu). Together they take %s, not %s."),
			 shared, compare->shared_layers, disk, sum);
	else
		view_say(view, 2,
			 _("They share no layer: together they take %s."), disk);
	if (compare->twins)
		view_say(view, 2,
			 _("%s have the same content but stand on other layers, so they are stored again for each (layers: %zu)."),
			 twins, compare->twins);
}

static void put_sum(struct view *view, const struct compare *compare)
{
	for (size_t i = 0; i < compare->count; i++)
		if (!compare->sides[i].adds_up) {
			view_say(view, 2,
				 _("! It does not add up for %s: its layers hold %lld bytes, the store has noted another number. Somebody changed a layer on the disk."),
				 name_of(&compare->sides[i]),
				 (long long)compare->sides[i].total);
			return;
		}
	view_say(view, 2,
		 _("Adds up: the causes of each are the size that `images` shows."));
}

/* ---- files ---- */

/* "only in a, b" or "a 12kB, b 13kB". Given. */
static char *where_of(const struct view *view, const struct compare *compare,
		      const struct compare_file *file)
{
	OWN_STRS struct strs parts = { 0 };
	OWN_FREE char *list = NULL;
	bool missing = false;

	for (size_t i = 0; i < compare->count; i++)
		missing = missing || file->sizes[i] < 0;
	for (size_t i = 0; i < compare->count; i++) {
		OWN_FREE char *size = view_size(view, file->sizes[i]);

		if (file->sizes[i] < 0)
			continue;
		strs_addf(&parts, "%s %s", name_of(&compare->sides[i]), size);
	}
	list = strs_join(&parts, ", ");
	return missing ? mem_fmt(_("only in %s"), list) : own_give_ptr(&list);
}

static void put_files(struct view *view, const struct compare *compare)
{
	view_say(view, 2,
		 compare->file_count ?
			 _("Files that not all have, or not of the same size (%zu, the largest first):") :
			 _("All have the same files, of the same sizes (%zu differ)."),
		 compare->file_count);
	for (size_t i = 0; i < compare->file_count; i++) {
		OWN_FREE char *path = stack_view_path(compare->files[i].path);
		OWN_FREE char *where =
			where_of(view, compare, &compare->files[i]);

		if (view->form == VIEW_DRAWN && i == MOST_FILES) {
			view_say(view, 2,
				 _("... and %zu more; --plain and --json have all."),
				 compare->file_count - i);
			break;
		}
		view_say(view, 6, view->form == VIEW_PLAIN ? "%s: %s" :
							     "  %s - %s",
			 path, where);
	}
}

/* ---- JSON ---- */

static json_t *side_json(const struct compare_side *side)
{
	json_t *causes = json_object();

	for (size_t i = 0; i < COMPARE_CAUSES; i++)
		json_object_set_new(causes, compare_cause_name((enum compare_cause)i),
				    json_integer(side->causes[i]));
	return json_pack("{s:s,s:s,s:s?,s:s?,s:I,s:o,s:b}", "name",
			 name_of(side), "image", side->stack.name, "container",
			 side->stack.container, "base", side->base,
			 "size_bytes", (json_int_t)side->total, "causes",
			 causes, "adds_up", side->adds_up);
}

static json_t *files_json(const struct compare *compare)
{
	json_t *files = json_array();

	for (size_t i = 0; i < compare->file_count; i++) {
		json_t *sizes = json_array();

		for (size_t s = 0; s < compare->count; s++)
			json_array_append_new(
				sizes,
				compare->files[i].sizes[s] < 0 ?
					json_null() :
					json_integer(
						compare->files[i].sizes[s]));
		json_array_append_new(files,
				      json_pack("{s:o,s:o}", "path",
						stack_view_text(
							compare->files[i].path),
						"size_bytes", sizes));
	}
	return files;
}

static json_t *compare_json(const struct compare *compare, bool files)
{
	json_t *sides = json_array();
	json_t *json;

	for (size_t i = 0; i < compare->count; i++)
		json_array_append_new(sides, side_json(&compare->sides[i]));
	json = json_pack("{s:o,s:I,s:I,s:I,s:I,s:I}", "images", sides,
			 "shared_layers", (json_int_t)compare->shared_layers,
			 "shared_bytes", (json_int_t)compare->shared_bytes,
			 "disk_bytes", (json_int_t)compare->disk_bytes,
			 "same_layers_elsewhere", (json_int_t)compare->twins,
			 "same_bytes_elsewhere",
			 (json_int_t)compare->twin_bytes);
	if (files)
		json_object_set_new(json, "files", files_json(compare));
	return json;
}

/* The one with the most waste, else the largest. */
static char *next_of(const struct compare *compare)
{
	const struct compare_side *best = &compare->sides[0];

	for (size_t i = 1; i < compare->count; i++) {
		const struct compare_side *side = &compare->sides[i];
		int64_t waste = side->causes[COMPARE_WASTE];
		int64_t most = best->causes[COMPARE_WASTE];

		if (waste > most || (waste == most && side->total > best->total))
			best = side;
	}
	return mem_fmt("layers %s", name_of(best));
}

void compare_view(struct view *view, const struct compare *compare, bool files)
{
	OWN_FREE char *next = next_of(compare);

	if (view->form == VIEW_JSON) {
		view_json(view, compare_json(compare, files), next);
		return;
	}
	put_answer(view, compare);
	put_sides(view, compare);
	put_shares(view, compare);
	put_sum(view, compare);
	if (files)
		put_files(view, compare);
	view_next(view, "%s", next);
	view_end(view);
}
