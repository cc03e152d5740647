/* shell/cmd_grade.c - `grade`: what is a submission worth? */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lessons/course.h"
#include "lessons/grade.h"
#include "lessons/grade_base.h"
#include "lessons/grade_result.h"
#include "lessons/grade_tools.h"
#include "lessons/lesson.h"
#include "lessons/machine.h"
#include "lessons/submission.h"
#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/grade_engine.h"
#include "shell/grade_many.h"
#include "shell/grade_reports.h"
#include "shell/shell.h"
#include "shell/style.h"

enum { NOT_GRADED = 2 };

#define DISK_BYTES (640LL << 20)
#define MEMORY_BYTES (768LL << 20)
#define LARGE_BYTES (128LL << 20)
#define FILES 65536

struct grade_opts {
	const char *submission;
	const char *class;
	const char *results;
	const char *shard;
	bool merge;
	bool again;
	struct opt_number jobs;
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
	struct grade_tools tools;
	struct grade_result result;
	struct err failed; /* a report that could not be written */
	struct err broken; /* why nothing can be graded here */
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
static void told(void *ctx, const struct grade_result *now)
{
	struct grading_one *one = ctx;
	struct graded copy = now->graded; /* lent */
	const struct gradeds many = { &copy, 1 };
	struct report_env env;

	make_env(one->shell, &env);
	if (one->failed.code == 0)
		(void)grade_reports_files(&one->reports, &many, &env,
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
			       _("--seed: '%s' is not a number of 1 or more"), text);
	return 0;
}

/* The teacher's own images only where the lesson asks for such. */
static int open_base(struct grading_one *one, const struct lesson *lesson,
		     struct err *err)
{
	OWN_STRS struct strs words = { 0 };
	struct shell *shell = one->shell;

	for (size_t i = 0; i < lesson->words.count; i++) {
		if (machine_is_image(lesson->words.items[i]))
			strs_add(&words, lesson->words.items[i]);
	}
	if (words.count > 0 && shell_need_store(shell, err) < 0)
		return -err->code;
	return grade_base_open(words.count > 0 ? shell->base_store : NULL,
			       &words, &one->base, err);
}

/* What the lesson asks for is there, and nothing else. */
static int take_needs(struct grading_one *one, struct grade *grade,
		      struct err *err)
{
	struct lesson *lesson = NULL;
	int r = lesson_load(grade->lesson_dir, 1, NULL, &lesson, err);

	if (r < 0)
		return r;
	r = open_base(one, lesson, err);
	if (r == 0)
		grade_tools_find(&lesson->programs, one->base.root_fd,
				 &one->tools);
	grade->controllers = machine_controllers(&lesson->words);
	lesson_free(lesson);
	return r;
}

/* A lesson's own measuring copies files of 100 MB, some of them at once. What the
 * teacher's images take comes on top; large ones are no thing for memory. */
static void make_room(const struct grading_one *one, struct grade *grade)
{
	const int64_t extra = (int64_t)one->base.extra_bytes;
	bool large = extra > LARGE_BYTES;
	const char *place = getenv("TMPDIR");

	grade->limits.disk_bytes = DISK_BYTES + extra;
	grade->limits.memory_bytes = MEMORY_BYTES + (large ? 0 : extra);
	grade->limits.files = FILES + (int64_t)one->base.extra_files;
	if (large)
		grade->disk = place && *place ? place : "/tmp";
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
	if (r < 0)
		return r;
	/* A machine that lets no containers be made: the reports say so, and whose
	 * fault it is. */
	if (take_needs(one, grade, &one->broken) < 0)
		grade->broken = &one->broken;
	grade->lang = opts->lang;
	grade->root_fd = one->base.root_fd;
	grade->home_fd = one->base.home_fd;
	grade->show = one->tools.show;
	grade->show_count = one->tools.count;
	make_room(one, grade);
	grade->limits.time_ms = opts->time.value * 1000;
	grade->limits.line_ms = opts->line_time.value * 1000;
	grade->engine = grade_engine_run;
	return 0;
}

/* ---- one ---- */

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
	struct grade_report text = { .format = REPORT_TEXT };
	const struct grade_reports usual = { &text, 1 };
	const struct gradeds many = { &one->result.graded, 1 };
	struct report_env env;

	make_env(one->shell, &env);
	if (one->failed.code) {
		*err = one->failed;
		return -err->code;
	}
	return grade_reports_show(one->shell,
				  grade_reports_print(&one->reports)
					  ? &one->reports
					  : &usual,
				  &many, &env, err);
}

static int grade_one(struct grading_one *one, struct grade *grade,
		     struct err *err)
{
	OWN_FREE char *name = grade_name_of(one->opts->submission);
	int r;

	grade->ctx = one;
	grade->told = told;
	grade_submission(grade, one->opts->submission, name, &one->result);
	r = show(one, err);
	return r < 0 ? r : status_of(one, &one->result.graded);
}

/* ---- many ---- */

static int read_jobs(const struct opt_number *jobs, struct grade_class *class,
		     struct err *err)
{
	long long count = jobs->given ? jobs->value
				      : sysconf(_SC_NPROCESSORS_ONLN);

	if (count < 1 || count > 512)
		return err_set(err, EINVAL, _("--jobs: from 1 to 512"));
	class->jobs = (int)count;
	return 0;
}

static int grade_class(struct grading_one *one, const struct grade *grade,
		       struct err *err)
{
	OWN_FREE char *results =
		one->opts->results ? mem_str(one->opts->results)
				   : grade_many_results(one->opts->class);
	const struct grade_many many = { one->shell, &one->reports,
					 one->opts->strict };
	struct grade_class class = {
		.grade = *grade,
		.dir = one->opts->class,
		.results = results,
		.again = one->opts->again,
	};
	int r = grade_many_shard(one->opts->shard, &class, err);

	if (r == 0)
		r = read_jobs(&one->opts->jobs, &class, err);
	return r < 0 ? r : grade_many_class(&many, &class, err);
}

static int merge(struct grading_one *one, const struct args *args,
		 struct err *err)
{
	const struct grade_many many = { one->shell, &one->reports,
					 one->opts->strict };
	OWN_STRS struct strs from = { 0 };

	for (int i = 0; i < args->count; i++)
		strs_add(&from, args->words[i]);
	return grade_many_merge(&many, &from, one->opts->class, err);
}

/* ---- the command ---- */

static int find_lesson(const struct course *course, const char *name,
		       char version[DIGEST_SIZE], struct grade *out,
		       struct err *err)
{
	const struct course_entry *entry = NULL;
	int r = course_find(course, name, &entry, err);

	if (r == 0)
		r = submission_version(entry->dir, version, err);
	if (r == 0) {
		out->lesson = entry->id;
		out->lesson_dir = entry->dir;
		out->version = version;
	}
	return r;
}

/* Who calls us, and reads a report, would take none for the student's fault: it is
 * there, and says whose it is. What went wrong is told as an error beside. */
static void report_failure(struct grading_one *one, const char *lesson,
			   const struct err *why)
{
	const struct gradeds many = { &one->result.graded, 1 };
	struct err ignored = { 0 };
	struct grade grade = {
		.lesson = lesson,
		.version = "",
		.broken = why,
		.told = told,
		.ctx = one,
	};
	OWN_FREE char *name = NULL;
	struct report_env env;

	if (!one->opts->submission || one->reports.count == 0)
		return;
	name = grade_name_of(one->opts->submission);
	grade_submission(&grade, one->opts->submission, name, &one->result);
	make_env(one->shell, &env);
	(void)grade_reports_show(one->shell, &one->reports, &many, &env,
				 &ignored);
}

static int grade_lesson(struct grading_one *one, const char *name,
			struct err *err)
{
	struct grade grade = { 0 };
	struct course course = { 0 };
	char version[DIGEST_SIZE];
	int r = course_open(one->shell->lessons_dirs, &course, err);

	if (r == 0)
		r = find_lesson(&course, name, version, &grade, err);
	if (r == 0)
		r = set_up(one, &grade, err);
	if (r < 0)
		report_failure(one, name, err);
	else
		r = one->opts->class ? grade_class(one, &grade, err)
				     : grade_one(one, &grade, err);
	course_done(&course);
	return r;
}

static int check_words(const struct grade_opts *opts, const struct args *args,
		       struct err *err)
{
	if (opts->merge && args->count == 0) {
		err_set(err, EINVAL, _("grade --merge: which results?"));
		return err_hint(err, _("name files of results, or folders of "
				       "such: grade --merge subs.graded"));
	}
	if (opts->merge)
		return 0;
	if (args->count != 1) {
		err_set(err, EINVAL, _("grade: it takes one lesson"));
		return err_hint(err, _("'lessons' lists them"));
	}
	if (!opts->submission == !opts->class) {
		err_set(err, EINVAL, _("grade: which submission?"));
		return err_hint(err, _("--submission FILE grades one that "
				       "'submit' has made, --class FOLDER all "
				       "in a folder"));
	}
	return 0;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	struct grading_one one = {
		.shell = shell,
		.opts = args->opts,
		.base = { .home_fd = -1, .root_fd = -1 },
	};
	int r = check_words(one.opts, args, err);

	if (r == 0)
		r = grade_reports_read(&one.opts->formats, &one.opts->outs,
				       &one.reports, err);
	if (r == 0)
		r = one.opts->merge ? merge(&one, args, err)
				    : grade_lesson(&one, args->words[0], err);
	grade_reports_done(&one.reports);
	grade_base_close(&one.base);
	grade_tools_done(&one.tools);
	grade_result_done(&one.result);
	return r < 0 ? err_status(err, NOT_GRADED) : r;
}

static const struct opt opts[] = {
	{ .name = "submission",
	  .kind = OPT_TEXT,
	  .placeholder = "path",
	  .help = N_("The archive, or folder, that is to be graded"),
	  .group = N_("What is graded"),
	  .offset = offsetof(struct grade_opts, submission),
	  .complete = COMPLETE_FILES },
	{ .name = "class",
	  .kind = OPT_TEXT,
	  .placeholder = "folder",
	  .help = N_("Grade all that is in a folder, several at once; what is graded already stays"),
	  .group = N_("A class"),
	  .offset = offsetof(struct grade_opts, class),
	  .complete = COMPLETE_FOLDERS },
	{ .name = "results",
	  .kind = OPT_TEXT,
	  .placeholder = "folder",
	  .help = N_("Where the results of a class are kept (default: FOLDER.graded)"),
	  .group = N_("A class"),
	  .offset = offsetof(struct grade_opts, results),
	  .complete = COMPLETE_FOLDERS },
	{ .name = "jobs",
	  .letter = 'j',
	  .kind = OPT_COUNT,
	  .placeholder = "number",
	  .help = N_("How many of a class are graded at once (default: one a processor)"),
	  .group = N_("A class"),
	  .offset = offsetof(struct grade_opts, jobs) },
	{ .name = "shard",
	  .kind = OPT_TEXT,
	  .placeholder = "i/n",
	  .help = N_("Grade only share i of n of a class, to split it among machines"),
	  .group = N_("A class"),
	  .offset = offsetof(struct grade_opts, shard),
	  .complete = COMPLETE_NOTHING },
	{ .name = "again",
	  .kind = OPT_FLAG,
	  .help = N_("Grade those of a class, too, that are graded already"),
	  .group = N_("A class"),
	  .offset = offsetof(struct grade_opts, again) },
	{ .name = "merge",
	  .kind = OPT_FLAG,
	  .help = N_("Put results together that were made in several places: files, or folders of them"),
	  .group = N_("A class"),
	  .offset = offsetof(struct grade_opts, merge) },
	{ .name = "format",
	  .kind = OPT_LIST,
	  .placeholder = "name",
	  .help = N_("A report: json, gradescope, classroom50, junit, tap, check50, exercism, csv, html, legacy, text (may be given several times)"),
	  .group = N_("Report"),
	  .offset = offsetof(struct grade_opts, formats),
	  .values = "json gradescope classroom50 junit tap check50 exercism csv html legacy text" },
	{ .name = "out",
	  .letter = 'o',
	  .kind = OPT_LIST,
	  .placeholder = "file",
	  .help = N_("Where that report goes, a file or a folder (default: it is printed)"),
	  .group = N_("Report"),
	  .offset = offsetof(struct grade_opts, outs),
	  .complete = COMPLETE_FILES },
	{ .name = "strict",
	  .kind = OPT_FLAG,
	  .help = N_("Exit with 1 where a goal is not met"),
	  .group = N_("Report"),
	  .offset = offsetof(struct grade_opts, strict) },
	{ .name = "seed",
	  .kind = OPT_TEXT,
	  .placeholder = "number",
	  .help = N_("Grade as if the learner had this seed (default: their own)"),
	  .group = N_("What is graded"),
	  .offset = offsetof(struct grade_opts, seed),
	  .complete = COMPLETE_NOTHING },
	{ .name = "lang",
	  .kind = OPT_TEXT,
	  .placeholder = "language",
	  .help = N_("Language of the report, en or ja (default: the learner's)"),
	  .group = N_("Report"),
	  .offset = offsetof(struct grade_opts, lang),
	  .complete = COMPLETE_LANGUAGES },
	{ .name = "time",
	  .kind = OPT_COUNT,
	  .placeholder = "seconds",
	  .help = N_("How long one submission may take (default 600)"),
	  .group = N_("Limits"),
	  .offset = offsetof(struct grade_opts, time) },
	{ .name = "line-time",
	  .kind = OPT_COUNT,
	  .placeholder = "seconds",
	  .help = N_("How long one of its lines may take (default 120)"),
	  .group = N_("Limits"),
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
	.synopsis = "[OPTIONS] LESSON|RESULT...",
	.summary = N_("Grade what was handed in: do it once more, apart, and judge it"),
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct grade_opts),
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_NOTHING,
	.first = COMPLETE_LESSONS,
};
