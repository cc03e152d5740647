/* runtime/cgroup_pids.h - how many processes and threads a container may have.
 *
 * Owns pids.max, which is the same in both versions: a fork(2) beyond it fails
 * with EAGAIN.
 *
 * Source: kernel admin-guide/cgroup-v2.rst, "PID". */
#ifndef RUNTIME_CGROUP_PIDS_H
#define RUNTIME_CGROUP_PIDS_H

#include <stdint.h>

struct err;

/* limit  0 and less: no bound */
int cgroup_pids_set(int folder_fd, int64_t limit, struct err *err);
int cgroup_pids_count(int folder_fd, uint64_t *out);

#endif
