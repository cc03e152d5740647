/* runtime/monitor.h - the small process that stays with a container.
 *
 * Owns what must go on while nobody watches: it is the parent of process 1,
 * keeps the log and the terminal, the exit code and the record, and answers on
 * run/<12 digits>.sock. The container lives exactly as long as it does. */
#ifndef RUNTIME_MONITOR_H
#define RUNTIME_MONITOR_H

#include <stdbool.h>
#include <sys/ioctl.h>

#include "runtime/container.h"
#include "runtime/wire.h"

struct err;
struct home;

/* container   its record; the monitor's own copy after the fork
 * folder_fd   containers/<id>, with the lock
 * again       it ran before
 * streams     what the starter wants to see
 * size        of the starter's terminal; 0 rows: none */
struct monitor_start {
	const struct home *home;
	struct container *container;
	int folder_fd;
	bool again;
	struct wire_attach streams;
	struct winsize size;
};

/* Forks the monitor, which starts the container. *out_fd is the starter's end of
 * the talk (given): WIRE_STARTED or WIRE_FAILED comes first (after events).
 * The caller closes its copies of folder_fd: the lock is the monitor's then. */
int monitor_fork(const struct monitor_start *start, int *out_fd,
		 struct err *err);

/* Connects to the monitor of a running container. Returns a descriptor (given);
 * -ESRCH: there is none. */
int monitor_connect(const struct home *home, const char *id, struct err *err);

/* Whether a message of the monitor's tells of a step; it is told on then (trace.h).
 * Who connects while a sink listens gets the steps of what is asked. */
bool monitor_told_step(const struct wire_message *message);

/* Tells the monitor of a running container, where there is one, that its record
 * was changed (state_change): it reads it again. */
void monitor_tell_changed(const struct home *home, const char *id);

#endif
