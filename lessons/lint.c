/* lessons/lint.c - see lint.h */
#include "lessons/lint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/card.h"
#include "lessons/course.h"
#include "lessons/lesson.h"
#include "lessons/machine.h"
#include "lessons/text.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

#define HINT_LEVELS 3

static const char *const langs[] = { "en", "ja" };
#define LANGS 2

/* tour  the one that `tour` plays: nothing is to be met in it */
struct lint {
	bool tour;
	const struct lesson *lesson;
	struct text texts[LANGS];
	struct strs *out;
};

static bool has(const struct lint *lint, int lang, const char *key)
{
	return text_get(&lint->texts[lang], "%s", key) != NULL;
}

/* `key` is taken; it must be there in both languages. */
static void need(struct lint *lint, char *key)
{
	for (int i = 0; i < LANGS; i++) {
		if (!has(lint, i, key))
			strs_addf(lint->out, _("text.%s.md: '@%s' is missing"),
				  langs[i], key);
	}
	free(key);
}

/* ---- what the goals need ---- */

static void check_hints(struct lint *lint, const struct goal *goal)
{
	for (int level = 1; level <= HINT_LEVELS; level++) {
		OWN_FREE char *any = mem_fmt("hint %s %d", goal->step, level);

		if (!has(lint, 0, any))
			need(lint, mem_fmt("hint %s/%s %d", goal->step,
					   goal->id, level));
	}
}

static void check_choices(struct lint *lint, const struct goal *goal)
{
	int choices = (int)goal_number(goal, "choices", 0);

	need(lint, mem_fmt("ask %s/%s", goal->step, goal->id));
	for (int i = 0; i < LANGS && choices > 0; i++) {
		const struct text_section *ask = text_get(
			&lint->texts[i], "ask %s/%s", goal->step, goal->id);
		OWN_FREE char *last = NULL;
		OWN_FREE char *beyond = NULL;

		if (!ask)
			continue;
		last = text_choice(ask->body, choices);
		beyond = text_choice(ask->body, choices + 1);
		if (!last || beyond)
			strs_addf(lint->out,
				  _("text.%s.md:%d: goal '%s' has %d choices, "
				    "this list has another number"),
				  langs[i], ask->line, goal->id, choices);
	}
	if (choices > 0 && !goal->has_right &&
	    (goal_number(goal, "right", 0) < 1 ||
	     goal_number(goal, "right", 0) > choices))
		strs_addf(lint->out,
			  _("lesson.lua:%d: 'right' is none of the choices"),
			  goal->line);
}

static void check_goal(struct lint *lint, const struct goal *goal)
{
	check_hints(lint, goal);
	if (strcmp(goal->kind->name, "answer") == 0)
		check_choices(lint, goal);
	if (strcmp(goal->kind->name, "custom") == 0)
		need(lint, mem_fmt("goal %s/%s", goal->step, goal->id));
}

static bool is_message(const struct lint *lint, const struct step *step,
		       const struct goal *goal, const char *message)
{
	OWN_FREE char *any = mem_fmt("msg %s/%s", step->id, message);
	OWN_FREE char *own =
		mem_fmt("msg %s/%s.%s", step->id, goal->id, message);

	for (const char *const *at = goal->kind->messages; *at; at++) {
		if (strcmp(*at, message) == 0)
			return true;
	}
	return has(lint, 0, any) || has(lint, 0, own);
}

static void check_step(struct lint *lint, const struct step *step)
{
	need(lint, mem_fmt("step %s", step->id));
	need(lint, mem_fmt("done %s", step->id));
	if (step->solutions == 0)
		strs_addf(lint->out, _("lesson.lua: step '%s' has no solution"),
			  step->id);
	if (step->goals_count == 0 && !lint->tour)
		strs_addf(lint->out, _("lesson.lua: step '%s' has no goal"),
			  step->id);
	for (size_t i = 0; i < step->goals_count; i++)
		check_goal(lint, &step->goals[i]);
	for (size_t i = 0; i < step->wrongs_count; i++) {
		const struct wrong *wrong = &step->wrongs[i];
		int at = step_goal_index(step, wrong->goal);

		if (at < 0)
			strs_addf(lint->out,
				  _("lesson.lua: step '%s', wrong '%s': there "
				    "is no goal '%s'"),
				  step->id, wrong->name, wrong->goal);
		else if (!is_message(lint, step, &step->goals[at],
				     wrong->message))
			strs_addf(lint->out,
				  _("lesson.lua: step '%s', wrong '%s': there "
				    "is no message '%s'"),
				  step->id, wrong->name, wrong->message);
	}
}

/* ---- the card ---- */

static void check_items(struct lint *lint, int lang, const struct card *card)
{
	if (card->count == 0)
		strs_addf(lint->out,
			  _("text.%s.md: '@card' has no item: '- What was "
			    "learnt. `docker ...`'"),
			  langs[lang]);
	for (size_t i = 0; i < card->count; i++) {
		if (!*card->items[i].command)
			strs_addf(lint->out,
				  _("text.%s.md: item %zu of '@card' does not "
				    "end in a command: `docker ...`"),
				  langs[lang], i + 1);
	}
}

/* What was learnt, and the command for it: the same ones in both languages. */
static void check_card(struct lint *lint)
{
	struct card cards[LANGS] = { 0 };
	bool same;

	/* A tour has nothing to be met, and no card. */
	if (lint->tour)
		return;
	need(lint, mem_str("card"));
	for (int i = 0; i < LANGS; i++) {
		const struct text_section *section =
			text_get(&lint->texts[i], "card");

		if (!section)
			continue;
		card_read(section->body, &cards[i]);
		check_items(lint, i, &cards[i]);
	}
	same = cards[0].count == cards[1].count;
	for (size_t i = 0; same && i < cards[0].count; i++)
		same = strcmp(cards[0].items[i].command,
			      cards[1].items[i].command) == 0;
	if (!same && has(lint, 0, "card") && has(lint, 1, "card"))
		strs_addf(lint->out,
			  _("'@card' has other commands in Japanese than in "
			    "English"));
	for (int i = 0; i < LANGS; i++)
		card_done(&cards[i]);
}

/* ---- the texts ---- */

static bool names_a_goal(const struct lint *lint, const char *word)
{
	OWN_STRS struct strs parts = { 0 };
	int step;

	strs_split(&parts, word, '/');
	step = parts.count > 0 ? lesson_step_index(lint->lesson, parts.items[0])
			       : -1;
	if (step < 0)
		return false;
	return parts.count == 1 ||
	       step_goal_index(&lint->lesson->steps[step], parts.items[1]) >= 0;
}

/* A section that nothing shows: a slip in a key, or a goal that has gone. */
static void check_key(struct lint *lint, int lang,
		      const struct text_section *section)
{
	OWN_STRS struct strs words = { 0 };
	const char *kind;
	bool known;

	strs_split(&words, section->key, ' ');
	kind = words.items[0];
	if (words.count == 1) /* of the lesson as a whole */
		return;
	known = words.count > 1 && names_a_goal(lint, words.items[1]);
	/* "@msg step/key": the key may be the author's own. */
	if (strcmp(kind, "msg") == 0) {
		words.items[1][strcspn(words.items[1], "/")] = 0;
		known = lesson_step_index(lint->lesson, words.items[1]) >= 0;
	}
	if (!known)
		strs_addf(lint->out,
			  _("text.%s.md:%d: '@%s' belongs to no step and no "
			    "goal"),
			  langs[lang], section->line, section->key);
}

static void check_names(struct lint *lint, const struct text_section *section)
{
	const struct text_section *other =
		text_get(&lint->texts[1], "%s", section->key);
	OWN_STRS struct strs here = { 0 };
	OWN_STRS struct strs there = { 0 };

	text_names(section->body, &here);
	if (!other)
		return; /* said elsewhere */
	text_names(other->body, &there);
	strs_sort(&here);
	strs_sort(&there);
	OWN_FREE char *a = strs_join(&here, " ");
	OWN_FREE char *b = strs_join(&there, " ");

	if (strcmp(a, b) != 0)
		strs_addf(lint->out,
			  _("'@%s' has the placeholders '%s' in English, '%s' "
			    "in Japanese"),
			  section->key, a, b);
}

static void check_texts(struct lint *lint)
{
	const struct text *english = &lint->texts[0];
	const struct text *japanese = &lint->texts[1];

	need(lint, mem_str("lesson"));
	need(lint, mem_str("end"));
	check_card(lint);
	if (english->revision == 0 || japanese->follows != english->revision)
		strs_addf(lint->out,
			  _("text.ja.md follows revision %d, text.en.md is "
			    "revision %d"),
			  japanese->follows, english->revision);
	for (size_t i = 0; i < english->count; i++) {
		check_key(lint, 0, &english->sections[i]);
		check_names(lint, &english->sections[i]);
		if (!has(lint, 1, english->sections[i].key))
			strs_addf(lint->out, _("text.ja.md: '@%s' is missing"),
				  english->sections[i].key);
	}
	for (size_t i = 0; i < japanese->count; i++) {
		check_key(lint, 1, &japanese->sections[i]);
		if (!has(lint, 0, japanese->sections[i].key))
			strs_addf(lint->out, _("text.en.md: '@%s' is missing"),
				  japanese->sections[i].key);
	}
}

/* For a machine that can all of it, and for one that can nothing. */
static void check_points(struct lint *lint, bool can)
{
	const struct lesson *lesson = lint->lesson;
	int points = 0;

	for (size_t i = 0; i < lesson->steps_count; i++) {
		const struct step *step = &lesson->steps[i];

		if (can ? step->unless.count == 0 : step->only_if.count == 0)
			points += step->points;
	}
	if (points != lesson->points)
		strs_addf(lint->out,
			  _("lesson.lua: the steps have %d points, the lesson "
			    "%d"),
			  points, lesson->points);
}

/* A word of the machine, or what can be the id of a lesson. */
static void check_needs(struct lint *lint)
{
	const struct strs *needs = &lint->lesson->needs;

	for (size_t i = 0; i < needs->count; i++) {
		const char *need = needs->items[i];
		struct course course = { 0 };
		const struct course_entry *entry = NULL;
		struct err missing = { 0 };
		int r;

		if (machine_knows(need))
			continue;
		r = course_open(NULL, &course, &missing);
		if (r == 0)
			r = course_find(&course, need, &entry, &missing);
		if (r < 0)
			strs_addf(lint->out,
				  _("lesson.lua: needs '%s', which is no "
				    "lesson and nothing that a machine can"),
				  need);
		course_done(&course);
	}
}

/* Names, as they are found on the PATH; that they are here is not asked. */
static void check_programs(struct lint *lint)
{
	const struct strs *programs = &lint->lesson->programs;

	for (size_t i = 0; i < programs->count; i++) {
		const char *name = programs->items[i];

		if (!*name || *name == '.' || strchr(name, '/'))
			strs_addf(lint->out,
				  _("lesson.lua: programs: '%s' is not the "
				    "plain name of a program"),
				  name);
	}
}

static void check_head(struct lint *lint)
{
	const struct lesson *lesson = lint->lesson;
	const char *folder = strrchr(lesson->dir, '/');

	folder = folder ? folder + 1 : lesson->dir;
	if (lesson->number >= 0)
		folder = strchr(folder, '-') + 1;
	if (strcmp(folder, lesson->id) != 0)
		strs_addf(lint->out,
			  _("the folder says '%s', lesson.lua says '%s'"),
			  folder, lesson->id);
	if (lesson->minutes <= 0)
		strs_addf(lint->out, _("lesson.lua: 'minutes' is missing"));
	check_points(lint, true);
	check_points(lint, false);
	check_needs(lint);
	check_programs(lint);
}

static bool is_double(const struct strs *list, size_t from, size_t i)
{
	for (size_t k = from; k < i; k++)
		if (strcmp(list->items[i], list->items[k]) == 0)
			return true;
	return false;
}

/* The same sentence may come from two sides. */
static void drop_doubles(struct strs *list, size_t from)
{
	for (size_t i = list->count; i-- > from;)
		if (is_double(list, from, i))
			strs_remove(list, i);
}

int lint_lesson(const char *dir, struct strs *out, struct err *err)
{
	struct lint lint = { .out = out };
	struct lesson *lesson = NULL;
	struct err found = { 0 };
	size_t from = out->count;

	(void)err;
	/* What cannot be read at all is what is wrong with it. */
	if (lesson_load(dir, 1, NULL, &lesson, &found) < 0) {
		strs_add(out, found.msg);
		return 0;
	}
	lint.lesson = lesson;
	lint.tour = strcmp(lesson->id, "tour") == 0;
	for (int i = 0; i < LANGS; i++) {
		found = (struct err){ 0 };
		if (text_read(dir, langs[i], &lint.texts[i], &found) < 0)
			strs_add(out, found.msg);
	}
	if (out->count == from) {
		check_head(&lint);
		check_texts(&lint);
		for (size_t i = 0; i < lesson->steps_count; i++)
			check_step(&lint, &lesson->steps[i]);
	}
	drop_doubles(out, from);
	for (int i = 0; i < LANGS; i++)
		text_done(&lint.texts[i]);
	lesson_free(lesson);
	return 0;
}
