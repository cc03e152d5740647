/* runtime/join.h - a further program in a container that runs (exec).
 *
 * Owns the way into the namespaces of a running process 1. What the program finds
 * there and which rights it keeps it shares with process 1: process.h, rights.h. */
#ifndef RUNTIME_JOIN_H
#define RUNTIME_JOIN_H

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/attach.h"

struct attach;
struct container;
struct err;
struct home;
struct strs;

/* args        the program and its arguments, at least one word
 * env         "NAME=value", over the container's own; NULL for none
 * user, cwd   NULL: the container's
 * privileged  all capabilities */
struct join {
	const struct strs *args;
	const struct strs *env;
	const char *user;
	const char *cwd;
	bool tty;
	bool open_stdin;
	bool privileged;
};

/* Starts the program in the container called `name`. With `attach` it stays until
 * the program ends or the user detaches; the program is killed when the caller
 * is. With attach NULL it returns once the program runs.
 *
 * Returns 0 and how it ended, or -errno with *err filled in, mostly in Docker's
 * words: -ENOENT (no such container, or status 127: no such program), -EACCES
 * (status 126), -ESRCH: the container does not run. */
int join_run(const struct home *home, const char *name,
	     const struct join *join, const struct attach *attach,
	     struct attach_end *out, struct err *err);

/* The same for one who watches over the container: starts the program and does not
 * wait. What it prints and its end come over *out_fd (given) as messages of
 * runtime/wire.h; when that is closed the program is killed. *out_keeper is a child
 * of the caller, to be waited for. The place is borrowed: the container, its folder,
 * its process 1. */
struct join_place {
	const struct container *container;
	int folder_fd;
	int pidfd;
};
int join_begin(const struct join_place *place, const struct join *join,
	       int *out_fd, pid_t *out_keeper, struct err *err);

#endif
