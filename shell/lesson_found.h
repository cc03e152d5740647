/* shell/lesson_found.h - what a check found, shown: ticks, what was lost again, the
 * lesson's own words, what comes next. What was found is lessons/session.h's. */
#ifndef SHELL_LESSON_FOUND_H
#define SHELL_LESSON_FOUND_H

#include <stdio.h>

struct lesson_news;
struct shell;

/* all: every goal, with what is expected and what is there; else only what is
 * new. */
void lesson_found_show(struct shell *shell, FILE *to,
		       const struct lesson_news *news, int all);

/* The goals that were met just now, ticked. */
void lesson_found_ticks(struct shell *shell, FILE *to,
			const struct lesson_news *news);

#endif
