/* shell/words.h - is this line ours or sh's?
 *
 * Owns how a line is read: a line without shell syntax is split here into words,
 * with the shell's quotes and backslashes; whatever has more in it (pipes,
 * redirections, variables, patterns ...) is left to /bin/sh as it stands. */
#ifndef SHELL_WORDS_H
#define SHELL_WORDS_H

#include <stdbool.h>

#include "runtime/base/list.h"

/* What a line is made of.
 *
 * words   the words, quotes removed; only those before the first shell syntax
 *         where there is some
 * syntax  something only a shell understands stands in it
 * expands that something is no more than variables, patterns, ~ and command
 *         substitution: it makes words, wordexp(3) can do it
 * quoted_first  quotes or a backslash stand in the first word: \rm is not ours
 * background    it ends in & */
struct words {
	struct strs words;
	bool syntax;
	bool expands;
	bool quoted_first;
	bool background;
};

void words_done(struct words *words);
#define OWN_WORDS __attribute__((cleanup(words_done)))

void words_read(const char *line, struct words *out);

/* Whether more lines belong to it: a quote, a `$(` or a backquote is open, a
 * backslash or an operator ends it, a here-document has not ended. */
bool words_unfinished(const char *text);

/* Whether a quote (' or ") has no second one, and in which line of the text (from
 * 0) it stands. */
bool words_open_quote(const char *text, int *out_line);

/* The line without white space in front, and without the "$ " or "dockershell> " of a prompt that
 * was copied with it. Borrowed from `line`. */
const char *words_begin(const char *line);

/* Several lines that were copied with their prompts lose them all, and the "> " of
 * those that go on behind a backslash; nothing where the first has none. Given. */
char *words_without_prompts(const char *text);

#endif
