/* lessons/lesson.h - what one lesson says.
 *
 * A lesson is a folder: lesson.lua (needs, steps, goals, solutions, wrong
 * answers), text.en.md and text.ja.md (the same keys), files/ (for the learner).
 * Owns the description of one as plain data. The Lua in it runs in worker.h's
 * child alone, never here; finding the folders is course.h's. */
#ifndef LESSONS_LESSON_H
#define LESSONS_LESSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lessons/goal.h"
#include "runtime/base/list.h"

struct err;

/* A way that ought to fail, and how.
 *
 * name     "no -p", for the author
 * goal     id of the goal that must fail
 * message  key of the message that it must fail with
 * index    which of the step's it is in the script */
struct wrong {
	size_t index;
	char *name;
	char *goal;
	char *message;
};

/* has_setup  there is a function to be called at the step's start
 * has_show   there is one that gives values for the step's text
 * solutions  how many ways the author gives
 * only_if, unless  what the machine must be able to, or not, for it to count
 * index      which step of the script it is */
struct step {
	char *id;
	int points;
	size_t index;
	struct strs only_if;
	struct strs unless;
	bool has_setup;
	bool has_show;
	int solutions;
	struct goal *goals;
	size_t goals_count;
	struct wrong *wrongs;
	size_t wrongs_count;
};

/* dir     the folder, absolute
 * number  of the folder's name ("04-diff": 4), -1 without
 * vars    "name=value": what the script gave var.* for this learner
 * needs   what must be so: words of machine.h, or ids of lessons that come first
 * programs  programs of the learner's machine that lines of this lesson start; where it
 *         is graded they are shown, and no others (grade_tools.h)
 * words   all words of machine.h that the lesson asks for, anywhere
 * can     of these, what this machine can (lesson_adapt) */
struct lesson {
	char *dir;
	char *id;
	int number;
	int minutes;
	int points;
	uint64_t seed;
	struct strs needs;
	struct strs vars;
	struct strs programs;
	struct strs words;
	struct strs can;
	struct step *steps;
	size_t steps_count;
};

/* Runs the script of the folder once, in a child, and keeps what it said.
 *
 * vars  values given earlier to this learner, kept over what the script would
 *       choose now; may be NULL
 *
 * Returns 0 or -errno: -EINVAL with file and line for what is no lesson,
 * -ETIMEDOUT for a script that does not end. */
int lesson_load(const char *dir, uint64_t seed, const struct strs *vars,
		struct lesson **out, struct err *err);
void lesson_free(struct lesson *lesson);

/* Reads it anew for a machine that can `can`, and leaves out the steps and goals
 * that are not for it. -ENOTSUP: it cannot what the lesson needs, in words. */
int lesson_load_for(const char *dir, uint64_t seed, const struct strs *vars,
		    const struct strs *can, struct lesson **out,
		    struct err *err);
int lesson_check_needs(const struct lesson *lesson, struct err *err);

/* Leaves out the goals that a learner does not see. */
void lesson_hide(struct lesson *lesson);

/* The step's index, or -1. */
int lesson_step_index(const struct lesson *lesson, const char *id);
int step_goal_index(const struct step *step, const char *id);

/* Points of the goals in `met` ("step/goal"): each goal's share of its step's.
 * *out_of: all there are. */
int lesson_points(const struct lesson *lesson, const struct strs *met,
		  int *out_of);

/* Limits of the child in which a lesson's script runs. What runs for ever meets that of
 * processor time; by the clock a busy machine may take long. */
#define LESSON_CPU_S 2
#define LESSON_WALL_MS 30000
#define LESSON_MEMORY_BYTES ((size_t)96 << 20)

#endif
