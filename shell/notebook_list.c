/* shell/notebook_list.c - see notebook_list.h */
#include "shell/notebook_list.h"

#include <jansson.h>
#include <stdlib.h>

#include "lessons/notebook.h"
#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/notebook_page.h"
#include "shell/style.h"
#include "shell/view.h"

static long long number_in(const json_t *json, const char *key)
{
	return json_integer_value(json_object_get(json, key));
}

static const char *title_of(const struct notebook_page *page,
			    const json_t *run)
{
	const json_t *titles = json_object_get(run, "title");
	const char *title =
		json_string_value(json_object_get(titles, page->lang));

	if (!title || !*title)
		title = json_string_value(json_object_get(titles, "en"));
	return title ? title : "";
}

static void say_lesson(struct view *view, const struct notebook_page *page,
		       const json_t *entry)
{
	const json_t *run = notebook_run(entry);
	const char *id = json_string_value(json_object_get(entry, "id"));
	bool done = json_is_true(json_object_get(run, "finished"));
	char day[PAGE_DAY];

	notebook_day(number_in(run, "ended_ns"), day);
	view_say(view, 4,
		 done ? _("%s: %s. Finished on %s, %lld of %lld points, %lld "
			  "commands")
		      : _("%s: %s. Under way on %s, %lld of %lld points, %lld "
			  "commands"),
		 id, title_of(page, run), day, number_in(run, "points"),
		 number_in(run, "points_of"), notebook_commands(run));
}

static void say_notes(struct view *view, const json_t *list)
{
	if (json_array_size(list) > 0 && view->form == VIEW_DRAWN)
		buf_char(&view->out, '\n');
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *note = json_array_get(list, i);
		const char *of =
			json_string_value(json_object_get(note, "lesson"));
		const char *text =
			json_string_value(json_object_get(note, "text"));

		if (of)
			view_say(view, 4, _("Note %zu (%s): %s"), i + 1, of,
				 text ? text : "");
		else
			view_say(view, 4, _("Note %zu: %s"), i + 1,
				 text ? text : "");
	}
}

static void say_head(struct view *view, size_t lessons, size_t notes)
{
	if (lessons == 0 && notes == 0)
		view_answer(view, "%s",
			    _("Your notebook is empty: it fills as you finish "
			      "steps of lessons"));
	else if (lessons == 1)
		view_answer(view, _("Your notebook: 1 lesson, notes: %zu"),
			    notes);
	else
		view_answer(view, _("Your notebook: %zu lessons, notes: %zu"),
			    lessons, notes);
	if (view->form == VIEW_DRAWN && lessons + notes > 0)
		buf_char(&view->out, '\n');
}

/* The lesson that was worked on last: what somebody comes here for. */
static const char *newest(const json_t *entries)
{
	const char *id = NULL;
	long long newest = -1;

	for (size_t i = 0; i < json_array_size(entries); i++) {
		const json_t *entry = json_array_get(entries, i);
		long long ended = number_in(
			json_object_get(entry, "latest"), "ended_ns");

		if (ended > newest)
			id = json_string_value(json_object_get(entry, "id"));
		newest = ended > newest ? ended : newest;
	}
	return id;
}

void notebook_list_print(struct shell *shell, const struct view_opts *opts,
			 const struct notebook_page *page)
{
	const json_t *notes = json_object_get(page->notes, "notes");
	const char *id = newest(page->entries);
	OWN_VIEW struct view view;

	view_begin(&view, shell, opts);
	if (view.form == VIEW_JSON) {
		OWN_FREE char *next = id ? mem_fmt("notebook %s", id) : NULL;

		view_json(&view,
			  json_pack("{s:O,s:O}", "lessons", page->entries,
				    "notes", notes),
			  next);
		return;
	}
	say_head(&view, json_array_size(page->entries),
		 json_array_size(notes));
	for (size_t i = 0; i < json_array_size(page->entries); i++)
		say_lesson(&view, page, json_array_get(page->entries, i));
	say_notes(&view, notes);
	if (view.form == VIEW_DRAWN)
		buf_char(&view.out, '\n');
	if (id)
		view_next(&view, "notebook %s", id);
	else
		view_next(&view, "lessons");
	view_end(&view);
}
