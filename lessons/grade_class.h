/* lessons/grade_class.h - a whole class is graded.
 *
 * Each submission is a child process with an enclosure of its own; as many run at once
 * as are asked for. A child writes its result into a folder, step by step, so that
 * nothing is lost by a kill: who begins again grades what is not there yet, or has
 * changed, or was the grader's own fault. Shards of one class write into the same
 * folder, or into one each, to be merged. */
#ifndef LESSONS_GRADE_CLASS_H
#define LESSONS_GRADE_CLASS_H

#include "lessons/grade.h"
#include "lessons/grade_result.h"
#include "runtime/base/list.h"

struct err;

/* grade    for each; slot, told and ctx are set here
 * dir      the submissions: its files and folders, but none whose name begins with '.'
 * results  where the results lie; made
 * jobs     at least 1
 * shard, shards  from 1: of all of them every `shards`th
 * again    also what is there already
 * line     one is done: the how manieth of how many; kept: it was there already */
struct grade_class {
	struct grade grade;
	const char *dir;
	const char *results;
	int jobs;
	int shard;
	int shards;
	bool again;
	void *ctx;
	void (*line)(void *ctx, const struct graded *graded, size_t done,
		     size_t all, bool kept);
};

/* Grades them; *out (added to): the results of this shard, in the order of their names.
 * missing: names of those without any (we were interrupted). -EINTR after Ctrl-C; what
 * is done stays. */
int grade_class_run(const struct grade_class *class,
		    struct grade_results *out, struct strs *missing,
		    struct err *err);

/* The names of submissions in a folder, sorted; for who wants to know which are
 * missing. */
int grade_class_names(const char *dir, struct strs *out, struct err *err);

#endif
