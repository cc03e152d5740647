/* lessons/lesson.c - see lesson.h: what a lesson holds, and what of it one machine can show.
 * Reading it is lesson_read.c's. */
#include "lessons/lesson.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/lesson_parts.h"
#include "lessons/machine.h"
#include "lessons/script.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

static void step_done(struct step *step)
{
	for (size_t i = 0; i < step->goals_count; i++)
		goal_done(&step->goals[i]);
	for (size_t i = 0; i < step->wrongs_count; i++) {
		free(step->wrongs[i].name);
		free(step->wrongs[i].goal);
		free(step->wrongs[i].message);
	}
	free(step->goals);
	free(step->wrongs);
	free(step->id);
	strs_done(&step->only_if);
	strs_done(&step->unless);
}

void lesson_free(struct lesson *lesson)
{
	if (!lesson)
		return;
	for (size_t i = 0; i < lesson->steps_count; i++)
		step_done(&lesson->steps[i]);
	free(lesson->steps);
	free(lesson->dir);
	free(lesson->id);
	strs_done(&lesson->needs);
	strs_done(&lesson->programs);
	strs_done(&lesson->vars);
	strs_done(&lesson->words);
	strs_done(&lesson->can);
	free(lesson);
}

int lesson_step_index(const struct lesson *lesson, const char *id)
{
	for (size_t i = 0; i < lesson->steps_count; i++) {
		if (strcmp(lesson->steps[i].id, id) == 0)
			return (int)i;
	}
	return -1;
}

int step_goal_index(const struct step *step, const char *id)
{
	for (size_t i = 0; i < step->goals_count; i++) {
		if (strcmp(step->goals[i].id, id) == 0)
			return (int)i;
	}
	return -1;
}

static double step_points(const struct step *step, const struct strs *met)
{
	int all = 0;
	int earned = 0;

	for (size_t i = 0; i < step->goals_count; i++) {
		OWN_FREE char *key =
			mem_fmt("%s/%s", step->id, step->goals[i].id);

		all += step->goals[i].points;
		if (strs_has(met, key))
			earned += step->goals[i].points;
	}
	return all > 0 ? (double)step->points * earned / all : 0;
}

int lesson_points(const struct lesson *lesson, const struct strs *met,
		  int *out_of)
{
	double points = 0;

	*out_of = 0;
	for (size_t i = 0; i < lesson->steps_count; i++) {
		points += step_points(&lesson->steps[i], met);
		*out_of += lesson->steps[i].points;
	}
	return (int)(points + 1e-9);
}

/* ---- for one machine ---- */

static bool can_all(const struct strs *can, const struct strs *words)
{
	for (size_t i = 0; i < words->count; i++) {
		if (!machine_can(can, words->items[i]))
			return false;
	}
	return true;
}

/* only_if: all of it must be there; unless: the very opposite, so that two steps
 * with the same list are one in two forms. */
static bool applies(const struct strs *can, const struct strs *only_if,
		    const struct strs *unless)
{
	return can_all(can, only_if) &&
	       (unless->count == 0 || !can_all(can, unless));
}

/* Keeps the goals that are to be kept. */
static void sift_goals(struct step *step,
		       bool (*keeps)(const struct goal *goal, const void *arg),
		       const void *arg)
{
	size_t kept = 0;

	for (size_t i = 0; i < step->goals_count; i++) {
		struct goal *goal = &step->goals[i];

		if (keeps(goal, arg))
			step->goals[kept++] = *goal;
		else
			goal_done(goal);
	}
	step->goals_count = kept;
	/* What depends on a goal that is not there depends on nothing. */
	for (size_t i = 0; i < kept; i++) {
		struct strs *after = &step->goals[i].after;

		for (size_t k = after->count; k-- > 0;) {
			if (step_goal_index(step, after->items[k]) < 0)
				strs_remove(after, k);
		}
	}
}

static bool goal_applies(const struct goal *goal, const void *can)
{
	return applies(can, &goal->only_if, &goal->unless);
}

static bool goal_is_shown(const struct goal *goal, const void *unused)
{
	(void)unused;
	return strcmp(goal->visibility, "visible") == 0;
}

void lesson_hide(struct lesson *lesson)
{
	for (size_t i = 0; i < lesson->steps_count; i++)
		sift_goals(&lesson->steps[i], goal_is_shown, NULL);
}

static void adapt_wrongs(struct step *step)
{
	size_t kept = 0;

	for (size_t i = 0; i < step->wrongs_count; i++) {
		struct wrong *wrong = &step->wrongs[i];

		if (step_goal_index(step, wrong->goal) >= 0) {
			step->wrongs[kept++] = *wrong;
		} else {
			free(wrong->name);
			free(wrong->goal);
			free(wrong->message);
		}
	}
	step->wrongs_count = kept;
}

static void adapt(struct lesson *lesson, const struct strs *can)
{
	size_t kept = 0;

	strs_copy(&lesson->can, can);
	for (size_t i = 0; i < lesson->steps_count; i++) {
		struct step *step = &lesson->steps[i];

		if (applies(can, &step->only_if, &step->unless)) {
			sift_goals(step, goal_applies, can);
			adapt_wrongs(step);
			lesson->steps[kept++] = *step;
		} else {
			step_done(step);
		}
	}
	lesson->steps_count = kept;
}

/* ---- loading ---- */

int lesson_load(const char *dir, uint64_t seed, const struct strs *vars,
		struct lesson **out, struct err *err)
{
	return lesson_read(&(struct script_source){ dir, seed, vars, NULL },
			   out, err);
}

int lesson_load_for(const char *dir, uint64_t seed, const struct strs *vars,
		    const struct strs *can, struct lesson **out,
		    struct err *err)
{
	struct lesson *lesson = NULL;
	int r = lesson_read(&(struct script_source){ dir, seed, vars, can },
			    &lesson, err);

	if (r < 0)
		return r;
	adapt(lesson, can);
	if (lesson->steps_count == 0) {
		r = err_set(err, ENOTSUP,
			    _("this machine cannot show the lesson '%s': no "
			      "step of it is left"),
			    lesson->id);
		lesson_free(lesson);
		return r;
	}
	*out = lesson;
	return 0;
}

int lesson_check_needs(const struct lesson *lesson, struct err *err)
{
	for (size_t i = 0; i < lesson->needs.count; i++) {
		const char *need = lesson->needs.items[i];
		OWN_FREE char *lacks = NULL;

		if (!machine_knows(need) || machine_can(&lesson->can, need))
			continue;
		lacks = machine_lacks(need);
		err_set(err, ENOTSUP,
			_("this machine cannot show the lesson '%s': %s"),
			lesson->id, lacks);
		return err_hint(err, _("'doctor' says what this machine can "
				       "do, and what would mend it"));
	}
	return 0;
}
