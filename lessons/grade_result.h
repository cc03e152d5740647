/* lessons/grade_result.h - the result of one submission, kept in a file.
 *
 * What graded.h writes as JSON, with two things more: what exactly was graded, so that
 * a class that is graded again does only what has changed, and marks of its files, for
 * who looks for similar ones.
 *
 *   {"schema":"dockershell/graded/v1","of":"DIGEST SETTINGS","digest":"sha256:...",
 *    "marks":[...],"submissions":[{...}]} */
#ifndef LESSONS_GRADE_RESULT_H
#define LESSONS_GRADE_RESULT_H

#include "lessons/graded.h"
#include "lessons/similar.h"

struct err;

struct grade_result {
	struct graded graded;
	char *of;
	char *digest;
	struct similar_marks marks;
};
void grade_result_done(struct grade_result *result);

/* The file's name for a submission's: one that every file system takes. Given. */
char *grade_result_name(const char *submission);

int grade_result_write(int dir_fd, const char *name,
		       const struct grade_result *result, struct err *err);

/* Adds each submission of a document: a kept result, or any report in our own format.
 * -EINVAL: it is none. */
struct grade_results {
	struct grade_result *items;
	size_t count;
};
int grade_results_read(int dir_fd, const char *name, struct grade_results *out,
		       struct err *err);
void grade_results_done(struct grade_results *results);

/* Of two results of one submission the one that says more stays; then all are in the
 * order of their names. */
void grade_results_merge(struct grade_results *results);

#endif
