/* tests/test_style.c - widths, and where lines break. */
#include "shell/style.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "tests/test.h"

static void measures_in_columns(void **state)
{
	(void)state;
	assert_int_equal(style_width("abc"), 3);
	assert_int_equal(style_width("日本"), 4);
	assert_int_equal(style_width("e\u0301"), 1);
	assert_int_equal(style_width("\xff\xfe"), 2);
	assert_int_equal(style_width(""), 0);
	assert_int_equal(style_fit("日本語", 5), strlen("日本"));
	assert_int_equal(style_fit("abc", 10), 3);
}

static void cuts_with_a_sign(void **state)
{
	struct shell plain = { .ascii = true };
	struct shell drawn = { 0 };
	OWN_FREE char *a = style_cut(&plain, "abcdefgh", 6);
	OWN_FREE char *b = style_cut(&drawn, "abcdefgh", 6);
	OWN_FREE char *c = style_cut(&drawn, "日本語です", 6);
	OWN_FREE char *d = style_cut(&drawn, "abc", 3);

	(void)state;
	assert_string_equal(a, "abc...");
	assert_string_equal(b, "abcde…");
	assert_string_equal(c, "日本…");
	assert_string_equal(d, "abc");
}

static void assert_wraps(const char *text, int columns, const char *expected)
{
	OWN_BUF struct buf out = { 0 };

	style_wrap(&out, text, 2, 2, columns);
	assert_string_equal(buf_text(&out), expected);
}

static void breaks_at_spaces(void **state)
{
	(void)state;
	assert_wraps("one two three", 9, "one two\n  three\n");
	assert_wraps("one two", 80, "one two\n");
	assert_wraps("", 80, "\n");
	assert_wraps("a\nb", 80, "a\n  b\n");
	assert_wraps("one\n\ntwo", 80, "one\n\n  two\n");
	assert_wraps("abcdefghij kl", 7, "abcde\n  fghij\n  kl\n");
}

static void breaks_japanese_between_characters(void **state)
{
	(void)state;
	/* 8 columns: four wide characters. */
	assert_wraps("コンテナを作る", 10, "コンテナ\n  を作る\n");
	/* No 。 at the start of a line, no 「 at its end. */
	assert_wraps("コンテナ。次", 10, "コンテ\n  ナ。次\n");
	assert_wraps("あいう「え」", 10, "あいう\n  「え」\n");
	/* A word of Latin letters stays whole. */
	assert_wraps("あい run する", 10, "あい run\n  する\n");
}

static void honours_the_wish_for_no_colour(void **state)
{
	struct shell shell = { .color = true };

	(void)state;
	assert_string_equal(style_off(&shell), "\033[0m");
	shell.color = false;
	assert_string_equal(style_on(&shell, STYLE_BAD), "");
	assert_true(style_wants_color("always", stdout));
	assert_false(style_wants_color("never", stdout));
	setenv("NO_COLOR", "1", 1);
	assert_false(style_wants_color("auto", stdout));
	assert_true(style_wants_color("always", stdout));
}

static void knows_how_wide_the_terminal_is(void **state)
{
	(void)state;
	setenv("COLUMNS", "60", 1);
	assert_int_equal(style_columns(stdout), 60);
	setenv("COLUMNS", "3", 1);
	assert_int_equal(style_columns(stdout), 20);
	setenv("COLUMNS", "many", 1);
	assert_true(style_columns(stdout) >= 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(measures_in_columns),
		TEST(cuts_with_a_sign),
		TEST(breaks_at_spaces),
		TEST(breaks_japanese_between_characters),
		TEST(honours_the_wish_for_no_colour),
		TEST(knows_how_wide_the_terminal_is),
	};

	return cmocka_run_group_tests_name("style", tests, NULL, NULL);
}
