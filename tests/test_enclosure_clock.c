/* tests/test_enclosure_clock.c - what a limit by the clock counts, and what it gives back. */
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/enclosure_parts.h"
#include "runtime/processes.h"
#include "tests/test.h"

enum { OTHERS = 3, LOOKS = 12, BETWEEN_MS = 25 };

/* Looks at `pid` for a while, and at the mark it began with. */
static int64_t watch(struct enclosure_clock *clock, pid_t pid,
		     struct enclosure_mark *out)
{
	struct pids pids = { .items = &pid, .count = 1 };

	enclosure_clock_look(clock, &pids);
	enclosure_clock_mark(clock, enclosure_now_ms(), out);
	for (int i = 0; i < LOOKS; i++) {
		(void)poll(NULL, 0, BETWEEN_MS);
		enclosure_clock_look(clock, &pids);
	}
	return enclosure_now_ms() - out->at_ms;
}

static pid_t start(bool busy)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	(void)alarm(60);
	for (;;)
		if (!busy)
			(void)pause();
}

static void stop(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

/* All on one processor, so that they have to wait for each other. */
static void meet_on_one_processor(cpu_set_t *before)
{
	cpu_set_t one;
	size_t first = 0;

	assert_int_equal(sched_getaffinity(0, sizeof(*before), before), 0);
	while (!CPU_ISSET(first, before))
		first++;
	CPU_ZERO(&one);
	CPU_SET(first, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
}

static void what_others_took_is_given_back_within_bounds(void **state)
{
	struct enclosure_clock clock = { 0 };
	struct enclosure_mark begun;
	pid_t others[OTHERS];
	cpu_set_t before;
	int64_t passed;
	pid_t pid;

	(void)state;
	meet_on_one_processor(&before);
	pid = start(true);
	for (int i = 0; i < OTHERS; i++)
		others[i] = start(true);
	assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
	passed = watch(&clock, pid, &begun);
	for (int i = 0; i < OTHERS; i++)
		stop(others[i]);
	stop(pid);
	/* It had a quarter of the time. */
	assert_false(enclosure_clock_is_over(&clock, &begun, passed * 2 / 3));
	assert_true(enclosure_clock_is_over(
		&clock, &begun, passed / (ENCLOSURE_PUT_OFF + 1) - 1));
	enclosure_clock_done(&clock);
}

static void who_sleeps_has_lost_nothing(void **state)
{
	struct enclosure_clock clock = { 0 };
	struct enclosure_mark begun;
	pid_t pid = start(false);
	int64_t passed = watch(&clock, pid, &begun);

	(void)state;
	stop(pid);
	assert_true(enclosure_clock_is_over(&clock, &begun, passed / 2));
	enclosure_clock_done(&clock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_others_took_is_given_back_within_bounds),
		TEST(who_sleeps_has_lost_nothing),
	};

	return cmocka_run_group_tests_name("enclosure clock", tests, NULL, NULL);
}
