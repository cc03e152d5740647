/* runtime/cgroup_mount.h - the container's own cgroups, as it sees them.
 *
 * Version 1: one folder a controller in /sys/fs/cgroup, each the container's own
 * cgroup (its cgroup namespace begins there), to be read: `cat
 * /sys/fs/cgroup/memory/memory.limit_in_bytes` says the limit. Version 2 is one
 * mount and mounts.h's. */
#ifndef RUNTIME_CGROUP_MOUNT_H
#define RUNTIME_CGROUP_MOUNT_H

struct cgroup;
struct err;

/* Mounts those of version 1 beneath sys/fs/cgroup of the root, where a sysfs is
 * mounted already; nothing where the container has none. flags: MS_RDONLY ... */
int cgroup_mount_v1(int root_fd, const struct cgroup *cgroup,
		    unsigned long flags, struct err *err);

#endif
