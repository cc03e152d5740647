/* shell/explain_docker.h - what one would type in Docker for the same. */
#ifndef SHELL_EXPLAIN_DOCKER_H
#define SHELL_EXPLAIN_DOCKER_H

#include "shell/view.h"

/* `words` are a command's. Returns an exit status: 0, or 127 where there is no such
 * command. */
int explain_docker(struct shell *shell, const struct view_opts *opts, int count,
		   char *const *words);

#endif
