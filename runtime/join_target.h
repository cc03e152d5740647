/* runtime/join_target.h - the process 1 that a further program joins.
 *
 * Owns the certainty that it is the right one: numbers of processes are used
 * again. */
#ifndef RUNTIME_JOIN_TARGET_H
#define RUNTIME_JOIN_TARGET_H

struct container;
struct err;
struct home;

/* Finds a running container and opens its process 1. *c (taken over by the caller,
 * also on failure) and a pidfd (given). -ESRCH, -EBUSY: it does not run, is paused
 * or being restarted, in Docker's words. */
int join_target_find(const struct home *home, const char *name,
		     struct container *c, int *out_pidfd, struct err *err);

#endif
