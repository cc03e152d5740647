/* shell/env.h - `export` as the shell's own word: the environment. */
#ifndef SHELL_ENV_H
#define SHELL_ENV_H

struct shell;

/* words: those behind `export`. None, or "-p": lists the environment. "A=1"
 * sets; a plain name is exported already and nothing happens. Returns the exit
 * status. */
int env_export(struct shell *shell, int count, char *const *words);

#endif
