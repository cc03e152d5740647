/* shell/lesson_end.h - what is shown when a step, or the lesson, is done: what
 * changed, the learner's way beside the author's, the predictions. */
#ifndef SHELL_LESSON_END_H
#define SHELL_LESSON_END_H

#include <stdio.h>

struct shell;

/* Of the step that has just been done. */
void lesson_end_step(struct shell *shell, FILE *to);

/* Of the whole lesson, which is done: what is known now, the figures, where the rest of
 * it is shown. It fits a terminal of 24 lines. */
void lesson_end_page(struct shell *shell, FILE *to);

/* All predictions made in the lesson under way, and what came out. */
void lesson_end_predictions(struct shell *shell, FILE *to);

#endif
