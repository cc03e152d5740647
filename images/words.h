/* images/words.h - the words of a Dockerfile instruction.
 *
 * Owns quotes, escapes and variables. Source: Dockerfile reference, "Environment
 * replacement"; docker/buildkit's shell lexer. */
#ifndef IMAGES_WORDS_H
#define IMAGES_WORDS_H

struct err;
struct strs;

/* The text with variables put in, quotes and escapes taken off; one word, blanks
 * and all. `env` holds "NAME=value"; an unknown name is "". Given. -EINVAL for a
 * quote or a brace that is not closed, or a form that is not known. */
int words_expand(const char *text, const struct strs *env, char **out,
		 struct err *err);

/* Cuts at blanks outside of quotes; quotes and escapes stay. */
void words_split(const char *text, struct strs *out);

#endif
