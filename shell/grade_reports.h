/* shell/grade_reports.h - the reports that a `grade` was asked for: which formats, and
 * where each goes. A file is replaced as a whole each time, so that whoever looks, or
 * kills us, finds one that is valid. */
#ifndef SHELL_GRADE_REPORTS_H
#define SHELL_GRADE_REPORTS_H

#include <stdbool.h>
#include <stddef.h>

#include "lessons/report.h"

struct err;
struct shell;
struct strs;

/* to      a file, or NULL: the shell's output
 * folder  the folder that was named, which is there, or NULL: `to` itself was named */
struct grade_report {
	enum report_format format;
	char *to;
	char *folder;
};

struct grade_reports {
	struct grade_report *items;
	size_t count;
};

/* The first --out is the first --format's, and so on; a folder is for all, each gets its
 * usual name in there. -EINVAL: an unknown format, more files than formats, one file for
 * two. */
int grade_reports_read(const struct strs *formats, const struct strs *outs,
		       struct grade_reports *out, struct err *err);
void grade_reports_done(struct grade_reports *reports);

/* Whether something goes to the shell's output; whether a format there is strict. */
bool grade_reports_print(const struct grade_reports *reports);
bool grade_reports_strict(const struct grade_reports *reports);

/* Writes those that go to files. */
int grade_reports_files(const struct grade_reports *reports,
			const struct gradeds *many,
			const struct report_env *env, struct err *err);

/* Prints those that do not. */
int grade_reports_show(struct shell *shell, const struct grade_reports *reports,
		       const struct gradeds *many,
		       const struct report_env *env, struct err *err);

#endif
