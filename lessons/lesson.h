/* lessons/lesson.h - what one lesson says.
 *
 * A lesson is a folder: lesson.lua (needs, steps, goals, solutions, wrong
 * answers), text.en.md and text.ja.md (the same keys), files/ (for the learner).
 * Owns finding the folders and reading one; the Lua in it runs in worker.h's
 * child alone, never here. */
#ifndef LESSONS_LESSON_H
#define LESSONS_LESSON_H

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
 * message  key of the message that it must fail with */
struct wrong {
	char *name;
	char *goal;
	char *message;
};

/* id         "build"
 * setup      there is a function to be called at the step's start
 * solutions  how many ways the author gives */
struct step {
	char *id;
	int points;
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
 * vars    "name=value": what var.* and pick_port gave for this learner */
struct lesson {
	char *dir;
	char *id;
	int number;
	int format;
	int minutes;
	int points;
	struct strs needs;
	struct strs vars;
	struct step *steps;
	size_t steps_count;
};

void lesson_free(struct lesson *lesson);

#endif
