/* images/ignore_set.h - a set of characters in a pattern of .dockerignore.
 *
 * As Go's regular expressions write them: "[a-z]", "\d", "[[:alpha:]]". Sets of
 * Unicode's own ("\p{Greek}") are refused. See ignore_pattern.h, which is the only
 * caller. Source: Go, regexp/syntax/parse.go. */
#ifndef IMAGES_IGNORE_SET_H
#define IMAGES_IGNORE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ranges: first and last in turn; negated: all others are in it. */
struct ignore_set {
	uint32_t *ranges;
	size_t count;
	bool negated;
};

void ignore_set_add(struct ignore_set *set, uint32_t first, uint32_t last);
void ignore_set_dot(struct ignore_set *set); /* everything but a newline */
bool ignore_set_has(const struct ignore_set *set, uint32_t rune);
void ignore_set_done(struct ignore_set *set);

/* "[...]" and "\x" at *p, which is moved behind it. -EINVAL for what Go refuses. */
int ignore_set_class(struct ignore_set *set, const char **p);
int ignore_set_escape(struct ignore_set *set, const char **p);

#endif
