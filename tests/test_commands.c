/* tests/test_commands.c - the script that is handed in: read whole, or refused by line. */
#include "lessons/commands.h"

#include <errno.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "tests/test.h"

static bool open_quote(const char *text)
{
	size_t quotes = 0;

	for (; *text; text++)
		quotes += *text == '\'';
	return quotes % 2;
}

static void a_script_tells_steps_files_and_how_lines_ended(void **state)
{
	static const char text[] =
		"# lesson diff\n# seed 7c\n\n"
		"run a\r\n"
		"# step one\n"
		"# 2026-11-26T01:49:34Z exit 130, 2500 ms\n"
		"logs -f a\n"
		"# file "
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
		" a b/c\n"
		"# gone x\n"
		"echo 'two\n# lines'\n"
		"# file short x\n";
	OWN_COMMANDS struct commands all = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_ok(commands_parse(text, strlen(text), open_quote, &all, &err),
		  &err);
	assert_int_equal(all.count, 5);
	assert_true(all.steps && all.history);
	assert_string_equal(all.items[0].text, "run a");
	assert_string_equal(all.items[0].step, "");
	assert_int_equal(all.items[0].status, -1);
	assert_string_equal(all.items[1].step, "one");
	assert_int_equal(all.items[1].status, 130);
	assert_int_equal(all.items[1].ms, 2500);
	assert_int_equal(all.items[2].kind, COMMAND_FILE);
	assert_string_equal(all.items[2].text, "a b/c");
	assert_int_equal(all.items[3].kind, COMMAND_GONE);
	assert_string_equal(all.items[4].text, "echo 'two\n# lines'");
	assert_int_equal(all.items[4].number, 10);
	assert_int_equal(commands_seed(text), 0x7c);
}

static void what_is_no_script_says_in_which_line(void **state)
{
	OWN_COMMANDS struct commands all = { 0 };
	OWN_BUF struct buf large = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(commands_parse("run a\nrun \xff\n", 12, NULL, &all,
					&err),
			 -EINVAL);
	assert_non_null(strstr(err.msg, "line 2"));
	assert_int_equal(commands_parse("a\0b", 3, NULL, &all, &err), -EINVAL);
	for (int i = 0; i < COMMANDS_MOST + 2; i++)
		buf_str(&large, "a\n");
	assert_int_equal(commands_parse(buf_text(&large), large.len, NULL,
					&all, &err),
			 -EFBIG);
	buf_clear(&large);
	for (int i = 0; i < COMMAND_MOST_BYTES + 1; i++)
		buf_char(&large, 'a');
	assert_int_equal(commands_parse(buf_text(&large), large.len, NULL,
					&all, &err),
			 -EFBIG);
	assert_int_equal(all.count, 0);
	assert_ok(commands_parse("", 0, NULL, &all, &err), &err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_script_tells_steps_files_and_how_lines_ended),
		TEST(what_is_no_script_says_in_which_line),
	};

	return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
