/* lessons/session_keep.c - the part of a session that puts a step which is done into
 * the notebook: the texts of it in both languages, what was typed, what came of it. */
#include "lessons/session_parts.h"

#include <string.h>

#include "lessons/card.h"
#include "lessons/guess.h"
#include "lessons/measure.h"
#include "lessons/notebook.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"

static const char *const langs[] = { "en", "ja" };

/* Into {"en":..., "ja":...} of `json`, which has it or gets it. */
static void put_words(json_t *json, const char *key, const char *lang,
		      const char *text)
{
	json_t *both = json_object_get(json, key);

	if (!both) {
		both = json_object();
		json_object_set_new(json, key, both);
	}
	json_object_set_new(both, lang, json_string(text ? text : ""));
}

static void put_card(struct lesson_session *session, json_t *run,
		     const char *lang)
{
	OWN_FREE char *body = lesson_says(session, "card");
	struct card card = { 0 };
	json_t *cards = json_object_get(run, "card");
	json_t *list = json_array();

	card_read(body ? body : "", &card);
	for (size_t i = 0; i < card.count; i++)
		json_array_append_new(
			list, json_pack("{s:s,s:s}", "text", card.items[i].text,
					"command", card.items[i].command));
	card_done(&card);
	if (!cards) {
		cards = json_object();
		json_object_set_new(run, "card", cards);
	}
	json_object_set_new(cards, lang, list);
}

/* ---- predictions ---- */

/* Without the choices: only what was asked. */
static char *question_of(struct lesson_session *session,
			 const struct goal *goal)
{
	OWN_FREE char *key = mem_fmt("ask %s/%s", goal->step, goal->id);
	char *ask = lesson_says(session, key);
	char *choices = ask ? strstr(ask, "\n1. ") : NULL;

	if (choices)
		*choices = 0;
	return ask;
}

static void put_prediction(struct lesson_session *session,
			   const struct goal *goal, const char *lang,
			   json_t *out)
{
	OWN_FREE char *ask = question_of(session, goal);
	struct guess guess = { 0 };

	guess_read(session, goal, &guess);
	put_words(out, "ask", lang, ask);
	put_words(out, "said", lang, guess.answered);
	put_words(out, "was", lang, guess.was);
	json_object_set_new(out, "right", json_boolean(guess.right));
	guess_done(&guess);
}

static void put_predictions(struct lesson_session *session, const char *lang,
			    json_t *list)
{
	const struct step *step = lesson_step(session);
	size_t at = 0;

	for (size_t i = 0; i < step->goals_count; i++) {
		const struct goal *goal = &step->goals[i];

		if (!goal->predict ||
		    !lesson_answered(session, goal->step, goal->id))
			continue;
		if (at == json_array_size(list))
			json_array_append_new(list, json_object());
		put_prediction(session, goal, lang, json_array_get(list, at));
		at++;
	}
}

/* ---- the two ways ---- */

static json_t *author_lines(struct lesson_session *session)
{
	OWN_STRS struct strs lines = { 0 };
	struct err ignored = { 0 }; /* then there is nothing to compare */
	json_t *list = json_array();

	(void)lesson_solution(session, session_step_index(session), 0, &lines,
			      &ignored);
	for (size_t i = 0; i < lines.count; i++) {
		if (strncmp(lines.items[i], "answer ", 7) != 0)
			json_array_append_new(list,
					      json_string(lines.items[i]));
	}
	return list;
}

/* A script's lines end in a newline, those of the prompt do not. */
static void trim_lines(json_t *lines)
{
	for (size_t i = 0; i < json_array_size(lines); i++) {
		json_t *item = json_array_get(lines, i);
		const char *line =
			json_string_value(json_object_get(item, "line"));
		size_t len = line ? strlen(line) : 0;

		while (len > 0 && strchr(" \t\n", line[len - 1]))
			len--;
		if (line && line[len])
			json_object_set_new(item, "line",
					    json_stringn(line, len));
	}
}

static json_t *world_figures(const struct lesson_session *session)
{
	struct measure measure = { 0 };
	struct err ignored = { 0 }; /* then it says nothing */

	(void)measure_world(&session->world.home, session->world.store,
			    &measure, &ignored);
	return measure_to_json(&measure);
}

/* ---- a step ---- */

static int hints_taken(const struct lesson_session *session)
{
	const char *key;
	json_t *level;
	int sum = 0;

	json_object_foreach(session->progress.hints, key, level)
	{
		(void)key;
		sum += (int)json_integer_value(level);
	}
	return sum;
}

static void put_texts(struct lesson_session *session, json_t *run, json_t *step)
{
	const char *before = session->place.lang;
	const char *id = lesson_step(session)->id;
	json_t *predictions = json_array();

	for (size_t i = 0; i < sizeof(langs) / sizeof(langs[0]); i++) {
		OWN_FREE char *step_key = mem_fmt("step %s", id);
		OWN_FREE char *done_key = mem_fmt("done %s", id);
		OWN_FREE char *done = NULL;

		lesson_set_lang(session, langs[i]);
		done = lesson_says(session, done_key);
		put_words(run, "title", langs[i],
			  lesson_title(session, "lesson"));
		put_words(step, "title", langs[i],
			  lesson_title(session, step_key));
		put_words(step, "done", langs[i], done);
		put_card(session, run, langs[i]);
		put_predictions(session, langs[i], predictions);
	}
	lesson_set_lang(session, before);
	json_object_set_new(step, "predictions", predictions);
}

int lesson_keep_step(struct lesson_session *session, struct err *err)
{
	const struct lesson *lesson = session->lesson;
	OWN_FD int folder = -1;
	json_t *yours = NULL;
	struct lesson_at at;
	json_t *run;
	json_t *step;
	int r;

	if (session->place.scratch)
		return 0; /* nobody's */
	folder = notebook_folder(session->place.base, err);
	r = folder;
	if (r >= 0)
		r = lesson_lines(session, lesson_step(session)->id, &yours,
				 err);
	if (r < 0)
		return r;
	trim_lines(yours);
	lesson_where(session, &at);
	run = json_pack("{s:I,s:I,s:b,s:i,s:i,s:i}", "started_ns",
			(json_int_t)session->progress.started_ns, "ended_ns",
			(json_int_t)session_now_ns(), "finished",
			(int)(session->progress.finished_ns != 0), "points",
			at.points, "points_of", at.points_of, "hints",
			hints_taken(session));
	step = json_pack("{s:s,s:o,s:o,s:o}", "id", lesson_step(session)->id,
			 "yours", yours, "author", author_lines(session),
			 "world", world_figures(session));
	put_texts(session, run, step);
	r = notebook_keep(folder, lesson->id, run, step, err);
	json_decref(run);
	json_decref(step);
	return r;
}
