/* shell/help.h - help, made from the tables of the commands. */
#ifndef SHELL_HELP_H
#define SHELL_HELP_H

#include <jansson.h>
#include <stdbool.h>

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

/* The same as an object; given. */
json_t *help_command_json(const struct shell *shell, const struct cmd *cmd);
json_t *help_all_json(void);

/* Whether an option is for people, and the heading it stands under (not yet in the
 * chosen language). */
struct opt;
bool help_shows(const struct opt *opt);
const char *help_heading(const struct opt *opt);

/* A command may name the lesson that will teach it before that is written: whether
 * it is there. */
bool help_has_lesson(const struct shell *shell, const char *lesson);

#endif
