/* tests/goal_says.h - a goal, written as JSON with single quotes, and what it says. */
#ifndef TESTS_GOAL_SAYS_H
#define TESTS_GOAL_SAYS_H

#include "lessons/goal.h"

struct facts;

/* Reads it. The test fails where that fails. */
void goal_of(const char *text, struct goal *out);

/* The message a goal fails with, "" when it is met. Good until the next call. */
const char *judged(const char *text, const struct facts *facts);

/* Reading it fails, and says so. */
void refused(const char *text, const char *because);

#endif
