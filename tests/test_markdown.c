/* tests/test_markdown.c - Markdown as a terminal shows it. */
#include "shell/markdown.h"

#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/style.h"
#include "tests/test.h"

static const char *shown(struct buf *out, const char *markdown, int width)
{
	struct markdown_look look = { .width = width, .ascii = true };

	buf_clear(out);
	assert_true(markdown_render(markdown, &look, out));
	return buf_text(out);
}

static void paragraphs_are_wrapped_and_kept_apart(void **state)
{
	OWN_BUF struct buf out = { 0 };

	(void)state;
	assert_string_equal(shown(&out, "one two\nthree four\n\nfive", 10),
			    "one two\nthree four\n\nfive\n");
	assert_string_equal(shown(&out, "one two three", 10),
			    "one two\nthree\n");
}

static void lists_are_indented_and_numbered(void **state)
{
	OWN_BUF struct buf out = { 0 };

	(void)state;
	assert_string_equal(shown(&out, "- a b c d e f\n- g", 12),
			    " - a b c d e\n   f\n - g\n");
	assert_string_equal(shown(&out, "1. a\n2. b\n\nend", 20),
			    " 1. a\n 2. b\n\nend\n");
}

static void code_keeps_its_lines_and_is_marked_without_colour(void **state)
{
	OWN_BUF struct buf out = { 0 };

	(void)state;
	assert_string_equal(shown(&out, "type\n\n    run  a\n    b", 40),
			    "type\n\n    run  a\n    b\n");
	assert_string_equal(shown(&out, "the `ps -a` line", 40),
			    "the `ps -a` line\n");
	assert_string_equal(shown(&out, "> said\n> so", 40), "| said so\n");
}

static void the_mark_behind_code_stays_with_it(void **state)
{
	OWN_BUF struct buf out = { 0 };

	(void)state;
	/* It would be the 21st of 20 columns, in a line or at the end of all. */
	assert_string_equal(shown(&out, "a program of `busybo` is", 20),
			    "a program of\n`busybo` is\n");
	assert_string_equal(shown(&out, "a program of `busybo`", 20),
			    "a program of\n`busybo`\n");
	assert_string_equal(shown(&out, "a program of `busyb` is", 20),
			    "a program of `busyb`\nis\n");
}

static void the_bar_of_a_quote_has_no_gap(void **state)
{
	OWN_BUF struct buf out = { 0 };

	(void)state;
	assert_string_equal(shown(&out, "> type\n>\n>     a\n>\n>     b\n>\n> "
					"- one\n>\n> two\n\nend",
				  40),
			    "| type\n|\n|     a\n|\n|     b\n|\n|  - one\n|\n| "
			    "two\n\nend\n");
}

static void headings_are_underlined(void **state)
{
	OWN_BUF struct buf out = { 0 };

	(void)state;
	assert_string_equal(shown(&out, "# Title\n\ntext", 40),
			    "Title\n-----\n\ntext\n");
}

static void colour_is_used_only_where_it_is_wanted(void **state)
{
	struct markdown_look look = { .width = 40, .color = true };
	OWN_BUF struct buf out = { 0 };

	(void)state;
	assert_true(markdown_render("a **b** `c`", &look, &out));
	assert_string_equal(
		buf_text(&out),
		"a \033[0m\033[1mb\033[0m \033[0m\033[36mc\033[0m\n");
	look.plain = true;
	buf_clear(&out);
	assert_true(markdown_render("a **b** `c`", &look, &out));
	assert_string_equal(buf_text(&out), "a b `c`\n");
}

static void japanese_breaks_anywhere_but_not_before_a_full_stop(void **state)
{
	OWN_BUF struct buf out = { 0 };

	(void)state;
	style_locale();
	if (style_width("あ") != 2)
		skip(); /* no UTF-8 locale on this machine */
	assert_string_equal(shown(&out, "あいうえおか", 20), "あいうえおか\n");
	assert_string_equal(shown(&out, "あいうえおかきくけこさし", 20),
			    "あいうえおかきくけこ\nさし\n");
	/* The full stop would begin the line: its character comes along. */
	assert_string_equal(shown(&out, "あいうえおかきくけこ。さし", 20),
			    "あいうえおかきくけ\nこ。さし\n");
	/* An opening bracket would end it. */
	assert_string_equal(shown(&out, "あいうえおかきくけ「こ」", 20),
			    "あいうえおかきくけ\n「こ」\n");
	/* A line end of the source is no space in Japanese. */
	assert_string_equal(shown(&out, "あい\nうえ", 20), "あいうえ\n");
	assert_string_equal(shown(&out, "あい\nab", 20), "あい ab\n");
	assert_string_equal(shown(&out, "あい。\nab", 20), "あい。ab\n");
}

static void no_line_is_wider_than_the_terminal(void **state)
{
	static const char text[] =
		"コンテナ `hoge` を実行し、終了コード0で終わった。(**A**dded)"
		" supercalifragilisticexpialidocious-and-more-of-it\n\n"
		"> 引用「かぎ括弧」の中。\n\n1. 一つ目の項目は長いので折り返す。\n";
	OWN_BUF struct buf out = { 0 };

	(void)state;
	style_locale();
	for (int width = 20; width <= 60; width++) {
		OWN_STRS struct strs lines = { 0 };

		strs_split(&lines, shown(&out, text, width), '\n');
		for (size_t i = 0; i < lines.count; i++)
			assert_true(style_width(lines.items[i]) <= width);
	}
}

static void odd_input_is_shown_somehow(void **state)
{
	static const char *const texts[] = {
		"",
		"\n\n\n",
		"\xff\xfe",
		"`open",
		"> > > > > > > > > > deep",
		"- - - - - - - - - - - - - - - - - - - - deep",
		"<b>no html</b>",
		"a  \nb",
		"***",
		"[x](y)",
		"&amp; &#x41;",
	};
	OWN_BUF struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		(void)shown(&out, texts[i], 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(paragraphs_are_wrapped_and_kept_apart),
		TEST(lists_are_indented_and_numbered),
		TEST(code_keeps_its_lines_and_is_marked_without_colour),
		TEST(the_mark_behind_code_stays_with_it),
		TEST(the_bar_of_a_quote_has_no_gap),
		TEST(headings_are_underlined),
		TEST(colour_is_used_only_where_it_is_wanted),
		TEST(japanese_breaks_anywhere_but_not_before_a_full_stop),
		TEST(no_line_is_wider_than_the_terminal),
		TEST(odd_input_is_shown_somehow),
	};

	return cmocka_run_group_tests_name("markdown", tests, NULL, NULL);
}
