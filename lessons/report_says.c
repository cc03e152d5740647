/* lessons/report_says.c - the words that all reports have in common: what became of
 * a goal, and whose fault it is; see report_parts.h */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/clean.h"
#include "lessons/report_parts.h"
#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"

bool report_hides(const struct report *report, const struct graded_test *test)
{
	return report->student && test->visibility != GRADED_VISIBLE;
}

static bool is_said(const char *text)
{
	return text && *text;
}

char *report_title(const struct report *report, const struct graded_test *test)
{
	char *title;

	if (report_hides(report, test))
		return mem_fmt(_("goal %d of step %d (not shown)"),
			       test->goal_number, test->step_number);
	title = clean_line(is_said(test->title) ? test->title : test->id);
	if (*title)
		return title;
	free(title);
	return mem_fmt(_("goal %d of step %d"), test->goal_number,
		       test->step_number);
}

char *report_part(const struct report *report, const struct graded_test *test,
		  const char *text)
{
	return report_hides(report, test) ? mem_str("") : clean_dup(text);
}

/* ---- why ---- */

static char *why_skipped(const struct report *report,
			 const struct graded_test *test)
{
	OWN_FREE char *ids = strs_join(&test->after, ", ");
	OWN_FREE char *clean = clean_line(ids);

	if (!*clean || report_hides(report, test))
		return mem_str(_("not looked at"));
	return mem_fmt(_("not looked at, for it comes after what is not met: "
			 "%s"),
		       clean);
}

static char *why_without_message(const struct report *report,
				 const struct graded_test *test)
{
	char seconds[REPORT_SECONDS];

	switch (test->status) {
	case GRADED_PASS:
		break;
	case GRADED_FAIL:
		return mem_str(_("it is not met"));
	case GRADED_ERROR:
		return mem_str(_("it could not be judged"));
	case GRADED_TIMEOUT:
		return mem_fmt(_("what was waited for did not come within %s s"),
			       report_seconds(test->duration_ns, seconds));
	case GRADED_SKIPPED:
		return why_skipped(report, test);
	}
	return mem_str("");
}

char *report_why(const struct report *report, const struct graded_test *test)
{
	char *why = test->status == GRADED_PASS || report_hides(report, test)
			    ? mem_str("")
			    : clean_line(test->message);

	if (*why)
		return why;
	free(why);
	return why_without_message(report, test);
}

/* ---- all of it ---- */

static void say(struct buf *out, const char *label, const char *text)
{
	OWN_FREE char *clean = clean_dup(text);
	size_t len = strlen(clean);
	bool lines;

	while (len > 0 && clean[len - 1] == '\n')
		clean[--len] = 0;
	lines = strchr(clean, '\n') != NULL;
	if (!*clean)
		return;
	buf_fmt(out, lines ? "%s\n%s\n" : "%s %s\n", label, clean);
}

bool report_repeats(const struct graded_test *test, const char *why)
{
	OWN_FREE char *actual = clean_line(test->actual);

	return strcmp(actual, why) == 0;
}

char *report_how_failed(const struct graded_test *test)
{
	OWN_FREE char *message = clean_line(test->message);
	OWN_FREE char *expected = clean_line(test->expected);

	if (!*message)
		return mem_str(_("(no message)"));
	if (!*expected || !report_repeats(test, message))
		return own_give_ptr(&message);
	return mem_fmt("%s %s; %s %s", _("expected:"), expected, _("there is:"),
		       message);
}

static void say_whose_fault(const struct graded_test *test, struct buf *out)
{
	char seconds[REPORT_SECONDS];

	if (test->status == GRADED_ERROR)
		buf_fmt(out, "%s\n",
			_("This is the grader's fault, not yours, and takes no "
			  "points away. Ask for it to be graded again."));
	else if (test->status == GRADED_TIMEOUT && is_said(test->message))
		buf_fmt(out, _("Waited %s s for it.\n"),
			report_seconds(test->duration_ns, seconds));
}

void report_says(const struct report *report, const struct graded_test *test,
		 struct buf *out)
{
	OWN_FREE char *why = report_why(report, test);

	if (*why)
		buf_fmt(out, "%s\n", why);
	say_whose_fault(test, out);
	if (report_hides(report, test))
		return;
	/* What nobody looked at has nothing to show beside why. */
	if (test->status != GRADED_PASS && test->status != GRADED_SKIPPED) {
		say(out, _("expected:"), test->expected);
		if (!report_repeats(test, why))
			say(out, _("there is:"), test->actual);
		say(out, _("look at:"), test->hint);
	}
	if (is_said(test->log))
		say(out, _("what was printed:"), test->log);
}

static const char *what_state(const struct graded *graded)
{
	if (graded->fault == GRADED_FAULT_GRADER)
		return _("could not be graded; the grader's fault");
	if (graded_refused(graded))
		return _("refused");
	if (graded->state == GRADED_NOT)
		return _("not graded");
	if (graded->state == GRADED_CUT)
		return _("grading was cut short");
	if (graded_count(graded, GRADED_ERROR) > 0)
		return _("a goal could not be judged; the grader's fault");
	return "";
}

/* What is said of it, else of the first goal in error. Given. */
static char *what_happened(const struct graded *graded)
{
	char *note = clean_line(graded->note);

	for (size_t i = 0; !*note && i < graded->tests_count; i++) {
		const struct graded_test *test = &graded->tests[i];
		OWN_FREE char *id = clean_line(test->id);
		OWN_FREE char *why = clean_line(test->message);

		if (test->status != GRADED_ERROR || !*why)
			continue;
		free(note);
		return mem_fmt("%s: %s", id, why);
	}
	return note;
}

char *report_note(const struct graded *graded)
{
	const char *state = what_state(graded);
	char *note = what_happened(graded);
	char *both;

	if (!*state)
		return note;
	both = *note ? mem_fmt("%s: %s", state, note) : mem_str(state);
	free(note);
	return both;
}

const char *report_advice(const struct graded *graded)
{
	if (graded_counts(graded))
		return "";
	if (graded_refused(graded))
		return _("There is nothing in it that could be graded, however "
			 "often it is tried. Hand in the archive that 'submit' "
			 "makes.");
	return _("This is no result, and no points are taken away: it has to "
		 "be graded again.");
}

char *report_who(const struct graded *graded)
{
	OWN_FREE char *file = clean_line(graded->submission);
	OWN_FREE char *claimed =
		clean_line(is_said(graded->student) ? graded->student : "");

	if (!*file && !*claimed)
		return mem_str(_("(without a name)"));
	if (!*claimed || strcmp(claimed, file) == 0)
		return mem_str(file);
	return *file ? mem_fmt("%s (%s)", file, claimed) : mem_str(claimed);
}

/* ---- numbers ---- */

int report_max(const struct graded_test *test)
{
	return test->status == GRADED_ERROR ? 0 : test->max;
}

char *report_seconds(long long ns, char out[REPORT_SECONDS])
{
	long long ms = ns < 0 ? 0 : ns / 1000000;

	(void)snprintf(out, REPORT_SECONDS, "%lld.%03lld", ms / 1000,
		       ms % 1000);
	return out;
}

double report_seconds_real(long long ns)
{
	long long ms = ns < 0 ? 0 : ns / 1000000;

	return (double)ms / 1000;
}

char *report_time(long long ns, char out[REPORT_TIME])
{
	char utc[CLOCK_UTC];

	clock_utc(utc, ns < 0 ? 0 : ns);
	(void)snprintf(out, REPORT_TIME, "%.19sZ", utc);
	return out;
}

/* ---- JSON ---- */

json_t *report_string(const char *text)
{
	return report_string_take(clean_dup(text));
}

json_t *report_string_take(char *clean)
{
	json_t *json = json_string(clean);

	free(clean);
	return json;
}

static int append(const char *bytes, size_t len, void *out)
{
	buf_add(out, bytes, len);
	return 0;
}

int report_dump(json_t *json, struct buf *out, struct err *err)
{
	int r = json ? json_dump_callback(json, append, out,
					  JSON_INDENT(2) |
						  JSON_REAL_PRECISION(12))
		     : -1;

	json_decref(json);
	if (r < 0)
		return err_set(err, EIO, _("the report could not be written as JSON"));
	buf_char(out, '\n');
	return 0;
}
