/* tests/test_err.c - every failure says what, why and what next. */
#include "runtime/base/err.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "tests/test.h"

static void returns_the_negative_code_and_keeps_the_message(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(err_set(&err, EINVAL, "'%s' is no number", "x"),
			 -EINVAL);
	assert_int_equal(err.code, EINVAL);
	assert_string_equal(err.msg, "'x' is no number");
	assert_string_equal(err.hint, "");
	assert_int_equal(err.voice, ERR_OURS);
}

static void adds_what_the_kernel_said(void **state)
{
	struct err err = { 0 };

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_errno(&err, "open %s", "/x"), -ENOENT);
	assert_string_equal(err.msg, "open /x: No such file or directory");
}

static void a_call_that_set_no_errno_is_an_io_error(void **state)
{
	struct err err = { 0 };

	(void)state;
	errno = 0;
	assert_int_equal(err_errno(&err, "read"), -EIO);
}

static void context_goes_in_front_and_the_hint_stays(void **state)
{
	struct err err = { 0 };

	(void)state;
	(void)err_set(&err, EPERM, "mount proc");
	assert_int_equal(err_hint(&err, "try as root"), -EPERM);
	assert_int_equal(err_wrap(&err, "start '%s'", "hoge"), -EPERM);
	assert_string_equal(err.msg, "start 'hoge': mount proc");
	assert_string_equal(err.hint, "try as root");
}

static void a_new_failure_forgets_the_old_ones_hint_and_status(void **state)
{
	struct err err = { 0 };

	(void)state;
	(void)err_set(&err, EPERM, "a");
	(void)err_hint(&err, "b");
	(void)err_status(&err, 125);
	(void)err_docker(&err, ERR_DAEMON, ENOENT, "No such container: %s",
			 "x");
	assert_string_equal(err.msg, "No such container: x");
	assert_string_equal(err.hint, "");
	assert_int_equal(err.status, 0);
	assert_int_equal(err.voice, ERR_DAEMON);
}

static void a_message_that_is_too_long_is_cut_not_overrun(void **state)
{
	struct err err = { 0 };
	char longer[2 * sizeof(err.msg)];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	(void)err_set(&err, EINVAL, "%s", longer);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	(void)err_wrap(&err, "%s", longer);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	errno = EIO;
	(void)err_errno(&err, "%s", longer);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
}

static void one_write_carries_it_whole(void **state)
{
	(void)state;
	assert_true(sizeof(struct err) < PIPE_BUF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(returns_the_negative_code_and_keeps_the_message),
		TEST(adds_what_the_kernel_said),
		TEST(a_call_that_set_no_errno_is_an_io_error),
		TEST(context_goes_in_front_and_the_hint_stays),
		TEST(a_new_failure_forgets_the_old_ones_hint_and_status),
		TEST(a_message_that_is_too_long_is_cut_not_overrun),
		TEST(one_write_carries_it_whole),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
