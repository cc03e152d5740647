/* shell/past.h - the history of what was typed at the prompt.
 *
 * One text file, `history`, in the user's home. Each line is appended when it is
 * run, so that a kill loses none and two prompts do not overwrite each other. */
#ifndef SHELL_PAST_H
#define SHELL_PAST_H

struct shell;

void past_load(struct shell *shell);
void past_add(struct shell *shell, const char *line);

/* The line itself, or where it begins with ! the one it speaks of, as in bash: !!
 * the last, !5 that number, !run the last that began so; it is shown. NULL where
 * there is no such line: that has been said. Given, to be freed. */
char *past_recall(struct shell *shell, const char *line);

#endif
