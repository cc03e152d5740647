/* runtime/container_usage.h - what a container is doing: its processes, and what
 * they use.
 *
 * Numbers come from the container's cgroup where it has one since its start, else
 * from the /proc of each of its processes, which any account may read:
 *
 *   number      cgroup v2 / v1                  /proc
 *   processor   cpu.stat / cpuacct.usage        stat: time of all processes and of
 *                                               the children they waited for
 *   memory      memory.current less             smaps_rollup: proportional share
 *               inactive files                  of each page (Pss)
 *   disks       io.stat / blkio.throttle...     io: read_bytes, write_bytes
 *   processes   pids.current                    stat: threads
 *   network     -                               net/dev of process 1, without lo
 *
 * A cgroup that processes joined later knows only what came after; so on version
 * 1, where joining is slow and memory does not move along, `stats` of a
 * container without limits reads /proc. */
#ifndef RUNTIME_CONTAINER_USAGE_H
#define RUNTIME_CONTAINER_USAGE_H

#include <stdint.h>

#include "runtime/processes.h"

struct container;
struct err;
struct home;

/* The processes of a running container. -ESRCH: "Container ... is not running",
 * in Docker's words. */
int container_processes(const struct home *home, const char *name,
			struct pids *out, struct err *err);

/* Sums since the start, in nanoseconds and bytes, and what is in use now.
 *
 * when_ns       of the reading, CLOCK_MONOTONIC
 * memory_limit  the container's, or all that the machine has */
struct usage {
	uint64_t when_ns;
	uint64_t cpu_ns;
	uint64_t memory;
	uint64_t memory_limit;
	uint64_t received;
	uint64_t sent;
	uint64_t read;
	uint64_t written;
	uint64_t pids;
};

/* Of one that does not run all numbers are 0. */
int container_usage(const struct home *home, const struct container *container,
		    struct usage *out, struct err *err);

#endif
