/* tests/test_suggest.c - the command that was meant, more often than not. */
#include "runtime/base/suggest.h"

#include <string.h>

#include "shell/commands.h"
#include "tests/test.h"

static void counts_slips(void **state)
{
	(void)state;
	assert_int_equal(suggest_distance("run", "run", 3), 0);
	assert_int_equal(suggest_distance("rnu", "run", 3), 1);
	assert_int_equal(suggest_distance("rn", "run", 3), 1);
	assert_int_equal(suggest_distance("runn", "run", 3), 1);
	assert_int_equal(suggest_distance("", "run", 3), 3);
	assert_int_equal(suggest_distance("images", "run", 2), 3);
}

static void finds_the_command_that_was_meant(void **state)
{
	static const struct {
		const char *typed;
		const char *meant;
	} slips[] = {
		{ "rnu", "run" },     { "rn", "run" },	   { "runn", "run" },
		{ "hepl", "help" },   { "hlep", "help" },  { "sotp", "stop" },
		{ "stpo", "stop" },   { "strat", "start" }, { "statr", "start" },
		{ "lgos", "logs" },   { "exi", "exit" },   { "versoin", "version" },
		{ "dif", "diff" },    { "dff", "diff" },   { "psa", "ps" },
		{ "log", "logs" },    { "jbos", "jobs" },  { "lnag", "lang" },
		{ "edti", "edit" },   { "verison", "version" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		const char *found = command_nearest(NULL, slips[i].typed);

		assert_non_null(found);
		assert_string_equal(found, slips[i].meant);
	}
}

static void says_nothing_where_nothing_is_near(void **state)
{
	(void)state;
	assert_null(command_nearest(NULL, "kubernetes"));
	assert_null(command_nearest(NULL, "x"));
	assert_null(command_nearest(NULL, "zzz"));
}

static void looks_among_the_commands_of_a_group(void **state)
{
	(void)state;
	assert_string_equal(command_nearest("container", "sl"), "ls");
	assert_string_equal(command_nearest("container", "strt"), "start");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(counts_slips),
		TEST(finds_the_command_that_was_meant),
		TEST(says_nothing_where_nothing_is_near),
		TEST(looks_among_the_commands_of_a_group),
	};

	return cmocka_run_group_tests_name("suggest", tests, NULL, NULL);
}
