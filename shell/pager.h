/* shell/pager.h - long output, a screen at a time, for who asks for it.
 *
 * Asked for is it with `--pager`, or with a program's name in $DOCKERSHELL_PAGER
 * (`export DOCKERSHELL_PAGER=less` at the prompt, `unset` ends it). Nothing else
 * starts one: output that waits for a key is a surprise. */
#ifndef SHELL_PAGER_H
#define SHELL_PAGER_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct cmd;
struct shell;

/* --pager: chooses $PAGER, else less, else more, where none is named yet. False
 * where the machine has none. */
bool pager_choose(void);

/* Whether this command's output goes through a pager: one is asked for, the
 * command has `pages`, and the output is a terminal. */
bool pager_wanted(const struct shell *shell, const struct cmd *cmd);

/* One that runs. before: the output in front of it; pid 0: none runs. */
struct pager {
	FILE *before;
	pid_t pid;
	bool columns; /* COLUMNS was set by us */
};

/* Starts it and puts it in place of shell->out. Where that fails the output goes
 * to the terminal as ever. `values` are the command's options: what is followed
 * (logs --follow) never ends, so it is not paged. */
void pager_begin(struct shell *shell, const struct cmd *cmd,
		 const void *values, struct pager *pager);

/* Waits until its user has seen enough; the output is what it was. */
void pager_end(struct shell *shell, struct pager *pager);

#endif
