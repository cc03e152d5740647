/* shell/lesson_list.c - see lesson_list.h */
#include "shell/lesson_list.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/style.h"
#include "shell/view.h"

/* Narrower than this, a title stands under its lesson. */
#define WIDE 76
#define TITLE_INDENT 4

char *lesson_list_time(int minutes)
{
	if (minutes < 60)
		return mem_fmt(_("%d min"), minutes);
	if (minutes % 60 == 0)
		return mem_fmt(_("%d h"), minutes / 60);
	return mem_fmt(_("%d h %d min"), minutes / 60, minutes % 60);
}

/* The learner's place, in a word or two. */
static char *state_of(const struct overview_entry *entry)
{
	const char *mark = entry->current ? " *" : "";

	if (entry->fault)
		return mem_str(_("broken"));
	if (entry->again)
		return mem_fmt(_("done, again %d/%d%s"), entry->step,
			       entry->steps, mark);
	if (entry->finished)
		return mem_fmt("%s%s", _("done"), mark);
	if (entry->step > 0)
		return mem_fmt(_("step %d/%d%s"), entry->step, entry->steps,
			       mark);
	if (entry->missing.count > 0)
		return mem_str(_("not here"));
	return mem_str(_("new"));
}

/* ---- drawn ---- */

/* Columns of the table, as wide as what stands in them. */
enum column { NO, LESSON, MIN, POINTS, STATE, COLUMNS };

struct row {
	char *cells[COLUMNS];
};

static void fill_row(const struct overview_entry *entry, struct row *row)
{
	row->cells[NO] = entry->number >= 0 ? mem_fmt("%d", entry->number)
					    : mem_str("-");
	row->cells[LESSON] = mem_str(entry->id);
	row->cells[MIN] = mem_fmt("%d", entry->minutes);
	row->cells[POINTS] = entry->points > 0 || entry->finished
				     ? mem_fmt("%d/%d", entry->points,
					       entry->points_of)
				     : mem_fmt("%d", entry->points_of);
	row->cells[STATE] = state_of(entry);
}

static void put_row(struct view *view, const struct row *row,
		    const int widths[COLUMNS], const char *title)
{
	bool wide = view->columns >= WIDE;
	int at = 0;

	for (int i = 0; i < COLUMNS; i++) {
		bool right = i == NO || i == MIN || i == POINTS;
		bool last = i == COLUMNS - 1 && !(wide && *title);

		if (right)
			view_right(view, row->cells[i], widths[i]);
		else
			view_pad(view, row->cells[i], last ? 0 : widths[i],
				 false);
		if (!last)
			buf_str(&view->out, "  ");
		at += widths[i] + 2;
	}
	if (wide && *title)
		style_wrap(&view->out, title, at, at, view->columns);
	else
		buf_char(&view->out, '\n');
	if (!wide && *title) {
		buf_fmt(&view->out, "%*s", TITLE_INDENT, "");
		style_wrap(&view->out, title, TITLE_INDENT, TITLE_INDENT,
			   view->columns);
	}
}

static void draw_table(struct view *view, const struct overview *overview)
{
	size_t count = overview->count;
	struct row *rows = mem_zero(count + 1, sizeof(*rows));
	bool wide = view->columns >= WIDE;
	int widths[COLUMNS] = { 0 };

	rows[0] = (struct row){ { mem_str(_("NO")), mem_str(_("LESSON")),
				  mem_str(_("MIN")), mem_str(_("POINTS")),
				  mem_str(_("STATE")) } };
	for (size_t i = 0; i < count; i++)
		fill_row(&overview->items[i], &rows[i + 1]);
	for (size_t i = 0; i <= count; i++) {
		for (int k = 0; k < COLUMNS; k++) {
			int width = style_width(rows[i].cells[k]);

			widths[k] = width > widths[k] ? width : widths[k];
		}
	}
	for (size_t i = 0; i <= count; i++) {
		put_row(view, &rows[i], widths,
			i > 0  ? overview->items[i - 1].title
			: wide ? _("TITLE")
			       : "");
		for (int k = 0; k < COLUMNS; k++)
			free(rows[i].cells[k]);
	}
	free(rows);
}

/* ---- what all forms say ---- */

static void put_lacks(struct view *view, const char *id,
		      const struct strs *lacks, bool whole)
{
	OWN_FREE char *all = NULL;

	if (lacks->count == 0)
		return;
	all = strs_join(lacks, "; ");
	view_say(view, 4,
		 whole ? _("%s is not for this machine: %s")
		       : _("%s leaves out a part on this machine: %s"),
		 id, all);
}

static void put_missing(struct view *view, const struct overview *overview)
{
	bool any = false;

	for (size_t i = 0; i < overview->count; i++)
		any = any || overview->items[i].missing.count > 0 ||
		      overview->items[i].partly.count > 0;
	if (any && view->form == VIEW_DRAWN)
		buf_char(&view->out, '\n');
	for (size_t i = 0; i < overview->count; i++) {
		const struct overview_entry *entry = &overview->items[i];

		put_lacks(view, entry->id, &entry->missing, true);
		put_lacks(view, entry->id, &entry->partly, false);
	}
}

static void put_paths(struct view *view, const struct lesson_list *list)
{
	if (list->paths.count < 2)
		return;
	if (view->form == VIEW_DRAWN)
		buf_char(&view->out, '\n');
	for (size_t i = 0; i < list->paths.count; i++) {
		const struct path *path = &list->paths.items[i];

		if (path != list->path)
			view_say(view, 2, _("Another path, %s: 'lessons --path %s'"),
				 path->title, path->id);
	}
}

static void put_head(struct view *view, const struct lesson_list *list)
{
	const struct overview *overview = &list->overview;
	OWN_FREE char *all = lesson_list_time(overview->minutes);
	OWN_FREE char *left = lesson_list_time(overview->minutes_left);
	OWN_BUF struct buf head = { 0 };

	buf_fmt(&head, "%s: ", list->path->title);
	buf_fmt(&head,
		overview->count == 1 ? _("%zu lesson, %s")
				     : _("%zu lessons, %s"),
		overview->count, all);
	if (overview->finished > 0 && overview->minutes_left > 0)
		buf_fmt(&head, _("; %zu done, %s to go"), overview->finished,
			left);
	else if (overview->finished > 0)
		buf_str(&head, _("; all done"));
	view_answer(view, "%s", buf_text(&head));
	if (*list->path->about && view->form == VIEW_DRAWN)
		view_say(view, 0, "%s", list->path->about);
	if (view->form == VIEW_DRAWN)
		buf_char(&view->out, '\n');
}

static void put_next(struct view *view, const struct lesson_list *list)
{
	const struct overview_entry *next =
		overview_next(&list->overview, NULL);

	if (view->form == VIEW_DRAWN)
		buf_char(&view->out, '\n');
	if (next && view->shell->lesson && next->current)
		view_next(view, "goal");
	else if (next)
		view_next(view, "learn %s", next->id);
	else
		view_next(view, "notebook");
}

/* ---- plain, JSON ---- */

static void say_plainly(struct view *view, const struct overview *overview)
{
	for (size_t i = 0; i < overview->count; i++) {
		const struct overview_entry *entry = &overview->items[i];
		OWN_FREE char *state = state_of(entry);

		view_say(view, 0, _("Lesson %d, %s: %s. %d minutes. %d of %d points. State: %s"),
			 entry->number, entry->id, entry->title, entry->minutes,
			 entry->points, entry->points_of, state);
	}
}

static json_t *strs_json(const struct strs *strs)
{
	json_t *list = json_array();

	for (size_t i = 0; i < strs->count; i++)
		json_array_append_new(list, json_string(strs->items[i]));
	return list;
}

static json_t *entry_json(const struct overview_entry *entry)
{
	return json_pack(
		"{s:i,s:s,s:s,s:i,s:i,s:i,s:i,s:i,s:i,s:b,s:b,s:b,s:o,s:o,s:s?}",
		"number",
		entry->number, "id", entry->id, "title", entry->title,
		"minutes", entry->minutes, "step", entry->step, "steps",
		entry->steps, "points", entry->points, "points_of",
		entry->points_of, "run_points", entry->run_points, "finished",
		(int)entry->finished, "again", (int)entry->again, "current",
		(int)entry->current, "missing", strs_json(&entry->missing),
		"left_out", strs_json(&entry->partly), "fault", entry->fault);
}

static void print_json(struct view *view, const struct lesson_list *list)
{
	const struct overview *overview = &list->overview;
	const struct overview_entry *next = overview_next(overview, NULL);
	OWN_FREE char *line = next ? mem_fmt("learn %s", next->id) : NULL;
	json_t *lessons = json_array();
	json_t *paths = json_array();

	for (size_t i = 0; i < overview->count; i++)
		json_array_append_new(lessons, entry_json(&overview->items[i]));
	for (size_t i = 0; i < list->paths.count; i++)
		json_array_append_new(paths,
				      json_string(list->paths.items[i].id));
	view_json(view,
		  json_pack("{s:s,s:s,s:i,s:i,s:i,s:i,s:o,s:o}", "path",
			    list->path->id, "title", list->path->title,
			    "minutes", overview->minutes, "minutes_left",
			    overview->minutes_left, "points", overview->points,
			    "points_of", overview->points_of, "lessons",
			    lessons, "paths", paths),
		  line);
}

void lesson_list_print(struct shell *shell, const struct view_opts *opts,
		       const struct lesson_list *list)
{
	OWN_VIEW struct view view;

	view_begin(&view, shell, opts);
	if (view.form == VIEW_JSON) {
		print_json(&view, list);
		return;
	}
	put_head(&view, list);
	if (view.form == VIEW_PLAIN)
		say_plainly(&view, &list->overview);
	else
		draw_table(&view, &list->overview);
	put_missing(&view, &list->overview);
	put_paths(&view, list);
	put_next(&view, list);
	view_end(&view);
}
