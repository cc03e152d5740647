/* lessons/card.h - what a lesson leaves behind: each thing learnt in one line, with
 * the Docker command for it.
 *
 * It stands in the text of the lesson as a list. The last code of an item is its
 * command, which begins with `docker`; a line break before it changes nothing:
 *
 *     ## @card
 *     - What a container has changed lies in a layer of its own.
 *       `docker diff hoge`
 *
 * Both languages have the same commands in the same order. */
#ifndef LESSONS_CARD_H
#define LESSONS_CARD_H

#include <stddef.h>

/* text     Markdown, one line, without the command
 * command  "docker diff hoge"; "" where the item has none */
struct card_item {
	char *text;
	char *command;
};

struct card {
	struct card_item *items;
	size_t count;
};

/* Reads the body of such a section. What is no item of a list is left out. */
void card_read(const char *body, struct card *out);
void card_done(struct card *card);

#endif
