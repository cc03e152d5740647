/* lessons/report_matrix.c - who has met what: a row for each submission, a column for
 * each goal; and what the parts of a class's page share. */
#include <stdlib.h>
#include <string.h>

#include "lessons/report_page.h"
#include "lessons/tally.h"
#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

void class_page_heading(struct class_page *page, const char *id,
			const char *text)
{
	buf_fmt(page->out, "<h2 id=\"%s\">", id);
	report_page_text(page->out, text);
	buf_str(page->out, "</h2>\n");
}

char *class_page_seconds(long long ns)
{
	char seconds[REPORT_SECONDS];

	report_seconds(ns, seconds);
	seconds[strlen(seconds) - 2] = 0; /* tenths are enough here */
	return mem_fmt(_("%s s"), seconds);
}

/* ---- who has met what ---- */

static bool begins_step(const struct tally *tally, size_t i)
{
	return i == 0 ||
	       tally->goals[i].step_number != tally->goals[i - 1].step_number;
}

static void put_steps_row(struct class_page *page)
{
	const struct tally *tally = page->tally;

	for (size_t i = 0; i < tally->count; i++) {
		size_t span = 1;

		if (!begins_step(tally, i))
			continue;
		while (i + span < tally->count && !begins_step(tally, i + span))
			span++;
		buf_fmt(page->out, "<th class=\"s\" colspan=\"%zu\" title=\"",
			span);
		report_page_text(page->out, tally->goals[i].step_title);
		buf_fmt(page->out, "\">%d</th>", tally->goals[i].step_number);
	}
}

static void put_goals_row(struct class_page *page)
{
	const struct tally *tally = page->tally;

	for (size_t i = 0; i < tally->count; i++) {
		const struct tally_goal *goal = &tally->goals[i];

		buf_fmt(page->out, "<th%s title=\"",
			begins_step(tally, i) ? " class=\"s\"" : "");
		report_page_text(page->out, goal->title);
		buf_fmt(page->out, "\">%d.%d</th>", goal->step_number,
			goal->goal_number);
	}
}

static void put_matrix_head(struct class_page *page)
{
	buf_str(page->out, "<thead><tr><th class=\"corner\" rowspan=\"2\">");
	report_page_text(page->out, _("submission"));
	buf_str(page->out, "</th><th rowspan=\"2\">");
	report_page_text(page->out, _("points"));
	buf_str(page->out, "</th>");
	put_steps_row(page);
	buf_str(page->out, "<th class=\"s\" rowspan=\"2\">");
	report_page_text(page->out, _("time"));
	buf_str(page->out, "</th></tr>\n<tr>");
	put_goals_row(page);
	buf_str(page->out, "</tr></thead>\n");
}

static void put_cell(struct class_page *page, const struct graded_test *test,
		     bool first)
{
	OWN_FREE char *why = NULL;

	buf_str(page->out, first ? "<td class=\"c s\">" : "<td class=\"c\">");
	if (!test) {
		buf_str(page->out, "</td>");
		return;
	}
	why = report_why(page->report, test);
	buf_fmt(page->out, "<span class=\"sign %s\" title=\"%s",
		graded_status_word(test->status),
		report_page_word(test->status));
	if (*why) {
		buf_str(page->out, ": ");
		report_page_text(page->out, why);
	}
	buf_fmt(page->out, "\">%s</span></td>", report_page_sign(test->status));
}

static const struct graded_test *test_at(const struct graded *graded, size_t at,
					 const char *id)
{
	if (at < graded->tests_count && graded->tests[at].id &&
	    strcmp(graded->tests[at].id, id) == 0)
		return &graded->tests[at];
	return graded_find(graded, id);
}

static void put_row(struct class_page *page, size_t index)
{
	const struct graded *graded = &page->report->many[index];
	const struct tally *tally = page->tally;
	OWN_FREE char *who = report_who(graded);
	OWN_FREE char *time = class_page_seconds(graded->duration_ns);

	buf_fmt(page->out, "<tr><th><a href=\"#s%zu\">", index + 1);
	report_page_text(page->out, who);
	buf_str(page->out, "</a></th><td class=\"n\">");
	if (graded_counts(graded))
		buf_fmt(page->out, "%d / %d", graded_score(graded),
			graded_max(graded));
	else
		buf_str(page->out, "–");
	buf_str(page->out, "</td>");
	for (size_t i = 0; i < tally->count; i++)
		put_cell(page, test_at(graded, i, tally->goals[i].id),
			 begins_step(tally, i));
	buf_fmt(page->out, "<td class=\"n s\">%s</td></tr>\n", time);
}

static void put_legend(struct class_page *page)
{
	buf_str(page->out, "<p class=\"legend\">");
	for (int i = 0; i < GRADED_STATUSES; i++)
		buf_fmt(page->out,
			"<span><span class=\"sign %s\">%s</span> %s</span>",
			graded_status_word((enum graded_status)i),
			report_page_sign((enum graded_status)i),
			report_page_word((enum graded_status)i));
	buf_str(page->out, "</p>\n");
}

void class_page_matrix(struct class_page *page)
{
	if (page->report->count == 0)
		return;
	class_page_heading(page, "matrix", _("Who has met what"));
	put_legend(page);
	buf_str(page->out, "<div class=\"scroll\"><table class=\"matrix\">\n");
	put_matrix_head(page);
	buf_str(page->out, "<tbody>\n");
	for (size_t i = 0; i < page->report->count; i++)
		put_row(page, i);
	buf_str(page->out, "</tbody></table></div>\n");
}
