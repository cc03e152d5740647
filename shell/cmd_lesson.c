/* shell/cmd_lesson.c - for authors: `lesson new`, `lesson lint`, `lesson test`,
 * `lesson preview`. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lessons/course.h"
#include "lessons/lint.h"
#include "lessons/prove.h"
#include "lessons/template.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_preview.h"
#include "shell/lesson_view.h"

/* Calls `each` for the lessons named, or for all; the status is the worst. */
typedef int each_lesson(struct shell *shell, const struct course_entry *entry,
			void *arg, struct err *err);

static int for_each(struct shell *shell, const struct args *args,
		    each_lesson *each, void *arg, struct err *err)
{
	struct course course = { 0 };
	int status = 0;
	int r = course_open(shell->lessons_dirs, &course, err);

	for (int i = 0; r == 0 && i < args->count; i++) {
		const struct course_entry *entry = NULL;

		r = course_find(&course, args->words[i], &entry, err);
		if (r == 0)
			r = each(shell, entry, arg, err);
		status = r > status ? r : status;
		r = r > 0 ? 0 : r;
	}
	for (size_t i = 0; r == 0 && args->count == 0 && i < course.count;
	     i++) {
		r = each(shell, &course.items[i], arg, err);
		status = r > status ? r : status;
		r = r > 0 ? 0 : r;
	}
	course_done(&course);
	return r < 0 ? r : status;
}

/* ---- lesson new ---- */

static int run_new(struct shell *shell, struct args *args, struct err *err)
{
	const char *dir = args->count > 1 ? args->words[1] : ".";
	int r = template_write(dir, args->words[0], err);

	if (r < 0)
		return r;
	fprintf(shell->out,
		_("Made %s/%s. Try: dockershell --lessons %s "
		  "lesson test"),
		dir, args->words[0], dir);
	fputc('\n', shell->out);
	return 0;
}

/* ---- lesson lint ---- */

static int lint_one(struct shell *shell, const struct course_entry *entry,
		    void *arg, struct err *err)
{
	OWN_STRS struct strs found = { 0 };
	int r = lint_lesson(entry->dir, &found, err);

	(void)arg;
	if (r < 0)
		return r;
	for (size_t i = 0; i < found.count; i++)
		fprintf(shell->out, "%s: %s\n", entry->id, found.items[i]);
	if (found.count == 0)
		fprintf(shell->out, "%s: %s\n", entry->id,
			_("nothing to mend"));
	return found.count > 0 ? 1 : 0;
}

static int run_lint(struct shell *shell, struct args *args, struct err *err)
{
	return for_each(shell, args, lint_one, NULL, err);
}

/* ---- lesson test ---- */

struct test_opts {
	struct opt_number seeds;
	bool verbose;
};

struct test {
	struct shell *shell;
	struct lesson_session *before;
	const struct test_opts *opts;
	const char *id;
	int proofs;
};

static void enter(void *ctx, struct lesson_session *session)
{
	struct test *test = ctx;

	if (!session) {
		lesson_view_enter(test->shell, test->before);
		return;
	}
	test->before = test->shell->lesson;
	lesson_view_enter(test->shell, session);
}

static void say(void *ctx, bool good, const char *sentence)
{
	struct test *test = ctx;

	test->proofs++;
	if (good && !test->opts->verbose)
		return;
	fprintf(test->shell->out, "%s %s: %s\n", good ? "ok  " : "FAIL",
		test->id, sentence);
	fflush(test->shell->out);
}

static double seconds_since(const struct timespec *from)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - from->tv_sec) +
	       (double)(now.tv_nsec - from->tv_nsec) / 1e9;
}

static int test_one(struct shell *shell, const struct course_entry *entry,
		    void *arg, struct err *err)
{
	const struct test_opts *opts = arg;
	struct test test = { .shell = shell, .opts = opts, .id = entry->id };
	struct prove prove = {
		.seeds = opts->seeds.given ? (int)opts->seeds.value : 3,
		.ctx = &test,
		.enter = enter,
		.say = say,
	};
	struct timespec from;
	int failed;

	clock_gettime(CLOCK_MONOTONIC, &from);
	if (prove.seeds < 1 || prove.seeds > 100)
		return err_set(err, EINVAL, _("--seeds: from 1 to 100"));
	lesson_view_place(shell, &prove.place);
	failed = prove_lesson(&prove, entry->id, err);
	if (failed < 0)
		return failed;
	fprintf(shell->out,
		_("%s: %d proofs, %d failed (2 languages, seeds: %d, %.1f s)"),
		entry->id, test.proofs, failed, prove.seeds,
		seconds_since(&from));
	fputc('\n', shell->out);
	return failed > 0 ? 1 : 0;
}

static int run_test(struct shell *shell, struct args *args, struct err *err)
{
	return for_each(shell, args, test_one, args->opts, err);
}

/* ---- lesson preview ---- */

static int preview_one(struct shell *shell, const struct course_entry *entry,
		       void *arg, struct err *err)
{
	(void)arg;
	return lesson_preview(shell, entry->dir, err);
}

static int run_preview(struct shell *shell, struct args *args, struct err *err)
{
	return for_each(shell, args, preview_one, NULL, err);
}

/* ---- the commands ---- */

static const struct opt test_opts[] = {
	{ .name = "seeds",
	  .kind = OPT_COUNT,
	  .placeholder = "number",
	  .help = N_("For how many learners it is proved (default 3)"),
	  .offset = offsetof(struct test_opts, seeds) },
	{ .name = "verbose",
	  .letter = 'v',
	  .kind = OPT_FLAG,
	  .help = N_("Show each proof, not only what fails"),
	  .offset = offsetof(struct test_opts, verbose) },
	{ .name = NULL },
};

static const char *const new_examples[] = { "lesson new 20-mine",
					    "lesson new 21-networks", NULL };
static const char *const lint_examples[] = { "lesson lint", "lesson lint diff",
					     NULL };
static const char *const test_examples[] = { "lesson test diff",
					     "lesson test --seeds 2 diff", NULL };
static const char *const preview_examples[] = { "lesson preview diff",
						"lesson preview 4", NULL };

const struct cmd cmd_lesson_new = {
	.name = "lesson new",
	.group = N_("Lessons"),
	.synopsis = "NAME [FOLDER]",
	.summary = N_("For authors: make a new lesson to begin from"),
	.min_args = 1,
	.max_args = 2,
	.examples = new_examples,
	.run = run_new,
	.ours = true,
	.needs = CMD_NEEDS_NOTHING,
	.first = COMPLETE_NOTHING,
	.rest = COMPLETE_FOLDERS,
};

const struct cmd cmd_lesson_lint = {
	.name = "lesson lint",
	.group = N_("Lessons"),
	.synopsis = "[LESSON...]",
	.summary = N_("For authors: what is missing or does not fit"),
	.max_args = -1,
	.examples = lint_examples,
	.run = run_lint,
	.ours = true,
	.needs = CMD_NEEDS_NOTHING,
	.first = COMPLETE_LESSONS,
	.rest = COMPLETE_LESSONS,
};

const struct cmd cmd_lesson_test = {
	.name = "lesson test",
	.group = N_("Lessons"),
	.synopsis = "[OPTIONS] [LESSON...]",
	.summary = N_("For authors: prove a lesson by doing it"),
	.max_args = -1,
	.opts = test_opts,
	.opts_size = sizeof(struct test_opts),
	.examples = test_examples,
	.run = run_test,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
	.first = COMPLETE_LESSONS,
	.rest = COMPLETE_LESSONS,
};

const struct cmd cmd_lesson_preview = {
	.name = "lesson preview",
	.group = N_("Lessons"),
	.synopsis = "[LESSON...]",
	.summary = N_("For authors: all pages, as a learner sees them"),
	.max_args = -1,
	.examples = preview_examples,
	.run = run_preview,
	.ours = true,
	.needs = CMD_NEEDS_NOTHING,
	.first = COMPLETE_LESSONS,
	.rest = COMPLETE_LESSONS,
};
