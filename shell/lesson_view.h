/* shell/lesson_view.h - lessons at the prompt.
 *
 * Joins a struct shell and a lesson under way: swaps the home in use, and shows
 * what lessons/session.h found: ticks, texts, hints. The commands of the group
 * "Lessons" and the prompt call this; nothing else prints lessons. */
#ifndef SHELL_LESSON_VIEW_H
#define SHELL_LESSON_VIEW_H

#include <stdbool.h>
#include <stdio.h>

struct buf;
struct err;
struct goal;
struct lesson_host;
struct lesson_place;
struct lesson_session;
struct shell;

/* To be provided by whoever runs lines (shell/): how the engine runs one.
 * host->run_line must not call lesson_view_after for it. */
void shell_lesson_host(struct shell *shell, struct lesson_host *out);

/* ---- for the prompt ---- */

/* At the start of the prompt: goes on with the lesson that was left open, and
 * says so. No lesson: nothing happens. */
void lesson_view_resume(struct shell *shell);

/* Before each line typed: from here on it takes its time. */
void lesson_view_before(const struct shell *shell);

/* After each line typed: ticks what it met. `status` is the line's own. */
void lesson_view_after(struct shell *shell, const char *line, int status);

/* Adds "diff 2/4" for the prompt; nothing outside of a lesson. */
void lesson_view_prompt(const struct shell *shell, struct buf *out);

/* At the end of the program: the lesson is kept for the next start. Harmless
 * where there is none. */
void lesson_view_close(struct shell *shell);

/* ---- for the commands ---- */

/* Where sessions of this shell live. */
void lesson_view_place(struct shell *shell, struct lesson_place *out);

/* Makes the session's world the one in use (NULL: the user's own again). */
void lesson_view_enter(struct shell *shell, struct lesson_session *session);

/* The lesson under way, resumed from disk where this program has not opened it.
 * -ENOENT: there is none, and how to begin one. */
int lesson_view_need(struct shell *shell, struct err *err);

/* The same, or else the one that was left last, unless it is finished. */
int lesson_view_return(struct shell *shell, struct err *err);

/* Leaves it, for good or just for this program. */
void lesson_view_leave(struct shell *shell, int for_good);

/* Markdown, at the width of the stream. */
void lesson_view_text(const struct shell *shell, FILE *to,
		      const char *markdown);

/* A plain sentence, wrapped as the rest is. */
void lesson_view_line(FILE *to, const char *text);

/* The same with something in front of it, and wrapped under itself. */
void lesson_view_marked(FILE *to, const char *mark, const char *text);

/* One line of the checklist. */
void lesson_view_goal(struct shell *shell, FILE *to, const struct goal *goal,
		      bool met);

/* The page of a step: title, text, checklist, what is asked. */
void lesson_view_page(struct shell *shell, FILE *to);

/* The same where the step is come to: without the checklist, if the page would be longer
 * than the terminal and a question has to be answered first. */
void lesson_view_begin(struct shell *shell, FILE *to);

/* Where one command was run from another shell: that the lesson goes on at the prompt,
 * and how to come there. Else nothing. */
void lesson_view_outside(const struct shell *shell, FILE *to);

/* Of that page: the title and the checklist. */
void lesson_view_head(struct shell *shell, FILE *to);

/* The question that is open, and how to answer it; nothing where none is. */
void lesson_view_question(struct shell *shell, FILE *to);

#endif
