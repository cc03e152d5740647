/* shell/advice.h - what to try after a mistake.
 *
 * Docker's messages say what went wrong and stay as they are; what stands under
 * them, for people at a terminal, is made here: the word that was meant, the order
 * in which words stand, the command that shows more.
 *
 *   advice.c          a message of Docker's: what it means here
 *   advice_words.c    words that are no command
 *   advice_args.c     what stands behind one: too much, too little, flags
 *   advice_listing.c  which files there are inside
 *   advice_typing.c   characters that only look like those of the keyboard
 *   advice_names.c    names that are none: <container>, all
 *   advice_sh.c       lines that sh does not understand
 *   near.c            names: of containers, images, networks, volumes */
#ifndef SHELL_ADVICE_H
#define SHELL_ADVICE_H

#include <stdbool.h>

struct cmd;
struct err;
struct opt;
struct shell;

/* Gives a failure that has none a hint, where there is something to say. */
void advice_on_failure(const struct shell *shell, struct err *err);

/* Of a command that got `count` arguments, too many or too few. Given, or NULL. */
char *advice_on_count(const struct shell *shell, const struct cmd *cmd,
		      const char *called, int count);

/* Of a flag that the command has not: where *err is about one and has no hint. */
void advice_on_flag(const struct shell *shell, const struct cmd *cmd,
		    const char *called, struct err *err);

/* Of words that begin with no command. Given, or NULL. */
char *advice_on_words(const struct shell *shell, const char *group,
		      char *const *words);

/* Of a line that was copied with another shell's prompt in front. Given, or NULL. */
char *advice_on_prompt(const char *text);

/* Of a line that sh ended with `status`, not 0: one written for bash, or with a <name> in
 * it. Given, or NULL. */
char *advice_on_sh(const struct shell *shell, const char *text, int status);

/* A line that shows which programs a container, or an image, has; one that works there,
 * with or without an `ls` in it. Given. */
char *advice_listing(const struct shell *shell, bool container,
		     const char *name);

/* Whether such a line is answered here and not by /bin/sh: `sudo docker ps`,
 * `man run`, `login`. */
bool advice_takes(char *const *words);

/* Of typographic quotes, long dashes and full-width letters in the words: the line
 * as it was meant. Given, or NULL. */
char *advice_on_typing(char *const *words);

#endif
