/* shell/past.h - the history of what was typed at the prompt.
 *
 * One text file, `history`, in the user's home. Each line is appended when it is
 * run, so that a kill loses none and two prompts do not overwrite each other. */
#ifndef SHELL_PAST_H
#define SHELL_PAST_H

struct shell;

void past_load(struct shell *shell);
void past_add(struct shell *shell, const char *line);

#endif
