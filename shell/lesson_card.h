/* shell/lesson_card.h - the card of a lesson: each thing learnt, and the Docker
 * command for it. */
#ifndef SHELL_LESSON_CARD_H
#define SHELL_LESSON_CARD_H

#include <stdio.h>

struct shell;

/* That of the lesson under way; nothing where its text has none. */
void lesson_card_print(struct shell *shell, FILE *to);

#endif
