/* lessons/report_check50.c - what check50 prints with --output json.
 *
 * Source: check50's documentation, "JSON"; `actions` of an error is in its code. */
#include "lessons/report_parts.h"

#include <string.h>

#include "lessons/clean.h"
#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"

static void set(json_t *json, const char *key, char *clean)
{
	if (*clean)
		json_object_set_new(json, key, json_string(clean));
}

/* "expected" and "actual" come as a pair or not at all. */
static json_t *cause(const struct report *report,
		     const struct graded_test *test)
{
	OWN_FREE char *why = report_why(report, test);
	OWN_FREE char *help = report_part(report, test, test->hint);
	OWN_FREE char *expected = report_part(report, test, test->expected);
	OWN_FREE char *actual = report_part(report, test, test->actual);
	json_t *json = json_object();

	if (test->status == GRADED_PASS) {
		json_decref(json);
		return json_null();
	}
	set(json, "rationale", why);
	set(json, "help", help);
	if (*expected && *actual) {
		set(json, "expected", expected);
		set(json, "actual", actual);
	}
	if (test->status == GRADED_ERROR)
		json_object_set_new(json, "error",
				    json_pack("{s:s, s:s, s:[], s:{}}", "type",
					      "GraderError", "value", why,
					      "traceback", "data"));
	return json;
}

static json_t *log_lines(const struct report *report,
			 const struct graded_test *test)
{
	OWN_FREE char *log = report_part(report, test, test->log);
	OWN_STRS struct strs lines = { 0 };
	json_t *list = json_array();

	strs_split(&lines, log, '\n');
	for (size_t i = 0; i < lines.count; i++)
		json_array_append_new(list, json_string(lines.items[i]));
	return list;
}

/* What was not judged is neither passed nor failed. */
static json_t *passed(const struct graded_test *test)
{
	if (test->status == GRADED_SKIPPED || test->status == GRADED_ERROR)
		return json_null();
	return json_boolean(test->status == GRADED_PASS);
}

/* A goal that is named by its id in its step, as lessons do, is another of the same
 * step. */
static json_t *dependency(const struct graded_test *test)
{
	OWN_FREE char *first = NULL;
	OWN_FREE char *step = clean_line(test->step);

	if (test->after.count == 0)
		return json_null();
	first = clean_line(test->after.items[0]);
	return strchr(first, '/') ? json_string(first)
				  : json_sprintf("%s/%s", step, first);
}

static json_t *result(const struct report *report,
		      const struct graded_test *test)
{
	json_t *json = json_object();

	json_object_set_new(json, "name",
			    report_string_take(clean_line(test->id)));
	json_object_set_new(json, "description",
			    report_string_take(report_title(report, test)));
	json_object_set_new(json, "passed", passed(test));
	json_object_set_new(json, "log", log_lines(report, test));
	json_object_set_new(json, "cause", cause(report, test));
	json_object_set_new(json, "data",
			    json_pack("{s:s, s:i, s:i}", "status",
				      graded_status_word(test->status), "score",
				      test->score, "max", test->max));
	json_object_set_new(json, "dependency", dependency(test));
	return json;
}

/* As a check that a file is there at all. */
static json_t *refusal(const struct graded *graded)
{
	OWN_FREE char *note = report_note(graded);

	return json_pack("{s:s, s:s, s:b, s:[], s:{s:s, s:s}, s:{}, s:n}",
			 "name", "submission", "description",
			 _("the submission itself"), "passed", 0, "log",
			 "cause", "rationale", note, "help",
			 report_advice(graded), "data", "dependency");
}

/* Internal trouble stands in place of the results. */
static json_t *trouble(const struct graded *graded)
{
	OWN_FREE char *note = report_note(graded);

	return json_pack("{s:s, s:s, s:[], s:{s:b, s:s}, s:{}}", "type",
			 "GraderError", "value", note, "traceback", "actions",
			 "show_traceback", 0, "message", note, "data");
}

int report_check50(const struct report *report, struct buf *out,
		   struct err *err)
{
	const struct graded *graded = report->many;
	json_t *json = json_object();
	json_t *results = json_array();

	json_object_set_new(json, "slug",
			    json_sprintf("dockershell/%s",
					 graded->lesson ? graded->lesson : ""));
	if (graded_refused(graded)) {
		json_array_append_new(results, refusal(graded));
		json_object_set_new(json, "results", results);
	} else if (graded->tests_count == 0 ||
		   graded->fault == GRADED_FAULT_GRADER) {
		json_object_set_new(json, "error", trouble(graded));
		json_decref(results);
	} else {
		for (size_t i = 0; i < graded->tests_count; i++)
			json_array_append_new(
				results, result(report, &graded->tests[i]));
		json_object_set_new(json, "results", results);
	}
	json_object_set_new(json, "version", json_string("3.3.0"));
	return report_dump(json, out, err);
}
