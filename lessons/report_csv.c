/* lessons/report_csv.c - a gradebook: one line a submission.
 *
 * The first columns are those of nbgrader's export, which other programs read; those
 * behind them are ours. A submission without a result has its line and no score, for
 * an empty cell is no zero.
 *
 * Whose it is, is what the file is called: the teacher's list. The name that stands in
 * the submission is anybody's claim, and goes where names go.
 *
 * What begins as a formula does would be one in a spreadsheet: an apostrophe in
 * front makes it a text.
 *
 * Source: RFC 4180; nbgrader, "Exporting grades"; OWASP, "CSV Injection". */
#include "lessons/report_parts.h"

#include <string.h>

#include "lessons/clean.h"
#include "runtime/base/buf.h"
#include "runtime/base/own.h"

static const char heading[] =
	"assignment,duedate,timestamp,student_id,last_name,first_name,email,"
	"raw_score,late_submission_penalty,score,max_score,"
	"submission,state,passed,failed,timeout,error,skipped,seconds,note\r\n";

/* Signs that begin a formula, and their wide forms, which some programs take for
 * the same. */
static bool begins_formula(const char *clean)
{
	static const char *const wide[] = { "＝", "＋", "－", "＠" };

	if (*clean && strchr("=+-@", *clean))
		return true;
	for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++) {
		if (strncmp(clean, wide[i], strlen(wide[i])) == 0)
			return true;
	}
	return false;
}

static void put_text(struct buf *out, const char *text)
{
	OWN_FREE char *clean = clean_line(text);

	if (!*clean) {
		buf_char(out, ',');
		return;
	}
	buf_str(out, begins_formula(clean) ? "\"'" : "\"");
	for (const char *at = clean; *at; at++) {
		if (*at == '"')
			buf_char(out, '"');
		buf_char(out, *at);
	}
	buf_str(out, "\",");
}

static const char *state_of(const struct graded *graded)
{
	if (graded_counts(graded))
		return "graded";
	if (graded_refused(graded))
		return "refused";
	return graded->state == GRADED_CUT ? "cut short" : "not graded";
}

static void put_line(const struct graded *graded, struct buf *out)
{
	OWN_FREE char *note = report_note(graded);
	bool named = graded->student && *graded->student;
	bool counts = graded_counts(graded);
	char when[REPORT_TIME];
	char seconds[REPORT_SECONDS];

	put_text(out, graded->lesson);
	buf_fmt(out, ",%s,", report_time(graded->started_ns, when));
	put_text(out, graded->submission);
	put_text(out, named ? graded->student : NULL);
	buf_str(out, ",,");
	if (counts)
		buf_fmt(out, "%d,0,%d,%d,", graded_score(graded),
			graded_score(graded), graded_max(graded));
	else
		buf_str(out, ",,,,");
	put_text(out, graded->submission);
	put_text(out, state_of(graded));
	buf_fmt(out, "%zu,%zu,%zu,%zu,%zu,%s,",
		graded_count(graded, GRADED_PASS),
		graded_count(graded, GRADED_FAIL),
		graded_count(graded, GRADED_TIMEOUT),
		graded_count(graded, GRADED_ERROR),
		graded_count(graded, GRADED_SKIPPED),
		report_seconds(graded->duration_ns, seconds));
	put_text(out, note);
	out->len--; /* the comma behind the last */
	buf_str(out, "\r\n");
}

/* Of which there is nothing at all. */
static void put_missing(const char *name, struct buf *out)
{
	buf_str(out, ",,,");
	put_text(out, name);
	buf_str(out, ",,,,,,,");
	put_text(out, name);
	buf_str(out, "\"not graded\",,,,,,,\r\n");
}

int report_csv(const struct report *report, struct buf *out, struct err *err)
{
	const struct strs *missing = report->env->missing;

	(void)err; /* nothing in it can fail */
	buf_str(out, heading);
	for (size_t i = 0; i < report->count; i++)
		put_line(&report->many[i], out);
	for (size_t i = 0; missing && i < missing->count; i++)
		put_missing(missing->items[i], out);
	return 0;
}
