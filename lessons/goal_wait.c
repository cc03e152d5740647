/* lessons/goal_wait.c - see goal_wait.h */
#include "lessons/goal_wait.h"

#include <poll.h>
#include <time.h>

#include "lessons/facts.h"

#define FIRST_PAUSE_MS 10
#define LONGEST_PAUSE_MS 100

int64_t goal_wait_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct goal_wait goal_wait_begin(const struct facts *facts, bool worth_it)
{
	return (struct goal_wait){
		.until_ms = worth_it ? facts->wait_until_ms : 0,
		.pause_ms = FIRST_PAUSE_MS,
	};
}

bool goal_wait_more(struct goal_wait *wait)
{
	if (goal_wait_now_ms() + wait->pause_ms > wait->until_ms)
		return false;
	(void)poll(NULL, 0, wait->pause_ms);
	if (wait->pause_ms < LONGEST_PAUSE_MS)
		wait->pause_ms *= 2;
	return true;
}
