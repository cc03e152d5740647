/* runtime/process_1.h - a descriptor of a running container's process 1.
 *
 * Through it its namespaces are joined (setns) and it gets signals. */
#ifndef RUNTIME_PROCESS_1_H
#define RUNTIME_PROCESS_1_H

struct container;
struct err;
struct home;

/* Finds the container called `name`, fills *c, and opens its process 1. Returns
 * the descriptor (given), or -errno in Docker's words: no such container, or
 * "Container x is not running" (-ESRCH, or -EBUSY while it is paused or
 * restarting). *c is to be released either way. */
int process_1_open(const struct home *home, const char *name,
		   struct container *c, struct err *err);

/* The same for a container that was just found, and that may be paused too: its
 * process 1, as long as the record still says what *c says. */
int process_1_hold(const struct home *home, const struct container *c,
		   struct err *err);

#endif
