/* runtime/enclosure_cgroup.c - the cgroup of an enclosure.
 *
 *   outside                               in there
 *   a folder for it, its limit of memory
 *   process 1 is taken in
 *   given away, where it is asked for --> a cgroup namespace that begins there, mounted:
 *                                         the engine makes its containers' in it
 *
 * No other cgroup namespace can be made in there. Whoever has one may mount the trees of
 * cgroups, and sees all that begins where the namespace does: in a tree in which the
 * enclosure has no folder of its own, that is the machine's.
 *
 * Source: cgroups(7), "Cgroup delegation"; cgroup_namespaces(7); namespaces(7),
 * /proc/sys/user; the kernel's cgroup-v2.rst, "PID". */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/cgroup_memory.h"
#include "runtime/cgroup_mount.h"
#include "runtime/enclosure_parts.h"
#include "runtime/limits.h"
#include "runtime/names.h"
#include "runtime/namespaces.h"
#include "runtime/spec.h"

#define QUIET (MS_NOSUID | MS_NODEV | MS_NOEXEC)

/* Beside the controllers' bits: version 2. */
#define GIVEN_V2 (1u << 31)

/* ---- outside ---- */

/* In version 1 whoever owns a folder may make further ones in it; in version 2 these
 * files belong to it. The limits in the folder itself stay whose they were. */
static int give_folder(int folder_fd, unsigned long first, struct err *err)
{
	static const char *const files[] = { ".", "cgroup.procs",
					     "cgroup.threads",
					     "cgroup.subtree_control" };
	bool v2 = faccessat(folder_fd, "cgroup.controllers", F_OK, 0) == 0;

	for (size_t i = 0; i < (v2 ? 4u : 1u); i++) {
		if (fchownat(folder_fd, files[i], (uid_t)first, (gid_t)first,
			     AT_SYMLINK_NOFOLLOW) < 0)
			return err_errno(err, "chown %s of the cgroup",
					 files[i]);
	}
	return 0;
}

/* Where the account's own ids are in there, it is theirs already. */
static int give(struct enclosure_cgroup *c,
		const struct enclosure_making *making, struct err *err)
{
	const struct cgroup *cgroup = &c->cgroup;
	unsigned given = 0;

	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++) {
		if (cgroup->v1[i] < 0)
			continue;
		if (making->first &&
		    give_folder(cgroup->v1[i], making->first, err) < 0)
			return -err->code;
		given |= CGROUP_BIT(i);
	}
	if (cgroup->v2 >= 0 && cgroup_is_unified()) {
		if (making->first &&
		    give_folder(cgroup->v2, making->first, err) < 0)
			return -err->code;
		given |= GIVEN_V2;
	}
	c->given = given;
	return 0;
}

void enclosure_cgroup_make(struct enclosure_cgroup *c,
			   const struct enclosure_making *making, int disk_fd,
			   pid_t pid)
{
	struct spec spec = {
		.memory_bytes = making->limits.memory_bytes,
		.memory_swap_bytes = making->limits.memory_bytes,
	};
	struct err ignored = { 0 };

	*c = (struct enclosure_cgroup){ .folder_fd = -1 };
	cgroup_init(&c->cgroup);
	/* Its note lies on the enclosure's disk, beside what can be seen in there, and
	 * goes with it. */
	if (mkdirat(disk_fd, "note", 0700) < 0 ||
	    names_random_id(c->id, &ignored) < 0)
		return;
	c->folder_fd = fs_open_dir(disk_fd, "note", &ignored);
	if (c->folder_fd < 0 ||
	    cgroup_make(&c->cgroup, c->folder_fd, c->id,
			CGROUP_BIT(CGROUP_MEMORY) | CGROUP_BIT(CGROUP_PIDS) |
				making->spec->controllers,
			&ignored) < 0 ||
	    !cgroup_is_there(&c->cgroup))
		return;
	if (limits_set(&c->cgroup, &spec, &ignored) < 0 ||
	    cgroup_take_in(&c->cgroup, pid, &ignored) < 0 ||
	    (making->spec->controllers && give(c, making, &ignored) < 0))
		cgroup_end(&c->cgroup, c->folder_fd, c->id);
}

void enclosure_cgroup_end(struct enclosure_cgroup *c)
{
	if (c->folder_fd < 0)
		return;
	cgroup_end(&c->cgroup, c->folder_fd, c->id);
	close(c->folder_fd);
	c->folder_fd = -1;
}

bool enclosure_cgroup_memory(const struct enclosure_cgroup *c,
			     uint64_t *out_used, uint64_t *out_ooms)
{
	bool v2;
	int fd = cgroup_folder(&c->cgroup, CGROUP_MEMORY, &v2);

	*out_ooms = fd < 0 ? 0 : cgroup_memory_own_ooms(fd, v2);
	return fd >= 0 && cgroup_memory_used(fd, v2, out_used) == 0;
}

int64_t enclosure_cgroup_most(const struct enclosure_cgroup *c)
{
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };
	bool v2;
	int fd = cgroup_folder(&c->cgroup, CGROUP_PIDS, &v2);

	if (fd < 0 || fs_read(fd, "pids.peak", 64, &text, &ignored) < 0)
		return 0;
	return strtoll(buf_text(&text), NULL, 10);
}

/* ---- in there ---- */

static int mount_given(unsigned given, struct err *err)
{
	struct cgroup cgroup;
	OWN_FD int root_fd = -1;

	if (given & GIVEN_V2) {
		if (mount("cgroup2", "/sys/fs/cgroup", "cgroup2", QUIET, NULL) <
		    0)
			return err_errno(err, "mount cgroup2");
		return 0;
	}
	cgroup_init(&cgroup);
	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++)
		cgroup.v1[i] = given & CGROUP_BIT(i) ? 0 : -1; /* to be named */
	root_fd = fs_open_dir(AT_FDCWD, "/", err);
	return root_fd < 0 ? root_fd :
			     cgroup_mount_v1(root_fd, &cgroup, QUIET, err);
}

int enclosure_cgroup_show(unsigned given, struct err *err)
{
	static const char most[] = "/proc/sys/user/max_cgroup_namespaces";
	OWN_FD int fd = -1;
	int r = 0;

	if (given && unshare(CLONE_NEWCGROUP) < 0)
		return err_errno(err, "unshare(CLONE_NEWCGROUP)");
	if (given)
		r = mount_given(given, err);
	if (r == 0)
		r = fd = fs_open(AT_FDCWD, most, O_WRONLY, 0, err);
	if (r < 0)
		return r;
	if (write(fd, "0", 1) != 1)
		return err_errno(err, "write 0 to %s", most);
	namespaces_share_cgroup();
	return 0;
}

int enclosure_cgroup_hide(struct err *err)
{
	struct stat sys;
	struct stat here;

	if (stat("/sys/fs", &sys) < 0 || stat("/sys/fs/cgroup", &here) < 0 ||
	    sys.st_dev == here.st_dev)
		return 0; /* nothing is mounted there */
	if (mount("covered", "/sys/fs/cgroup", "tmpfs", QUIET | MS_RDONLY,
		  "size=4k,mode=755") < 0)
		return err_errno(err, "cover /sys/fs/cgroup");
	return 0;
}
