/* lessons/lint.h - what is wrong with a lesson, without doing it.
 *
 * Missing sections and placeholders, goals that cannot fail, wrong answers that
 * expect a message which does not exist, a translation older than its original,
 * kinds of goals that this version cannot judge. */
#ifndef LESSONS_LINT_H
#define LESSONS_LINT_H

#include "runtime/base/list.h"

struct err;

/* Adds a sentence to *out for each thing found; none is a lesson without
 * faults. Returns 0, also where something was found. */
int lint_lesson(const char *dir, struct strs *out, struct err *err);

#endif
