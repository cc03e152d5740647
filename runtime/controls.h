/* runtime/controls.h - what a monitor does with its container's cgroup.
 *
 * Owns the life of the cgroup beside the container's: made before the start where
 * it is needed, frozen and thawed, limits changed, removed at the end with a look
 * at whether memory ran out. Belongs to the monitor; the record on disk is the
 * monitor's to write. */
#ifndef RUNTIME_CONTROLS_H
#define RUNTIME_CONTROLS_H

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/cgroup.h"
#include "runtime/processes.h"

struct container;
struct err;
struct limits_change;
struct spec;

/* folder_fd  containers/<id>, borrowed
 * paused     the container stands
 * before     who stood when it was stopped by signals
 * oom_kills  how many of its processes the kernel killed for want of memory, seen at
 *            the end; -1: nobody counted
 * memory_limit  that was in force then, 0: none */
struct controls {
	int folder_fd;
	struct cgroup cgroup;
	bool paused;
	struct pids before;
	int64_t oom_kills;
	int64_t memory_limit;
};

/* Once, before anything else. */
void controls_init(struct controls *controls, int folder_fd);

/* Before each start: the cgroup, with its limits set, where it needs one. */
int controls_begin(struct controls *controls, const struct spec *spec,
		   struct err *err);

/* container  its status is changed. -EBUSY ... in Docker's words. */
int controls_pause(struct controls *controls, struct container *container,
		   struct err *err);
int controls_unpause(struct controls *controls, struct container *container,
		     struct err *err);

/* Changes limits and restart policy: in the settings, and in force. Where that
 * fails all is as before. */
int controls_update(struct controls *controls, struct container *container,
		    const struct limits_change *change, struct err *err);

/* process 1 got a signal that is to end it: one that stands could not hear it.
 * Returns whether the status was changed. */
bool controls_signalled(struct controls *controls, struct container *container,
			int signal);

/* After each end: container->oom_killed, and the cgroup goes. killed: process 1 ended
 * by SIGKILL. */
void controls_end(struct controls *controls, struct container *container,
		  bool killed);

#endif
