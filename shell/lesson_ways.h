/* shell/lesson_ways.h - the learner's way beside the author's. */
#ifndef SHELL_LESSON_WAYS_H
#define SHELL_LESSON_WAYS_H

#include <jansson.h>
#include <stdio.h>

#include "runtime/base/list.h"

struct shell;

/* The commands of the step under way: side by side where the terminal is wide
 * enough, else one under the other. */
void lesson_ways_step(struct shell *shell, FILE *to);

/* The lesson in figures: of a run in the notebook, in a table. */
void lesson_ways_all(struct shell *shell, FILE *to, const json_t *run);

/* Those figures as rows of three cells each, one after the other in `cells`: what,
 * the learner's, the author's ("" where it is not known). Rows in which nothing
 * happened are left out. */
void lesson_ways_figures(const json_t *run, struct strs *cells);

#endif
