/* lessons/report_junit.c - JUnit's XML, as servers of continuous integration read it.
 *
 * There is no official schema: this is the common part of those in use, and valid
 * by the strictest of them (Jenkins', junit-10.xsd), which has no place for points
 * at a test. They are properties of the suite: "points[goal]" is "2/3".
 *
 *   <testsuites>  all          <testsuite>  a step of a submission
 *   <testcase>    a goal; without a child it is met
 *
 * No character that XML 1.0 forbids gets here: not even as &#27; may ESC stand in
 * it. Nothing is put in CDATA, so "]]>" is nothing special. */
#include "lessons/report_parts.h"

#include <string.h>

#include "lessons/clean.h"
#include "lessons/html.h"
#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

static void attribute(struct buf *out, const char *name, const char *clean)
{
	buf_fmt(out, " %s=\"", name);
	html_text(out, clean);
	buf_char(out, '"');
}

static void dirty_attribute(struct buf *out, const char *name, const char *text)
{
	OWN_FREE char *clean = clean_line(text);

	attribute(out, name, clean);
}

static void property(struct buf *out, const char *name, const char *value)
{
	buf_str(out, "      <property");
	dirty_attribute(out, "name", name);
	dirty_attribute(out, "value", value);
	buf_str(out, "/>\n");
}

/* ---- a goal ---- */

static const char *element_of(const struct graded_test *test)
{
	switch (test->status) {
	case GRADED_FAIL:
		return "failure";
	case GRADED_ERROR:
	case GRADED_TIMEOUT:
		return "error";
	case GRADED_SKIPPED:
		return "skipped";
	case GRADED_PASS:
		break;
	}
	return NULL;
}

static void put_outcome(const struct report *report,
			const struct graded_test *test, struct buf *out)
{
	const char *element = element_of(test);
	const char *type = test->status == GRADED_FAIL && test->reason &&
					   *test->reason &&
					   !report_hides(report, test)
				   ? test->reason
				   : graded_status_word(test->status);
	struct graded_test quiet = *test;
	OWN_FREE char *why = report_why(report, test);
	OWN_BUF struct buf says = { 0 };

	if (!element)
		return;
	quiet.log = NULL; /* is system-out */
	report_says(report, &quiet, &says);
	buf_fmt(out, "      <%s", element);
	attribute(out, "message", why);
	dirty_attribute(out, "type", type);
	buf_char(out, '>');
	html_text(out, buf_text(&says));
	buf_fmt(out, "</%s>\n", element);
}

static void put_case(const struct report *report, const char *classname,
		     const struct graded_test *test, struct buf *out)
{
	OWN_FREE char *title = report_title(report, test);
	OWN_FREE char *log = report_part(report, test, test->log);
	char seconds[REPORT_SECONDS];

	buf_str(out, "    <testcase");
	attribute(out, "name", title);
	attribute(out, "classname", classname);
	attribute(out, "time", report_seconds(test->duration_ns, seconds));
	buf_str(out, ">\n");
	put_outcome(report, test, out);
	if (*log) {
		buf_str(out, "      <system-out>");
		html_text(out, log);
		buf_str(out, "</system-out>\n");
	}
	buf_str(out, "    </testcase>\n");
}

/* ---- a step ---- */

static void put_counts(struct buf *out, size_t tests, size_t failures,
		       size_t errors)
{
	buf_fmt(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"", tests,
		failures, errors);
}

static void put_properties(const struct graded *graded,
			   const struct report_step *step, struct buf *out)
{
	OWN_FREE char *seed = mem_fmt("%llu", (unsigned long long)graded->seed);
	OWN_FREE char *note = report_note(graded);

	buf_str(out, "    <properties>\n");
	property(out, "lesson", graded->lesson);
	property(out, "version", graded->version);
	property(out, "seed", seed);
	property(out, "lang", graded->lang);
	property(out, "submission", graded->submission);
	property(out, "student", graded->student);
	property(out, "note", note);
	for (size_t i = 0; i < step->count; i++) {
		const struct graded_test *test = &step->first[i];
		OWN_FREE char *name = mem_fmt("points[%s]", test->id);
		OWN_FREE char *points =
			mem_fmt("%d/%d", test->score, test->max);

		property(out, name, points);
	}
	buf_str(out, "    </properties>\n");
}

static size_t errors_of(const struct report_step *step)
{
	return report_step_count(step, GRADED_ERROR) +
	       report_step_count(step, GRADED_TIMEOUT);
}

static void put_step(const struct report *report, const struct graded *graded,
		     const struct report_step *step, struct buf *out)
{
	OWN_FREE char *title = report_step_title(step);
	OWN_FREE char *who = report_who(graded);
	OWN_FREE char *lesson = clean_line(graded->lesson);
	OWN_FREE char *classname = mem_fmt("%s.%s", lesson, who);
	OWN_FREE char *name = report->count > 1 ? mem_fmt("%s: %s", who, title)
						: mem_str(title);
	char seconds[REPORT_SECONDS];
	char when[REPORT_TIME];

	buf_str(out, "  <testsuite");
	attribute(out, "name", name);
	put_counts(out, step->count, report_step_count(step, GRADED_FAIL),
		   errors_of(step));
	buf_fmt(out, " skipped=\"%zu\"",
		report_step_count(step, GRADED_SKIPPED));
	attribute(out, "time", report_seconds(report_step_ns(step), seconds));
	attribute(out, "timestamp", report_time(graded->started_ns, when));
	dirty_attribute(out, "file", graded->submission);
	buf_str(out, ">\n");
	put_properties(graded, step, out);
	for (size_t i = 0; i < step->count; i++)
		put_case(report, classname, &step->first[i], out);
	buf_str(out, "  </testsuite>\n");
}

/* Of a submission without a result there is one test, in error, or failed where it was
 * refused: nothing at all would be taken for well done. */
static void put_nothing(const struct graded *graded, struct buf *out)
{
	OWN_FREE char *who = report_who(graded);
	OWN_FREE char *note = report_note(graded);
	bool refused = graded_refused(graded);
	const char *element = refused ? "failure" : "error";

	buf_str(out, "  <testsuite");
	attribute(out, "name", who);
	put_counts(out, 1, refused, !refused);
	buf_str(out, " skipped=\"0\">\n    <testcase");
	attribute(out, "name", _("grading"));
	attribute(out, "classname", who);
	buf_fmt(out, ">\n      <%s", element);
	attribute(out, "message", note);
	attribute(out, "type",
		  refused ? "refused"
		  : graded->fault == GRADED_FAULT_GRADER
			  ? "grader"
			  : "not graded");
	buf_str(out, "/>\n    </testcase>\n  </testsuite>\n");
}

static bool lacks_tests(const struct graded *graded)
{
	return graded->tests_count == 0 && (graded->state != GRADED_DONE ||
					    graded->fault != GRADED_FAULT_NONE);
}

/* ---- all ---- */

static void put_head(const struct report *report, struct buf *out)
{
	size_t tests = 0;
	size_t failures = 0;
	size_t errors = 0;
	long long ns = 0;
	char seconds[REPORT_SECONDS];

	for (size_t i = 0; i < report->count; i++) {
		const struct graded *graded = &report->many[i];
		bool nothing = lacks_tests(graded);

		bool refused = nothing && graded_refused(graded);

		failures += graded_count(graded, GRADED_FAIL) + refused;
		errors += graded_count(graded, GRADED_ERROR) +
			  graded_count(graded, GRADED_TIMEOUT) +
			  (nothing && !refused);
		tests += graded->tests_count + nothing;
		ns += graded->duration_ns;
	}
	buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		     "<testsuites name=\"dockershell\"");
	put_counts(out, tests, failures, errors);
	attribute(out, "time", report_seconds(ns, seconds));
	buf_str(out, ">\n");
}

int report_junit(const struct report *report, struct buf *out, struct err *err)
{
	(void)err; /* nothing in it can fail */
	put_head(report, out);
	for (size_t i = 0; i < report->count; i++) {
		const struct graded *graded = &report->many[i];
		struct report_step step = { 0 };

		while (report_next_step(graded, &step))
			put_step(report, graded, &step, out);
		if (lacks_tests(graded))
			put_nothing(graded, out);
	}
	buf_str(out, "</testsuites>\n");
	return 0;
}
