/* tests/test_trace.c - events reach their sinks, also out of a child. */
#include "runtime/base/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "tests/test.h"

static void keep_last(void *arg, const struct trace_event *event)
{
	*(struct trace_event *)arg = *event;
}

static void without_a_sink_nothing_is_on(void **state)
{
	(void)state;
	assert_false(trace_is_on());
	trace_step(TRACE_EXEC, "nobody listens");
	trace_begin();
}

static void a_sink_gets_the_facts_and_the_time(void **state)
{
	struct trace_event got = { 0 };

	(void)state;
	assert_int_equal(trace_add_sink(keep_last, &got), 0);
	assert_true(trace_is_on());
	trace_begin();
	usleep(2000);
	trace_step(TRACE_PROC, "on %s", "/proc");
	trace_remove_sink(keep_last, &got);
	assert_false(trace_is_on());
	assert_int_equal(got.step, TRACE_PROC);
	assert_int_equal(got.pid, getpid());
	assert_string_equal(got.detail, "on /proc");
	assert_true(got.took_ns >= 2000000);
}

static void a_fifth_sink_finds_no_place(void **state)
{
	struct trace_event got[5] = { 0 };

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(trace_add_sink(keep_last, &got[i]), 0);
	assert_int_equal(trace_add_sink(keep_last, &got[4]), -ENOSPC);
	for (int i = 0; i < 4; i++)
		trace_remove_sink(keep_last, &got[i]);
}

static void a_childs_events_come_through_its_pipe(void **state)
{
	struct trace_event event = { 0 };
	struct trace_event got = { 0 };
	int ends[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(trace_add_sink(keep_last, &got), 0);
	pid = fork();
	if (pid == 0) {
		trace_to_pipe(ends[1]);
		trace_step(TRACE_PIVOT, "done by %s", "a child");
		_exit(0);
	}
	assert_int_equal(child_status(pid), 0);
	assert_int_equal(read(ends[0], &event, sizeof(event)), sizeof(event));
	assert_int_equal(got.step, 0); /* the parent delivers, nobody else */
	trace_deliver(&event);
	trace_remove_sink(keep_last, &got);
	assert_int_equal(got.step, TRACE_PIVOT);
	assert_int_equal(got.pid, pid);
	assert_string_equal(got.detail, "done by a child");
	close(ends[0]);
	close(ends[1]);
}

static void details_that_are_too_long_are_cut(void **state)
{
	struct trace_event got = { 0 };

	(void)state;
	assert_int_equal(trace_add_sink(keep_last, &got), 0);
	trace_step(TRACE_ETC, "%02000d", 1);
	trace_remove_sink(keep_last, &got);
	assert_int_equal(strlen(got.detail), sizeof(got.detail) - 1);
	assert_true(sizeof(got) < PIPE_BUF);
}

static void every_step_is_told_in_full_and_no_name_twice(void **state)
{
	(void)state;
	for (int i = 0; i < TRACE_STEPS; i++) {
		const struct trace_info *info =
			trace_info_of((enum trace_step)i);

		assert_true(*info->name && *info->call && *info->page &&
			    *info->why);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(
				info->name,
				trace_info_of((enum trace_step)j)->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_sink_nothing_is_on),
		TEST(a_sink_gets_the_facts_and_the_time),
		TEST(a_fifth_sink_finds_no_place),
		TEST(a_childs_events_come_through_its_pipe),
		TEST(details_that_are_too_long_are_cut),
		TEST(every_step_is_told_in_full_and_no_name_twice),
	};

	return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
