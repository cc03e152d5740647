/* tests/test_report.c - reports are read by those they are for (tests/report/check
 * reads all of them), whatever a submission has said. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lessons/clean.h"
#include "lessons/graded.h"
#include "lessons/report.h"
#include "lessons/tally.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "tests/test.h"

/* ---- what is reported ---- */

static struct graded_test *add(struct graded *graded, const char *step,
			       const char *goal, enum graded_status status)
{
	struct graded_test *test = graded_add(graded);
	bool first = graded->tests_count == 1;
	const struct graded_test *before = first ? NULL : test - 1;
	bool same = before && strcmp(before->step, step) == 0;

	test->id = mem_fmt("%s/%s", step, goal);
	test->step = mem_str(step);
	test->step_title = mem_fmt("Step %s", step);
	test->step_number = first ? 1 : before->step_number + !same;
	test->goal_number = same ? before->goal_number + 1 : 1;
	test->title = mem_fmt("goal %s is there", goal);
	test->status = status;
	test->max = 2;
	test->score = status == GRADED_PASS ? 2 : 0;
	test->duration_ns = 1234567890;
	return test;
}

static void fill_head(struct graded *graded, const char *name)
{
	graded->lesson = mem_str("ports");
	graded->title = mem_str("Ports and how they are published");
	graded->version = mem_str("sha256:0123456789abcdef");
	graded->seed = UINT64_MAX;
	graded->lang = mem_str("en");
	graded->submission = mem_str(name);
	graded->started_ns = 1764150000LL * 1000000000;
	graded->duration_ns = 12345678901;
}

/* One goal of each status. */
static void fill(struct graded *graded, const char *name)
{
	struct graded_test *test;

	fill_head(graded, name);
	add(graded, "build", "img", GRADED_PASS);
	test = add(graded, "build", "serves", GRADED_FAIL);
	test->expected = mem_str("port 8123");
	test->actual = mem_str("none");
	test->message = mem_str("port 8123 is not published");
	test->reason = mem_str("port_not_published");
	test->hint = mem_str("docker ps");
	graded_set_log(test, "hello\n", 6);
	test = add(graded, "build", "after", GRADED_SKIPPED);
	strs_add(&test->after, "serves");
	test = add(graded, "run", "slow", GRADED_TIMEOUT);
	test->message = mem_str("waited for a line in the log");
	test = add(graded, "run", "secret", GRADED_FAIL);
	test->visibility = GRADED_HIDDEN;
	test->title = mem_str("the secret title");
	test->expected = mem_str("the secret value");
	test->actual = mem_str("another value");
	test->message = mem_str("the secret reason");
	graded_set_log(test, "secret log", 10);
}

#define NASTY \
	"\033[2J\033]0;pwned\007# \\ ]]> <script>alert(1)</script> & " \
	"\"quoted\" 'single' ok 1 - forged\nnot ok 9\n...\n---\r\n" \
	"=HYPERLINK(\"http://x\") \xff\xfe \xc2\x9b" \
	"31m \xe2\x80\xae" \
	"turned \x01\x7f \xef\xbf\xbf end"

static void replace(char **text, const char *with)
{
	free(*text);
	*text = mem_str(with);
}

static void fill_nasty(struct graded *graded)
{
	fill(graded, "=cmd|' /C calc'!A0");
	replace(&graded->title, NASTY);
	replace(&graded->student, "@SUM(1+1)\"" NASTY);
	replace(&graded->note, NASTY);
	strs_add(&graded->remarks, NASTY);
	for (size_t i = 0; i < graded->tests_count; i++) {
		struct graded_test *test = &graded->tests[i];

		replace(&test->title, NASTY);
		replace(&test->step_title, "# " NASTY);
		replace(&test->message, NASTY);
		replace(&test->reason, NASTY);
		replace(&test->expected, NASTY);
		replace(&test->actual, NASTY);
		replace(&test->hint, NASTY);
		graded_set_log(test, NASTY "\0x", sizeof(NASTY "\0x") - 1);
	}
}

static char *variable(const char *name)
{
	static const char *const values[][2] = {
		{ "CLASSROOM", "cs1" },
		{ "ASSIGNMENT", "ports" },
		{ "OWNER", "ann" },
		{ "SUBMISSION_TAG", "submit/2026-11-26T01-00-00Z-abc" },
		{ "COMMIT_URL", "https://example.org/commit/abc" },
		{ "RELEASE_URL", "https://example.org/release/abc" },
	};
	static char copy[64];

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		if (strcmp(values[i][0], name) == 0) {
			(void)snprintf(copy, sizeof(copy), "%s", values[i][1]);
			return copy;
		}
	}
	return NULL;
}

static const struct report_env usual = {
	.lang = "en",
	.now_ns = 1764150060LL * 1000000000,
	.variable = variable,
};

static char *write_report(enum report_format format, const struct gradeds *many,
			  const struct report_env *env)
{
	OWN_BUF struct buf out = { 0 };
	struct err err = { 0 };

	assert_ok(
		report_write(format, many->items, many->count, env, &out, &err),
		&err);
	return buf_give(&out);
}

/* Writes every format that holds them, as FORMAT-what. */
static void write_all(struct scratch *scratch, const char *what,
		      const struct gradeds *many, const struct report_env *env)
{
	for (unsigned i = 0; i < REPORT_FORMATS; i++) {
		enum report_format format = (enum report_format)i;
		OWN_FREE char *path =
			mem_fmt("%s-%s", report_name(format), what);
		OWN_FREE char *text = NULL;

		if (many->count != 1 && !report_takes_many(format))
			continue;
		text = write_report(format, many, env);
		scratch_write(scratch, path, text);
	}
}

static void assert_read(struct scratch *scratch)
{
	OWN_FREE char *line = mem_fmt(
		"python3 tests/report/check '%s'/*-* 1>&2", scratch->path);

	need_program("python3");
	assert_int_equal(test_shell(line), 0);
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' is in:\n%s", part, text);
}

/* ---- each is read by its reader ---- */

static void every_format_is_read_whatever_a_submission_has_said(void **state)
{
	static const struct report_similar similar = { "ann", NASTY, 97,
						       NASTY };
	struct scratch *scratch = *state;
	struct gradeds one = { 0 };
	struct gradeds nasty = { 0 };
	struct gradeds none = { 0 };
	struct gradeds class = { 0 };
	OWN_STRS struct strs missing = { 0 };
	struct report_env env = usual;

	fill(gradeds_add(&one), "ann");
	fill_nasty(gradeds_add(&nasty));
	write_all(scratch, "one", &one, &usual);
	write_all(scratch, "nasty", &nasty, &usual);
	fill_head(gradeds_add(&none), "ann");
	none.items[0].state = GRADED_NOT;
	none.items[0].fault = GRADED_FAULT_GRADER;
	none.items[0].note = mem_str("no user namespaces here");
	write_all(scratch, "none", &none, &usual);
	fill(gradeds_add(&class), "ann");
	fill_nasty(gradeds_add(&class));
	fill_head(gradeds_add(&class), "cut");
	class.items[2].state = GRADED_CUT;
	strs_add(&missing, NASTY);
	env.missing = &missing;
	env.similar = &similar;
	env.similar_count = 1;
	env.took_ns = 5000000000;
	write_all(scratch, "class", &class, &env);
	env.missing = NULL;
	write_all(scratch, "nobody", &(struct gradeds){ 0 }, &env);
	assert_read(scratch);
	gradeds_done(&one);
	gradeds_done(&nasty);
	gradeds_done(&none);
	gradeds_done(&class);
}

/* Perl's reader knows 13, of which 14 is an extension; subtests are comments to
 * it. */
static void a_tap_harness_sees_the_steps(void **state)
{
	struct scratch *scratch = *state;
	struct gradeds one = { 0 };
	OWN_FREE char *tap = NULL;
	OWN_FREE char *line = NULL;

	fill(gradeds_add(&one), "ann");
	tap = write_report(REPORT_TAP, &one, &usual);
	assert_has(tap, "TAP version 14\n1..2\n# Subtest: Step build\n"
			"    1..3\n    ok 1 - goal img is there\n");
	assert_has(tap, "    ok 3 - goal after is there # SKIP ");
	assert_has(tap, "\nnot ok 2 - Step run\n");
	assert_has(tap, "      expected: \"port 8123\"\n");
	assert_true(report_is_strict(REPORT_TAP));
	gradeds_done(&one);
	if (test_shell("command -v prove >/dev/null") != 0)
		return;
	scratch_write(scratch, "x.tap", tap + strlen("TAP version 14\n"));
	line = mem_fmt("cd '%s' && prove -e cat x.tap 2>&1 | "
		       "grep -q 'Failed 2/2 subtests'",
		       scratch->path);
	assert_int_equal(test_shell(line), 0);
}

/* ---- cleaning ---- */

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
	struct graded_test test = { 0 };
	char *log = mem_alloc(LONG);

	(void)state;
	memset(log, 'x', LONG);
	memcpy(log + LONG - 5, "\0end\n", 5);
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

static void exercism_gets_500_characters_of_output(void **state)
{
	struct gradeds one = { 0 };
	OWN_BUF struct buf log = { 0 };
	OWN_FREE char *text = NULL;
	json_t *json;
	json_t *output;

	(void)state;
	fill(gradeds_add(&one), "ann");
	for (int i = 0; i < 700; i++)
		buf_str(&log, "あ");
	graded_set_log(&one.items[0].tests[0], buf_text(&log), log.len);
	text = write_report(REPORT_EXERCISM, &one, &usual);
	json = json_loads(text, 0, NULL);
	output = json_object_get(
		json_array_get(json_object_get(json, "tests"), 0), "output");
	assert_has(json_string_value(output), "left out");
	assert_int_equal(clean_width(json_string_value(output)) -
				 (int)strlen("\n[the rest is left out]"),
			 2 * (500 - (int)strlen("\n[the rest is left out]")));
	json_decref(json);
	gradeds_done(&one);
}

/* ---- who may know what ---- */

static void a_hidden_goal_tells_students_nothing(void **state)
{
	struct gradeds one = { 0 };
	struct report_env env = usual;

	(void)state;
	fill(gradeds_add(&one), "ann");
	env.student = true;
	for (unsigned i = 0; i < REPORT_FORMATS; i++) {
		enum report_format format = (enum report_format)i;
		bool anyway = format == REPORT_CLASSROOM50 ||
			      format == REPORT_CHECK50 ||
			      format == REPORT_EXERCISM;
		OWN_FREE char *text = NULL;
		OWN_FREE char *open = NULL;

		if (format == REPORT_JSON || format == REPORT_LEGACY ||
		    format == REPORT_GRADESCOPE)
			continue; /* all; base64; keeps them back itself */
		text = write_report(format, &one, &env);
		assert_lacks(text, "secret value");
		assert_lacks(text, "secret title");
		assert_lacks(text, "secret reason");
		assert_lacks(text, "secret log");
		open = write_report(format, &one, &usual);
		if (anyway)
			assert_lacks(open, "secret value");
		else if (format != REPORT_CSV)
			assert_has(open, "secret value");
	}
	gradeds_done(&one);
}

static void gradescope_hides_the_goal_by_its_own_means(void **state)
{
	struct gradeds one = { 0 };
	OWN_FREE char *text = NULL;

	(void)state;
	fill(gradeds_add(&one), "ann");
	text = write_report(REPORT_GRADESCOPE, &one, &usual);
	assert_has(text, "\"visibility\": \"hidden\"");
	assert_has(text, "\"number\": \"2.2\"");
	assert_has(text, "the secret value");
	gradeds_done(&one);
}

/* ---- whose fault ---- */

static void a_fault_of_the_graders_is_no_zero(void **state)
{
	struct gradeds one = { 0 };
	OWN_FREE char *gradescope = NULL;
	OWN_FREE char *classroom = NULL;
	OWN_FREE char *csv = NULL;
	OWN_FREE char *tap = NULL;
	OWN_FREE char *check50 = NULL;

	(void)state;
	fill(gradeds_add(&one), "ann");
	one.items[0].tests[1].status = GRADED_ERROR;
	assert_false(graded_counts(&one.items[0]));
	gradescope = write_report(REPORT_GRADESCOPE, &one, &usual);
	/* Of five goals the one in error has no points to lose. */
	assert_has(gradescope, "\"score\": 0,\n      \"max_score\": 0,");
	assert_has(gradescope, "grader's fault");
	classroom = write_report(REPORT_CLASSROOM50, &one, &usual);
	assert_has(classroom, "\"max-score\": 0,\n  \"tests\": []");
	csv = write_report(REPORT_CSV, &one, &usual);
	assert_has(csv, "\"ann\",,,,,,,,\"ann\",\"not graded\",1,1,1,1,1,");
	check50 = write_report(REPORT_CHECK50, &one, &usual);
	assert_has(check50, "\"passed\": null");
	one.items[0].fault = GRADED_FAULT_GRADER;
	replace(&one.items[0].note, "no # namespaces");
	tap = write_report(REPORT_TAP, &one, &usual);
	assert_string_equal(tap, "TAP version 14\nBail out! could not be "
				 "graded; the grader's fault: no \\# "
				 "namespaces\n");
	gradeds_done(&one);
}

static void classroom50_without_its_environment_is_refused(void **state)
{
	struct gradeds one = { 0 };
	struct report_env env = { 0 };
	OWN_BUF struct buf out = { 0 };
	struct err err = { 0 };

	(void)state;
	fill(gradeds_add(&one), "ann");
	assert_int_equal(report_write(REPORT_CLASSROOM50, one.items, 1, &env,
				      &out, &err),
			 -EINVAL);
	assert_has(err.msg, "$CLASSROOM");
	assert_int_equal(out.len, 0);
	gradeds_done(&one);
}

static void what_holds_one_refuses_a_class(void **state)
{
	struct gradeds two = { 0 };
	OWN_BUF struct buf out = { 0 };
	struct err err = { 0 };
	enum report_format format;

	(void)state;
	fill(gradeds_add(&two), "ann");
	fill(gradeds_add(&two), "bob");
	assert_int_equal(report_write(REPORT_GRADESCOPE, two.items, 2, &usual,
				      &out, &err),
			 -EINVAL);
	assert_int_equal(report_find("xml", &format, &err), -EINVAL);
	assert_has(err.hint, "junit");
	assert_int_equal(report_find("tap", &format, &err), 0);
	assert_int_equal(format, REPORT_TAP);
	gradeds_done(&two);
}

/* ---- our own, back again ---- */

static void our_own_json_comes_back_as_it_was(void **state)
{
	struct gradeds one = { 0 };
	struct gradeds back = { 0 };
	OWN_FREE char *text = NULL;
	OWN_FREE char *again = NULL;
	struct err err = { 0 };

	(void)state;
	fill(gradeds_add(&one), "ann");
	strs_add(&one.items[0].remarks, "the record was changed");
	strs_add(&one.items[0].lines, "docker ps");
	text = write_report(REPORT_JSON, &one, &usual);
	assert_ok(gradeds_read(text, strlen(text), "x.json", &back, &err),
		  &err);
	again = write_report(REPORT_JSON, &back, &usual);
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
		"{\"schema\":\"dockershell/graded/v1\",\"submissions\":[{"
		"\"submission\":\"a\",\"tests\":[{\"id\":\"x\",\"status\":"
		"\"perfect\"}]}]}",
		"{\"schema\":\"dockershell/graded/v1\",\"submissions\":[{"
		"\"submission\":\"a\",\"tests\":[{\"id\":\"x\",\"score\":3,"
		"\"max\":2}]}]}",
		"{\"schema\":\"dockershell/graded/v1\",\"submissions\":[{"
		"\"submission\":\"a\",\"seed\":\"-1\"}]}",
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

/* ---- a class ---- */

static void the_goal_that_failed_most_comes_first(void **state)
{
	struct gradeds class = { 0 };
	struct tally tally = { 0 };
	OWN_FREE char *page = NULL;

	(void)state;
	for (int i = 0; i < 3; i++)
		fill(gradeds_add(&class), i == 0 ? "ann" : "bob");
	/* The same reason in other words; another one; a fault of ours. */
	replace(&class.items[1].tests[1].message, "ポートが公開されていません");
	replace(&class.items[2].tests[4].reason, "another");
	fill(gradeds_add(&class), "eve");
	class.items[3].tests[1].status = GRADED_ERROR;
	tally_count(class.items, class.count, &tally);
	assert_int_equal(tally.graded, 3);
	assert_int_equal(tally.count, 5);
	assert_string_equal(tally.by_failures[0]->id, "build/serves");
	assert_int_equal(tally.by_failures[0]->failed, 3);
	assert_int_equal(tally.by_failures[0]->messages_count, 1);
	assert_int_equal(tally.by_failures[0]->messages[0].count, 3);
	assert_int_equal(tally.median_ns, 12345678901);
	page = write_report(REPORT_HTML, &class, &usual);
	assert_has(page, "<li>3 × port 8123 is not published "
			 "<code>port_not_published</code></li>");
	tally_done(&tally);
	gradeds_done(&class);
}

static void the_terminal_gets_no_line_wider_than_it_is(void **state)
{
	struct gradeds class = { 0 };
	struct report_env env = usual;

	(void)state;
	fill(gradeds_add(&class), "ann");
	fill_nasty(gradeds_add(&class));
	replace(&class.items[0].student,
		"a name that is a good deal longer than names ought to be");
	for (env.columns = 60; env.columns <= 80; env.columns += 20) {
		for (size_t count = 1; count <= 2; count++) {
			struct gradeds some = { class.items, count };
			OWN_FREE char *text =
				write_report(REPORT_TEXT, &some, &env);
			OWN_STRS struct strs lines = { 0 };

			strs_split(&lines, text, '\n');
			for (size_t i = 0; i < lines.count; i++) {
				if (clean_width(lines.items[i]) > env.columns)
					fail_msg("%s", lines.items[i]);
			}
		}
	}
	gradeds_done(&class);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(
			every_format_is_read_whatever_a_submission_has_said),
		TEST_IN_SCRATCH(a_tap_harness_sees_the_steps),
		TEST(escapes_and_controls_are_taken_out),
		TEST(a_long_log_keeps_its_end_and_says_so),
		TEST(exercism_gets_500_characters_of_output),
		TEST(a_hidden_goal_tells_students_nothing),
		TEST(gradescope_hides_the_goal_by_its_own_means),
		TEST(a_fault_of_the_graders_is_no_zero),
		TEST(classroom50_without_its_environment_is_refused),
		TEST(what_holds_one_refuses_a_class),
		TEST(our_own_json_comes_back_as_it_was),
		TEST(damaged_json_is_refused_by_name),
		TEST(the_goal_that_failed_most_comes_first),
		TEST(the_terminal_gets_no_line_wider_than_it_is),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
