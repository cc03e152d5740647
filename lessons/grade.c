/* lessons/grade.c - see grade.h */
#include "lessons/grade_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lessons/grade_folder.h"
#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/userns.h"

/* Whoever grades without a seed gets the same one each time. */
#define SEED_IF_NONE 1

char *grade_name_of(const char *path)
{
	static const char *const ends[] = { ".gz", ".xz", ".bz2", ".zst",
					    ".tar", ".tgz", NULL };
	OWN_FREE char *name = mem_str(path);
	size_t len = strlen(name);
	char *slash;

	while (len > 1 && name[len - 1] == '/')
		name[--len] = '\0';
	slash = strrchr(name, '/');
	if (slash && slash[1])
		memmove(name, slash + 1, strlen(slash));
	for (const char *const *end = ends; *end; end++) {
		size_t cut = strlen(*end);

		len = strlen(name);
		if (len > cut && strcmp(name + len - cut, *end) == 0)
			name[len - cut] = '\0';
	}
	return own_give_ptr(&name);
}

/* ---- faults ---- */

static void fault(struct grading *grading, enum graded_fault whose,
		  const struct err *err)
{
	struct graded *out = grading->out;

	out->state = GRADED_NOT;
	out->fault = whose;
	free(out->note);
	out->note = err->hint[0] ? mem_fmt("%s (%s)", err->msg, err->hint)
				 : mem_str(err->msg);
}

char *grade_limit_says(const char *name, const char *line)
{
	return mem_fmt(_("the limit of %s was met by: %.80s%s"), _(name), line,
		       strlen(line) > 80 ? "..." : "");
}

/* Whose doing it was that the disk is full: not of the one that found it so. */
static const char *line_to_blame(const struct grading *grading, const char *what)
{
	return grading->filler && strcmp(what, "disk") == 0 ? grading->filler
							    : grading->line;
}

/* All of the enclosure was ended while a line ran. */
static void ended_early(struct grading *grading, const char *what,
			enum graded_status status)
{
	struct graded *out = grading->out;
	struct grade_rest rest = { .status = status, .reason = what };
	OWN_FREE char *message = NULL;

	/* The lesson's own lines, or none at all, ran into it. */
	if (grading->own || !grading->line) {
		message = mem_fmt(_("the limit of %s was met before a line of "
				    "the submission ran"),
				  _(what));
		rest = (struct grade_rest){ GRADED_ERROR, what, message };
		out->state = GRADED_CUT;
		out->fault = GRADED_FAULT_GRADER;
	} else {
		message = grade_limit_says(what, line_to_blame(grading, what));
		rest.message = message;
		out->state = GRADED_DONE;
		out->fault = GRADED_FAULT_SUBMISSION;
	}
	grade_settle(grading, &rest);
	free(out->note);
	out->note = mem_str(message);
}

static void graders_error(struct grading *grading, const struct err *err)
{
	const struct grade_rest rest = { GRADED_ERROR, "grader", err->msg };

	grade_settle(grading, &rest);
	fault(grading, GRADED_FAULT_GRADER, err);
	if (grading->judged > 0)
		grading->out->state = GRADED_CUT;
}

static void conclude(struct grading *grading, const struct enclosure_end *end)
{
	struct err err = { 0 };

	switch (end->how) {
	case ENCLOSURE_LIMITED:
		ended_early(grading, enclosure_limit_name(end->limit),
			    end->limit == ENCLOSURE_TIME ||
					    end->limit == ENCLOSURE_PROCESSOR
				    ? GRADED_TIMEOUT
				    : GRADED_FAIL);
		return;
	case ENCLOSURE_KILLED:
		ended_early(grading, N_("signals to the engine"), GRADED_FAIL);
		return;
	case ENCLOSURE_DONE:
		break;
	}
	if (grading->ended) {
		grading->out->state = GRADED_DONE;
		return;
	}
	err_set(&err, EPROTO, _("the engine ended with status %d before all "
				"was judged"),
		end->status);
	graders_error(grading, &err);
}

/* ---- the enclosure ---- */

static int engine(void *ctx, const struct enclosure_inside *inside,
		  struct err *err)
{
	struct grading *grading = ctx;
	const struct grade *grade = grading->grade;

	return grade->engine(grade->ctx, &grading->work, inside, err);
}

static void run(struct grading *grading, int folder_fd, int lesson_fd)
{
	const struct grade *grade = grading->grade;
	struct enclosure_spec spec = ENCLOSURE_SPEC_NONE;
	struct enclosure_end end = { 0 };
	struct err err = { 0 };

	spec.root_fd = grade->root_fd;
	spec.home_fd = grade->home_fd;
	spec.work_fd = folder_fd;
	spec.keep_fds = &lesson_fd;
	spec.keep_count = 1;
	spec.show = grade->show;
	spec.show_count = grade->show_count;
	spec.controllers = grade->controllers;
	spec.slot = grade->slot;
	spec.limits = grade->limits;
	spec.disk = grade->disk;
	spec.engine = engine;
	spec.heard = grade_hear;
	spec.ctx = grading;
	if (enclosure_run(&spec, &end, &err) < 0)
		graders_error(grading, &err);
	else
		conclude(grading, &end);
}

/* ---- the submission ---- */

static void about(struct grading *grading)
{
	const struct grade *grade = grading->grade;
	const struct submission *submission = &grading->submission;
	struct graded *out = grading->out;
	const char *lang = grade->lang ? grade->lang : submission->lang;

	if (!lang || (strcmp(lang, "en") != 0 && strcmp(lang, "ja") != 0))
		lang = lang_now();
	free(out->student);
	free(out->lang);
	out->student = mem_str(submission->student);
	out->lang = mem_str(lang);
	out->seed = grade->seed ? grade->seed : submission->seed;
	if (out->seed == 0)
		out->seed = SEED_IF_NONE;
	strs_copy(&out->remarks, &submission->remarks);
	grading->result->digest = mem_str(submission->digest);
	grading->result->marks = submission->marks;
	grading->submission.marks = (struct similar_marks){ 0 };
	if (*submission->version &&
	    strcmp(submission->version, grade->version) != 0)
		strs_addf(&out->remarks, "%s",
			  _("it was made with another version of the lesson"));
	if (userns_kind() == USERNS_SINGLE)
		strs_addf(&out->remarks, "%s",
			  _("it was graded by an account with one id only, "
			    "where no container can have another user: grade "
			    "as root, or with subordinate ids ('doctor' says "
			    "how)"));
}

static int check_lesson(const struct grading *grading, struct err *err)
{
	const char *lesson = grading->submission.lesson;

	if (!*lesson || strcmp(lesson, grading->grade->lesson) == 0)
		return 0;
	return err_set(err, EINVAL, _("it is a submission of lesson '%.60s'"),
		       lesson);
}

/* Takes the submission in and grades it; the folder is the caller's. */
static void take_and_run(struct grading *grading, const char *path,
			 int folder_fd)
{
	const struct grade *grade = grading->grade;
	bool submissions_fault = false;
	struct err err = { 0 };
	OWN_FREE char *dir = NULL;
	OWN_FD int lesson_fd = fs_open_dir(AT_FDCWD, grade->lesson_dir, &err);
	int r = lesson_fd;

	if (r >= 0)
		r = submission_take(path, folder_fd, &grading->submission,
				    &submissions_fault, &err);
	if (r >= 0) {
		about(grading);
		r = check_lesson(grading, &err);
		submissions_fault = r < 0;
	}
	if (r < 0) {
		fault(grading,
		      submissions_fault ? GRADED_FAULT_SUBMISSION
					: GRADED_FAULT_GRADER,
		      &err);
		return;
	}
	dir = mem_fmt("/proc/self/fd/%d", lesson_fd);
	grading->work = (struct grade_work){
		.lesson = grade->lesson,
		.lesson_dir = dir,
		.version = grade->version,
		.folder = ENCLOSURE_WORK,
		.home = ENCLOSURE_HOME,
		.lang = grading->out->lang,
		.seed = grading->out->seed,
		.packed = grading->submission.packed,
	};
	run(grading, folder_fd, lesson_fd);
}

void grade_submission(const struct grade *grade, const char *path,
		      const char *name, struct grade_result *out_result)
{
	struct graded *out = &out_result->graded;
	OWN_FREE char *folder = NULL;
	struct grading grading = { .grade = grade, .out = out, .result = out_result };
	struct err err = { 0 };
	int64_t from = clock_now_ns();
	OWN_FD int fd = grade->broken ? -1
				      : grade_folder_make("grade", &folder,
							  &err);

	out->lesson = mem_str(grade->lesson);
	out->version = mem_str(grade->version);
	out->submission = mem_str(name);
	out->started_ns = from;
	out->state = GRADED_CUT;
	out->seed = grade->seed;
	if (fd < 0)
		fault(&grading, GRADED_FAULT_GRADER,
		      grade->broken ? grade->broken : &err);
	else
		take_and_run(&grading, path, fd);
	if (folder)
		grade_folder_remove(folder);
	out->duration_ns = clock_now_ns() - from;
	if (grade->told)
		grade->told(grade->ctx, out_result);
	submission_done(&grading.submission);
	free(grading.line);
	free(grading.filler);
}
