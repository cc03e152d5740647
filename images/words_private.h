/* images/words_private.h - what words.c and words_variable.c share. */
#ifndef IMAGES_WORDS_PRIVATE_H
#define IMAGES_WORDS_PRIVATE_H

#include <stdbool.h>

#include "images/words.h"

struct buf;

/* p             what is left of the text
 * keep_escapes  as the rules say, or because a pattern is read
 * depth         of ${a:-${b:-...}} */
struct reader {
	const char *p;
	const char *text;
	const struct word_rules *rules;
	char escape;
	bool keep_escapes;
	int depth;
};

/* A variable; reader->p is on its '$', and behind it afterwards. */
int word_variable(struct reader *reader, struct buf *out, struct err *err);

/* The word behind an operator of ${...}, up to `end`, which is taken, too. As a
 * pattern it keeps its escapes: \* is a star. */
int word_operand(struct reader *reader, char end, bool pattern, struct buf *out,
		 struct err *err);

/* "failed to process \"...\": what"; -EINVAL. */
int word_refuse(const struct reader *reader, const char *what, struct err *err);

/* The same about ${...}, with a hint of what there is. */
int word_refuse_braces(const struct reader *reader, const char *what,
		       struct err *err);

#endif
