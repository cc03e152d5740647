/* runtime/join_child.h - the child of a join, from its birth to its exec.
 *
 * Owns the way into the namespaces, rights and folder of a running container. Who
 * makes it and stays with it is join.c's; the picture of both is there. */
#ifndef RUNTIME_JOIN_CHILD_H
#define RUNTIME_JOIN_CHILD_H

#include <stdbool.h>
#include <sys/ioctl.h>

#include "runtime/cgroup.h"
#include "runtime/rights.h"

struct home;
struct join;
struct spec;

/* What keeper and child know.
 *
 * home     NULL: somebody else notes what happens
 * exec_id  of its events */
struct joining {
	const struct home *home;
	char exec_id[65];
	const struct join *join;
	const struct spec *spec;
	struct rights rights;
	struct winsize size;
	struct cgroup cgroup;
	int target; /* pidfd of process 1 */
	int noted;  /* holds its lock, see exec_ids.h */
	bool attached;
};

/* Becomes the program, or says over `control` why not. stdio: its streams, unused
 * with a terminal. */
_Noreturn void join_child(const struct joining *joining, const int stdio[3],
			  int control, bool traced);

#endif
