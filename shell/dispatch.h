/* shell/dispatch.h - from the words of a line to an exit status.
 *
 * Finds the command, reads its options, opens what it needs, runs it, tells what
 * went wrong. */
#ifndef SHELL_DISPATCH_H
#define SHELL_DISPATCH_H

struct shell;

/* Runs a command given as words; words[count] is NULL. The vector may be
 * reordered and the texts written into. `docker` in front is dropped. Returns
 * the exit status. */
int dispatch(struct shell *shell, int count, char **words);

#endif
