/* lessons/report_classroom.c - for GitHub: Classroom 50's result.json, and GitHub
 * Classroom's result as it was.
 *
 * Classroom 50 hands over in the environment whose submission it is and where it
 * lies; without that there is no valid result.
 *
 * Source: classroom50/result/v1 (result-v1.schema.json); GitHub's
 * autograding-command-grader and autograding-grading-reporter. */
#include "lessons/report_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/clean.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

/* ---- Classroom 50 ---- */

/* The first of these that is set stands for the key. */
static const struct given {
	const char *key;
	const char *names[3];
	const char *absent;
} givens[] = {
	{ "classroom", { "CLASSROOM" }, NULL },
	{ "assignment", { "ASSIGNMENT" }, NULL },
	{ "assignment_type", { "ASSIGNMENT_TYPE" }, "individual" },
	{ "owner", { "OWNER", "USERNAME" }, NULL },
	{ "submission", { "SUBMISSION_TAG" }, NULL },
	{ "commit", { "COMMIT_URL" }, NULL },
	{ "release", { "RELEASE_URL" }, NULL },
	{ "review", { "REVIEW_URL", "COMMIT_URL" }, NULL },
};

static const char *value_of(const struct report_env *env,
			    const struct given *given)
{
	for (size_t i = 0; i < 3 && given->names[i] && env->variable; i++) {
		const char *value = env->variable(given->names[i]);

		if (value && *value)
			return value;
	}
	return given->absent;
}

static int no_value(const struct given *given, struct err *err)
{
	err_set(err, EINVAL,
		_("a result for Classroom 50 needs $%s, and it is not set"),
		given->names[0]);
	return err_hint(err,
			_("its runner sets it; by hand: CLASSROOM=, "
			  "ASSIGNMENT=, OWNER=, SUBMISSION_TAG=submit/..., "
			  "COMMIT_URL=, RELEASE_URL="));
}

static int add_givens(const struct report_env *env, json_t *json,
		      struct err *err)
{
	for (size_t i = 0; i < sizeof(givens) / sizeof(*givens); i++) {
		const struct given *given = &givens[i];
		const char *value = value_of(env, given);

		if (!value)
			return no_value(given, err);
		if (strcmp(given->key, "submission") == 0 &&
		    strncmp(value, "submit/", 7) != 0)
			return err_set(err, EINVAL,
				       _("$SUBMISSION_TAG does not begin with "
					 "'submit/': '%s'"),
				       value);
		json_object_set_new(json, given->key, report_string(value));
	}
	return 0;
}

static json_t *classroom_test(const struct report *report,
			      const struct graded_test *test)
{
	json_t *json = json_object();

	json_object_set_new(json, "test-name",
			    report_string_take(report_title(report, test)));
	json_object_set_new(json, "passed",
			    json_boolean(test->status == GRADED_PASS));
	json_object_set_new(json, "score", json_integer(test->score));
	json_object_set_new(json, "max-score", json_integer(test->max));
	json_object_set_new(json, "status",
			    json_string(graded_status_word(test->status)));
	json_object_set_new(json, "message",
			    report_string_take(report_why(report, test)));
	json_object_set_new(
		json, "expected",
		report_string_take(report_part(report, test, test->expected)));
	json_object_set_new(
		json, "actual",
		report_string_take(report_part(report, test, test->actual)));
	return json;
}

static json_t *refusal(const struct graded *graded)
{
	OWN_FREE char *note = report_note(graded);

	return json_pack("{s:s, s:b, s:i, s:i, s:s, s:s}", "test-name",
			 _("the submission itself"), "passed", 0, "score", 0,
			 "max-score", 0, "status", "fail", "message", note);
}

/* A result without tests is what Classroom 50 takes for "in error": points out of
 * none. The exit status says so as well. What was refused has one that failed. */
static void add_tests(const struct report *report, json_t *json)
{
	const struct graded *graded = report->many;
	bool counts = graded_counts(graded);
	json_t *tests = json_array();

	json_object_set_new(json, "score",
			    json_integer(counts ? graded_score(graded) : 0));
	json_object_set_new(json, "max-score",
			    json_integer(counts ? graded_max(graded) : 0));
	for (size_t i = 0; counts && i < graded->tests_count; i++)
		json_array_append_new(
			tests, classroom_test(report, &graded->tests[i]));
	if (graded_refused(graded))
		json_array_append_new(tests, refusal(graded));
	json_object_set_new(json, "tests", tests);
}

int report_classroom50(const struct report *report, struct buf *out,
		       struct err *err)
{
	const struct graded *graded = report->many;
	json_t *json = json_object();
	char when[REPORT_TIME];
	int r;

	json_object_set_new(json, "schema",
			    json_string("classroom50/result/v1"));
	r = add_givens(report->env, json, err);
	if (r < 0) {
		json_decref(json);
		return r;
	}
	json_object_set_new(json, "datetime",
			    json_string(report_time(graded->started_ns, when)));
	json_object_set_new(
		json, "graded_at",
		json_string(report_time(report->env->now_ns, when)));
	add_tests(report, json);
	return report_dump(json, out, err);
}

/* ---- GitHub Classroom as it was ---- */

static json_t *legacy_test(const struct report *report,
			   const struct graded_test *test)
{
	bool error = test->status == GRADED_ERROR;
	bool pass = test->status == GRADED_PASS;
	json_t *json = json_object();
	OWN_BUF struct buf says = { 0 };

	report_says(report, test, &says);
	json_object_set_new(json, "name",
			    report_string_take(report_title(report, test)));
	json_object_set_new(json, "status",
			    json_string(pass    ? "pass"
					: error ? "error"
						: "fail"));
	json_object_set_new(json, "score", json_integer(test->score));
	json_object_set_new(json, "message", json_string(buf_text(&says)));
	json_object_set_new(
		json, "test_code",
		report_string_take(report_part(report, test, test->expected)));
	json_object_set_new(json, "filename", json_string(""));
	json_object_set_new(json, "line_no", json_integer(0));
	json_object_set_new(json, "duration",
			    json_real(report_seconds_real(test->duration_ns)));
	return json;
}

static json_t *legacy_refusal(const struct graded *graded)
{
	OWN_FREE char *note = report_note(graded);

	return json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:i, s:f}", "name",
			 _("the submission itself"), "status", "fail", "score",
			 0, "message", note, "test_code", "", "filename", "",
			 "line_no", 0, "duration",
			 report_seconds_real(graded->duration_ns));
}

static const char *legacy_status(const struct graded *graded)
{
	if (graded_refused(graded))
		return "fail";
	if (!graded_counts(graded))
		return "error";
	return graded_count(graded, GRADED_PASS) == graded->tests_count
		       ? "pass"
		       : "fail";
}

/* RFC 4648, section 4. */
static void add_base64(struct buf *out, const unsigned char *s, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/=";

	for (size_t i = 0; i < len; i += 3) {
		size_t has = len - i < 3 ? len - i : 3;
		unsigned three = (unsigned)s[i] << 16 |
				 (has > 1 ? (unsigned)s[i + 1] << 8 : 0) |
				 (has > 2 ? s[i + 2] : 0);

		buf_char(out, digits[three >> 18]);
		buf_char(out, digits[three >> 12 & 63]);
		buf_char(out, digits[has > 1 ? three >> 6 & 63 : 64]);
		buf_char(out, digits[has > 2 ? three & 63 : 64]);
	}
}

int report_legacy(const struct report *report, struct buf *out, struct err *err)
{
	const struct graded *graded = report->many;
	json_t *json = json_object();
	json_t *tests = json_array();
	OWN_BUF struct buf text = { 0 };
	int r;

	json_object_set_new(json, "version", json_integer(1));
	json_object_set_new(json, "status", json_string(legacy_status(graded)));
	json_object_set_new(json, "max_score",
			    json_integer(graded_max(graded)));
	for (size_t i = 0; i < graded->tests_count; i++)
		json_array_append_new(tests,
				      legacy_test(report, &graded->tests[i]));
	if (graded_refused(graded))
		json_array_append_new(tests, legacy_refusal(graded));
	json_object_set_new(json, "tests", tests);
	r = report_dump(json, &text, err);
	if (r < 0)
		return r;
	add_base64(out, (const unsigned char *)text.data, text.len);
	buf_char(out, '\n');
	return 0;
}
