/* runtime/exec.h - finding a program and becoming it.
 *
 * Owns the walk through PATH and what Docker says when it ends nowhere. */
#ifndef RUNTIME_EXEC_H
#define RUNTIME_EXEC_H

#include "runtime/base/list.h"

struct err;

/* In whose words: those of a container's start, or of a program that joins. */
enum exec_kind { EXEC_START, EXEC_JOIN };

/* Records a failure of process making, in Docker's words: its runtime's prefix,
 * the message, ": unknown". Status 126, or 127 for ENOENT; callers that know
 * better set it afterwards. Returns -code. */
int exec_failed(enum exec_kind kind, struct err *err, int code,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

/* As Go says it: "permission denied". */
const char *exec_reason(int code);

/* Replaces the process by args[0], looked for in the PATH of `env` unless it has
 * a slash. Returns only on failure, with err.status 127 (not there, or what its
 * first line names is not there) or 126 (there, and not to be executed). */
void exec_program(enum exec_kind kind, const struct strs *args,
		  const struct strs *env, struct err *err);

#endif
