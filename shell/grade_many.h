/* shell/grade_many.h - `grade --class` and `grade --merge`: many results, shown. */
#ifndef SHELL_GRADE_MANY_H
#define SHELL_GRADE_MANY_H

#include "lessons/grade_class.h"
#include "shell/grade_reports.h"

struct err;
struct shell;

/* reports  what was asked for; nothing: a table is printed, and grades.csv and
 *          class.html are written beside the results
 * strict   1 where a goal of anybody's is not met */
struct grade_many {
	struct shell *shell;
	const struct grade_reports *reports;
	bool strict;
};

/* "2/5": of five shares the second. NULL: all. -EINVAL. */
int grade_many_shard(const char *text, struct grade_class *class,
		     struct err *err);

/* "subs/" has its results in "subs.graded". Given. */
char *grade_many_results(const char *dir);

/* Grades the class; `class` without ctx and line. Returns the exit status. */
int grade_many_class(const struct grade_many *many, struct grade_class *class,
		     struct err *err);

/* Merges results: files, or folders of such. dir: NULL, or the folder of the
 * submissions, to tell which are missing. */
int grade_many_merge(const struct grade_many *many, const struct strs *from,
		     const char *dir, struct err *err);

#endif
