/* lessons/report_gradescope.c - Gradescope's results.json.
 *
 * Points stand at each test and never at the top, where they would override the
 * sum. A goal that is kept back says so itself ("visibility"), and Gradescope shows
 * it when its time has come.
 *
 * Source: Gradescope, "Autograder Specifications". */
#include "lessons/report_parts.h"

#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

static json_t *extra_of_test(const struct graded_test *test)
{
	json_t *extra = json_object();

	json_object_set_new(extra, "id", report_string(test->id));
	json_object_set_new(extra, "status",
			    json_string(graded_status_word(test->status)));
	json_object_set_new(extra, "max", json_integer(test->max));
	json_object_set_new(extra, "reason", report_string(test->reason));
	return extra;
}

static json_t *test_to_json(const struct report *report,
			    const struct graded_test *test)
{
	json_t *json = json_object();
	OWN_BUF struct buf says = { 0 };

	report_says(report, test, &says);
	json_object_set_new(json, "name",
			    report_string_take(report_title(report, test)));
	json_object_set_new(
		json, "number",
		json_sprintf("%d.%d", test->step_number, test->goal_number));
	json_object_set_new(json, "score", json_integer(test->score));
	json_object_set_new(json, "max_score", json_integer(report_max(test)));
	json_object_set_new(
		json, "status",
		json_string(test->status == GRADED_PASS ? "passed" : "failed"));
	json_object_set_new(json, "output", json_string(buf_text(&says)));
	json_object_set_new(json, "output_format", json_string("text"));
	json_object_set_new(
		json, "visibility",
		json_string(graded_visibility_word(test->visibility)));
	json_object_set_new(json, "extra_data", extra_of_test(test));
	return json;
}

/* Where nothing at all was graded there is one test, of no points, that says why:
 * a file without any would be a fault of its own. */
static json_t *test_of_nothing(const struct graded *graded, const char *note)
{
	json_t *json = json_object();

	json_object_set_new(json, "name", json_string(graded_refused(graded)
					? _("the submission itself")
					: _("the grader itself")));
	json_object_set_new(json, "score", json_integer(0));
	json_object_set_new(json, "max_score", json_integer(0));
	json_object_set_new(json, "status", json_string("failed"));
	json_object_set_new(json, "output", json_string(note));
	json_object_set_new(json, "visibility", json_string("visible"));
	return json;
}

static json_t *extra_of(const struct graded *graded)
{
	json_t *extra = json_object();
	json_t *remarks = json_array();

	json_object_set_new(extra, "lesson", report_string(graded->lesson));
	json_object_set_new(extra, "version", report_string(graded->version));
	json_object_set_new(
		extra, "seed",
		json_sprintf("%llu", (unsigned long long)graded->seed));
	json_object_set_new(extra, "graded",
			    json_boolean(graded_counts(graded)));
	json_object_set_new(extra, "refused",
			    json_boolean(graded_refused(graded)));
	for (size_t i = 0; i < graded->remarks.count; i++)
		json_array_append_new(remarks,
				      report_string(graded->remarks.items[i]));
	json_object_set_new(extra, "remarks", remarks);
	return extra;
}

static char *top_output(const struct graded *graded)
{
	OWN_FREE char *note = report_note(graded);
	const char *advice = report_advice(graded);

	return *advice ? mem_fmt("%s\n%s", note, advice)
		       : own_give_ptr(&note);
}

int report_gradescope(const struct report *report, struct buf *out,
		      struct err *err)
{
	const struct graded *graded = report->many;
	OWN_FREE char *output = top_output(graded);
	json_t *json = json_object();
	json_t *tests = json_array();

	json_object_set_new(
		json, "execution_time",
		json_real(report_seconds_real(graded->duration_ns)));
	if (*output)
		json_object_set_new(json, "output", json_string(output));
	json_object_set_new(json, "output_format", json_string("text"));
	json_object_set_new(json, "visibility", json_string("visible"));
	json_object_set_new(json, "stdout_visibility", json_string("hidden"));
	for (size_t i = 0; i < graded->tests_count; i++)
		json_array_append_new(tests,
				      test_to_json(report, &graded->tests[i]));
	if (graded->tests_count == 0)
		json_array_append_new(tests, test_of_nothing(graded, output));
	json_object_set_new(json, "tests", tests);
	json_object_set_new(json, "extra_data", extra_of(graded));
	return report_dump(json, out, err);
}
