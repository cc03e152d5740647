/* tests/test_enclosure_guard.c - what learners may say where our own code runs. */
#include "runtime/enclosure_guard.h"

#include <errno.h>
#include <stdlib.h>

#include "runtime/base/err.h"
#include "shell/cmd.h"
#include "shell/env.h"
#include "shell/shell.h"
#include "tests/test.h"

static const char *const closed[] = { "LD_PRELOAD",   "LD_LIBRARY_PATH",
				      "OPENSSL_CONF", "GCONV_PATH",
				      "LANGUAGE",     "LC_ALL",
				      "PATH",	      "DOCKERSHELL_SERVED" };
static const char *const open[] = { "FOO", "PATHS", "LANGUAGES", "MY_LD_X" };

static void what_loads_programs_is_for_sh_alone(void **state)
{
	struct shell shell;

	(void)state;
	shell_init(&shell);
	assert_true(guard_env("LD_PRELOAD"));
	guard_set("/nowhere", NULL);
	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
		assert_false(guard_env(closed[i]));
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		assert_true(guard_env(open[i]));
	env_set(&shell, "FOO", "bar");
	env_set(&shell, "LD_PRELOAD", "it's mine");
	assert_string_equal(getenv("FOO"), "bar");
	assert_null(getenv("LD_PRELOAD"));
	assert_string_equal(shell.kept, "export LD_PRELOAD='it'\\''s mine'\n");
	env_set(&shell, "PATH", NULL);
	assert_non_null(getenv("PATH"));
	shell_done(&shell);
}

static void expect_path(struct scratch *scratch, const char *path, int expected)
{
	char *full = scratch_path(scratch, path);
	struct err err = { 0 };

	scratch_mkdir(scratch, path);
	assert_int_equal(guard_path(full, true, &err), expected);
	free(full);
}

static void of_the_home_only_volumes_may_be_named(void **state)
{
	struct scratch *scratch = *state;
	char *home = scratch_path(scratch, "home");
	char *work = scratch_path(scratch, "home/lessons/worlds/w/work");

	guard_set(home, work);
	expect_path(scratch, "home/volumes/v/_data", 0);
	expect_path(scratch, "home/lessons/worlds/w/volumes/v/_data/d", 0);
	expect_path(scratch, "home/lessons/worlds/w/work/d", 0);
	expect_path(scratch, "homes", 0);
	expect_path(scratch, "home/volumes/v", -EPERM);
	expect_path(scratch, "home/volumes", -EPERM);
	expect_path(scratch, "home/lessons/worlds/w", -EPERM);
	expect_path(scratch, "home/layers/1/diff/volumes/v/_data", -EPERM);
	expect_path(scratch, "home/volumes/v/x/volumes/v/_data", -EPERM);
	free(work);
	free(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_loads_programs_is_for_sh_alone),
		TEST_IN_SCRATCH(of_the_home_only_volumes_may_be_named),
	};

	return cmocka_run_group_tests_name("enclosure_guard", tests, NULL, NULL);
}
