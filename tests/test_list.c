/* tests/test_list.c - lists of strings, and environments among them. */
#include "runtime/base/list.h"

#include <stdlib.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "tests/test.h"

static void is_ready_for_execve_at_any_time(void **state)
{
	OWN_STRS struct strs strs = { 0 };

	(void)state;
	assert_null(strs_vector(&strs)[0]);
	for (int i = 0; i < 100; i++) {
		strs_addf(&strs, "%d", i);
		assert_null(strs.items[strs.count]);
	}
	assert_string_equal(strs_vector(&strs)[99], "99");
	strs_clear(&strs);
	assert_null(strs_vector(&strs)[0]);
}

static void removing_moves_the_rest_up(void **state)
{
	OWN_STRS struct strs strs = { 0 };
	OWN_FREE char *text = NULL;

	(void)state;
	strs_split(&strs, "a,b,c", ',');
	strs_remove(&strs, 1);
	text = strs_join(&strs, "+");
	assert_string_equal(text, "a+c");
	strs_remove(&strs, 1);
	strs_remove(&strs, 0);
	assert_int_equal(strs.count, 0);
	assert_null(strs.items[0]);
}

static void splits_what_is_there_and_nothing_else(void **state)
{
	OWN_STRS struct strs none = { 0 };
	OWN_STRS struct strs gaps = { 0 };

	(void)state;
	strs_split(&none, "", ':');
	assert_int_equal(none.count, 0);
	strs_split(&gaps, ":a::b", ':');
	assert_int_equal(gaps.count, 4);
	assert_string_equal(gaps.items[0], "");
	assert_string_equal(gaps.items[3], "b");
}

static void an_assignment_replaces_its_name_where_it_stands(void **state)
{
	OWN_STRS struct strs env = { 0 };
	OWN_FREE char *text = NULL;

	(void)state;
	strs_set_env(&env, "A=1");
	strs_set_env(&env, "AB=2");
	strs_set_env(&env, "A=3=4");
	strs_set_env(&env, "EMPTY=");
	text = strs_join(&env, " ");
	assert_string_equal(text, "A=3=4 AB=2 EMPTY=");
	assert_string_equal(strs_get_env(&env, "A"), "3=4");
	assert_string_equal(strs_get_env(&env, "EMPTY"), "");
	assert_null(strs_get_env(&env, "B"));
}

static void sorts_by_bytes_and_finds_whole_strings(void **state)
{
	OWN_STRS struct strs strs = { 0 };
	OWN_STRS struct strs copy = { 0 };
	OWN_FREE char *text = NULL;

	(void)state;
	strs_sort(&strs); /* nothing to sort is fine */
	strs_split(&strs, "b a B", ' ');
	strs_sort(&strs);
	strs_copy(&copy, &strs);
	text = strs_join(&copy, "");
	assert_string_equal(text, "Bab");
	assert_true(strs_has(&strs, "a"));
	assert_false(strs_has(&strs, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(is_ready_for_execve_at_any_time),
		TEST(removing_moves_the_rest_up),
		TEST(splits_what_is_there_and_nothing_else),
		TEST(an_assignment_replaces_its_name_where_it_stands),
		TEST(sorts_by_bytes_and_finds_whole_strings),
	};

	return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
