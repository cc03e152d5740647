/* runtime/freeze_signals.h - stopping a container by signals, without a cgroup.
 *
 * A plain user whose account has no cgroup can still stop every process of a
 * container with SIGSTOP, process 1 too: from outside its pid namespace it cannot
 * refuse. It is the second best: a process can see that it was stopped (its
 * parent is told, a shell may say "Stopped"), and one that was stopped before is
 * remembered here so that it stays so. */
#ifndef RUNTIME_FREEZE_SIGNALS_H
#define RUNTIME_FREEZE_SIGNALS_H

#include <sys/types.h>

#include "runtime/processes.h"

struct err;

/* Stops all, those born meanwhile too. *out_before gets those that stood
 * already. -EAGAIN: they fork faster than one can look; all go on then. */
int freeze_signals_stop(pid_t first, struct pids *out_before, struct err *err);

/* Lets all go on but those in `before`. */
int freeze_signals_go(pid_t first, const struct pids *before, struct err *err);

#endif
