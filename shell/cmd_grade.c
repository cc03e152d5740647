/* shell/cmd_grade.c - `grade`: what is a submission worth? */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/course.h"
#include "lessons/grade.h"
#include "lessons/grade_base.h"
#include "lessons/submission.h"
#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/grade_engine.h"
#include "shell/grade_reports.h"
#include "shell/style.h"

enum { NOT_GRADED = 2 };

struct grade_opts {
	const char *submission;
	struct strs formats;
	struct strs outs;
	bool strict;
	const char *seed;
	const char *lang;
	struct opt_number time;
	struct opt_number line_time;
};

/* One `grade` under way. */
struct grading_one {
	struct shell *shell;
	const struct grade_opts *opts;
	struct grade_reports reports;
	struct grade_base base;
	struct gradeds result;
	struct err failed; /* a report that could not be written */
};

static void make_env(const struct shell *shell, struct report_env *out)
{
	*out = (struct report_env){
		.lang = shell->lang,
		.now_ns = clock_now_ns(),
		.variable = getenv,
		.columns = style_columns(shell->out),
		.color = shell->color,
	};
}

/* The result has changed: so have the files. */
static void told(void *ctx, const struct graded *now)
{
	struct grading_one *one = ctx;
	struct report_env env;

	(void)now; /* it is in the list already */
	make_env(one->shell, &env);
	if (one->failed.code == 0)
		(void)grade_reports_files(&one->reports, &one->result, &env,
					  &one->failed);
}

static int read_seed(const char *text, uint64_t *out, struct err *err)
{
	char *end;

	if (!text)
		return 0;
	errno = 0;
	*out = strtoull(text, &end, 0);
	if (errno != 0 || !*text || *end || *text == '-' || *out == 0)
		return err_set(err, EINVAL,
			       _("--seed: '%s' is no number from 1 on"), text);
	return 0;
}

static int set_up(struct grading_one *one, struct grade *grade,
		  struct err *err)
{
	const struct grade_opts *opts = one->opts;
	int r = read_seed(opts->seed, &grade->seed, err);

	if (r == 0 && opts->lang && strcmp(opts->lang, "en") != 0 &&
	    strcmp(opts->lang, "ja") != 0)
		r = err_set(err, EINVAL, _("--lang: 'en' or 'ja', not '%s'"),
			    opts->lang);
	if (r == 0)
		r = grade_reports_read(&opts->formats, &opts->outs,
				       &one->reports, err);
	if (r == 0)
		r = grade_base_open(&one->base, err);
	if (r < 0)
		return r;
	grade->lang = opts->lang;
	grade->root_fd = one->base.root_fd;
	grade->home_fd = one->base.home_fd;
	grade->limits.time_ms = opts->time.value * 1000;
	grade->limits.line_ms = opts->line_time.value * 1000;
	grade->ctx = one;
	grade->engine = grade_engine_run;
	grade->told = told;
	return 0;
}

/* What the exit status is to say. */
static int status_of(const struct grading_one *one, const struct graded *graded)
{
	bool strict = one->opts->strict || grade_reports_strict(&one->reports);

	if (!graded_counts(graded))
		return NOT_GRADED;
	if (strict && graded_count(graded, GRADED_PASS) < graded->tests_count)
		return 1;
	return 0;
}

static int show(struct grading_one *one, struct err *err)
{
	const struct strs text = { 0 };
	struct grade_reports usual = { 0 };
	struct report_env env;
	int r;

	make_env(one->shell, &env);
	if (one->failed.code) {
		*err = one->failed;
		return -err->code;
	}
	if (one->reports.count > 0)
		return grade_reports_show(one->shell, &one->reports,
					  &one->result, &env, err);
	r = grade_reports_read(&text, &text, &usual, err);
	if (r < 0)
		return r;
	usual.items[usual.count++].format = REPORT_TEXT;
	r = grade_reports_show(one->shell, &usual, &one->result, &env, err);
	grade_reports_done(&usual);
	return r;
}

static int grade_one(struct grading_one *one,
		     const struct course_entry *entry, struct err *err)
{
	OWN_FREE char *name = grade_name_of(one->opts->submission);
	struct grade grade = { .lesson = entry->id, .lesson_dir = entry->dir };
	char version[DIGEST_SIZE];
	struct graded *graded;
	int r = submission_version(entry->dir, version, err);

	if (r == 0)
		r = set_up(one, &grade, err);
	if (r < 0)
		return r;
	grade.version = version;
	graded = gradeds_add(&one->result);
	grade_submission(&grade, one->opts->submission, name, graded);
	told(one, graded);
	r = show(one, err);
	return r < 0 ? r : status_of(one, graded);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	struct grading_one one = { .shell = shell, .opts = args->opts };
	const struct course_entry *entry = NULL;
	struct course course = { 0 };
	int r;

	one.base = (struct grade_base){ .home_fd = -1, .root_fd = -1 };
	if (!one.opts->submission) {
		err_set(err, EINVAL, _("grade: which submission?"));
		(void)err_hint(err, _("'grade diff --submission FILE' grades "
				      "one that 'submit' has made"));
		return err_status(err, NOT_GRADED);
	}
	r = course_open(shell->lessons_dirs, &course, err);
	if (r == 0)
		r = course_find(&course, args->words[0], &entry, err);
	if (r == 0)
		r = grade_one(&one, entry, err);
	course_done(&course);
	grade_reports_done(&one.reports);
	grade_base_close(&one.base);
	gradeds_done(&one.result);
	return r < 0 ? err_status(err, NOT_GRADED) : r;
}

static const struct opt opts[] = {
	{ .name = "submission",
	  .kind = OPT_TEXT,
	  .placeholder = "path",
	  .help = N_("The archive, or folder, that is to be graded"),
	  .offset = offsetof(struct grade_opts, submission),
	  .complete = COMPLETE_FILES },
	{ .name = "format",
	  .kind = OPT_LIST,
	  .placeholder = "name",
	  .help = N_("A report: json, gradescope, classroom50, junit, tap, check50, exercism, csv, html, legacy, text (may be given several times)"),
	  .offset = offsetof(struct grade_opts, formats),
	  .values = "json gradescope classroom50 junit tap check50 exercism csv html legacy text" },
	{ .name = "out",
	  .letter = 'o',
	  .kind = OPT_LIST,
	  .placeholder = "file",
	  .help = N_("Where that report goes, a file or a folder (default: it is printed)"),
	  .offset = offsetof(struct grade_opts, outs),
	  .complete = COMPLETE_FILES },
	{ .name = "strict",
	  .kind = OPT_FLAG,
	  .help = N_("Exit with 1 where a goal is not met"),
	  .offset = offsetof(struct grade_opts, strict) },
	{ .name = "seed",
	  .kind = OPT_TEXT,
	  .placeholder = "number",
	  .help = N_("Grade as if the learner had this seed (default: their own)"),
	  .offset = offsetof(struct grade_opts, seed),
	  .complete = COMPLETE_NOTHING },
	{ .name = "lang",
	  .kind = OPT_TEXT,
	  .placeholder = "language",
	  .help = N_("Language of the report, en or ja (default: the learner's)"),
	  .offset = offsetof(struct grade_opts, lang),
	  .complete = COMPLETE_LANGUAGES },
	{ .name = "time",
	  .kind = OPT_COUNT,
	  .placeholder = "seconds",
	  .help = N_("How long one submission may take (default 600)"),
	  .offset = offsetof(struct grade_opts, time) },
	{ .name = "line-time",
	  .kind = OPT_COUNT,
	  .placeholder = "seconds",
	  .help = N_("How long one of its lines may take (default 120)"),
	  .offset = offsetof(struct grade_opts, line_time) },
	{ .name = NULL },
};

static const char *const examples[] = {
	"submit diff --out diff.tar",
	"grade diff --submission diff.tar",
	NULL,
};

const struct cmd cmd_grade = {
	.name = "grade",
	.group = N_("Lessons"),
	.synopsis = "[OPTIONS] LESSON",
	.summary = N_("Grade what was handed in: do it once more, apart, and judge it"),
	.min_args = 1,
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct grade_opts),
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_NOTHING,
	.first = COMPLETE_LESSONS,
};
