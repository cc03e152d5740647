/* shell/confirm.h - "Are you sure?" before something is removed for good. */
#ifndef SHELL_CONFIRM_H
#define SHELL_CONFIRM_H

#include <stdbool.h>

struct err;
struct shell;

/* Prints the question and " [y/N] ", and reads one line from the shell's input.
 * Returns 1 for "y" or "Y" and 0 for anything else, also for the end of the
 * input; -EINTR for Ctrl-C. */
int confirm(struct shell *shell, const char *question, struct err *err);

#endif
