/* lessons/grade_parts.h - the inside of grading, for grade*.c only. */
#ifndef LESSONS_GRADE_PARTS_H
#define LESSONS_GRADE_PARTS_H

#include "lessons/grade.h"
#include "lessons/grade_result.h"
#include "lessons/submission.h"

/* One submission under way.
 *
 * step    the step in which something runs, from 0
 * line    what runs, or ran last; own: the lesson's own
 * filler  the first that met the limit of disk, or NULL: what it wrote is there still
 * judged  steps that were judged: what comes behind is open
 * ended   the end was said */
struct grading {
	const struct grade *grade;
	struct graded *out; /* of `result` */
	struct grade_result *result;
	struct submission submission;
	struct grade_work work;
	int step;
	int judged;
	char *line;
	char *filler;
	bool own;
	bool ended;
};

/* Takes down one word of the engine's. -EPROTO: that is none. */
int grade_hear(void *ctx, const void *bytes, size_t len, struct err *err);

/* What became of the tests that nobody judged: those of the step under way are
 * `status`, because `reason` (a key) and `message`; those behind it are skipped, or in
 * error as well where that is what `status` is. */
struct grade_rest {
	enum graded_status status;
	const char *reason;
	const char *message;
};
void grade_settle(struct grading *grading, const struct grade_rest *rest);

/* Why a line was ended, as a sentence: by the limit `name`. Given. */
char *grade_limit_says(const char *name, const char *line);

#endif
