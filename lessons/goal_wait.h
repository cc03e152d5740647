/* lessons/goal_wait.h - waiting for what is on its way, with a bound.
 *
 * A server that was started a moment ago does not answer yet. A judge tries again
 * until it does, or until the patience of the whole check (facts->wait_until_ms)
 * is used up: goals that wait share it. No lesson sleeps.
 *
 *     struct goal_wait wait = goal_wait_begin(facts, worth_it);
 *     do
 *             ... try, return when it is so ...
 *     while (goal_wait_more(&wait)); */
#ifndef LESSONS_GOAL_WAIT_H
#define LESSONS_GOAL_WAIT_H

#include <stdbool.h>
#include <stdint.h>

struct facts;

/* CLOCK_MONOTONIC, as facts->wait_until_ms. */
int64_t goal_wait_now_ms(void);

struct goal_wait {
	int64_t until_ms;
	int pause_ms;
};

/* worth_it: false where no waiting could help: then there is one try. */
struct goal_wait goal_wait_begin(const struct facts *facts, bool worth_it);

/* Pauses a little and returns true, or false when it is time to give up. */
bool goal_wait_more(struct goal_wait *wait);

#endif
