/* lessons/report_text.c - what came of grading, on a terminal.
 *
 * One submission in full; of a class a table, and below it what a teacher looks at
 * next. Marks are told apart without colour, too. */
#include "lessons/report_parts.h"

#include <stdlib.h>
#include <string.h>

#include "lessons/clean.h"
#include "lessons/tally.h"
#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

/* ---- the small things ---- */

enum color { PLAIN, RED, GREEN, YELLOW, BOLD, FAINT };

static void put_color(const struct report *report, enum color color,
		      struct buf *out, const char *text)
{
	static const char *const codes[] = {
		[PLAIN] = "0",   [RED] = "31", [GREEN] = "32",
		[YELLOW] = "33", [BOLD] = "1", [FAINT] = "2",
	};

	if (report->env->color && color != PLAIN)
		buf_fmt(out, "\033[%sm%s\033[0m", codes[color], text);
	else
		buf_str(out, text);
}

static int columns_of(const struct report *report)
{
	return report->env->columns > 0 ? report->env->columns : 80;
}

static void put_spaces(struct buf *out, int count)
{
	for (int i = 0; i < count; i++)
		buf_char(out, ' ');
}

static const struct {
	const char *word;
	enum color color;
} marks[GRADED_STATUSES] = {
	[GRADED_PASS] = { N_("met"), GREEN },
	[GRADED_FAIL] = { N_("not met"), RED },
	[GRADED_ERROR] = { N_("in error"), YELLOW },
	[GRADED_TIMEOUT] = { N_("timeout"), RED },
	[GRADED_SKIPPED] = { N_("skipped"), FAINT },
};

static int mark_width(void)
{
	int widest = 0;

	for (int i = 0; i < GRADED_STATUSES; i++) {
		int width = clean_width(_(marks[i].word));

		widest = width > widest ? width : widest;
	}
	return widest;
}

/* How many bytes of `text` fit into so many columns, cut between words where that
 * is possible. */
static size_t line_fit(const char *text, int columns)
{
	size_t len = strcspn(text, "\n");
	size_t good = 0;

	for (size_t at = 0; at < len;) {
		size_t n = clean_fit(text + at, 1);
		OWN_FREE char *so_far = mem_strn(text, at + n);

		if (clean_width(so_far) > columns)
			return good > 0 ? good : at > 0 ? at : n;
		at += n;
		/* Behind a blank, and between two characters of Japanese. */
		if (text[at] == ' ' || n > 2)
			good = at;
	}
	return len;
}

static void put_wrapped(const struct report *report, int margin,
			const char *text, struct buf *out)
{
	int room = columns_of(report) - margin;

	while (*text) {
		size_t n = line_fit(text, room > 20 ? room : 20);

		put_spaces(out, margin);
		buf_add(out, text, n);
		buf_char(out, '\n');
		text += n;
		text += strspn(text, *text == '\n' ? "\n" : " ");
	}
}

/* ---- one submission ---- */

static void put_goal(const struct report *report,
		     const struct report_step *step, size_t index,
		     struct buf *out)
{
	const struct graded_test *test = &step->first[index];
	struct graded_test said = *test;
	OWN_FREE char *title = report_title(report, test);
	const char *word = _(marks[test->status].word);
	int margin = 2 + mark_width() + 2;
	OWN_FREE char *points = mem_fmt("%d/%d", test->score, test->max);
	OWN_BUF struct buf lines = { 0 };
	OWN_BUF struct buf says = { 0 };

	buf_str(out, "  ");
	put_color(report, marks[test->status].color, out, word);
	put_spaces(out, margin - 2 - clean_width(word));
	buf_fmt(out, "%5s  ", points);
	margin += 7;
	if (test->visibility != GRADED_VISIBLE && !report->student) {
		char *marked = mem_fmt(_("%s (hidden)"), title);

		free(title);
		title = marked;
	}
	put_wrapped(report, margin, title, &lines);
	buf_str(out, buf_text(&lines) + margin);
	if (test->status == GRADED_PASS)
		return;
	if (report_same_log(step, index) && test[-1].status != GRADED_PASS)
		said.log = NULL; /* it stands above */
	report_says(report, &said, &says);
	put_wrapped(report, margin, buf_text(&says), out);
}

static void put_score(const struct report *report, const struct graded *graded,
		      struct buf *out)
{
	OWN_FREE char *note = report_note(graded);
	OWN_FREE char *points = mem_fmt(
		_("%d of %d points"), graded_score(graded), graded_max(graded));
	char seconds[REPORT_SECONDS];

	buf_char(out, '\n');
	if (graded_counts(graded)) {
		put_color(report, BOLD, out, points);
		buf_fmt(out, _(" in %s s\n"),
			report_seconds(graded->duration_ns, seconds));
	} else {
		put_color(report, YELLOW, out, _("no result"));
		buf_char(out, '\n');
	}
	put_wrapped(report, 0, note, out);
	put_wrapped(report, 0, report_advice(graded), out);
	for (size_t i = 0; i < graded->remarks.count && !report->student; i++) {
		OWN_FREE char *remark = clean_line(graded->remarks.items[i]);

		put_wrapped(report, 0, remark, out);
	}
}

static void put_one(const struct report *report, const struct graded *graded,
		    struct buf *out)
{
	OWN_FREE char *who = report_who(graded);
	OWN_FREE char *title =
		clean_line(graded->title ? graded->title : graded->lesson);
	OWN_FREE char *head = mem_fmt("%s: %s", title, who);
	OWN_BUF struct buf lines = { 0 };
	struct report_step step = { 0 };

	put_wrapped(report, 0, head, &lines);
	head[line_fit(head, columns_of(report))] = 0;
	put_color(report, BOLD, out, head);
	/* What does not fit is not bold. */
	buf_fmt(out, "%s", buf_text(&lines) + strlen(head));
	while (report_next_step(graded, &step)) {
		OWN_FREE char *name = report_step_title(&step);

		buf_char(out, '\n');
		put_wrapped(report, 0, name, out);
		for (size_t i = 0; i < step.count; i++)
			put_goal(report, &step, i, out);
	}
	put_score(report, graded, out);
}

/* ---- a class ---- */

/* Columns of the numbers and what stands between them. */
#define NUMBERS (3 + 9 + 3 + 4 + 3 + 4 + 3 + 9)

static int name_width(const struct report *report)
{
	int most = columns_of(report) - NUMBERS;
	int widest = clean_width(_("SUBMISSION"));

	for (size_t i = 0; i < report->count; i++) {
		OWN_FREE char *who = report_who(&report->many[i]);
		int width = clean_width(who);

		widest = width > widest ? width : widest;
	}
	return widest > most && most >= 10 ? most : widest;
}

/* Numbers stand to the right of theirs, names to the left. */
static void put_cell(struct buf *out, const char *text, int width, bool right)
{
	int room = width - clean_width(text);

	if (right)
		put_spaces(out, 3 + room);
	buf_str(out, text);
	if (!right)
		put_spaces(out, room);
}

static void put_row(const struct report *report, const struct graded *graded,
		    int width, struct buf *out)
{
	OWN_FREE char *who = report_who(graded);
	OWN_FREE char *note = report_note(graded);
	OWN_FREE char *points =
		mem_fmt("%d/%d", graded_score(graded), graded_max(graded));
	char seconds[REPORT_SECONDS];

	who[line_fit(who, width)] = 0;
	put_cell(out, who, width, false);
	put_cell(out, graded_counts(graded) ? points : "-", 9, true);
	buf_fmt(out, "   %4zu   %4zu   %9s\n",
		graded_count(graded, GRADED_PASS), graded->tests_count,
		report_seconds(graded->duration_ns, seconds));
	put_wrapped(report, 4, note, out);
}

static void put_table(const struct report *report, struct buf *out)
{
	int width = name_width(report);

	put_cell(out, _("SUBMISSION"), width, false);
	put_cell(out, _("POINTS"), 9, true);
	put_cell(out, _("MET"), 4, true);
	put_cell(out, _("OF"), 4, true);
	put_cell(out, _("SECONDS"), 9, true);
	buf_char(out, '\n');
	for (size_t i = 0; i < report->count; i++)
		put_row(report, &report->many[i], width, out);
}

static void put_most_failed(const struct report *report, struct buf *out)
{
	struct tally tally = { 0 };
	size_t shown = 0;

	tally_count(report->many, report->count, &tally);
	for (size_t i = 0; i < tally.count && shown < 5; i++) {
		const struct tally_goal *goal = tally.by_failures[i];
		OWN_FREE char *title = clean_line(goal->title);
		OWN_FREE char *line = NULL;

		if (goal->failed == 0)
			break;
		if (shown++ == 0)
			buf_fmt(out, "\n%s\n", _("Most often not met:"));
		line = mem_fmt(_("%zu of %zu: %s (%s)"), goal->failed,
			       goal->seen, title, goal->id);
		put_wrapped(report, 2, line, out);
		if (goal->messages_count > 0) {
			OWN_FREE char *why =
				report_how_failed(goal->messages[0].test);

			put_wrapped(report, 6, why, out);
		}
	}
	tally_done(&tally);
}

static void put_similar(const struct report *report, struct buf *out)
{
	const struct report_env *env = report->env;

	if (env->similar_count > 0)
		buf_fmt(out, "\n%s\n", _("Similar submissions:"));
	for (size_t i = 0; i < env->similar_count; i++) {
		const struct report_similar *pair = &env->similar[i];
		OWN_FREE char *a = clean_line(pair->a);
		OWN_FREE char *b = clean_line(pair->b);
		OWN_FREE char *what = clean_line(pair->what);
		OWN_FREE char *line = mem_fmt(_("%s and %s, %d %%: %s"), a, b,
					      pair->percent, what);

		put_wrapped(report, 2, line, out);
	}
}

static void add_name(struct buf *names, const char *name)
{
	buf_fmt(names, "%s%s", names->len ? ", " : "", name);
}

static void put_names(const struct report *report, const char *head,
		      const struct buf *names, struct buf *out)
{
	if (names->len == 0)
		return;
	buf_char(out, '\n');
	put_wrapped(report, 0, head, out);
	put_wrapped(report, 2, buf_text(names), out);
}

/* What has no result is listed, so that nobody takes it for a zero; apart what would
 * have none the next time either. */
static void put_not_graded(const struct report *report, struct buf *out)
{
	const struct strs *missing = report->env->missing;
	OWN_BUF struct buf again = { 0 };
	OWN_BUF struct buf refused = { 0 };

	for (size_t i = 0; i < report->count; i++) {
		const struct graded *graded = &report->many[i];
		OWN_FREE char *who = report_who(graded);

		if (!graded_counts(graded))
			add_name(graded_refused(graded) ? &refused : &again,
				 who);
	}
	for (size_t i = 0; missing && i < missing->count; i++) {
		OWN_FREE char *who = clean_line(missing->items[i]);

		add_name(&again, who);
	}
	put_names(report, _("Without a result, to be graded again:"), &again,
		  out);
	put_names(report,
		  _("Refused, with nothing in it to grade; ask for another one:"),
		  &refused, out);
}

int report_text(const struct report *report, struct buf *out, struct err *err)
{
	(void)err; /* nothing in it can fail */
	if (report->count == 1 && !report->env->missing) {
		put_one(report, report->many, out);
		return 0;
	}
	put_table(report, out);
	put_most_failed(report, out);
	put_similar(report, out);
	put_not_graded(report, out);
	return 0;
}
