/* lessons/goal.h - goals as data, and the table of their kinds.
 *
 * A goal says what has to be there, not what has to be typed. Each kind is one
 * entry of the table: which keys it takes, how it is judged, in which words the
 * result is told. Adding a kind is adding an entry. */
#ifndef LESSONS_GOAL_H
#define LESSONS_GOAL_H

#include <jansson.h>
#include <stdbool.h>

#include "runtime/base/list.h"

struct err;

/* id      "serves"; unique in its step
 * kind    "container", a name of the table
 * after   ids of goals without which this one is not looked at
 * hold    must still be true at the end of the step
 * want    all the keys the author wrote, variables filled in
 * custom  has a check of its own (kind "custom") or a diagnosis */
struct goal {
	char *id;
	const char *kind;
	int points;
	bool hold;
	bool predict;
	bool has_diagnose;
	struct strs after;
	json_t *want;
};

#endif
