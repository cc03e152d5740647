/* runtime/cgroup_memory.h - how much memory one container may use, and uses.
 *
 * Owns memory.max, memory.swap.max and memory.low of version 2, and
 * memory.limit_in_bytes, memory.memsw.limit_in_bytes, memory.soft_limit_in_bytes,
 * memory.oom_control and memory.swappiness of version 1. `v2` says of which version the
 * folder is (borrowed).
 *
 * Source: kernel admin-guide/cgroup-v2.rst, "Memory"; cgroup-v1/memory.rst. */
#ifndef RUNTIME_CGROUP_MEMORY_H
#define RUNTIME_CGROUP_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct spec;

/* Sets what the settings say of memory; 0 there means none.
 *
 * A limit with no word of swap allows as much swap again (Docker's rule). A
 * machine whose kernel does not count swap gets the memory limit alone.
 *
 * -EBUSY  the container uses more than that now, and cannot be made smaller */
int cgroup_memory_set(int folder_fd, bool v2, const struct spec *spec,
		      struct err *err);

/* What is in use, without files that could be dropped at once (as `docker stats`
 * counts it). -errno where there is no such file. */
int cgroup_memory_used(int folder_fd, bool v2, uint64_t *out);

/* How many of its processes the kernel killed for want of memory. */
uint64_t cgroup_memory_oom_kills(int folder_fd, bool v2);

/* How often this folder's own limit left the kernel no other way than to kill; the
 * limits of those beneath it do not count. */
uint64_t cgroup_memory_own_ooms(int folder_fd, bool v2);

#endif
