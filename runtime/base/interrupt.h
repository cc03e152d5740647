/* runtime/base/interrupt.h - Ctrl-C.
 *
 * Owns the one signal flag. At the prompt a command runs inside the program,
 * which must not die of Ctrl-C: SIGINT sets a flag and makes system calls that
 * wait return EINTR. Whoever works for long looks at the flag between two pieces
 * of work and returns interrupt_err. Where nothing was caught (a single
 * command, a script) SIGINT ends the program as it ends any other. */
#ifndef RUNTIME_BASE_INTERRUPT_H
#define RUNTIME_BASE_INTERRUPT_H

#include <stdbool.h>

struct err;

/* From now on SIGINT sets the flag. */
void interrupt_catch(void);

/* Forgets a Ctrl-C: at the start of each command. */
void interrupt_clear(void);

bool interrupt_seen(void);

/* -EINTR, with an empty message: the shell says nothing and the status is 130.
 * To be returned as it stands. */
int interrupt_err(struct err *err);

#endif
