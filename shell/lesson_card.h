/* shell/lesson_card.h - the card of a lesson: each thing learnt, and the Docker
 * command for it. */
#ifndef SHELL_LESSON_CARD_H
#define SHELL_LESSON_CARD_H

#include <jansson.h>
#include <stdio.h>

struct err;
struct shell;

/* That of the lesson under way; nothing where its text has none. */
void lesson_card_print(struct shell *shell, FILE *to);

/* The card of the lesson under way (name NULL), or as the notebook keeps it, in the
 * chosen language: [{"text":"...", "command":"docker ..."}], given. -ENOENT: nothing is
 * kept of a lesson of that name. */
int lesson_card_find(struct shell *shell, const char *name, json_t **out,
		     struct err *err);

void lesson_card_print_items(struct shell *shell, FILE *to,
			     const json_t *items);

#endif
