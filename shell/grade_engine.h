/* shell/grade_engine.h - the shell in which a submission's work is done once more.
 *
 * Joins lessons/replay.h, which knows lessons, and a struct shell of its own, which
 * runs lines; in the enclosure. */
#ifndef SHELL_GRADE_ENGINE_H
#define SHELL_GRADE_ENGINE_H

struct enclosure_inside;
struct err;
struct grade_work;

/* lessons/grade.h, grade_engine. */
int grade_engine_run(void *ctx, const struct grade_work *work,
		     const struct enclosure_inside *inside, struct err *err);

#endif
