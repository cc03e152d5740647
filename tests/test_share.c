/* tests/test_share.c - the files that come with the program are found. */
#include "runtime/base/share.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/own.h"
#include "tests/test.h"

static void a_program_of_the_build_finds_the_builds_files(void **state)
{
	OWN_FREE char *base = share_file("base/base.json");
	OWN_FREE char *busybox = share_file("base/busybox.tar.gz");

	(void)state;
	assert_int_equal(share_path()[0], '/');
	assert_int_equal(access(base, R_OK), 0);
	assert_int_equal(access(busybox, R_OK), 0);
}

static void the_environment_comes_first(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		/* share_path remembers: no copy of this process asked yet */
		setenv("DOCKERSHELL_SHARE", "/elsewhere", 1);
		_exit(strcmp(share_path(), "/elsewhere") != 0);
	}
	assert_int_equal(child_status(pid), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_environment_comes_first),
		TEST(a_program_of_the_build_finds_the_builds_files),
	};

	return cmocka_run_group_tests_name("share", tests, NULL, NULL);
}
