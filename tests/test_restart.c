/* tests/test_restart.c - the rules of restart policies, without a container. */
#include "runtime/restart.h"

#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "runtime/spec.h"
#include "tests/test.h"

/* Whether a container with that policy comes back. */
static bool comes_back(const char *policy, int max, int count, int exit_code,
		       bool asked)
{
	OWN_SPEC struct spec spec;
	struct restart restart = { 0 };
	const struct restart_end end = { count, exit_code, 5, asked };
	int64_t delay_ms = 0;

	spec_init(&spec);
	spec.restart_policy = mem_str(policy);
	spec.restart_max = max;
	return restart_is_due(&restart, &spec, &end, &delay_ms);
}

static void without_a_policy_nothing_comes_back(void **state)
{
	(void)state;
	assert_false(comes_back(NULL, 0, 0, 1, false));
	assert_false(comes_back("no", 0, 0, 1, false));
}

static void always_comes_back_unless_it_was_asked_to_end(void **state)
{
	(void)state;
	assert_true(comes_back("always", 0, 100, 0, false));
	assert_true(comes_back("unless-stopped", 0, 100, 0, false));
	assert_false(comes_back("always", 0, 0, 0, true));
	assert_false(comes_back("unless-stopped", 0, 0, 137, true));
}

static void on_failure_comes_back_after_failures_and_not_too_often(void **state)
{
	(void)state;
	assert_true(comes_back("on-failure", 0, 1000, 1, false));
	assert_false(comes_back("on-failure", 0, 0, 0, false));
	assert_true(comes_back("on-failure", 3, 2, 1, false));
	assert_false(comes_back("on-failure", 3, 3, 1, false));
}

static void waits_twice_as_long_each_time_and_a_minute_at_most(void **state)
{
	static const int64_t delays[] = { 100,	 200,	400,   800,   1600,
					  3200,	 6400,	12800, 25600, 51200,
					  60000, 60000 };
	OWN_SPEC struct spec spec;
	struct restart restart = { 0 };
	struct restart_end end;
	int64_t delay_ms = 0;

	(void)state;
	spec_init(&spec);
	spec.restart_policy = mem_str("always");
	for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		end = (struct restart_end){ (int)i, 0, 9999, false };
		assert_true(restart_is_due(&restart, &spec, &end, &delay_ms));
		assert_int_equal(delay_ms, delays[i]);
	}
	/* Ten seconds of running and all is forgiven. */
	end.ran_ms = 10000;
	assert_true(restart_is_due(&restart, &spec, &end, &delay_ms));
	assert_int_equal(delay_ms, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_policy_nothing_comes_back),
		TEST(always_comes_back_unless_it_was_asked_to_end),
		TEST(on_failure_comes_back_after_failures_and_not_too_often),
		TEST(waits_twice_as_long_each_time_and_a_minute_at_most),
	};

	return cmocka_run_group_tests_name("restart", tests, NULL, NULL);
}
