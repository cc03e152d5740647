/* lessons/goal_answer.h - what a learner answered, and whether it is right. */
#ifndef LESSONS_GOAL_ANSWER_H
#define LESSONS_GOAL_ANSWER_H

#include <stdbool.h>

struct err;
struct goal;

/* The answer without what a keyboard adds: white space around it, digits of
 * full width, the dot of "2.". Given, to be freed. */
char *goal_answer_clean(const char *value);

/* Whether it can be an answer at all: -EINVAL says what can. */
int goal_answer_accept(const struct goal *goal, const char *value,
		       struct err *err);
bool goal_answer_is_right(const struct goal *goal, const char *value);

#endif
