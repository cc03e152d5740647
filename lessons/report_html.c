/* lessons/report_html.c - one page to look at: a submission, or a class.
 *
 * The page is whole by itself: it needs no other file, no network and no script, and
 * forbids the browser all of them. Everything a submission has said is text in it.
 * What is particular to a class is report_class.c's. */
#include "lessons/report_page.h"

#include <string.h>

#include "lessons/clean.h"
#include "lessons/html.h"
#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

static const struct {
	const char *sign;
	const char *word;
} signs[GRADED_STATUSES] = {
	[GRADED_PASS] = { "✓", N_("met") },
	[GRADED_FAIL] = { "✗", N_("not met") },
	[GRADED_ERROR] = { "!", N_("in error") },
	[GRADED_TIMEOUT] = { "…", N_("timeout") },
	[GRADED_SKIPPED] = { "–", N_("skipped") },
};

const char *report_page_sign(enum graded_status status)
{
	return signs[status].sign;
}

const char *report_page_word(enum graded_status status)
{
	return _(signs[status].word);
}

void report_page_text(struct buf *out, const char *text)
{
	OWN_FREE char *clean = clean_dup(text);

	html_text(out, clean);
}

void report_page_put(struct buf *out, const char *tag, const char *text)
{
	size_t name = strcspn(tag, " ");

	if (!text || !*text)
		return;
	buf_fmt(out, "<%s>", tag);
	report_page_text(out, text);
	buf_fmt(out, "</%.*s>", (int)name, tag);
}

void report_page_bar(struct buf *out, long long part, long long all,
		     const char *kind)
{
	long long percent = all > 0 ? part * 100 / all : 0;

	buf_fmt(out,
		"<span class=\"bar %s\" role=\"img\" aria-label=\"%lld%%\">"
		"<i style=\"width:%lld%%\"></i></span>",
		kind, percent, percent);
}

/* ---- a goal ---- */

static void put_pair(struct buf *out, const char *label, const char *clean)
{
	if (!*clean)
		return;
	report_page_put(out, "dt", label);
	report_page_put(out, "dd", clean);
}

static void put_pairs(const struct report *report,
		      const struct graded_test *test, struct buf *out)
{
	OWN_FREE char *expected = report_part(report, test, test->expected);
	OWN_FREE char *actual = report_part(report, test, test->actual);
	OWN_FREE char *hint = report_part(report, test, test->hint);

	if (!*expected && !*actual && !*hint)
		return;
	buf_str(out, "<dl>");
	put_pair(out, _("expected"), expected);
	put_pair(out, _("there is"), actual);
	put_pair(out, _("look at"), hint);
	buf_str(out, "</dl>");
}

static void put_log(const struct report *report, const struct graded_test *test,
		    size_t most, struct buf *out)
{
	OWN_FREE char *log = report_part(report, test, test->log);
	size_t len = strlen(log);
	const char *tail = log + (len > most ? len - most : 0);

	if (most == 0 || len == 0)
		return;
	while (((unsigned char)*tail & 0xc0) == 0x80)
		tail++;
	buf_str(out, "<details>");
	report_page_put(out, "summary", _("what was printed"));
	report_page_put(out, "pre", tail);
	buf_str(out, "</details>");
}

static void put_outcome(const struct report *report,
			const struct graded_test *test, size_t log_most,
			struct buf *out)
{
	OWN_FREE char *why = report_why(report, test);
	/* What nobody looked at has nothing to show beside why. */
	bool looked = test->status != GRADED_PASS &&
		      test->status != GRADED_SKIPPED;

	/* What there is, and no more, is said beside what was expected. */
	if (!looked || !report_repeats(test, why))
		report_page_put(out, "p class=\"why\"", why);
	if (test->status == GRADED_ERROR)
		report_page_put(
			out, "p class=\"why\"",
			_("This is the grader's fault, not yours, and takes no "
			  "points away. Ask for it to be graded again."));
	if (looked)
		put_pairs(report, test, out);
	put_log(report, test, log_most, out);
}

static const char *visibility_words(const struct graded_test *test)
{
	switch (test->visibility) {
	case GRADED_HIDDEN:
		return _("hidden");
	case GRADED_AFTER_DUE_DATE:
		return _("shown after the due date");
	case GRADED_AFTER_PUBLISHED:
		return _("shown when grades are published");
	case GRADED_VISIBLE:
		break;
	}
	return "";
}

static void put_goal(const struct report *report,
		     const struct graded_test *test, size_t log_most,
		     struct buf *out)
{
	OWN_FREE char *title = report_title(report, test);

	buf_fmt(out,
		"<div class=\"goal\"><span class=\"sign %s\" title=\"%s\">%s"
		"</span><span class=\"name\">",
		graded_status_word(test->status),
		report_page_word(test->status), report_page_sign(test->status));
	report_page_text(out, title);
	buf_char(out, ' ');
	report_page_put(out, "span class=\"hidden\"", visibility_words(test));
	buf_fmt(out, "</span><span class=\"points\">%d / %d</span><div>",
		test->score, test->max);
	put_outcome(report, test, log_most, out);
	buf_str(out, "</div></div>\n");
}

void report_page_goals(const struct report *report, const struct graded *graded,
		       size_t log_most, struct buf *out)
{
	struct report_step step = { 0 };

	while (report_next_step(graded, &step)) {
		OWN_FREE char *title = report_step_title(&step);

		report_page_put(out, "h3", title);
		buf_char(out, '\n');
		for (size_t i = 0; i < step.count; i++)
			put_goal(report, &step.first[i],
				 report_same_log(&step, i) ? 0 : log_most, out);
	}
}

void report_page_notes(const struct report *report, const struct graded *graded,
		       struct buf *out)
{
	OWN_FREE char *note = report_note(graded);

	report_page_put(out, "p class=\"note\"", note);
	report_page_put(out, "p class=\"note\"", report_advice(graded));
	for (size_t i = 0; i < graded->remarks.count && !report->student; i++)
		report_page_put(out, "p class=\"remark\"",
				graded->remarks.items[i]);
}

/* ---- one submission ---- */

static void put_tile(struct buf *out, const char *value, const char *label)
{
	buf_str(out, "<div class=\"tile\">");
	report_page_put(out, "b", value);
	report_page_put(out, "span", label);
	buf_str(out, "</div>\n");
}

static void put_tiles(const struct graded *graded, struct buf *out)
{
	bool counts = graded_counts(graded);
	OWN_FREE char *points =
		counts ? mem_fmt("%d / %d", graded_score(graded),
				 graded_max(graded))
		       : mem_str("–");
	OWN_FREE char *met =
		mem_fmt("%zu / %zu", graded_count(graded, GRADED_PASS),
			graded->tests_count);
	char seconds[REPORT_SECONDS];
	OWN_FREE char *time = mem_fmt(
		_("%s s"), report_seconds(graded->duration_ns, seconds));

	buf_str(out, "<div class=\"tiles\">\n");
	put_tile(out, points, counts ? _("points") : _("no result"));
	put_tile(out, met, _("goals met"));
	put_tile(out, time, _("to grade it"));
	buf_str(out, "</div>\n");
	if (counts)
		report_page_bar(out, graded_score(graded), graded_max(graded),
				"pass");
}

static void put_one(const struct report *report, struct buf *out)
{
	const struct graded *graded = report->many;
	OWN_FREE char *who = report_who(graded);
	OWN_FREE char *lesson = clean_line(graded->lesson);
	OWN_FREE char *version = clean_line(graded->version);
	char when[REPORT_TIME];
	OWN_FREE char *sub =
		mem_fmt(_("%s · graded %s · version %.19s · seed %llu"), who,
			report_time(graded->started_ns, when), version,
			(unsigned long long)graded->seed);

	buf_str(out, "<main class=\"one\">\n");
	report_page_put(out, "h1",
			graded->title && *graded->title ? graded->title
							: lesson);
	report_page_put(out, "p class=\"sub\"", sub);
	buf_char(out, '\n');
	put_tiles(graded, out);
	report_page_notes(report, graded, out);
	report_page_goals(report, graded, GRADED_LOG_MOST, out);
	buf_str(out, "</main>\n");
}

/* ---- the page ---- */

static char *page_title(const struct report *report)
{
	const struct graded *graded = report->many;
	OWN_FREE char *lesson = NULL;
	OWN_FREE char *who = NULL;

	if (report->count == 0)
		return mem_str(_("Grading"));
	lesson = clean_line(graded->title && *graded->title ? graded->title
							    : graded->lesson);
	if (report->count > 1 || report->env->missing)
		return own_give_ptr(&lesson);
	who = report_who(graded);
	return mem_fmt("%s: %s", lesson, who);
}

int report_html(const struct report *report, struct buf *out, struct err *err)
{
	OWN_FREE char *title = page_title(report);
	const char *lang = report->env->lang;

	(void)err; /* nothing in it can fail */
	buf_fmt(out,
		"<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n"
		"<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" "
		"content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
		"<meta name=\"viewport\" "
		"content=\"width=device-width, initial-scale=1\">\n",
		lang && strcmp(lang, "ja") == 0 ? "ja" : "en");
	report_page_put(out, "title", title);
	buf_fmt(out, "\n<style>%s</style>\n</head>\n<body>\n",
		report_page_style);
	if (report->count == 1 && !report->env->missing)
		put_one(report, out);
	else
		report_page_class(report, out);
	buf_str(out, "</body>\n</html>\n");
	return 0;
}
