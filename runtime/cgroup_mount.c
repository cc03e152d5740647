/* runtime/cgroup_mount.c - see cgroup_mount.h */
#include "runtime/cgroup_mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/calls.h"
#include "runtime/cgroup.h"

static int mount_on(int target_fd, const char *type, unsigned long flags,
		    const char *options)
{
	return call_mount_at(TRACE_SYS,
			     &(struct call_mount_at){ target_fd, type, type,
						      flags, options });
}

/* A new folder in the tmpfs, which is ours, and the controller on it. */
static int mount_one(int folder_fd, const char *controller,
		     unsigned long flags, struct err *err)
{
	OWN_FD int target = -1;

	if (TRACED(TRACE_SYS, mkdirat(folder_fd, controller, 0755),
		   "mkdirat(%d, \"%s\", 0755)", folder_fd, controller) < 0)
		return err_errno(err, "mkdir /sys/fs/cgroup/%s", controller);
	target = openat(folder_fd, controller,
			O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (target < 0 || (mount_on(target, "cgroup", flags, controller) < 0 &&
			   mount_on(target, "cgroup", flags, "cpu,cpuacct") < 0)) {
		/* In one tree with others on this machine, which the kernel
		 * mounts together or not at all; the usual pair was tried. Not
		 * to see its limits is not worth a container. */
		(void)unlinkat(folder_fd, controller, AT_REMOVEDIR);
		return 0;
	}
	return 0;
}

static bool has_v1(const struct cgroup *cgroup)
{
	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++)
		if (cgroup->v1[i] >= 0)
			return true;
	return false;
}

int cgroup_mount_v1(int root_fd, const struct cgroup *cgroup,
		    unsigned long flags, struct err *err)
{
	const int how = O_PATH | O_DIRECTORY | O_CLOEXEC;
	OWN_FD int point = -1;
	OWN_FD int folder = -1;
	int r = 0;

	if (!has_v1(cgroup))
		return 0;
	/* Inside of the sysfs just mounted: no link of the image's leads here. */
	point = openat(root_fd, "sys/fs/cgroup", how);
	if (point < 0)
		return errno == ENOENT ? 0 : err_errno(err, "open /sys/fs/cgroup");
	if (mount_on(point, "tmpfs", flags & ~(unsigned long)MS_RDONLY,
		     "mode=755") < 0)
		return err_errno(err, "mount tmpfs on /sys/fs/cgroup");
	folder = openat(root_fd, "sys/fs/cgroup", how);
	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS && r == 0;
	     i++)
		if (cgroup->v1[i] >= 0)
			r = mount_one(folder, cgroup_controller_name(i), flags,
				      err);
	if (r == 0 && (flags & MS_RDONLY) &&
	    mount_on(folder, "tmpfs", flags | MS_REMOUNT, "mode=755") < 0)
		r = err_errno(err, "make /sys/fs/cgroup read-only");
	return r;
}
