/* shell/lesson_author.h - the author's way through a lesson, done here and measured. */
#ifndef SHELL_LESSON_AUTHOR_H
#define SHELL_LESSON_AUTHOR_H

#include <jansson.h>
#include <stdbool.h>

struct shell;

/* Plays all solutions, unseen, in a world that is gone afterwards; at most half a
 * minute, and Ctrl-C ends it. *out (given): {"commands":, "ms":, "world":MEASURE}.
 * False where it could not be done: then there is nothing to compare with. */
bool lesson_author_measure(struct shell *shell, const char *lesson,
			   json_t **out);

#endif
