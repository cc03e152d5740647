/* runtime/cgroup_io.h - how a container shares the disks, and what it moved.
 *
 * Owns io.weight and io.stat of version 2, and blkio.weight and the byte counts
 * of version 1. A kernel has the weight only where a scheduler for it is built
 * in (BFQ). `v2` says of which version a folder is (borrowed).
 *
 * Source: kernel admin-guide/cgroup-v2.rst, "IO"; cgroup-v1/blkio-controller.rst */
#ifndef RUNTIME_CGROUP_IO_H
#define RUNTIME_CGROUP_IO_H

#include <stdbool.h>
#include <stdint.h>

struct err;

/* The name of the file that takes a weight there, or NULL. */
const char *cgroup_io_weight_file(int folder_fd, bool v2);

/* Whether folders made in this one will have such a file: the top of a tree has
 * none itself, but other signs of a scheduler with weights. */
bool cgroup_io_may_weigh(const char *path);

/* weight  10 to 1000, Docker's scale. -ENOENT: the machine has no weights. */
int cgroup_io_set_weight(int folder_fd, bool v2, int weight, struct err *err);

/* Bytes read from and written to disks so far. */
int cgroup_io_moved(int folder_fd, bool v2, uint64_t *out_read,
		    uint64_t *out_written);

#endif
