/* runtime/target.h - process 1 of a container that runs, held fast.
 *
 * Owns the step from a number in a record to a descriptor of the very process
 * that the record means. Numbers of processes are used again; a descriptor stays
 * with the process that had the number when it was opened. */
#ifndef RUNTIME_TARGET_H
#define RUNTIME_TARGET_H

struct container;
struct err;
struct home;

/* A pidfd (given) of process 1 of a container as container_find just gave it.
 * -ESRCH: it does not run any more. */
int target_open(const struct home *home, const struct container *container,
		struct err *err);

#endif
