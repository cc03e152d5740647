/* lessons/grade.h - one submission is graded.
 *
 *   P, the teacher's process             child            enclosure
 *   open the lesson
 *   submission_take --------------> unpack, limits
 *   enclosure_run ----------------------------------> replay_run (replay.h)
 *   take down verdicts <----------------------------- words
 *   report after each of them
 *
 * Nothing of the submission's is read or run by P: it gets words of the engine's,
 * whose shape and size it checks, and holds the result. Owns P's part, and which
 * fault is whose: what the machine, the grader or the lesson could not do is an
 * error, never a zero; what the submission's lines did to a limit is its own. */
#ifndef LESSONS_GRADE_H
#define LESSONS_GRADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lessons/graded.h"
#include "runtime/enclosure.h"

struct err;
struct grade_result;

/* What the engine is told.
 *
 * lesson_dir  the lesson's folder, as it is to be found in there
 * folder      the submission
 * home        where the home is or is to be made */
struct grade_work {
	const char *lesson;
	const char *lesson_dir;
	const char *version;
	const char *folder;
	const char *home;
	const char *lang;
	uint64_t seed;
	bool packed;
};

/* Runs in the enclosure: makes a shell and calls replay_run. */
typedef int grade_engine(void *ctx, const struct grade_work *work,
			 const struct enclosure_inside *inside,
			 struct err *err);

/* lesson, lesson_dir, version  which, where, and its digest (submission_version)
 * lang       NULL: the learner's own
 * seed       0: the learner's own
 * base       what each enclosure begins with; descriptors as in enclosure_spec
 * show       programs of this machine that are shown (grade_tools.h)
 * limits     0: the defaults; disk: as in enclosure_spec
 * controllers  by what containers are limited in the lesson (CGROUP_BIT)
 * slot       which of those that run at once
 * broken     why nothing can be graded at all, or NULL: each result says so
 * engine,
 * told, ctx  told (may be NULL): the result has changed; borrowed */
struct grade {
	const char *lesson;
	const char *lesson_dir;
	const char *version;
	const char *lang;
	uint64_t seed;
	int root_fd;
	int home_fd;
	const struct enclosure_show *show;
	size_t show_count;
	unsigned controllers;
	unsigned slot;
	struct enclosure_limits limits;
	const char *disk;
	const struct err *broken;
	void *ctx;
	grade_engine *engine;
	void (*told)(void *ctx, const struct grade_result *now);
};

/* Grades the archive or folder `path`; its name in the result is `name`. Always fills
 * out_result->graded in: what went wrong is in there (state, fault, note). */
void grade_submission(const struct grade *grade, const char *path,
		      const char *name, struct grade_result *out_result);

/* "ann" of "dir/ann.tar", "./ann/": what a submission is called. Given. */
char *grade_name_of(const char *path);

#endif
