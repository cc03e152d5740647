/* tests/test_build.c - stages, and which ARG is seen where; what builds give is shown
 * by the recorded answers of Docker and by tests/cli/build.bats. */
#include <errno.h>
#include <string.h>

#include "images/build_private.h"
#include "tests/test.h"

/* ---- ARG ---- */

static void shows(const struct build_args *args, const char *env,
		  const char *want)
{
	OWN_STRS struct strs given = { 0 };
	OWN_STRS struct strs list = { 0 };
	OWN_FREE char *text = NULL;

	if (env)
		strs_add(&given, env);
	build_args_list(args, &given, &list);
	text = strs_join(&list, " ");
	assert_string_equal(text, want);
}

static void an_arg_is_seen_in_its_stage_from_its_line_on(void **state)
{
	OWN_STRS struct strs given = { 0 };
	struct build_args args;

	(void)state;
	strs_add(&given, "WHO=you");
	build_args_init(&args, &given);
	shows(&args, NULL, "");
	build_args_declare(&args, "WHO", "world");
	build_args_declare(&args, "X", NULL);
	build_args_declare(&args, "Y", "1");
	shows(&args, NULL, "WHO=you Y=1");
	shows(&args, "Y=env", "WHO=you"); /* ENV goes first */
	build_args_begin(&args);
	shows(&args, NULL, "");
	build_args_done(&args);
}

static void a_global_arg_is_from_s_until_a_stage_asks_for_it(void **state)
{
	OWN_STRS struct strs from = { 0 };
	struct build_args args;

	(void)state;
	build_args_init(&args, NULL);
	build_args_declare_global(&args, "BASE", "busybox");
	build_args_list_global(&args, &from);
	assert_int_equal(from.count, 1);
	assert_string_equal(from.items[0], "BASE=busybox");
	shows(&args, NULL, "");
	build_args_declare(&args, "BASE", NULL);
	shows(&args, NULL, "BASE=busybox");
	build_args_done(&args);
}

static void a_proxy_needs_no_arg_and_leaves_no_trace(void **state)
{
	OWN_STRS struct strs given = { 0 };
	OWN_STRS struct strs unused = { 0 };
	struct build_args args;

	(void)state;
	strs_add(&given, "http_proxy=p");
	strs_add(&given, "OTHER=1");
	build_args_init(&args, &given);
	shows(&args, NULL, "http_proxy=p");
	assert_false(build_args_counts(&args, "http_proxy=p"));
	build_args_declare(&args, "http_proxy", NULL);
	assert_true(build_args_counts(&args, "http_proxy=p"));
	build_args_unused(&args, &unused);
	assert_int_equal(unused.count, 1);
	assert_string_equal(unused.items[0], "OTHER");
	build_args_done(&args);
}

/* ---- stages ---- */

static int plan_of(const char *text, const char *target,
		   struct dockerfile *file, struct build_plan *plan,
		   struct err *err)
{
	const struct build_choice choice = { .file = file, .target = target };

	assert_int_equal(dockerfile_parse(text, strlen(text), file, err), 0);
	return build_plan_make(&choice, plan, err);
}

static void stages_have_names_and_numbers_and_end_at_the_target(void **state)
{
	static const char text[] = "ARG A=1\nFROM a AS One\nRUN x\nFROM b\nRUN y\n"
				   "RUN z\nFROM c AS last\n";
	OWN_DOCKERFILE struct dockerfile file = { 0 };
	struct build_plan plan = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(plan_of(text, NULL, &file, &plan, &err), 0);
	assert_int_equal(plan.count, 3);
	assert_int_equal(plan.globals, 1);
	assert_int_equal(plan.steps, 7);
	assert_int_equal(build_plan_find(&plan, 3, "ONE"), 0);
	assert_int_equal(build_plan_find(&plan, 3, "1"), 1);
	assert_int_equal(build_plan_find(&plan, 2, "last"), -1);
	build_plan_done(&plan);
	dockerfile_done(&file);
	assert_int_equal(plan_of(text, "one", &file, &plan, &err), 0);
	assert_int_equal(plan.count, 1);
	assert_int_equal(plan.steps, 3);
	build_plan_done(&plan);
}

static void a_target_that_is_none_is_told_of_with_those_that_are(void **state)
{
	OWN_DOCKERFILE struct dockerfile file = { 0 };
	struct build_plan plan = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(plan_of("FROM a AS one\n", "two", &file, &plan, &err),
			 -EINVAL);
	assert_string_equal(err.msg,
			    "failed to reach build target two in Dockerfile");
	assert_string_equal(err.hint, "its stages are: one");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_arg_is_seen_in_its_stage_from_its_line_on),
		cmocka_unit_test(a_global_arg_is_from_s_until_a_stage_asks_for_it),
		cmocka_unit_test(a_proxy_needs_no_arg_and_leaves_no_trace),
		cmocka_unit_test(stages_have_names_and_numbers_and_end_at_the_target),
		cmocka_unit_test(a_target_that_is_none_is_told_of_with_those_that_are),
	};

	return cmocka_run_group_tests_name("build", tests, NULL, NULL);
}
