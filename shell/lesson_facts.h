/* shell/lesson_facts.h - what `goal` and `check` show, as facts. */
#ifndef SHELL_LESSON_FACTS_H
#define SHELL_LESSON_FACTS_H

#include <jansson.h>

struct lesson_news;
struct shell;

/* The step under way, its task and its goals; `news`: what a check found of each, or
 * NULL. Given. */
json_t *lesson_facts(struct shell *shell, const struct lesson_news *news);

#endif
