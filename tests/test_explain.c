/* tests/test_explain.c - events become steps, and their times add up. */
#include "shell/explain.h"

#include <errno.h>
#include <string.h>

#include "tests/test.h"

static void add(struct explain *explain, enum trace_step step, pid_t pid,
		uint64_t start_ns, uint64_t took_ns)
{
	struct trace_event event = {
		.step = step,
		.pid = pid,
		.start_ns = start_ns,
		.took_ns = took_ns,
		.is_call = true,
		.detail = "call()",
	};

	explain_keep(explain, &event);
}

static void expect_sum(const struct explain *explain)
{
	assert_int_equal(explain->total_ns,
			 explain->steps_ns - explain->overlap_ns +
				 explain->program_ns + explain->between_ns);
}

static void calls_of_one_process_for_one_purpose_are_one_step(void **state)
{
	OWN_EXPLAIN struct explain explain = { .begin_ns = 100 };

	(void)state;
	/* As they are heard of: the monitor's come later than the child's. */
	add(&explain, TRACE_DEV, 2, 200, 10);
	add(&explain, TRACE_DEV, 2, 220, 10);
	add(&explain, TRACE_PIVOT, 2, 240, 10);
	add(&explain, TRACE_VETH, 1, 205, 10);
	explain_settle(&explain, 400);
	assert_int_equal(explain.step_count, 3);
	assert_int_equal(explain.steps[0].step, TRACE_DEV);
	assert_int_equal(explain.steps[0].count, 2);
	assert_int_equal(explain.steps[0].took_ns, 20);
	assert_int_equal(explain.steps[1].step, TRACE_VETH);
	assert_int_equal(explain.steps[2].step, TRACE_PIVOT);
	assert_int_equal(explain.processes, 2);
	/* 205..210 was counted twice. */
	assert_int_equal(explain.steps_ns, 40);
	assert_int_equal(explain.overlap_ns, 5);
	assert_int_equal(explain.total_ns, 300);
	expect_sum(&explain);
}

static void the_programs_own_time_is_told_apart(void **state)
{
	OWN_EXPLAIN struct explain explain = { .begin_ns = 0 };

	(void)state;
	add(&explain, TRACE_CLONE, 1, 10, 10);
	add(&explain, TRACE_EXEC, 2, 50, 0);
	add(&explain, TRACE_VETH, 1, 60, 20);
	add(&explain, TRACE_EXIT, 1, 1050, 5);
	explain_settle(&explain, 2000);
	assert_int_equal(explain.program_ns, 1000 - 20);
	assert_int_equal(explain.between_ns, 2000 - 35 - 980);
	expect_sum(&explain);
}

static void a_failure_names_the_call_that_refused(void **state)
{
	OWN_EXPLAIN struct explain explain = { .begin_ns = 0 };
	struct trace_event refused = {
		.step = TRACE_PUBLISH,
		.pid = 1,
		.start_ns = 10,
		.is_call = true,
		.result = -1,
		.error = EADDRINUSE,
		.detail = "bind(3, 0.0.0.0:80, 16)",
	};
	struct trace_event failed = {
		.step = TRACE_REFUSED,
		.pid = 0,
		.start_ns = 30,
		.error = EADDRINUSE,
		.detail = "port is already allocated",
	};

	(void)state;
	explain_keep(&explain, &refused);
	add(&explain, TRACE_REMOVE, 1, 20, 1);
	explain_keep(&explain, &failed);
	explain_settle(&explain, 40);
	assert_int_equal(explain.step_count, 3);
	assert_string_equal(
		explain.calls[2].event.note,
		"refused in step 1: bind(3, 0.0.0.0:80, 16) = -1 EADDRINUSE");
}

static void nothing_at_all_is_no_step(void **state)
{
	OWN_EXPLAIN struct explain explain = { .begin_ns = 5 };

	(void)state;
	explain_settle(&explain, 15);
	assert_int_equal(explain.step_count, 0);
	assert_int_equal(explain.between_ns, 10);
	expect_sum(&explain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(calls_of_one_process_for_one_purpose_are_one_step),
		TEST(the_programs_own_time_is_told_apart),
		TEST(a_failure_names_the_call_that_refused),
		TEST(nothing_at_all_is_no_step),
	};

	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
