/* tests/test_graded.c - what came of grading: cleaned, kept, read back, summed up. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/clean.h"
#include "lessons/graded.h"
#include "lessons/report.h"
#include "lessons/tally.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "tests/sample.h"
#include "tests/test.h"

static void escapes_and_controls_are_taken_out(void **state)
{
	static const struct {
		const char *dirty;
		const char *clean;
	} cases[] = {
		{ "plain\ttab\nline", "plain\ttab\nline" },
		{ "a\033[31mred\033[0mb", "aredb" },
		{ "a\033[?25;1$pb", "ab" },
		{ "a\033]0;title\007b", "ab" },
		{ "a\033]8;;http://x\033\\link\033]8;;\033\\b", "alinkb" },
		{ "a\033P1;2|secret\033\\b", "ab" },
		{ "a\033(Bb\033cc", "abc" },
		{ "a\033", "a" },
		{ "a\033[", "a" },
		{ "a\033\nb", "a\nb" },
		/* Not ended: no more than the introducer goes. */
		{ "a\033]0;all the rest", "a0;all the rest" },
		{ "a\xc2\x9b"
		  "2Jb",
		  "ab" },
		{ "a\xc2\x9d"
		  "0;t\007b",
		  "ab" },
		{ "a\xc2\x85"
		  "b",
		  "ab" },
		{ "10%\r100%\r\ndone", "10%\n100%\ndone" },
		{ "a\bb\x7f\x01"
		  "c",
		  "abc" },
		{ "\xff\xc3(", "\xEF\xBF\xBD\xEF\xBF\xBD(" },
		{ "\xed\xa0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
		/* NOLINTNEXTLINE(misc-misleading-bidirectional) */
		{ "日本\xe2\x80\xae語", "日本語" },
		{ "\xef\xbf\xbe", "\xEF\xBF\xBD" },
		{ NULL, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		OWN_FREE char *clean = clean_dup(cases[i].dirty);

		assert_string_equal(clean, cases[i].clean);
	}
}

static void a_long_log_keeps_its_end_and_says_so(void **state)
{
	enum { LONG = 10 << 20 };
	static const char end[] = { 'e', 'n', 'd', '\n' };
	struct graded_test test = { 0 };
	char *log = mem_alloc(LONG);

	(void)state;
	memset(log, 'x', LONG);
	log[LONG - 5] = 0;
	memcpy(log + LONG - 4, end, sizeof(end));
	graded_set_log(&test, log, LONG);
	assert_true(strlen(test.log) <= GRADED_LOG_MOST);
	assert_int_equal(strncmp(test.log, "[10481664 bytes", 15), 0);
	assert_has(test.log, "\xEF\xBF\xBD"
			     "end\n");
	/* Each byte becomes three: still no more than that, and whole. */
	memset(log, 0xff, LONG);
	graded_set_log(&test, log, LONG);
	assert_true(strlen(test.log) <= GRADED_LOG_MOST);
	assert_has(test.log, "\n\xEF\xBF\xBD");
	graded_set_log(&test, "short", 5);
	assert_string_equal(test.log, "short");
	free(test.log);
	free(log);
}

static void our_own_json_comes_back_as_it_was(void **state)
{
	struct gradeds one = { 0 };
	struct gradeds back = { 0 };
	OWN_FREE char *text = NULL;
	OWN_FREE char *again = NULL;
	struct err err = { 0 };

	(void)state;
	sample_fill(gradeds_add(&one), "ann");
	strs_add(&one.items[0].remarks, "the record was changed");
	strs_add(&one.items[0].lines, "docker ps");
	text = sample_report(REPORT_JSON, &one, &sample_env);
	assert_ok(gradeds_read(text, strlen(text), "x.json", &back, &err),
		  &err);
	again = sample_report(REPORT_JSON, &back, &sample_env);
	assert_string_equal(text, again);
	assert_true(back.items[0].seed == UINT64_MAX);
	assert_int_equal(back.items[0].tests[4].visibility, GRADED_HIDDEN);
	gradeds_done(&one);
	gradeds_done(&back);
}

static void damaged_json_is_refused_by_name(void **state)
{
	static const char *const bad[] = {
		"",
		"{",
		"[]",
		"{\"schema\":\"dockershell/graded/v1\"}",
		"{\"schema\":\"dockershell/graded/v1\",\"submissions\":[{}]}",
		("{\"schema\":\"dockershell/graded/v1\",\"submissions\":[{"
		 "\"submission\":\"a\",\"tests\":[{\"id\":\"x\",\"status\":"
		 "\"perfect\"}]}]}"),
		("{\"schema\":\"dockershell/graded/v1\",\"submissions\":[{"
		 "\"submission\":\"a\",\"tests\":[{\"id\":\"x\",\"score\":3,"
		 "\"max\":2}]}]}"),
		("{\"schema\":\"dockershell/graded/v1\",\"submissions\":[{"
		 "\"submission\":\"a\",\"seed\":\"-1\"}]}"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct gradeds back = { 0 };
		struct err err = { 0 };

		assert_int_equal(gradeds_read(bad[i], strlen(bad[i]),
					      "shard1.json", &back, &err),
				 -EINVAL);
		assert_has(err.msg, "shard1.json");
		assert_int_equal(back.count, 0);
		gradeds_done(&back);
	}
}

static void the_goal_that_failed_most_comes_first(void **state)
{
	struct gradeds class = { 0 };
	struct tally tally = { 0 };
	OWN_FREE char *page = NULL;

	(void)state;
	for (int i = 0; i < 3; i++)
		sample_fill(gradeds_add(&class), i == 0 ? "ann" : "bob");
	/* The same reason in other words; another one; a fault of ours. */
	sample_replace(&class.items[1].tests[1].message,
		       "ポートが公開されていません");
	sample_replace(&class.items[2].tests[4].reason, "another");
	sample_fill(gradeds_add(&class), "eve");
	class.items[3].tests[1].status = GRADED_ERROR;
	tally_count(class.items, class.count, &tally);
	assert_int_equal(tally.graded, 3);
	assert_int_equal(tally.count, 5);
	assert_string_equal(tally.by_failures[0]->id, "build/serves");
	assert_int_equal(tally.by_failures[0]->failed, 3);
	assert_int_equal(tally.by_failures[0]->messages_count, 1);
	assert_int_equal(tally.by_failures[0]->messages[0].count, 3);
	assert_int_equal(tally.median_ns, 12345678901);
	page = sample_report(REPORT_HTML, &class, &sample_env);
	assert_has(page, "<li>3 × port 8123 is not published "
			 "<code>port_not_published</code></li>");
	tally_done(&tally);
	gradeds_done(&class);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(escapes_and_controls_are_taken_out),
		TEST(a_long_log_keeps_its_end_and_says_so),
		TEST(our_own_json_comes_back_as_it_was),
		TEST(damaged_json_is_refused_by_name),
		TEST(the_goal_that_failed_most_comes_first),
	};

	return cmocka_run_group_tests_name("graded", tests, NULL, NULL);
}
