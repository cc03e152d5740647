/* lessons/lesson_read.c - from lesson.lua to a lesson.
 *
 * A child runs the script and says as data what is in it (script_data.c); here that is
 * checked, and becomes steps and goals. Nothing it says is believed: ids are plain words, a
 * goal comes after those above it, and what is asked of the machine is a word of
 * machine.h. */
#include "lessons/lesson_parts.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/goal.h"
#include "lessons/lesson.h"
#include "lessons/machine.h"
#include "lessons/script.h"
#include "lessons/worker.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"

#define FORMAT 1

static const char *text_of(const json_t *json, const char *key)
{
	return json_string_value(json_object_get(json, key));
}

static int number_of(const json_t *json, const char *key)
{
	return (int)json_integer_value(json_object_get(json, key));
}

/* Ids become names of files and words on the command line. */
static bool id_is_plain(const char *id)
{
	return id && *id && strlen(id) <= 40 &&
	       strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-_") ==
		       strlen(id) &&
	       id[0] != '-';
}

static void read_wrongs(struct step *step, const json_t *json)
{
	const json_t *list = json_object_get(json, "wrong");

	step->wrongs_count = json_array_size(list);
	step->wrongs = mem_zero(step->wrongs_count + 1, sizeof(struct wrong));
	for (size_t i = 0; i < step->wrongs_count; i++) {
		const json_t *wrong = json_array_get(list, i);
		const json_t *expect = json_object_get(wrong, "expect");
		const char *goal = text_of(expect, "goal");
		const char *message = text_of(expect, "message");
		const char *name = text_of(wrong, "name");

		step->wrongs[i] = (struct wrong){
			.index = i,
			.name = mem_str(name ? name : "?"),
			.goal = mem_str(goal ? goal : ""),
			.message = mem_str(message ? message : ""),
		};
	}
}

static int read_goals(struct step *step, const json_t *list, struct err *err)
{
	size_t count = json_array_size(list);

	step->goals = mem_zero(count + 1, sizeof(struct goal));
	for (size_t i = 0; i < count; i++) {
		struct goal goal = { 0 };
		int r = goal_read(step->id, json_array_get(list, i), &goal,
				  err);

		if (r < 0)
			return r;
		if (step_goal_index(step, goal.id) >= 0) {
			r = err_set(err, EINVAL,
				    _("lesson.lua:%d: step '%s' has two goals "
				      "'%s'"),
				    goal.line, step->id, goal.id);
			goal_done(&goal);
			return r;
		}
		goal.index = i;
		step->goals[step->goals_count++] = goal;
	}
	return 0;
}

/* `after` may name only what stands before it: no circles, one pass. */
static int check_after(const struct step *step, struct err *err)
{
	for (size_t i = 0; i < step->goals_count; i++) {
		const struct goal *goal = &step->goals[i];

		for (size_t k = 0; k < goal->after.count; k++) {
			int at = step_goal_index(step, goal->after.items[k]);

			if (at < 0 || (size_t)at >= i)
				return err_set(err, EINVAL,
					       _("lesson.lua:%d: goal '%s' "
						 "comes after '%s', which is "
						 "no goal above it"),
					       goal->line, goal->id,
					       goal->after.items[k]);
		}
	}
	return 0;
}

static void read_strs(const json_t *list, struct strs *out)
{
	if (json_is_string(list))
		strs_add(out, json_string_value(list));
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (text)
			strs_add(out, text);
	}
}

/* Whatever is asked of the machine is one of its words. */
static int take_words(struct lesson *lesson, const struct strs *words,
		      struct err *err)
{
	for (size_t i = 0; i < words->count; i++) {
		if (!machine_knows(words->items[i]))
			return err_set(err, EINVAL,
				       _("lesson.lua: '%s' is nothing that a "
					 "machine can or cannot"),
				       words->items[i]);
		if (!strs_has(&lesson->words, words->items[i]))
			strs_add(&lesson->words, words->items[i]);
	}
	return 0;
}

static int take_step_words(struct lesson *lesson, const struct step *step,
			   struct err *err)
{
	int r = take_words(lesson, &step->only_if, err);

	if (r == 0)
		r = take_words(lesson, &step->unless, err);
	for (size_t i = 0; i < step->goals_count && r == 0; i++) {
		r = take_words(lesson, &step->goals[i].only_if, err);
		if (r == 0)
			r = take_words(lesson, &step->goals[i].unless, err);
	}
	return r;
}

static int read_step(struct lesson *lesson, const json_t *json, struct err *err)
{
	struct step *step = &lesson->steps[lesson->steps_count];
	const char *id = text_of(json, "id");
	int r;

	if (!id_is_plain(id))
		return err_set(err, EINVAL,
			       _("lesson.lua: step %zu needs an id of a-z, 0-9 "
				 "and -"),
			       lesson->steps_count + 1);
	if (lesson_step_index(lesson, id) >= 0)
		return err_set(err, EINVAL,
			       _("lesson.lua: there are two steps '%s'"), id);
	step->index = lesson->steps_count++;
	step->id = mem_str(id);
	step->points = number_of(json, "points");
	step->has_setup = json_is_true(json_object_get(json, "setup"));
	step->has_show = json_is_true(json_object_get(json, "show"));
	step->solutions = number_of(json, "solutions");
	read_strs(json_object_get(json, "only_if"), &step->only_if);
	read_strs(json_object_get(json, "unless"), &step->unless);
	read_wrongs(step, json);
	r = read_goals(step, json_object_get(json, "goals"), err);
	if (r == 0)
		r = check_after(step, err);
	return r < 0 ? r : take_step_words(lesson, step, err);
}

/* Of the script's has(), and of needs = {}: an id of a lesson is no word. */
static void read_words(struct lesson *lesson, const json_t *asked)
{
	read_strs(asked, &lesson->words);
	for (size_t i = 0; i < lesson->needs.count; i++) {
		const char *need = lesson->needs.items[i];

		if (machine_knows(need) && !strs_has(&lesson->words, need))
			strs_add(&lesson->words, need);
	}
}

static int read_lesson(struct lesson *lesson, const json_t *data,
		       struct err *err)
{
	const json_t *head = json_object_get(data, "lesson");
	const json_t *steps = json_object_get(data, "steps");
	const char *id = text_of(head, "id");

	if (number_of(head, "format") != FORMAT)
		return err_set(err, EINVAL,
			       _("lesson.lua: lesson{ format = %d } is what "
				 "this version reads"),
			       FORMAT);
	if (!id_is_plain(id))
		return err_set(err, EINVAL,
			       _("lesson.lua: lesson{ id = \"...\" } needs an "
				 "id of a-z, 0-9 and -"));
	if (json_array_size(steps) == 0)
		return err_set(err, EINVAL,
			       _("lesson.lua: there is no step{...} in it"));
	lesson->id = mem_str(id);
	lesson->minutes = number_of(head, "minutes");
	lesson->points = number_of(head, "points");
	read_strs(json_object_get(head, "needs"), &lesson->needs);
	read_strs(json_object_get(head, "programs"), &lesson->programs);
	read_strs(json_object_get(data, "vars"), &lesson->vars);
	read_words(lesson, json_object_get(data, "asked"));
	lesson->steps = mem_zero(json_array_size(steps), sizeof(struct step));
	for (size_t i = 0; i < json_array_size(steps); i++) {
		int r = read_step(lesson, json_array_get(steps, i), err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int number_of_folder(const char *dir)
{
	const char *name = strrchr(dir, '/');

	name = name ? name + 1 : dir;
	return isdigit((unsigned char)*name) ? (int)strtol(name, NULL, 10) : -1;
}

/* ---- the child ---- */

/* In it. */
static int describe(void *arg, struct worker *worker, json_t **out,
		    struct err *err)
{
	struct script *script = NULL;
	int r = script_open(arg, &script, err);

	(void)worker; /* while a lesson is read, it asks for nothing */
	if (r < 0)
		return r;
	return script_describe(script, out, err);
}

int lesson_read(const struct script_source *source, struct lesson **out,
		struct err *err)
{
	struct script_source copy = *source;
	struct worker_job job = {
		.work = describe,
		.work_arg = &copy,
		.wall_ms = LESSON_WALL_MS,
		.cpu_s = LESSON_CPU_S,
		.memory_bytes = LESSON_MEMORY_BYTES,
	};
	struct lesson *lesson;
	json_t *data = NULL;
	int r = worker_run(&job, &data, err);

	if (r < 0)
		return err_wrap(err, "%s", source->dir);
	lesson = mem_zero(1, sizeof(*lesson));
	lesson->dir = mem_str(source->dir);
	lesson->number = number_of_folder(source->dir);
	lesson->seed = source->seed;
	r = read_lesson(lesson, data, err);
	json_decref(data);
	if (r < 0) {
		lesson_free(lesson);
		return err_wrap(err, "%s", source->dir);
	}
	*out = lesson;
	return 0;
}
