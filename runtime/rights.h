/* runtime/rights.h - the last steps down, from what we may to what the program may.
 *
 * Owns the order in which the bounding set, the system call filter, the user and
 * the capabilities change. Process 1 of a container (stages.h) and a program that
 * joins one later (join.h) go the same way, just before exec. */
#ifndef RUNTIME_RIGHTS_H
#define RUNTIME_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/syscalls.h"

struct err;
struct spec;
struct user;

/* caps    bits by capability number, for a program of user 0; others have none
 * filter  prepared before the clone; count 0: none */
struct rights {
	uint64_t caps;
	bool no_new_privs;
	struct syscalls_filter filter;
};

/* The filter that these settings ask for, to be called before a clone: Docker's
 * own, a profile of the user's, or none. */
int rights_filter(const struct spec *spec, struct syscalls_filter *out,
		  struct err *err);

/* Becomes `user` with these rights. The process dies with its parent from here
 * on (PR_SET_PDEATHSIG), for the change of user has cleared that. */
int rights_drop(const struct rights *rights, const struct user *user,
		struct err *err);

#endif
