/* lessons/overview.h - all lessons at a glance: what they are called, how long
 * they take, how far this learner is. */
#ifndef LESSONS_OVERVIEW_H
#define LESSONS_OVERVIEW_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct lesson_place;

/* title    in the chosen language
 * step     from 1; 0: not begun
 * fault    why the lesson cannot be opened, or NULL
 * current  under way now */
struct overview_entry {
	char *id;
	char *title;
	char *fault;
	int number;
	int minutes;
	int step;
	int steps;
	int points;
	int points_of;
	bool finished;
	bool current;
};

struct overview {
	struct overview_entry *items;
	size_t count;
};

/* Reads all lessons and the learner's records of them. */
int overview_open(const struct lesson_place *place, struct overview *out,
		  struct err *err);
void overview_done(struct overview *overview);

#endif
