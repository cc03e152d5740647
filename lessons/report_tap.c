/* lessons/report_tap.c - the Test Anything Protocol, version 14.
 *
 *   TAP version 14
 *   1..2
 *   # Subtest: build
 *       1..2
 *       ok 1 - image site:1 exists
 *       not ok 2 - port 8123 is published
 *         ---
 *         message: "port 8123 is not published"
 *         ...
 *   not ok 1 - build
 *   ok 2 - run # SKIP needs build
 *
 * A step is a subtest; of a class each submission is one, and its steps are in it.
 * What could not be graded at all bails out; what was refused is not ok. TAP has no
 * points: they stand in the YAML. A string of JSON is one of YAML, so that nothing in it
 * can end the block.
 *
 * A reader of version 13 takes the same lines, with subtests for comments, but refuses a
 * document that calls itself 14. Perl's `prove` says in TAP_VERSION what it reads (14
 * since Test::Harness 3.48), and it is called what is asked for.
 *
 * Source: Test Anything Protocol, "TAP 14 Specification"; TAP::Parser(3perl). */
#include "lessons/report_parts.h"

#include <string.h>

#include "lessons/clean.h"
#include "runtime/base/buf.h"
#include "runtime/base/json_text.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

static void indent(struct buf *out, int depth)
{
	for (int i = 0; i < depth * 4; i++)
		buf_char(out, ' ');
}

/* A description or reason: '#' would begin a directive. */
static void put_words(struct buf *out, const char *clean)
{
	for (; *clean; clean++) {
		if (*clean == '#' || *clean == '\\')
			buf_char(out, '\\');
		buf_char(out, *clean);
	}
}

static void put_point(struct buf *out, int depth, bool ok, size_t number,
		      const char *name)
{
	indent(out, depth);
	buf_fmt(out, "%s %zu - ", ok ? "ok" : "not ok", number);
	put_words(out, name);
}

static void put_skip(struct buf *out, const char *why)
{
	buf_str(out, " # SKIP ");
	put_words(out, why);
}

/* ---- a goal ---- */

static void put_key(struct buf *out, int depth, const char *key,
		    const char *text)
{
	OWN_FREE char *clean = clean_dup(text);

	if (!*clean)
		return;
	indent(out, depth);
	buf_fmt(out, "  %s: ", key);
	json_text_add(out, clean);
	buf_char(out, '\n');
}

static void put_yaml(const struct report *report,
		     const struct graded_test *test, int depth, struct buf *out)
{
	OWN_FREE char *why = report_why(report, test);
	char seconds[REPORT_SECONDS];

	indent(out, depth);
	buf_str(out, "  ---\n");
	put_key(out, depth, "message", why);
	put_key(out, depth, "severity", graded_status_word(test->status));
	if (!report_hides(report, test)) {
		put_key(out, depth, "reason", test->reason);
		put_key(out, depth, "expected", test->expected);
		put_key(out, depth, "actual", test->actual);
		put_key(out, depth, "hint", test->hint);
		put_key(out, depth, "log", test->log);
	}
	indent(out, depth);
	buf_fmt(out, "  score: %d\n", test->score);
	indent(out, depth);
	buf_fmt(out, "  max: %d\n", test->max);
	indent(out, depth);
	buf_fmt(out, "  duration_s: %s\n",
		report_seconds(test->duration_ns, seconds));
	indent(out, depth);
	buf_str(out, "  ...\n");
}

static void put_goal(const struct report *report,
		     const struct graded_test *test, int depth, size_t number,
		     struct buf *out)
{
	OWN_FREE char *title = report_title(report, test);
	OWN_FREE char *why = report_why(report, test);
	bool skipped = test->status == GRADED_SKIPPED;

	put_point(out, depth, skipped || test->status == GRADED_PASS, number,
		  title);
	if (skipped)
		put_skip(out, why);
	buf_char(out, '\n');
	put_yaml(report, test, depth, out);
}

/* ---- a step, a submission ---- */

static void begin_subtest(struct buf *out, int depth, const char *name,
			  size_t plan)
{
	indent(out, depth);
	buf_str(out, "# Subtest: ");
	put_words(out, name);
	buf_char(out, '\n');
	indent(out, depth + 1);
	buf_fmt(out, "1..%zu\n", plan);
}

static bool is_ok(const struct report_step *step)
{
	return report_step_count(step, GRADED_PASS) +
		       report_step_count(step, GRADED_SKIPPED) ==
	       step->count;
}

static void put_step(const struct report *report,
		     const struct report_step *step, int depth, size_t number,
		     struct buf *out)
{
	OWN_FREE char *title = report_step_title(step);
	OWN_FREE char *why = report_why(report, step->first);

	begin_subtest(out, depth, title, step->count);
	for (size_t i = 0; i < step->count; i++)
		put_goal(report, &step->first[i], depth + 1, i + 1, out);
	put_point(out, depth, is_ok(step), number, title);
	if (report_step_count(step, GRADED_SKIPPED) == step->count)
		put_skip(out, why);
	buf_char(out, '\n');
}

static size_t count_steps(const struct graded *graded)
{
	struct report_step step = { 0 };
	size_t count = 0;

	while (report_next_step(graded, &step))
		count++;
	return count;
}

static void put_steps(const struct report *report, const struct graded *graded,
		      int depth, struct buf *out)
{
	struct report_step step = { 0 };
	size_t number = 0;

	while (report_next_step(graded, &step))
		put_step(report, &step, depth, ++number, out);
}

static bool all_ok(const struct graded *graded)
{
	return graded_counts(graded) &&
	       graded_count(graded, GRADED_PASS) +
			       graded_count(graded, GRADED_SKIPPED) ==
		       graded->tests_count;
}

/* A point for all of it, with what is to be said beside the goals. */
static void put_whole(const struct graded *graded, size_t number,
			const char *name, struct buf *out)
{
	OWN_FREE char *note = report_note(graded);
	bool ours = !graded_counts(graded) && !graded_refused(graded);

	put_point(out, 0, all_ok(graded), number, name);
	buf_char(out, '\n');
	if (*note) {
		buf_str(out, "  ---\n");
		put_key(out, 0, "message", note);
		put_key(out, 0, "severity", ours ? "error" : "fail");
		buf_str(out, "  ...\n");
	}
}

static void put_submission(const struct report *report, size_t index,
			   struct buf *out)
{
	const struct graded *graded = &report->many[index];
	OWN_FREE char *who = report_who(graded);
	size_t steps = count_steps(graded);

	if (steps > 0) {
		begin_subtest(out, 0, who, steps);
		put_steps(report, graded, 1, out);
	}
	put_whole(graded, index + 1, who, out);
}

static void put_one(const struct report *report, const struct graded *graded,
		    struct buf *out)
{
	OWN_FREE char *note = report_note(graded);

	if (graded_refused(graded)) {
		buf_str(out, "1..1\n");
		put_whole(graded, 1, _("the submission itself"), out);
		return;
	}
	if (graded->state != GRADED_DONE ||
	    graded->fault == GRADED_FAULT_GRADER) {
		buf_str(out, "Bail out! ");
		put_words(out, note);
		buf_char(out, '\n');
		return;
	}
	buf_fmt(out, "1..%zu\n", count_steps(graded));
	if (*note)
		buf_fmt(out, "# %s\n", note);
	put_steps(report, graded, 0, out);
}

static int version_asked_for(const struct report_env *env)
{
	const char *most = env->variable ? env->variable("TAP_VERSION") : NULL;

	return most && strcmp(most, "13") == 0 ? 13 : 14;
}

int report_tap(const struct report *report, struct buf *out, struct err *err)
{
	(void)err; /* nothing in it can fail */
	buf_fmt(out, "TAP version %d\n", version_asked_for(report->env));
	if (report->count != 1) {
		buf_fmt(out, "1..%zu\n", report->count);
		for (size_t i = 0; i < report->count; i++)
			put_submission(report, i, out);
		return 0;
	}
	put_one(report, report->many, out);
	return 0;
}
