/* shell/keep.h - what a line leaves behind for the next ones.
 *
 * Each line that sh runs has an sh of its own. What must outlive that one is
 * noticed here: variables go into the environment of the program; options of
 * `set`, aliases and functions are told to each later sh again (shell->kept). */
#ifndef SHELL_KEEP_H
#define SHELL_KEEP_H

#include <stdbool.h>

struct shell;
struct words;

/* Whether the line does nothing else than set variables (A=1, export A=$(...)),
 * or unset them, or speak to sh itself (set -u, alias, a function, and in a script
 * a trap for its end). */
bool keep_wanted(const struct shell *shell, const char *text,
		 const struct words *words);

/* Does what that line says. Returns its exit status. */
int keep_line(struct shell *shell, const char *text,
	      const struct words *words);

/* Whether the word is the name of an alias or a function that was kept. */
bool keep_has(const struct shell *shell, const char *word);

#endif
