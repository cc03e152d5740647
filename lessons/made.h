/* lessons/made.h - which images and containers have come, by their ids.
 *
 * Who builds an image gets an id that nobody had before, and types it: `run fcb939dd`.
 * When the same work is done once more, there are other ids. So it is noted, in the order
 * of their coming, what each command has made; then one can be told for the other. A
 * container's name may be by chance, too.
 *
 *     "image 64HEX"      "container 64HEX NAME" */
#ifndef LESSONS_MADE_H
#define LESSONS_MADE_H

#include "runtime/base/list.h"

struct err;
struct home;
struct store;

/* Adds to *out what is there and not in `known`, oldest first. */
int made_look(const struct home *home, struct store *store,
	      const struct strs *known, struct strs *out, struct err *err);

/* Pairs of what was made then and what was made now. */
struct made_pairs {
	struct strs then;
	struct strs now;
};
void made_pair(struct made_pairs *pairs, const char *then, const char *now);
void made_pairs_done(struct made_pairs *pairs);

/* Whether both are images, or containers. */
bool made_same_kind(const char *a, const char *b);

/* The line with each id, and name, of then told for that of now: an id may be shortened,
 * to no less than four digits. Given. */
char *made_translate(const struct made_pairs *pairs, const char *line);

#endif
