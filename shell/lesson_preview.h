/* shell/lesson_preview.h - all pages of a lesson, for its author. */
#ifndef SHELL_LESSON_PREVIEW_H
#define SHELL_LESSON_PREVIEW_H

struct err;
struct shell;

/* Prints them to shell->out in the chosen language, hints and messages too. */
int lesson_preview(struct shell *shell, const char *dir, struct err *err);

#endif
