/* shell/cow_view.c - see cow_view.h */
#include "shell/cow_view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/lookup.h"
#include "shell/lookup_view.h"
#include "shell/measured.h"
#include "shell/stack_view.h"
#include "shell/union_place.h"
#include "shell/view.h"

enum { LABEL_COLUMNS = 24, BAR_MOST = 28, SIZE_COLUMNS = 8, LAYER_COLUMNS = 6 };

/* How much longer a copy must take for it to be stated. */
static const double GROWS = 3;
static const double SLOWER = 5;
/* Appends are alike within three times of each other: the square root of it. */
static const double ALIKE = 9;

/* ---- what follows ---- */

struct verdict {
	enum measure_order first_grows;
	enum measure_order first_over_second;
	enum measure_order first_over_volume;
	enum measure_order appends;
};

static struct verdict judge(const struct cow_shown *shown)
{
	struct measured first[COW_LAB_ROWS];
	struct verdict v = { 0 };
	const struct cow_row *last;

	if (!shown->count)
		return v;
	for (size_t i = 0; i < shown->count; i++)
		first[i] = shown->rows[i].first;
	last = &shown->rows[shown->count - 1];
	v.first_grows = measure_growth(first, shown->count, GROWS);
	v.first_over_second =
		measure_compare(&last->first, &last->second, SLOWER);
	v.first_over_volume =
		measure_compare(&last->first, &last->volume, SLOWER);
	v.appends = measure_compare(&shown->facts.overlay_append,
				    &shown->facts.volume_append, ALIKE);
	return v;
}

/* ---- parts of both ---- */

static void put_bar(struct view *view, const char *what,
		    const struct measured *m, int64_t most)
{
	OWN_FREE char *text = lookup_view_spread(view, m);
	int bar = view->columns - LABEL_COLUMNS - 34;

	if (view->form == VIEW_PLAIN) {
		view_say(view, 0, "%s: %s", what, text);
		return;
	}
	bar = bar > BAR_MOST ? BAR_MOST : bar < 4 ? 4 : bar;
	buf_char(&view->out, ' ');
	view_pad(view, what, LABEL_COLUMNS, true);
	view_bar(view, (double)m->median_ns / (double)(most ? most : 1), bar);
	buf_fmt(&view->out, " %s\n", text);
}

static void say_options(struct view *view, const struct cow_shown *shown)
{
	OWN_STRS struct strs words = { 0 };
	OWN_FREE char *list = NULL;
	const char *upper = strstr(shown->options, "upperdir=");

	strs_split(&words, upper ? upper : shown->options, ',');
	list = strs_join(&words, ", ");
	view_say(view, 0, _("Mounted with: %s"), list);
	if (strstr(shown->options, "metacopy=on") ||
	    strstr(shown->options, "redirect_dir=on"))
		view_say(
			view, 0,
			_("With these options chmod copies no content, and mv renames folders of the image."));
	if (shown->shares)
		view_say(
			view, 0,
			_("This disk's file system shares blocks between copies (reflink): a copy takes no time by size."));
}

/* ---- the experiment ---- */

static void say_lab_answer(struct view *view, const struct cow_shown *shown,
			   const struct verdict *v)
{
	const struct cow_row *least = &shown->rows[0];
	const struct cow_row *most = &shown->rows[shown->count - 1];
	OWN_FREE char *a = view_time(view, least->first.median_ns);
	OWN_FREE char *b = view_time(view, most->first.median_ns);
	OWN_FREE char *small = view_size(view, least->bytes);
	OWN_FREE char *large = view_size(view, most->bytes);

	if (v->first_grows == MEASURE_ABOVE)
		view_answer(
			view,
			_("The first open for writing copies the whole file, so it takes longer the larger the file is: %s for %s, %s for %s."),
			a, small, b, large);
	else
		view_answer(
			view,
			_("Unknown: it is too noisy here, or the disk shares blocks: the first open for writing does not plainly take longer with the size."));
}

static void draw_lab(struct view *view, const struct cow_shown *shown)
{
	int64_t most = shown->rows[shown->count - 1].first.median_ns;

	for (size_t i = 0; i < shown->count; i++) {
		const struct cow_row *row = &shown->rows[i];
		OWN_FREE char *size = view_size(view, row->bytes);
		OWN_FREE char *copied = view_size(view, row->copied);
		OWN_FREE char *first = mem_fmt(_("%s, first open"), size);
		OWN_FREE char *second = mem_fmt(_("%s, second open"), size);
		OWN_FREE char *volume = mem_fmt(_("%s, on a volume"), size);

		put_bar(view, first, &row->first, most);
		put_bar(view, second, &row->second, most);
		put_bar(view, volume, &row->volume, most);
		if (view->form == VIEW_PLAIN)
			view_say(view, 0,
				 _("%s: copied into the writable layer: %s"),
				 size, copied);
	}
	if (shown->count < COW_LAB_ROWS)
		view_say(
			view, 0,
			_("The larger sizes were left out: the disk has no room for them."));
}

static void say_orders(struct view *view, const struct cow_shown *shown,
		       const struct verdict *v)
{
	OWN_FREE char *overlay =
		view_time(view, shown->facts.overlay_append.median_ns);
	OWN_FREE char *volume =
		view_time(view, shown->facts.volume_append.median_ns);

	view_say(
		view, 2, "%s",
		v->first_over_second == MEASURE_ABOVE
			? _("- The second open copies nothing: the file is the container's own by then.")
			: _("- First against second open: unknown, too noisy here."));
	view_say(
		view, 2, "%s",
		v->first_over_volume == MEASURE_ABOVE
			? _("- On a volume nothing is ever copied: it lies beside the layers.")
			: _("- First open against a volume: unknown, too noisy here."));
	view_say(
		view, 2,
		v->appends == MEASURE_ALIKE
			? _("- Once open, writing costs about the same: an append of one byte %s, on a volume %s. It is the first write that differs.")
			: _("- An append of one byte to an open file: %s, on a volume %s; too noisy here for an order."),
		overlay, volume);
}

static void say_facts(struct view *view, const struct cow_facts *facts)
{
	OWN_FREE char *copied = view_size(view, facts->chmod_copied);

	view_say(view, 2,
		 _("- chmod of a file of 1 MB put %s into the writable layer."),
		 copied);
	view_say(
		view, 2, "%s",
		facts->whiteout
			? _("- rm freed nothing: it made a whiteout, a character device 0, 0, that hides the name.")
			: _("- rm made a mark of another kind than the usual whiteout (character device 0, 0)."));
	view_say(
		view, 2, "%s",
		facts->rename_error == EXDEV
			? _("- mv of a folder of the image: EXDEV, as between two disks; mv then copies it all.")
		: facts->rename_error
			? _("- mv of a folder of the image was refused.")
			: _("- mv of a folder of the image renamed it (redirect_dir)."));
}

static json_t *row_json(const struct cow_row *row)
{
	return json_pack("{s:I, s:I, s:o, s:o, s:o}", "bytes",
			 (json_int_t)row->bytes, "copied",
			 (json_int_t)row->copied, "first",
			 measured_json(&row->first), "second",
			 measured_json(&row->second), "volume",
			 measured_json(&row->volume));
}

static void lab_json(struct view *view, const struct cow_shown *shown,
		     const struct verdict *v, const char *next)
{
	const struct cow_facts *f = &shown->facts;
	json_t *rows = json_array();

	for (size_t i = 0; i < shown->count; i++)
		json_array_append_new(rows, row_json(&shown->rows[i]));
	view_json(
		view,
		json_pack(
			"{s:o, s:{s:s, s:s, s:s, s:s}, s:I, s:b, s:i, s:o, s:o, s:b, s:s}",
			"rows", rows, "orders", "first_grows_with_size",
			measure_order_name(v->first_grows), "first_over_second",
			measure_order_name(v->first_over_second),
			"first_over_volume",
			measure_order_name(v->first_over_volume),
			"append_overlay_over_volume",
			measure_order_name(v->appends), "chmod_copied",
			(json_int_t)f->chmod_copied, "whiteout_device",
			f->whiteout, "rename_error", f->rename_error,
			"overlay_append", measured_json(&f->overlay_append),
			"volume_append", measured_json(&f->volume_append),
			"reflink", shown->shares, "options", shown->options),
		next);
}

void cow_view_lab(struct view *view, const struct cow_shown *shown)
{
	struct verdict v = judge(shown);

	if (view->form == VIEW_JSON) {
		lab_json(view, shown, &v, "cow busybox:/bin/busybox");
		return;
	}
	say_lab_answer(view, shown, &v);
	draw_lab(view, shown);
	say_orders(view, shown, &v);
	say_facts(view, &shown->facts);
	view_say(
		view, 0,
		_("Medians, with the middle 80 percent; a fresh writable layer for each sample. %s"),
		measure_rule());
	say_options(view, shown);
	view_next(view, "cow busybox:/bin/busybox");
	view_end(view);
}

/* ---- one file ---- */

static bool has_file(const struct lookup *lookup, size_t i)
{
	char answer = lookup->steps[lookup->count - 1].answers[i];

	return answer == LOOKUP_FILE || answer == LOOKUP_HIDDEN;
}

static void put_layer(struct view *view, const char *label, const char *before,
		      const char *after)
{
	if (view->form == VIEW_PLAIN) {
		view_say(view, 0, _("layer %s: before %s; after %s"), label,
			 before, after);
		return;
	}
	buf_char(&view->out, ' ');
	view_pad(view, label, LAYER_COLUMNS, true);
	view_pad(view, before, (view->columns - LAYER_COLUMNS - 2) / 2, true);
	buf_fmt(&view->out, " %s\n", after);
}

/* One line for all layers from this one on that have such a file, too; how many. */
static size_t put_hidden(struct view *view, const struct union_place *place,
			 const struct lookup *lookup, size_t first)
{
	OWN_FREE char *label = NULL;
	size_t n = 1;

	while (first + n < place->labels.count && has_file(lookup, first + n))
		n++;
	label = n == 1 ? mem_str(place->labels.items[first])
		       : mem_fmt("%s-%s", place->labels.items[first],
				 place->labels.items[first + n - 1]);
	put_layer(view, label, _("has one, hidden"), _("has one, hidden"));
	return n;
}

static void draw_layers(struct view *view, const struct union_place *place,
			const struct lookup *lookup,
			const struct cow_shown *shown)
{
	const struct cow_row *row = &shown->rows[0];
	ssize_t from = lookup_layer(lookup);
	OWN_FREE char *size = view_size(view, row->bytes);
	OWN_FREE char *copied = view_size(view, row->copied);
	OWN_FREE char *read = mem_fmt(_("%s  <- read here"), size);
	OWN_FREE char *unchanged = mem_fmt(_("%s  hidden, unchanged"), size);
	OWN_FREE char *copy = mem_fmt(_("%s  <- a private copy"), copied);

	if (view->form == VIEW_DRAWN)
		put_layer(view, _("layer"), _("before"), _("after one open"));
	put_layer(view, "upper", "-", copy);
	for (size_t i = 0; i < place->labels.count; i++)
		if ((ssize_t)i == from)
			put_layer(view, place->labels.items[i], read,
				  unchanged);
		else if (has_file(lookup, i))
			i += put_hidden(view, place, lookup, i) - 1;
}

static void file_json(struct view *view, const struct union_place *place,
		      const struct lookup *lookup,
		      const struct cow_shown *shown, int64_t append)
{
	struct verdict v = judge(shown);
	ssize_t layer = lookup_layer(lookup);

	view_json(view,
		  json_pack("{s:s, s:o, s:s?, s:I, s:o, s:s, s:s, s:b, s:s}",
			    "name", place->name, "path",
			    stack_view_text(place->path), "layer",
			    layer < 0 ? NULL : place->labels.items[layer],
			    "appended", (json_int_t)append, "file",
			    row_json(&shown->rows[0]), "first_over_second",
			    measure_order_name(v.first_over_second),
			    "first_over_volume",
			    measure_order_name(v.first_over_volume), "reflink",
			    shown->shares, "options", shown->options),
		  "cow --lab");
}

static void say_file_answer(struct view *view, const struct union_place *place,
			    const struct cow_row *row, int64_t append)
{
	OWN_FREE char *written = view_size(view, append);
	OWN_FREE char *copied = view_size(view, row->copied);
	OWN_FREE char *first = view_time(view, row->first.median_ns);
	OWN_FREE char *second = view_time(view, row->second.median_ns);

	view_answer(
		view,
		_("To append %s, the first open of %s for writing copied the file (%s on the disk) in %s; the second open took %s."),
		written, place->path, copied, first, second);
}

void cow_view_file(struct view *view, const struct union_place *place,
		   const struct lookup *lookup, const struct cow_shown *shown,
		   int64_t append)
{
	const struct cow_row *row = &shown->rows[0];
	struct verdict v = judge(shown);

	if (view->form == VIEW_JSON) {
		file_json(view, place, lookup, shown, append);
		return;
	}
	say_file_answer(view, place, row, append);
	draw_layers(view, place, lookup, shown);
	put_bar(view, _("first open for writing"), &row->first,
		row->first.median_ns);
	put_bar(view, _("second open"), &row->second, row->first.median_ns);
	put_bar(view, _("same, on a volume"), &row->volume,
		row->first.median_ns);
	view_say(
		view, 0, "%s",
		v.first_over_second == MEASURE_ABOVE &&
				v.first_over_volume == MEASURE_ABOVE
			? _("It is the first write that costs; a volume lies beside the layers and is never copied.")
			: _("Which of them is slower is unknown: the file is small, or it is too noisy here."));
	view_say(
		view, 0,
		place->id
			? _("Tried on throw-away layers over those of %s: the container itself was not changed.")
			: _("Tried on throw-away layers over those of %s, as a container of it would have."),
		place->name);
	say_options(view, shown);
	view_next(view, "cow --lab");
	view_end(view);
}

void cow_view_nothing(struct view *view, const struct union_place *place,
		      const struct lookup *lookup)
{
	OWN_FREE char *size = view_size(view, lookup->bytes);

	if (view->form == VIEW_JSON) {
		view_json(view,
			  json_pack("{s:s, s:o, s:s?, s:o, s:I, s:n}", "name",
				    place->name, "path",
				    stack_view_text(place->path), "layer",
				    place->mounted ? NULL : "rw", "mounted",
				    stack_view_text(place->mounted), "bytes",
				    (json_int_t)lookup->bytes, "file"),
			  "cow --lab");
		return;
	}
	if (place->mounted)
		view_answer(
			view,
			_("Writing to %s copies nothing: at %s something else is mounted, beside the layers."),
			place->path, place->mounted);
	else
		view_answer(
			view,
			_("Writing to %s (%s) copies nothing: it lies in the writable layer already."),
			place->path, size);
	if (!place->mounted)
		view_say(
			view, 0,
			_("A file is copied once, when it is first opened for writing; this one was, or was made there."));
	view_next(view, "cow --lab");
	view_end(view);
}
