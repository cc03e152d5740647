/* lessons/lesson_parts.h - for lesson.c and lesson_read.c only. */
#ifndef LESSONS_LESSON_PARTS_H
#define LESSONS_LESSON_PARTS_H

struct err;
struct lesson;
struct script_source;

/* Runs lesson.lua in a child and makes a lesson (given) of what it said: all of it, whatever
 * the machine can. Returns 0, or -errno:
 *   -EINVAL  it says what no lesson may; the message names the line or the step
 *   and what worker_run fails with. */
int lesson_read(const struct script_source *source, struct lesson **out,
		struct err *err);

#endif
