/* shell/lookup_view.c - see lookup_view.h */
#include "shell/lookup_view.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/measured.h"
#include "shell/view.h"

enum { LAYER_COLUMNS = 7, TIME_COLUMNS = 8, BAR_MOST = 24, BAR_LEAST = 6 };

char *lookup_view_spread(const struct view *view,
			 const struct measured *measured)
{
	OWN_FREE char *median = view_time(view, measured->median_ns);
	OWN_FREE char *low = view_time(view, measured->p10_ns);
	OWN_FREE char *high = view_time(view, measured->p90_ns);

	return mem_fmt(_("%s (%s to %s)"), median, low, high);
}

/* ---- words ---- */

static void say_answer(struct view *view, const struct lookup_row *rows,
		       const struct lookup_verdict *v)
{
	const struct lookup_row *last = &rows[LOOKUP_LAB_ROWS - 1];
	OWN_FREE char *one = view_time(view, rows[0].many_first.median_ns);
	OWN_FREE char *most = view_time(view, last->many_first.median_ns);

	if (v->many_grows == MEASURE_ABOVE)
		view_answer(
			view,
			_("Where all layers have the folder, the first look-up of a name takes longer with more layers: %s with 1, %s with 100."),
			one, most);
	else
		view_answer(
			view,
			_("Unknown: it is too noisy here to say whether a look-up takes longer with more layers."));
}

static void say_orders(struct view *view, const struct lookup_verdict *v)
{
	view_say(
		view, 2, "%s",
		v->one_grows == MEASURE_ALIKE
			? _("- Where only one layer has the folder, it does not: only layers that have the folder are asked.")
		: v->one_grows == MEASURE_ABOVE
			? _("- Where only one layer has the folder, it took longer too. That is not expected: try again on a quiet machine.")
			: _("- Where only one layer has the folder: unknown, too noisy here."));
	view_say(
		view, 2, "%s",
		v->again_grows == MEASURE_ALIKE
			? _("- The second look-up of a name takes the same with any number of layers: the kernel remembers.")
		: v->again_grows == MEASURE_ABOVE
			? _("- The second look-up took longer with more layers. That is not expected: try again on a quiet machine.")
			: _("- The second look-up of a name: unknown, too noisy here."));
	if (v->first_over_again == MEASURE_ABOVE)
		view_say(
			view, 2,
			_("- With 100 layers the first is slower than the second by far."));
}

static void say_method(struct view *view, const struct lookup_row *rows,
		       const char *options)
{
	const char *last = strstr(options, ",upperdir=");
	const struct lookup_row *most = &rows[LOOKUP_LAB_ROWS - 1];
	OWN_FREE char *one = lookup_view_spread(view, &rows[0].many_first);
	OWN_FREE char *all = lookup_view_spread(view, &most->many_first);
	OWN_STRS struct strs words = { 0 };
	OWN_FREE char *list = NULL;

	strs_split(&words, last ? last + 1 : "", ',');
	list = strs_join(&words, ", ");
	if (view->form == VIEW_DRAWN)
		view_say(
			view, 0,
			_("Medians of %d names, each asked for once and once more. With the middle 80 percent: 1 layer %s, 100 layers %s."),
			LOOKUP_LAB_NAMES, one, all);
	view_say(view, 0, _("Growth is stated from three times on. %s"),
		 measure_rule());
	view_say(view, 0, _("Mounted with: lowerdir=100:...:1, %s"), list);
}

/* ---- drawn ---- */

static void put_time(struct view *view, const struct measured *measured)
{
	OWN_FREE char *text = view_time(view, measured->median_ns);

	view_right(view, text, TIME_COLUMNS);
}

static int64_t longest(const struct lookup_row *rows)
{
	int64_t most = 1;

	for (int i = 0; i < LOOKUP_LAB_ROWS; i++) {
		if (rows[i].many_first.median_ns > most)
			most = rows[i].many_first.median_ns;
		if (rows[i].one_first.median_ns > most)
			most = rows[i].one_first.median_ns;
	}
	return most;
}

static void put_bar(struct view *view, const struct measured *measured,
		    int64_t most, int columns)
{
	size_t before = view->out.len;
	int drawn;

	view_bar(view, (double)measured->median_ns / (double)most, columns);
	drawn = style_width(buf_text(&view->out) + before);
	buf_fmt(&view->out, "%*s", columns - drawn, "");
}

static void draw_rows(struct view *view, const struct lookup_row *rows)
{
	int bar = view->columns - LAYER_COLUMNS - 4 * TIME_COLUMNS - 4;
	int64_t most = longest(rows);

	bar = bar > BAR_MOST ? BAR_MOST : bar < BAR_LEAST ? BAR_LEAST : bar;
	view_right(view, "", LAYER_COLUMNS);
	buf_char(&view->out, ' ');
	view_pad(view, _("folder in all layers"), bar + 2 * TIME_COLUMNS + 1,
		 true);
	buf_fmt(&view->out, "  %s\n", _("folder in one"));
	view_right(view, _("layers"), LAYER_COLUMNS);
	buf_char(&view->out, ' ');
	view_pad(view, "", bar, true);
	for (int i = 0; i < 2; i++) {
		view_right(view, _("first"), TIME_COLUMNS);
		view_right(view, _("again"), TIME_COLUMNS);
		buf_str(&view->out, i ? "\n" : "  ");
	}
	for (int i = 0; i < LOOKUP_LAB_ROWS; i++) {
		OWN_FREE char *layers = mem_fmt("%d", rows[i].layers);

		view_right(view, layers, LAYER_COLUMNS);
		buf_char(&view->out, ' ');
		put_bar(view, &rows[i].many_first, most, bar);
		put_time(view, &rows[i].many_first);
		put_time(view, &rows[i].many_again);
		buf_str(&view->out, "  ");
		put_time(view, &rows[i].one_first);
		put_time(view, &rows[i].one_again);
		buf_char(&view->out, '\n');
	}
}

/* ---- plain ---- */

static void say_rows(struct view *view, const struct lookup_row *rows)
{
	for (int i = 0; i < LOOKUP_LAB_ROWS; i++) {
		OWN_FREE char *a =
			lookup_view_spread(view, &rows[i].many_first);
		OWN_FREE char *b =
			lookup_view_spread(view, &rows[i].many_again);
		OWN_FREE char *c = lookup_view_spread(view, &rows[i].one_first);
		OWN_FREE char *d = lookup_view_spread(view, &rows[i].one_again);

		view_say(
			view, 0,
			_("layers %d: folder in all, first %s, again %s; folder in one, first %s, again %s"),
			rows[i].layers, a, b, c, d);
	}
}

/* ---- JSON ---- */

static void show_json(struct view *view, const struct lookup_row *rows,
		      const struct lookup_verdict *v, const char *options,
		      const char *next)
{
	json_t *list = json_array();

	for (int i = 0; i < LOOKUP_LAB_ROWS; i++)
		json_array_append_new(
			list,
			json_pack(
				"{s:i, s:o, s:o, s:o, s:o}", "layers",
				rows[i].layers, "all_first",
				measured_json(&rows[i].many_first), "all_again",
				measured_json(&rows[i].many_again), "one_first",
				measured_json(&rows[i].one_first), "one_again",
				measured_json(&rows[i].one_again)));
	view_json(view,
		  json_pack("{s:o, s:{s:s, s:s, s:s, s:s}, s:s}", "rows", list,
			    "orders", "all_first_grows",
			    measure_order_name(v->many_grows),
			    "one_first_grows", measure_order_name(v->one_grows),
			    "all_again_grows",
			    measure_order_name(v->again_grows),
			    "first_over_again",
			    measure_order_name(v->first_over_again), "options",
			    options),
		  next);
}

void lookup_view_lab(struct view *view,
		     const struct lookup_row rows[LOOKUP_LAB_ROWS],
		     const char *options)
{
	struct lookup_verdict verdict;

	lookup_lab_judge(rows, &verdict);
	if (view->form == VIEW_JSON) {
		show_json(view, rows, &verdict, options, "cow --lab");
		return;
	}
	say_answer(view, rows, &verdict);
	if (view->form == VIEW_PLAIN)
		say_rows(view, rows);
	else
		draw_rows(view, rows);
	say_orders(view, &verdict);
	say_method(view, rows, options);
	view_next(view, "cow --lab");
	view_end(view);
}
