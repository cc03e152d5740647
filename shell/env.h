/* shell/env.h - `export` as the shell's own word: the environment. */
#ifndef SHELL_ENV_H
#define SHELL_ENV_H

#include <stdbool.h>
#include <stddef.h>

struct shell;

/* words: those behind `export`. None, or "-p": lists the environment. "A=1"
 * sets; a plain name is exported already and nothing happens. Returns the exit
 * status. */
int env_export(struct shell *shell, int count, char *const *words);

/* Sets or (value NULL) removes one. Where answers are graded some are for lines of sh
 * alone, and not for this program and its commands (enclosure_guard.h). */
void env_set(struct shell *shell, const char *name, const char *value);

/* Whether the first `len` bytes can be the name of a variable. */
bool env_is_name(const char *text, size_t len);

#endif
