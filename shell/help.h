/* shell/help.h - help, made from the tables of the commands. */
#ifndef SHELL_HELP_H
#define SHELL_HELP_H

struct cmd;
struct shell;

/* All commands by group, one line each. */
void help_all(const struct shell *shell);

/* The commands of "container", "image" ... */
void help_group(const struct shell *shell, const char *group);

/* One command: usage, what it does, its options by group, two examples, the
 * lesson that teaches it. `called`: as which name it is shown. */
void help_command(const struct shell *shell, const struct cmd *cmd,
		  const char *called);

#endif
