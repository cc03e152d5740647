/* runtime/view.h - work among the files of a container, running or not.
 *
 * Owns the child process that sees what the container sees, and nothing else: the
 * container's root is its /. Of a container that runs it joins the namespaces of
 * process 1 (setns(2)); of one that does not, it mounts the layers
 * once more. Either way in a mount namespace of its own, so that no path, whatever
 * the container does to it meanwhile, leads to a file of the machine.
 *
 * What it sees is what Docker's daemon sees: the layers, volumes and bind mounts,
 * and the three files of /etc; not /proc, /sys, /dev and tmpfs mounts, which are
 * the running container's alone. */
#ifndef RUNTIME_VIEW_H
#define RUNTIME_VIEW_H

#include "runtime/userns.h"

struct buf;
struct err;
struct home;

/* VIEW_LAYERS: without anything mounted on them, as `export` wants it; read-only
 * as VIEW_READ. */
enum view_how { VIEW_READ, VIEW_WRITE, VIEW_LAYERS };

/* prepare  called first, while the machine's files are still there: what a
 *          library might look for later is looked for now. NULL: nothing
 * work     called with / as an O_PATH descriptor (borrowed); what it adds to
 *          `reply` comes back. No program may be started in here, and no name
 *          looked up: what lies in / is the container's.
 *
 * Ctrl-C does not reach the child: it ends when the socket does over which it
 * talks with the caller, and leaves nothing half. */
struct view_job {
	void (*prepare)(void);
	int (*work)(int root_fd, void *arg, struct buf *reply, struct err *err);
	void *arg;
};

/* Starts the child; userns_finish waits for it. -ENOENT: no such container (in
 * the client's voice); -EBUSY: it is just starting or being removed. */
int view_start(const struct home *home, const char *name, enum view_how how,
	       const struct view_job *job, struct userns_child *out,
	       struct err *err);

/* Both in one. */
int view_call(const struct home *home, const char *name, enum view_how how,
	      const struct view_job *job, struct buf *reply, struct err *err);

#endif
