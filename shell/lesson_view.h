/* shell/lesson_view.h - lessons at the prompt.
 *
 * Joins a struct shell and a lesson under way: swaps the home in use, and shows
 * what lessons/session.h found: ticks, texts, hints. The commands of the group
 * "Lessons" and the prompt call this; nothing else prints lessons. */
#ifndef SHELL_LESSON_VIEW_H
#define SHELL_LESSON_VIEW_H

struct buf;
struct err;
struct lesson_host;
struct shell;

/* To be provided by whoever runs lines (shell/): how the engine runs one.
 * host->run_line must not call lesson_view_after for it. */
void shell_lesson_host(struct shell *shell, struct lesson_host *out);

/* At the start of the prompt: goes on with the lesson that was left open, and
 * says so. No lesson: nothing happens. */
void lesson_view_resume(struct shell *shell);

/* After each line typed: ticks what it met. `status` is the line's own. */
void lesson_view_after(struct shell *shell, const char *line, int status);

/* Adds "diff 2/4" for the prompt; nothing outside of a lesson. */
void lesson_view_prompt(const struct shell *shell, struct buf *out);

/* At the end of the program: the lesson is kept for the next start. */
void lesson_view_close(struct shell *shell);

#endif
