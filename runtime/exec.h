/* runtime/exec.h - finding a program and becoming it.
 *
 * Owns the walk through PATH and what Docker says when it ends nowhere. */
#ifndef RUNTIME_EXEC_H
#define RUNTIME_EXEC_H

#include "runtime/base/list.h"

struct err;

/* Replaces the process by args[0], looked for in the PATH of `env` unless it has
 * a slash. Returns only on failure, with err.status 127 (not there, or what its
 * first line names is not there) or 126 (there, and not to be executed). */
void exec_program(const struct strs *args, const struct strs *env,
		  struct err *err);

#endif
