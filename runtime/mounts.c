/* runtime/mounts.c - see mounts.h
 *
 * No path is trusted that the image could have laid: /proc, /dev and /sys are
 * opened as plain folders without following any link, then mounted upon through
 * their descriptors. What lies inside these mounts afterwards is the kernel's,
 * or ours. Descriptors are not closed one by one: they are close-on-exec, and the
 * process that runs this is about to exec. */
#include "runtime/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/trace.h"
#include "runtime/binds.h"
#include "runtime/calls.h"
#include "runtime/cgroup_find.h"
#include "runtime/cgroup_mount.h"
#include "runtime/devices.h"
#include "runtime/namespaces.h"
#include "runtime/rootfs.h"
#include "runtime/spec.h"
#include "runtime/sysctl.h"
#include "runtime/userns.h"

#define QUIET (MS_NOSUID | MS_NODEV | MS_NOEXEC)

/* A file system of its own on a folder of the root. */
static int mount_folder(enum trace_step step, int root_fd, const char *name,
			const struct call_mount_at *what, struct err *err)
{
	struct call_mount_at on = *what;

	on.target_fd = rootfs_target(root_fd, name, true, true, err);
	if (on.target_fd < 0)
		return on.target_fd;
	if (call_mount_at(step, &on) < 0)
		return err_errno(err, "mount %s on /%s", on.type, name);
	return 0;
}

/* ---- /proc ---- */

static void set_sysctl(int root_fd, const char *path, const char *value)
{
	int fd = openat(root_fd, path, O_WRONLY | O_CLOEXEC);

	/* A kernel without it, or ids that do not reach: the container starts
	 * all the same, with what the kernel allows. */
	if (fd >= 0)
		(void)!call_write(TRACE_SYSCTL, fd, path, value);
}

/* /proc shows a pid namespace, and only who owns that may mount it anew: where it
 * is the machine's and we are not its root, the machine's /proc is shown. */
static int mount_proc(int root_fd, const struct spec *spec, struct err *err)
{
	int target = rootfs_target(root_fd, "proc", true, true, err);

	if (target < 0)
		return target;
	if (call_mount_at(TRACE_PROC,
			  &(struct call_mount_at){ target, "proc", "proc",
						   QUIET, NULL }) == 0)
		return 0;
	if (errno != EPERM || !namespaces_is_host(spec->pid_mode))
		return err_errno(err, "mount proc on /proc");
	if (call_mount_at(TRACE_PROC,
			  &(struct call_mount_at){ target, "/proc", NULL,
						   MS_BIND | MS_REC, NULL }) < 0)
		return err_errno(err, "bind /proc");
	return 0;
}

static int make_proc(int root_fd, const struct spec *spec, struct err *err)
{
	int r = mount_proc(root_fd, spec, err);

	if (r < 0)
		return r;
	/* As in Docker since 20.10: any user may take port 80 and use ping.
	 * Where there is one id it is root, who may anyway. */
	if (!namespaces_is_host(spec->network_mode) &&
	    userns_kind() != USERNS_SINGLE) {
		set_sysctl(root_fd,
			   "proc/sys/net/ipv4/ip_unprivileged_port_start",
			   "0");
		set_sysctl(root_fd, "proc/sys/net/ipv4/ping_group_range",
			   userns_kind() == USERNS_NONE ? "0 2147483647" :
							  "0 0");
	}
	return sysctl_set(root_fd, spec, err);
}

/* ---- /dev ---- */

/* Devices are the machine's own nodes, mounted one by one: everything else in
 * the container is nodev, so a node that root makes in there opens nothing. */
static const char *const nodes[] = { "/dev/null",   "/dev/zero",
				     "/dev/full",   "/dev/random",
				     "/dev/urandom", "/dev/tty" };

static int make_nodes(struct err *err)
{
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		const char *name = nodes[i] + 1; /* in the current folder */

		if (call_file(TRACE_DEV, name, 0666) < 0)
			return err_errno(err, "make %s", nodes[i]);
		if (call_mount(TRACE_DEV, nodes[i], name, NULL, MS_BIND, NULL) <
		    0)
			return err_errno(err, "mount %s", nodes[i]);
	}
	return 0;
}

static int make_links(struct err *err)
{
	static const struct {
		const char *target;
		const char *name;
	} links[] = {
		{ "/proc/self/fd", "dev/fd" },
		{ "/proc/self/fd/0", "dev/stdin" },
		{ "/proc/self/fd/1", "dev/stdout" },
		{ "/proc/self/fd/2", "dev/stderr" },
		{ "pts/ptmx", "dev/ptmx" },
	};

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (call_symlink(TRACE_DEV, links[i].target, links[i].name) < 0)
			return err_errno(err, "make the link /%s",
					 links[i].name);
	return 0;
}

static int make_pts(struct err *err)
{
	/* Group 5 is tty; where only one group is mapped it cannot be named. */
	const char *options =
		userns_kind() == USERNS_SINGLE ?
			"newinstance,ptmxmode=0666,mode=0620" :
			"newinstance,ptmxmode=0666,mode=0620,gid=5";

	if (call_mkdir(TRACE_DEVPTS, "dev/pts", 0755) < 0 ||
	    call_mount(TRACE_DEVPTS, "devpts", "dev/pts", "devpts",
		       MS_NOSUID | MS_NOEXEC, options) < 0)
		return err_errno(err, "mount devpts on /dev/pts");
	return 0;
}

/* System V ipc has a namespace, but /dev/shm is files: whoever shares the one
 * must be given the other. */
static int share_shared_memory(int root_fd, const struct mounts_wish *wish,
			       struct err *err)
{
	int tree = wish->joined->ipc >= 0 ?
			   namespaces_shm_of_donor(wish->joined, err) :
			   binds_open_tree(AT_FDCWD, "/dev/shm", true, err);
	int r = tree < 0 ? tree :
			   binds_attach(tree, root_fd, "/dev/shm", true, err);

	return r < 0 ? err_wrap(err, "share /dev/shm") : 0;
}

static int make_shared_memory(int root_fd, const struct mounts_wish *wish,
			      struct err *err)
{
	const struct spec *spec = wish->spec;
	char options[64];

	if (binds_has(wish->binds, "/dev/shm") ||
	    (spec->ipc_mode && strcmp(spec->ipc_mode, "none") == 0))
		return 0;
	if (!(namespaces_fresh(spec) & CLONE_NEWIPC))
		return share_shared_memory(root_fd, wish, err);
	snprintf(options, sizeof(options), "mode=1777,size=%lldk",
		 (long long)(spec->shm_size_bytes + 1023) / 1024);
	if ((call_mkdir(TRACE_SHM, "dev/shm", 01777) < 0 && errno != EEXIST) ||
	    call_mount(TRACE_SHM, "shm", "dev/shm", "tmpfs", QUIET, options) <
		    0)
		return err_errno(err, "mount tmpfs on /dev/shm");
	return 0;
}

static int make_message_queues(const struct mounts_wish *wish,
			       struct err *err)
{
	if (binds_has(wish->binds, "/dev/mqueue"))
		return 0;
	if (call_mkdir(TRACE_MQUEUE, "dev/mqueue", 0755) < 0 &&
	    errno != EEXIST)
		return err_errno(err, "mkdir /dev/mqueue");
	if (call_mount(TRACE_MQUEUE, "mqueue", "dev/mqueue", "mqueue", QUIET,
		       NULL) == 0)
		return 0;
	/* The machine's queues, for who is not its root: as they are there, or
	 * not at all. */
	if (errno != EPERM || !namespaces_is_host(wish->spec->ipc_mode))
		return err_errno(err, "mount mqueue on /dev/mqueue");
	(void)!call_mount(TRACE_MQUEUE, "/dev/mqueue", "dev/mqueue", NULL,
			  MS_BIND, NULL);
	return 0;
}

static int make_tty(const struct winsize *size, struct mounts_tty *tty,
		    struct err *err)
{
	const int flags = O_RDWR | O_NOCTTY | O_CLOEXEC;
	int unlock = 0;

	tty->master = TRACED(
		TRACE_TERMINAL, open("dev/pts/ptmx", flags),
		"openat(AT_FDCWD, \"dev/pts/ptmx\", O_RDWR|O_NOCTTY|O_CLOEXEC)");
	if (tty->master < 0)
		return err_errno(err, "open /dev/pts/ptmx");
	if (ioctl(tty->master, TIOCSPTLCK, &unlock) < 0)
		return err_errno(err, "unlock the terminal");
	tty->slave = TRACED(TRACE_TERMINAL,
			    ioctl(tty->master, TIOCGPTPEER, flags),
			    "ioctl(%d, TIOCGPTPEER, O_RDWR|O_NOCTTY|O_CLOEXEC)",
			    tty->master);
	if (tty->slave < 0)
		return err_errno(err, "open the terminal's other end");
	if (size->ws_row)
		(void)ioctl(tty->master, TIOCSWINSZ, size);
	if (call_file(TRACE_TERMINAL, "dev/console", 0600) < 0 ||
	    call_mount(TRACE_TERMINAL, "dev/pts/0", "dev/console", NULL,
		       MS_BIND, NULL) < 0)
		return err_errno(err, "mount the terminal on /dev/console");
	return 0;
}

/* The devices that every container has, over the nodes of the user's own /dev that
 * stand for them: as part of a mount of the user's they would not open. */
static int open_nodes(int root_fd, struct err *err)
{
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		struct err none = { 0 };
		struct stat st;
		int fd = openat(root_fd, nodes[i] + 1,
				O_PATH | O_NOFOLLOW | O_CLOEXEC);

		if (fd < 0 || fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode))
			continue;
		close(fd);
		fd = rootfs_target(root_fd, nodes[i] + 1, false, true, &none);
		if (fd >= 0 &&
		    call_mount_at(TRACE_DEV,
				  &(struct call_mount_at){ fd, nodes[i], NULL,
							   MS_BIND, NULL }) < 0)
			return err_errno(err, "mount %s", nodes[i]);
	}
	return 0;
}

/* A /dev of the user's own: its contents are not ours to make, and no name in it
 * is followed. */
static int take_dev_of_user(int root_fd, const struct mounts_wish *wish,
			    struct err *err)
{
	int r = binds_mount_at(wish->binds, root_fd, "/dev", err);

	if (r == 0 && !wish->spec->privileged)
		r = open_nodes(root_fd, err);
	if (r == 0 && wish->spec->tty)
		return err_set(err, ENOTSUP, _("a terminal (-t) needs the /dev that the container has by itself, and there is a mount on /dev"));
	return r;
}

static int make_dev(int root_fd, const struct mounts_wish *wish,
		    struct mounts_tty *tty, struct err *err)
{
	static const struct call_mount_at tmpfs = {
		.source = "tmpfs",
		.type = "tmpfs",
		.flags = MS_NOSUID | MS_STRICTATIME | MS_NODEV,
		.options = "mode=755,size=65536k",
	};
	int r;

	if (binds_has(wish->binds, "/dev"))
		return take_dev_of_user(root_fd, wish, err);
	r = mount_folder(TRACE_DEV, root_fd, "dev", &tmpfs, err);
	if (r < 0)
		return r;
	/* The root is the current folder, and "dev" in it is our mount now. */
	r = make_nodes(err);
	if (r == 0)
		r = make_links(err);
	if (r == 0)
		r = make_pts(err);
	if (r == 0)
		r = make_shared_memory(root_fd, wish, err);
	if (r == 0)
		r = make_message_queues(wish, err);
	if (r == 0 && wish->spec->tty)
		r = make_tty(wish->size, tty, err);
	return r;
}

/* ---- /sys ---- */

static int make_sys(int root_fd, const struct mounts_wish *wish,
		    struct err *err)
{
	const struct spec *spec = wish->spec;
	const unsigned long read_only = spec->privileged ? 0 : MS_RDONLY;
	int target = rootfs_target(root_fd, "sys", true, true, err);

	if (target < 0)
		return target;
	if (call_mount_at(TRACE_SYS, &(struct call_mount_at){
					     target, "sysfs", "sysfs",
					     QUIET | read_only, NULL }) < 0) {
		/* sysfs shows devices of a network namespace: the owner of
		 * none gets the machine's own view of it. */
		if (errno != EPERM || !namespaces_is_host(spec->network_mode))
			return err_errno(err, "mount sysfs on /sys");
		if (call_mount_at(TRACE_SYS, &(struct call_mount_at){
						     target, "/sys", NULL,
						     MS_BIND | MS_REC, NULL }) < 0)
			return err_errno(err, "bind /sys");
		return 0;
	}
	if (cgroup_is_unified()) {
		/* What lies in "sys" is the kernel's by now. Looking at one's
		 * own limits is a convenience. */
		(void)!call_mount(TRACE_SYS, "cgroup2", "sys/fs/cgroup",
				  "cgroup2", QUIET | read_only, NULL);
		return 0;
	}
	return cgroup_mount_v1(root_fd, wish->cgroup, QUIET | read_only, err);
}

/* ---- what is covered ---- */

/* A file is covered by /dev/null, a folder by an empty file system. Kernels
 * differ in what they have: what is not there needs no cover. */
static int mask(struct err *err)
{
	static const char *const files[] = {
		"proc/interrupts", "proc/kcore",       "proc/keys",
		"proc/latency_stats", "proc/sched_debug", "proc/timer_list",
	};
	static const char *const folders[] = {
		"proc/acpi", "proc/asound", "proc/scsi",
		"sys/devices/virtual/powercap", "sys/firmware",
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (call_mount(TRACE_MASK, "/dev/null", files[i], NULL, MS_BIND,
			       NULL) < 0 &&
		    errno != ENOENT)
			return err_errno(err, "cover /%s", files[i]);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (call_mount(TRACE_MASK, "tmpfs", folders[i], "tmpfs",
			       QUIET | MS_RDONLY, "size=0k") < 0 &&
		    errno != ENOENT)
			return err_errno(err, "cover /%s", folders[i]);
	return 0;
}

static int make_read_only(struct err *err)
{
	static const char *const paths[] = { "proc/bus", "proc/fs", "proc/irq",
					     "proc/sys",
					     "proc/sysrq-trigger" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (call_mount(TRACE_MASK, paths[i], paths[i], NULL,
			       MS_BIND | MS_REC, NULL) < 0) {
			if (errno == ENOENT)
				continue;
			return err_errno(err, "bind /%s", paths[i]);
		}
		/* The flags that the mount has must be named again: in a user
		 * namespace they are locked. */
		if (call_mount(TRACE_MASK, NULL, paths[i], NULL,
			       MS_REMOUNT | MS_BIND | MS_RDONLY | QUIET,
			       NULL) < 0)
			return err_errno(err, "make /%s read-only", paths[i]);
	}
	return 0;
}

/* ---- names and addresses ---- */

/* The file that is mounted there by now, under --read-only. */
static int make_file_read_only(int root_fd, const char *name, struct err *err)
{
	int fd = rootfs_target(root_fd, name, false, false, err);
	struct statvfs fs;

	if (fd < 0)
		return fd;
	if (fstatvfs(fd, &fs) < 0 ||
	    call_mount_at(
		    TRACE_ETC,
		    &(struct call_mount_at){
			    .target_fd = fd,
			    .flags = MS_REMOUNT | MS_BIND | MS_RDONLY |
				     (fs.f_flag & (QUIET | MS_NOATIME |
						   MS_NODIRATIME |
						   MS_RELATIME)) }) < 0)
		return err_errno(err, "make /%s read-only", name);
	return 0;
}

static int make_etc(int root_fd, const struct mounts_wish *wish,
		    struct err *err)
{
	static const char *const names[] = { "hosts", "hostname",
					     "resolv.conf" };
	int r = binds_mount_at(wish->binds, root_fd, "/etc", err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char target[32];
		char source[PATH_MAX];
		int fd;

		snprintf(target, sizeof(target), "/etc/%s", names[i]);
		snprintf(source, sizeof(source), "%s/%s", wish->folder,
			 names[i]);
		if (binds_has(wish->binds, target))
			continue;
		fd = rootfs_target(root_fd, target + 1, false, false, err);
		/* A volume of the user's that may not be written to. */
		if (binds_has(wish->binds, "/etc") &&
		    (fd == -EROFS || fd == -EACCES || fd == -EPERM)) {
			*err = (struct err){ 0 };
			continue;
		}
		if (fd < 0)
			return fd;
		if (call_mount_at(TRACE_ETC, &(struct call_mount_at){
						     fd, source, NULL, MS_BIND,
						     NULL }) < 0)
			return err_errno(err, "mount %s", target);
		if (wish->spec->read_only &&
		    make_file_read_only(root_fd, target + 1, err) < 0)
			return -err->code;
	}
	return 0;
}

static int cover(const struct mounts_wish *wish, struct err *err)
{
	int r;

	if (wish->spec->privileged ||
	    strs_has(&wish->spec->security_opt, "systempaths=unconfined"))
		return 0;
	r = mask(err);
	if (r == 0)
		r = make_read_only(err);
	return r;
}

/* What the user mounts comes last, but for /dev and /etc, in which there is
 * something of ours: until then every path under the root is the kernel's, ours, or
 * refused. */
int mounts_make(int root_fd, const struct mounts_wish *wish,
		struct mounts_tty *tty, struct err *err)
{
	int r = make_proc(root_fd, wish->spec, err);

	if (r == 0)
		r = make_dev(root_fd, wish, tty, err);
	if (r == 0)
		r = make_sys(root_fd, wish, err);
	if (r == 0)
		r = make_etc(root_fd, wish, err);
	if (r == 0)
		r = cover(wish, err);
	if (r == 0)
		r = devices_mount(root_fd, wish->spec, err);
	if (r == 0)
		r = binds_mount(wish->binds, root_fd, err);
	return r;
}
