/* shell/line.h - one line, from its text to its exit status. */
#ifndef SHELL_LINE_H
#define SHELL_LINE_H

struct shell;

/* Runs a line as if typed at the prompt: one of our commands inside the program,
 * anything else by /bin/sh. Returns its exit status, which is also put into
 * shell->last_status; an empty line leaves that as it is. */
int line_run(struct shell *shell, const char *text);

#endif
