/* lessons/overview.h - the lessons of a path at a glance: what they are called, how
 * long they take, how far this learner is, what this machine cannot show. */
#ifndef LESSONS_OVERVIEW_H
#define LESSONS_OVERVIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/list.h"

struct err;
struct lesson_place;
struct path;

/* title    in the chosen language
 * step     from 1; 0: not begun
 * fault    why the lesson cannot be opened, or NULL
 * missing  what it needs and this machine has not: half a sentence each
 * partly   what this machine has not either, for want of which parts are left out
 * points   the most there ever were
 * finished in this run or an earlier one; again: in an earlier one, and begun anew
 *          since: run_points are those of this run
 * current  under way now */
struct overview_entry {
	char *id;
	char *title;
	char *fault;
	struct strs missing;
	struct strs partly;
	int number;
	int minutes;
	int step;
	int steps;
	int points;
	int points_of;
	int run_points;
	bool finished;
	bool again;
	bool current;
};

/* minutes  of all of them; minutes_left: of those that are not finished */
struct overview {
	struct overview_entry *items;
	size_t count;
	size_t finished;
	int minutes;
	int minutes_left;
	int points;
	int points_of;
};

/* Reads the lessons of a path (NULL: all) and the learner's records of them. */
int overview_open(const struct lesson_place *place, const struct path *path,
		  struct overview *out, struct err *err);
void overview_done(struct overview *overview);

/* What comes next on the way: the lesson under way where it is one of them, else
 * the first after `behind` (an id, may be NULL) that is not finished, else the
 * first of all that is not. NULL: all are. What cannot be opened, or not done on
 * this machine, is passed by. */
const struct overview_entry *overview_next(const struct overview *overview,
					   const char *behind);

#endif
