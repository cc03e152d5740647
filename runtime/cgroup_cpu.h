/* runtime/cgroup_cpu.h - how much of the processors a container gets, and which.
 *
 * Owns cpu.max, cpu.weight and cpuset.cpus of version 2, and cpu.cfs_quota_us,
 * cpu.cfs_period_us, cpu.shares and cpuset.cpus of version 1. `v2` says of which
 * version a folder is (borrowed).
 *
 * Source: kernel admin-guide/cgroup-v2.rst, "CPU" and "Cpuset";
 * scheduler/sched-bwc.rst; cgroup-v1/cpusets.rst. */
#ifndef RUNTIME_CGROUP_CPU_H
#define RUNTIME_CGROUP_CPU_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct spec;

/* The time limit and the weight against others; 0 in the settings means none. */
int cgroup_cpu_set(int folder_fd, bool v2, const struct spec *spec,
		   struct err *err);

/* Which processors and memory nodes. */
int cgroup_cpu_set_places(int folder_fd, const struct spec *spec,
			  struct err *err);

/* A new cpuset of version 1 has none, and lets nobody in: it gets its parent's. */
int cgroup_cpu_fill_set(int folder_fd, struct err *err);

/* Processor time used so far, in nanoseconds. */
int cgroup_cpu_used(int folder_fd, bool v2, uint64_t *out_ns);

/* Version 2's weight (1 to 10000) for Docker's shares (2 to 262144). */
uint64_t cgroup_cpu_weight(int64_t shares);

#endif
