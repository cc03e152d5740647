/* shell/sh.h - lines that /bin/sh runs.
 *
 * Pipes, redirections, globs, && and $(...) are the real shell's. In front of
 * the line stands one line of aliases, so that our words mean the same as first
 * word of any command in it; `docker`, a link to this program, is found first on
 * its PATH, and nothing else of ours is. Programs that the line starts see the
 * system's own words, as do \rm, `command rm` and /bin/rm. */
#ifndef SHELL_SH_H
#define SHELL_SH_H

#include <stdbool.h>

struct buf;
struct err;
struct shell;

/* Runs `line`; `background` where it ends in &. Returns its exit status, or
 * -errno where sh could not be started. After it the shell is as sh
 * was at its end (told.h); in a script, shell->want_exit is set where sh did
 * not come to the line's end: it said `exit`. */
int sh_run(struct shell *shell, const char *line, bool background,
	   struct err *err);

/* Runs `line`, then `question`: what that prints is added to `out`. Returns the
 * exit status of the line, or -errno. Nothing is added where sh did not come to
 * the question. */
int sh_ask(struct shell *shell, const char *line, const char *question,
	   struct buf *out, struct err *err);

/* Whether something runs that a line started with &; and `wait`: until all of it has
 * ended. Its status. */
bool sh_runs_behind(const struct shell *shell);
int sh_wait(struct shell *shell);

/* Whether sh wants more lines: a `for` without its `done`. Asked only where such a
 * word stands in the text. */
bool sh_unfinished(const char *text);

/* Whether the word is something sh itself knows ("test", "for", "["). */
bool sh_knows(const char *word);

/* Whether a program of that name is on $PATH. */
bool sh_finds(const char *word);

#endif
