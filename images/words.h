/* images/words.h - quotes, escapes and variables in a Dockerfile's words.
 *
 * Owns the small shell language that ENV, COPY, WORKDIR ... are written in: 'a',
 * "a $x", \$, and what stands in ${...}:
 *
 *   ${x}      the value, "" where there is none
 *   ${x:-w}   w where x is unset or empty    ${x-w}   w where x is unset
 *   ${x:+w}   w where x is neither           ${x+w}   w where x is set
 *   ${x:?w}   an error that says w           ${x?w}
 *   ${x#p}    the value without the shortest beginning that fits p; ##: longest
 *   ${x%p}    the same at its end; %%
 *   ${x/p/w}  w in place of what fits p; //: everywhere
 *
 * RUN, CMD and ENTRYPOINT are not looked into: there the shell in the container
 * does all this. Source: Dockerfile reference, "Environment replacement";
 * docker/buildkit, frontend/dockerfile/shell. */
#ifndef IMAGES_WORDS_H
#define IMAGES_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct strs;

enum {
	WORDS_MAX = 4 << 20, /* bytes a text may grow to */
};

/* env           "NAME=value"; NULL for none
 * args          where a name is looked for if env has it not; NULL for none
 * escape        '\\' or '`'; 0 is '\\'
 * keep_quotes   quotes stay in the result (they still protect what is in them)
 * keep_escapes  so do escapes
 * plain_quotes  quotes are characters like others: the body of a heredoc
 * keep_unset    "$x" stays where there is no x */
struct word_rules {
	const struct strs *env;
	const struct strs *args;
	char escape;
	bool keep_quotes;
	bool keep_escapes;
	bool plain_quotes;
	bool keep_unset;
};

/* One word, blanks and all. Given. -EINVAL with Docker's sentence, "failed to
 * process \"...\": ...": a quote or brace that is not closed, a form that is
 * none, a variable that ${x:?} wants; -EFBIG: more than WORDS_MAX. */
int words_expand_by(const char *text, const struct word_rules *rules,
		    char **out, struct err *err);

/* The same with nothing but an environment. */
int words_expand(const char *text, const struct strs *env, char **out,
		 struct err *err);

/* Cut at blanks outside of quotes, also at those that a variable brought. */
int words_cut(const char *text, const struct word_rules *rules,
	      struct strs *out, struct err *err);

/* How many bytes the blank (Unicode's) at `text` has, 0 where none is. */
size_t words_blank(const char *text);

#endif
