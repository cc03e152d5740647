/* images/word_pattern.h - the patterns of ${x#p}, ${x%p} and ${x/p/w}.
 *
 * Owns what fits one: * is any text, ? one character, a \ in front takes their
 * meaning away. No [a-z]. Source: docker/buildkit, frontend/dockerfile/shell. */
#ifndef IMAGES_WORD_PATTERN_H
#define IMAGES_WORD_PATTERN_H

#include <stdbool.h>

struct buf;

enum word_side {
	WORD_BEGINNING,
	WORD_END,
};

enum word_often {
	WORD_FIRST,
	WORD_ALL,
};

/* Adds the value without what fits at one of its sides: the shortest, or the
 * longest. -EINVAL: a \ stands in front of what needs none; nothing was added. */
int word_trim(const char *value, const char *pattern, enum word_side side,
	      bool longest, struct buf *out);

/* Adds the value with `word` in place of what fits: of the first (as far as it
 * goes), or of all; ends early once `out` is over WORDS_MAX. -EINVAL as above. */
int word_replace(const char *value, const char *pattern, enum word_often often,
		 const char *word, struct buf *out);

#endif
