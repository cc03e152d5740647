/* tests/test_report.c - reports are read by those they are for (tests/report/check
 * reads all of them), whatever a submission has said. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lessons/clean.h"
#include "lessons/graded.h"
#include "lessons/report.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "tests/sample.h"
#include "tests/test.h"

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
		text = sample_report(format, many, env);
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

static void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' is in:\n%s", part, text);
}

/* ---- each is read by its reader ---- */

static void every_format_is_read_whatever_a_submission_has_said(void **state)
{
	static const struct report_similar similar = { "ann", SAMPLE_NASTY, 97,
						       SAMPLE_NASTY };
	struct scratch *scratch = *state;
	struct gradeds one = { 0 };
	struct gradeds nasty = { 0 };
	struct gradeds none = { 0 };
	struct gradeds class = { 0 };
	OWN_STRS struct strs missing = { 0 };
	struct report_env env = sample_env;

	sample_fill(gradeds_add(&one), "ann");
	sample_nasty(gradeds_add(&nasty));
	write_all(scratch, "one", &one, &sample_env);
	write_all(scratch, "nasty", &nasty, &sample_env);
	sample_head(gradeds_add(&none), "ann");
	none.items[0].state = GRADED_NOT;
	none.items[0].fault = GRADED_FAULT_GRADER;
	none.items[0].note = mem_str("no user namespaces here");
	write_all(scratch, "none", &none, &sample_env);
	none.items[0].fault = GRADED_FAULT_SUBMISSION;
	/* NOLINTNEXTLINE(misc-misleading-bidirectional): sample.h */
	sample_replace(&none.items[0].note, "'" SAMPLE_NASTY "' is a link");
	write_all(scratch, "refused", &none, &sample_env);
	sample_fill(gradeds_add(&class), "ann");
	sample_nasty(gradeds_add(&class));
	sample_head(gradeds_add(&class), "cut");
	class.items[2].state = GRADED_CUT;
	strs_add(&missing, SAMPLE_NASTY);
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

static char *of_prove(const char *name)
{
	static char version[] = "13";

	return strcmp(name, "TAP_VERSION") == 0 ? version : NULL;
}

/* Perl's reader knows 13, of which 14 is an extension, and says so; subtests are comments
 * to it. */
static void a_tap_harness_sees_the_steps(void **state)
{
	struct scratch *scratch = *state;
	struct gradeds one = { 0 };
	struct report_env env = sample_env;
	OWN_FREE char *tap = NULL;
	OWN_FREE char *for_prove = NULL;
	OWN_FREE char *line = NULL;

	sample_fill(gradeds_add(&one), "ann");
	tap = sample_report(REPORT_TAP, &one, &sample_env);
	assert_has(tap, "TAP version 14\n1..2\n# Subtest: Step build\n"
			"    1..3\n    ok 1 - goal img is there\n");
	assert_has(tap, "    ok 3 - goal after is there # SKIP ");
	assert_has(tap, "\nnot ok 2 - Step run\n");
	assert_has(tap, "      expected: \"port 8123\"\n");
	assert_true(report_is_strict(REPORT_TAP));
	env.variable = of_prove;
	for_prove = sample_report(REPORT_TAP, &one, &env);
	assert_has(for_prove, "TAP version 13\n1..2\n");
	gradeds_done(&one);
	if (test_shell("command -v prove >/dev/null") != 0)
		return;
	scratch_write(scratch, "x.tap", for_prove);
	line = mem_fmt("cd '%s' && prove -e cat x.tap >said 2>&1; "
		       "grep -q 'Failed 2/2 subtests' said && "
		       "! grep -q 'Parse errors' said",
		       scratch->path);
	assert_int_equal(test_shell(line), 0);
}

static void exercism_gets_500_characters_of_output(void **state)
{
	struct gradeds one = { 0 };
	OWN_BUF struct buf log = { 0 };
	OWN_FREE char *text = NULL;
	json_t *json;
	json_t *output;

	(void)state;
	sample_fill(gradeds_add(&one), "ann");
	for (int i = 0; i < 700; i++)
		buf_str(&log, "あ");
	graded_set_log(&one.items[0].tests[0], buf_text(&log), log.len);
	text = sample_report(REPORT_EXERCISM, &one, &sample_env);
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
	struct report_env env = sample_env;

	(void)state;
	sample_fill(gradeds_add(&one), "ann");
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
		text = sample_report(format, &one, &env);
		assert_lacks(text, "secret value");
		assert_lacks(text, "secret title");
		assert_lacks(text, "secret reason");
		assert_lacks(text, "secret log");
		open = sample_report(format, &one, &sample_env);
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
	sample_fill(gradeds_add(&one), "ann");
	text = sample_report(REPORT_GRADESCOPE, &one, &sample_env);
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
	sample_fill(gradeds_add(&one), "ann");
	one.items[0].tests[1].status = GRADED_ERROR;
	assert_false(graded_counts(&one.items[0]));
	gradescope = sample_report(REPORT_GRADESCOPE, &one, &sample_env);
	/* Of five goals the one in error has no points to lose. */
	assert_has(gradescope, "\"score\": 0,\n      \"max_score\": 0,");
	assert_has(gradescope, "grader's fault");
	classroom = sample_report(REPORT_CLASSROOM50, &one, &sample_env);
	assert_has(classroom, "\"max-score\": 0,\n  \"tests\": []");
	csv = sample_report(REPORT_CSV, &one, &sample_env);
	assert_has(csv, "\"ann\",,,,,,,,\"ann\",\"not graded\",1,1,1,1,1,");
	check50 = sample_report(REPORT_CHECK50, &one, &sample_env);
	assert_has(check50, "\"passed\": null");
	one.items[0].fault = GRADED_FAULT_GRADER;
	sample_replace(&one.items[0].note, "no # namespaces");
	tap = sample_report(REPORT_TAP, &one, &sample_env);
	assert_string_equal(tap, "TAP version 14\nBail out! could not be "
				 "graded; the grader's fault: no \\# "
				 "namespaces\n");
	gradeds_done(&one);
}

/* Who handed it in is told to hand in another one; it would be refused again. */
static void what_was_refused_is_not_to_be_graded_again(void **state)
{
	static const struct {
		enum report_format format;
		const char *has;
	} all[] = {
		{ REPORT_GRADESCOPE, "\"name\": \"the submission itself\"" },
		{ REPORT_GRADESCOPE, "\"refused\": true" },
		{ REPORT_CLASSROOM50, "\"passed\": false" },
		{ REPORT_JUNIT, "failures=\"1\" errors=\"0\"" },
		{ REPORT_TAP, "1..1\nnot ok 1 - the submission itself\n" },
		{ REPORT_CHECK50, "\"rationale\": \"refused: a link\"" },
		{ REPORT_EXERCISM, "\"message\": \"refused: a link\"" },
		{ REPORT_CSV, "\"ann\",,,,,,,,\"ann\",\"refused\",0," },
		{ REPORT_HTML, "refused: a link" },
		{ REPORT_TEXT, "Hand in" },
	};
	struct gradeds one = { 0 };
	struct report_env env = sample_env;
	const struct strs nobody = { 0 };
	OWN_FREE char *class = NULL;

	(void)state;
	sample_head(gradeds_add(&one), "ann");
	one.items[0].state = GRADED_NOT;
	one.items[0].fault = GRADED_FAULT_SUBMISSION;
	one.items[0].note = mem_str("a link");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		OWN_FREE char *text =
			sample_report(all[i].format, &one, &sample_env);

		assert_has(text, all[i].has);
		assert_null(strstr(text, "graded again"));
	}
	env.missing = &nobody;
	class = sample_report(REPORT_TEXT, &one, &env);
	assert_has(class, "ask for another one:\n  ann\n");
	assert_null(strstr(class, "graded again"));
	gradeds_done(&one);
}

static void classroom50_without_its_environment_is_refused(void **state)
{
	struct gradeds one = { 0 };
	struct report_env env = { 0 };
	OWN_BUF struct buf out = { 0 };
	struct err err = { 0 };

	(void)state;
	sample_fill(gradeds_add(&one), "ann");
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
	sample_fill(gradeds_add(&two), "ann");
	sample_fill(gradeds_add(&two), "bob");
	assert_int_equal(report_write(REPORT_GRADESCOPE, two.items, 2,
				      &sample_env, &out, &err),
			 -EINVAL);
	assert_int_equal(report_find("xml", &format, &err), -EINVAL);
	assert_has(err.hint, "junit");
	assert_int_equal(report_find("tap", &format, &err), 0);
	assert_int_equal(format, REPORT_TAP);
	gradeds_done(&two);
}

static void assert_fits(const struct gradeds *many, int columns)
{
	struct report_env env = sample_env;
	OWN_STRS struct strs lines = { 0 };
	OWN_FREE char *text = NULL;

	env.columns = columns;
	text = sample_report(REPORT_TEXT, many, &env);
	strs_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		if (clean_width(lines.items[i]) > columns)
			fail_msg("%s", lines.items[i]);
	}
}

static void the_terminal_gets_no_line_wider_than_it_is(void **state)
{
	struct gradeds class = { 0 };
	struct gradeds one;

	(void)state;
	sample_fill(gradeds_add(&class), "ann");
	sample_nasty(gradeds_add(&class));
	sample_replace(
		&class.items[0].student,
		"a name that is a good deal longer than names ought to be");
	one = (struct gradeds){ class.items, 1 };
	assert_fits(&one, 60);
	assert_fits(&class, 60);
	assert_fits(&class, 80);
	gradeds_done(&class);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(
			every_format_is_read_whatever_a_submission_has_said),
		TEST_IN_SCRATCH(a_tap_harness_sees_the_steps),
		TEST(exercism_gets_500_characters_of_output),
		TEST(a_hidden_goal_tells_students_nothing),
		TEST(gradescope_hides_the_goal_by_its_own_means),
		TEST(a_fault_of_the_graders_is_no_zero),
		TEST(what_was_refused_is_not_to_be_graded_again),
		TEST(classroom50_without_its_environment_is_refused),
		TEST(what_holds_one_refuses_a_class),
		TEST(the_terminal_gets_no_line_wider_than_it_is),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
