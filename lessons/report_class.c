/* lessons/report_class.c - a class on one page: who has met what, which goal failed
 * most often and how, how long it took, what looks alike, what has no result.
 *
 * The page of one submission is report_html.c's. */
#include <stdlib.h>
#include <string.h>

#include "lessons/clean.h"
#include "lessons/report_page.h"
#include "lessons/tally.h"
#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

/* Bytes of what was printed that are shown of each goal: a class has many. */
#define LOG_MOST 1024
#define MESSAGES_MOST 4
#define SLOWEST 8
#define BINS 10

static void tile(struct class_page *page, char *value, const char *label)
{
	buf_str(page->out, "<div class=\"tile\">");
	report_page_put(page->out, "b", value);
	report_page_put(page->out, "span", label);
	buf_str(page->out, "</div>\n");
	free(value);
}

/* "12.3" of tenths. */
static char *tenths(long long value)
{
	return mem_fmt("%lld.%lld", value / 10, value % 10);
}

/* ---- at a glance ---- */

static size_t count_perfect(const struct report *report)
{
	size_t count = 0;

	for (size_t i = 0; i < report->count; i++) {
		const struct graded *graded = &report->many[i];

		count += graded_counts(graded) &&
			 graded_count(graded, GRADED_PASS) ==
				 graded->tests_count;
	}
	return count;
}

static size_t count_missing(const struct report *report)
{
	return report->env->missing ? report->env->missing->count : 0;
}

static void put_head(struct class_page *page)
{
	const struct report *report = page->report;
	const struct graded *first = report->count ? report->many : NULL;
	OWN_FREE char *version = clean_line(first ? first->version : "");
	char when[REPORT_TIME];
	OWN_FREE char *sub =
		*version ? mem_fmt(_("%s · lesson's version %.19s"),
				   report_time(report->env->now_ns, when),
				   version)
			 : mem_str(report_time(report->env->now_ns, when));
	const char *title = first ? first->title && *first->title
					    ? first->title
					    : first->lesson
				  : _("Grading");

	report_page_put(page->out, "h1", title);
	report_page_put(page->out, "p class=\"sub\"", sub);
	buf_char(page->out, '\n');
}

static void put_tiles(struct class_page *page)
{
	const struct report *report = page->report;
	const struct tally *tally = page->tally;
	size_t all = report->count + count_missing(report);
	long long graded = (long long)tally->graded;

	buf_str(page->out, "<div class=\"tiles\">\n");
	tile(page, mem_fmt("%zu", all), _("submissions"));
	tile(page, mem_fmt("%zu", tally->graded), _("graded"));
	tile(page, mem_fmt("%zu", all - tally->graded), _("without a result"));
	tile(page, mem_fmt("%zu", count_perfect(report)),
	     _("have met every goal"));
	if (graded > 0) {
		OWN_FREE char *mean = tenths(tally->score * 10 / graded);
		OWN_FREE char *max = tenths(tally->max * 10 / graded);

		tile(page, mem_fmt("%s / %s", mean, max),
		     _("points on average"));
		tile(page, class_page_seconds(tally->median_ns),
		     _("per submission, median"));
	}
	buf_str(page->out, "</div>\n");
}

/* ---- points ---- */

static void count_bins(const struct report *report, size_t bins[BINS])
{
	for (size_t i = 0; i < report->count; i++) {
		const struct graded *graded = &report->many[i];
		int max = graded_max(graded);
		int bin;

		if (!graded_counts(graded) || max == 0)
			continue;
		bin = (int)((long long)graded_score(graded) * BINS / max);
		bins[bin < BINS ? bin : BINS - 1]++;
	}
}

static void put_points(struct class_page *page)
{
	size_t bins[BINS] = { 0 };
	size_t highest = 1;

	if (page->tally->graded == 0)
		return;
	count_bins(page->report, bins);
	for (int i = 0; i < BINS; i++)
		highest = bins[i] > highest ? bins[i] : highest;
	class_page_heading(page, "points", _("How many points"));
	buf_str(page->out, "<div class=\"hist\" style=\"margin-top:1.6rem\">");
	for (int i = 0; i < BINS; i++)
		buf_fmt(page->out,
			"<div style=\"height:%zu%%\"><b>%zu</b></div>",
			bins[i] * 100 / highest, bins[i]);
	buf_str(page->out, "</div>\n<div class=\"axis\">");
	for (int i = 0; i < BINS; i++)
		buf_fmt(page->out, "<span>%d–%d%%</span>", i * 100 / BINS,
			(i + 1) * 100 / BINS);
	buf_str(page->out, "</div>\n");
}

/* ---- most failed ---- */

static void put_messages(struct class_page *page, const struct tally_goal *goal)
{
	/* One that is left out takes as much room as itself. */
	size_t most = goal->messages_count > MESSAGES_MOST + 1
			      ? MESSAGES_MOST
			      : goal->messages_count;

	buf_str(page->out, "<ul>");
	for (size_t i = 0; i < most; i++) {
		const struct tally_message *message = &goal->messages[i];
		OWN_FREE char *words = report_how_failed(message->test);

		buf_fmt(page->out, "<li>%zu × ", message->count);
		report_page_text(page->out, words);
		buf_char(page->out, ' ');
		report_page_put(page->out, "code", message->reason);
		buf_str(page->out, "</li>");
	}
	if (goal->messages_count > most) {
		OWN_FREE char *more = mem_fmt(_("and %zu other messages"),
					      goal->messages_count - most);

		report_page_put(page->out, "li", more);
	}
	buf_str(page->out, "</ul>");
}

static void put_worst_goal(struct class_page *page,
			   const struct tally_goal *goal)
{
	OWN_FREE char *share =
		mem_fmt(_("%zu of %zu"), goal->failed, goal->seen);

	buf_str(page->out, "<li><div class=\"top\"><span><b>");
	report_page_text(page->out, goal->title);
	buf_str(page->out, "</b> <span class=\"hidden\">");
	buf_fmt(page->out, "%d.%d ", goal->step_number, goal->goal_number);
	report_page_text(page->out, goal->id);
	buf_str(page->out, "</span></span>");
	report_page_put(page->out, "span class=\"points\"", share);
	buf_str(page->out, "</div>");
	report_page_bar(page->out, (long long)goal->failed,
			(long long)goal->seen, "fail");
	put_messages(page, goal);
	buf_str(page->out, "</li>\n");
}

static void put_worst(struct class_page *page)
{
	const struct tally *tally = page->tally;

	class_page_heading(page, "failed", _("Most often not met"));
	if (tally->count == 0 || tally->by_failures[0]->failed == 0) {
		report_page_put(page->out, "p",
				tally->graded > 0
					? _("Every goal was met by everybody.")
					: _("Nothing has been graded."));
		return;
	}
	buf_str(page->out, "<ol class=\"worst\">\n");
	for (size_t i = 0; i < tally->count; i++) {
		if (tally->by_failures[i]->failed > 0)
			put_worst_goal(page, tally->by_failures[i]);
	}
	buf_str(page->out, "</ol>\n");
}

/* ---- time ---- */

static int by_time(const void *a, const void *b)
{
	const struct graded *x = *(const struct graded *const *)a;
	const struct graded *y = *(const struct graded *const *)b;

	return (x->duration_ns < y->duration_ns) -
	       (x->duration_ns > y->duration_ns);
}

static long long sum_of_times(const struct report *report)
{
	long long sum = 0;

	for (size_t i = 0; i < report->count; i++)
		sum += report->many[i].duration_ns;
	return sum;
}

static void put_times_line(struct class_page *page)
{
	const struct report_env *env = page->report->env;
	const struct tally *tally = page->tally;
	OWN_FREE char *sum = class_page_seconds(sum_of_times(page->report));
	OWN_FREE char *took = class_page_seconds(env->took_ns);
	OWN_FREE char *shortest = class_page_seconds(tally->shortest_ns);
	OWN_FREE char *median = class_page_seconds(tally->median_ns);
	OWN_FREE char *longest = class_page_seconds(tally->longest_ns);
	OWN_FREE char *line =
		mem_fmt(_("Shortest %s, median %s, longest %s; all together "
			  "%s."),
			shortest, median, longest, sum);

	report_page_put(page->out, "p", line);
	if (env->took_ns > 0) {
		OWN_FREE char *whole =
			mem_fmt(_("The whole class took %s, with %d at once."),
				took, env->jobs > 0 ? env->jobs : 1);

		report_page_put(page->out, "p", whole);
	}
	buf_char(page->out, '\n');
}

static void put_times(struct class_page *page)
{
	const struct report *report = page->report;
	OWN_FREE const struct graded **order = NULL;

	if (report->count == 0)
		return;
	order = mem_grow(NULL, report->count, sizeof(struct graded *));
	for (size_t i = 0; i < report->count; i++)
		order[i] = &report->many[i];
	qsort(order, report->count, sizeof(struct graded *), by_time);
	class_page_heading(page, "time", _("How long it took"));
	put_times_line(page);
	buf_str(page->out, "<table>\n");
	for (size_t i = 0; i < report->count && i < SLOWEST; i++) {
		OWN_FREE char *who = report_who(order[i]);
		OWN_FREE char *time = class_page_seconds(order[i]->duration_ns);

		buf_str(page->out, "<tr>");
		report_page_put(page->out, "td", who);
		report_page_put(page->out, "td class=\"n\"", time);
		buf_str(page->out, "<td style=\"width:16rem\">");
		report_page_bar(page->out, order[i]->duration_ns / 1000,
				order[0]->duration_ns / 1000, "");
		buf_str(page->out, "</td></tr>\n");
	}
	buf_str(page->out, "</table>\n");
}

/* ---- similar, not graded ---- */

static void put_similar(struct class_page *page)
{
	const struct report_env *env = page->report->env;

	if (env->similar_count == 0)
		return;
	class_page_heading(page, "similar", _("Similar submissions"));
	report_page_put(page->out, "p",
			_("Likeness is no proof: some lessons leave few ways "
			  "to do them. Look at both before you ask."));
	buf_str(page->out, "\n<table>\n");
	for (size_t i = 0; i < env->similar_count; i++) {
		const struct report_similar *pair = &env->similar[i];

		buf_str(page->out, "<tr>");
		report_page_put(page->out, "td", pair->a);
		report_page_put(page->out, "td", pair->b);
		buf_fmt(page->out, "<td class=\"n\">%d %%</td><td>",
			pair->percent);
		report_page_text(page->out, pair->what);
		buf_str(page->out, "</td></tr>\n");
	}
	buf_str(page->out, "</table>\n");
}

static void put_without(struct class_page *page, const char *who,
			const char *why)
{
	buf_str(page->out, "<li><b>");
	report_page_text(page->out, who);
	buf_str(page->out, "</b>: ");
	report_page_text(page->out, why);
	buf_str(page->out, "</li>\n");
}

static size_t count_refused(const struct report *report)
{
	size_t count = 0;

	for (size_t i = 0; i < report->count; i++)
		count += graded_refused(&report->many[i]);
	return count;
}

/* Those without a result that were refused, or those that were not. */
static void put_those(struct class_page *page, bool refused)
{
	const struct report *report = page->report;

	for (size_t i = 0; i < report->count; i++) {
		OWN_FREE char *who = report_who(&report->many[i]);
		OWN_FREE char *note = report_note(&report->many[i]);

		if (!graded_counts(&report->many[i]) &&
		    graded_refused(&report->many[i]) == refused)
			put_without(page, who, note);
	}
}

static void put_refused(struct class_page *page)
{
	if (count_refused(page->report) == 0)
		return;
	class_page_heading(page, "refused", _("Refused"));
	report_page_put(page->out, "p",
			_("There is nothing in them that could be graded, "
			  "however often it is tried: ask for another one."));
	buf_str(page->out, "\n<ul>\n");
	put_those(page, true);
	buf_str(page->out, "</ul>\n");
}

static void put_not_graded(struct class_page *page)
{
	const struct report *report = page->report;
	const struct strs *missing = report->env->missing;

	if (report->count + count_missing(report) ==
	    page->tally->graded + count_refused(report))
		return;
	class_page_heading(page, "without", _("Without a result"));
	report_page_put(page->out, "p",
			_("These are no zeros: they have to be graded "
			  "again."));
	buf_str(page->out, "\n<ul>\n");
	put_those(page, false);
	for (size_t i = 0; i < count_missing(report); i++)
		put_without(page, missing->items[i], _("no result was written for it"));
	buf_str(page->out, "</ul>\n");
}

/* ---- each ---- */

static void put_each(struct class_page *page)
{
	const struct report *report = page->report;

	if (report->count == 0)
		return;
	class_page_heading(page, "each", _("Each submission"));
	buf_str(page->out, "<div class=\"all\">\n");
	for (size_t i = 0; i < report->count; i++) {
		const struct graded *graded = &report->many[i];
		OWN_FREE char *who = report_who(graded);

		buf_fmt(page->out, "<details id=\"s%zu\"><summary><span>",
			i + 1);
		report_page_text(page->out, who);
		buf_str(page->out, "</span><span class=\"points\">");
		if (graded_counts(graded))
			buf_fmt(page->out, "%d / %d", graded_score(graded),
				graded_max(graded));
		else
			buf_str(page->out, "–");
		buf_str(page->out, "</span></summary>\n");
		report_page_notes(report, graded, page->out);
		report_page_goals(report, graded, LOG_MOST, page->out);
		buf_str(page->out, "</details>\n");
	}
	buf_str(page->out, "</div>\n");
}

void report_page_class(const struct report *report, struct buf *out)
{
	struct tally tally = { 0 };
	struct class_page page = { report, &tally, out };

	tally_count(report->many, report->count, &tally);
	buf_str(out, "<main>\n");
	put_head(&page);
	put_tiles(&page);
	put_not_graded(&page);
	put_refused(&page);
	put_points(&page);
	put_worst(&page);
	class_page_matrix(&page);
	put_times(&page);
	put_similar(&page);
	put_each(&page);
	buf_str(out, "</main>\n");
	tally_done(&tally);
}
