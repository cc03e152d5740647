/* lessons/report_exercism.c - results.json of an Exercism test runner, version 3.
 *
 * Source: Exercism, "The Test Runner Interface". */
#include "lessons/report_parts.h"

#include <string.h>

#include "lessons/clean.h"
#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

#define OUTPUT_MOST 500
#define MESSAGE_MOST 65535

/* No more than `most` characters, the notice among them. Given. */
static char *cut(const char *text, size_t most)
{
	const char *notice = _("[the rest is left out]");
	size_t room = most - clean_fit(notice, most) - 1;

	if (text[clean_fit(text, most)] == 0)
		return mem_str(text);
	return mem_fmt("%.*s\n%s", (int)clean_fit(text, room), text, notice);
}

static const char *status_of(const struct graded_test *test)
{
	if (test->status == GRADED_PASS)
		return "pass";
	return test->status == GRADED_ERROR ? "error" : "fail";
}

static json_t *message_of(const struct report *report,
			  const struct graded_test *test)
{
	struct graded_test quiet = *test;
	OWN_BUF struct buf says = { 0 };

	if (test->status == GRADED_PASS)
		return json_null();
	quiet.log = NULL; /* has a place of its own */
	report_says(report, &quiet, &says);
	return report_string_take(cut(buf_text(&says), MESSAGE_MOST));
}

static json_t *output_of(const struct report *report,
			 const struct graded_test *test)
{
	OWN_FREE char *log = report_part(report, test, test->log);

	return *log ? report_string_take(cut(log, OUTPUT_MOST)) : json_null();
}

static json_t *test_to_json(const struct report *report,
			    const struct graded_test *test)
{
	json_t *json = json_object();

	json_object_set_new(json, "name",
			    report_string_take(report_title(report, test)));
	json_object_set_new(json, "status", json_string(status_of(test)));
	json_object_set_new(json, "message", message_of(report, test));
	json_object_set_new(json, "output", output_of(report, test));
	json_object_set_new(
		json, "test_code",
		report_string_take(report_part(report, test, test->expected)));
	json_object_set_new(json, "task_id", json_integer(test->step_number));
	return json;
}

static json_t *why_nothing_ran(const struct graded *graded)
{
	OWN_FREE char *note = report_note(graded);
	const char *words = *note ? note : _("nothing of it was graded");

	return report_string_take(cut(words, MESSAGE_MOST));
}

int report_exercism(const struct report *report, struct buf *out,
		    struct err *err)
{
	const struct graded *graded = report->many;
	bool nothing = graded->tests_count == 0 ||
		       graded->fault == GRADED_FAULT_GRADER;
	bool pass = graded_count(graded, GRADED_PASS) == graded->tests_count;
	json_t *json = json_object();
	json_t *tests = json_array();

	json_object_set_new(json, "version", json_integer(3));
	json_object_set_new(json, "status",
			    json_string(nothing ? "error"
					: pass  ? "pass"
						: "fail"));
	json_object_set_new(json, "message",
			    nothing ? why_nothing_ran(graded) : json_null());
	for (size_t i = 0; !nothing && i < graded->tests_count; i++)
		json_array_append_new(tests,
				      test_to_json(report, &graded->tests[i]));
	json_object_set_new(json, "tests", tests);
	return report_dump(json, out, err);
}
