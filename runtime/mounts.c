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
#include "runtime/cgroup_find.h"
#include "runtime/cgroup_mount.h"
#include "runtime/devices.h"
#include "runtime/namespaces.h"
#include "runtime/rootfs.h"
#include "runtime/spec.h"
#include "runtime/sysctl.h"
#include "runtime/userns.h"

#define QUIET (MS_NOSUID | MS_NODEV | MS_NOEXEC)

/* mount(2) wants a path; the descriptor's name in /proc is one that cannot be
 * exchanged under our feet. */
static int mount_on(int target_fd, const char *source, const char *type,
		    unsigned long flags, const char *options)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", target_fd);
	return mount(source, path, type, flags, options);
}

static int mount_folder(int root_fd, const char *name, const char *type,
			unsigned long flags, const char *options,
			struct err *err)
{
	int target = rootfs_target(root_fd, name, true, true, err);

	if (target < 0)
		return target;
	if (mount_on(target, type, type, flags, options) < 0)
		return err_errno(err, "mount %s on /%s", type, name);
	return 0;
}

/* ---- /proc ---- */

static void set_sysctl(int root_fd, const char *path, const char *value)
{
	int fd = openat(root_fd, path, O_WRONLY | O_CLOEXEC);

	/* A kernel without it, or ids that do not reach: the container starts
	 * all the same, with what the kernel allows. */
	if (fd >= 0)
		(void)!write(fd, value, strlen(value));
}

/* /proc shows a pid namespace, and only who owns that may mount it anew: where it
 * is the machine's and we are not its root, the machine's /proc is shown. */
static int mount_proc(int root_fd, const struct spec *spec, struct err *err)
{
	int target = rootfs_target(root_fd, "proc", true, true, err);

	if (target < 0)
		return target;
	if (mount_on(target, "proc", "proc", QUIET, NULL) == 0)
		return 0;
	if (errno != EPERM || !namespaces_is_host(spec->pid_mode))
		return err_errno(err, "mount proc on /proc");
	if (mount_on(target, "/proc", NULL, MS_BIND | MS_REC, NULL) < 0)
		return err_errno(err, "bind /proc");
	return 0;
}

static int make_proc(int root_fd, const struct spec *spec, struct err *err)
{
	int r = mount_proc(root_fd, spec, err);

	if (r < 0)
		return r;
	trace_step(TRACE_PROC, "mount(\"proc\", \"/proc\", \"proc\", MS_NOSUID|MS_NODEV|MS_NOEXEC)");
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

		if (mknod(name, S_IFREG | 0666, 0) < 0)
			return err_errno(err, "make %s", nodes[i]);
		if (mount(nodes[i], name, NULL, MS_BIND, NULL) < 0)
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
		if (symlink(links[i].target, links[i].name) < 0)
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

	if (mkdir("dev/pts", 0755) < 0 ||
	    mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, options) < 0)
		return err_errno(err, "mount devpts on /dev/pts");
	trace_step(TRACE_DEVPTS, "mount(\"devpts\", \"/dev/pts\", \"devpts\", %s)",
		   options);
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

	if (r == 0)
		trace_step(TRACE_SHM, "open_tree, move_mount(\"/dev/shm\") of %s",
			   wish->joined->ipc >= 0 ? "the other container" :
						    "the machine");
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
	if ((mkdir("dev/shm", 01777) < 0 && errno != EEXIST) ||
	    mount("shm", "dev/shm", "tmpfs", QUIET, options) < 0)
		return err_errno(err, "mount tmpfs on /dev/shm");
	trace_step(TRACE_SHM, "mount(\"shm\", \"/dev/shm\", \"tmpfs\", %s)",
		   options);
	return 0;
}

static int make_message_queues(const struct mounts_wish *wish,
			       struct err *err)
{
	if (binds_has(wish->binds, "/dev/mqueue"))
		return 0;
	if (mkdir("dev/mqueue", 0755) < 0 && errno != EEXIST)
		return err_errno(err, "mkdir /dev/mqueue");
	if (mount("mqueue", "dev/mqueue", "mqueue", QUIET, NULL) == 0) {
		trace_step(TRACE_MQUEUE, "mount(\"mqueue\", \"/dev/mqueue\", \"mqueue\")");
		return 0;
	}
	/* The machine's queues, for who is not its root: as they are there, or
	 * not at all. */
	if (errno != EPERM || !namespaces_is_host(wish->spec->ipc_mode))
		return err_errno(err, "mount mqueue on /dev/mqueue");
	(void)!mount("/dev/mqueue", "dev/mqueue", NULL, MS_BIND, NULL);
	return 0;
}

static int make_tty(const struct winsize *size, struct mounts_tty *tty,
		    struct err *err)
{
	const int flags = O_RDWR | O_NOCTTY | O_CLOEXEC;
	int unlock = 0;

	tty->master = open("dev/pts/ptmx", flags);
	if (tty->master < 0)
		return err_errno(err, "open /dev/pts/ptmx");
	if (ioctl(tty->master, TIOCSPTLCK, &unlock) < 0)
		return err_errno(err, "unlock the terminal");
	tty->slave = ioctl(tty->master, TIOCGPTPEER, flags);
	if (tty->slave < 0)
		return err_errno(err, "open the terminal's other end");
	if (size->ws_row)
		(void)ioctl(tty->master, TIOCSWINSZ, size);
	if (mknod("dev/console", S_IFREG | 0600, 0) < 0 ||
	    mount("dev/pts/0", "dev/console", NULL, MS_BIND, NULL) < 0)
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
		if (fd >= 0 && mount_on(fd, nodes[i], NULL, MS_BIND, NULL) < 0)
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
	static const char options[] = "mode=755,size=65536k";
	int r;

	if (binds_has(wish->binds, "/dev"))
		return take_dev_of_user(root_fd, wish, err);
	r = mount_folder(root_fd, "dev", "tmpfs",
			 MS_NOSUID | MS_STRICTATIME | MS_NODEV, options, err);
	if (r < 0)
		return r;
	/* The root is the current folder, and "dev" in it is our mount now. */
	r = make_nodes(err);
	if (r == 0)
		r = make_links(err);
	if (r < 0)
		return r;
	trace_step(TRACE_DEV, "mount(\"tmpfs\", \"/dev\", \"tmpfs\", %s); null zero full random urandom tty",
		   options);
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
	if (mount_on(target, "sysfs", "sysfs", QUIET | read_only, NULL) < 0) {
		/* sysfs shows devices of a network namespace: the owner of
		 * none gets the machine's own view of it. */
		if (errno != EPERM || !namespaces_is_host(spec->network_mode))
			return err_errno(err, "mount sysfs on /sys");
		if (mount_on(target, "/sys", NULL, MS_BIND | MS_REC, NULL) < 0)
			return err_errno(err, "bind /sys");
		return 0;
	}
	trace_step(TRACE_SYS, "mount(\"sysfs\", \"/sys\", \"sysfs\", MS_RDONLY)");
	if (cgroup_is_unified()) {
		/* What lies in "sys" is the kernel's by now. Looking at one's
		 * own limits is a convenience. */
		(void)!mount("cgroup2", "sys/fs/cgroup", "cgroup2",
			     QUIET | read_only, NULL);
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
		if (mount("/dev/null", files[i], NULL, MS_BIND, NULL) < 0 &&
		    errno != ENOENT)
			return err_errno(err, "cover /%s", files[i]);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (mount("tmpfs", folders[i], "tmpfs", QUIET | MS_RDONLY,
			  "size=0k") < 0 &&
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
		if (mount(paths[i], paths[i], NULL, MS_BIND | MS_REC, NULL) <
		    0) {
			if (errno == ENOENT)
				continue;
			return err_errno(err, "bind /%s", paths[i]);
		}
		/* The flags that the mount has must be named again: in a user
		 * namespace they are locked. */
		if (mount(NULL, paths[i], NULL,
			  MS_REMOUNT | MS_BIND | MS_RDONLY | QUIET, NULL) < 0)
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
	    mount_on(fd, NULL, NULL,
		     MS_REMOUNT | MS_BIND | MS_RDONLY |
			     (fs.f_flag & (QUIET | MS_NOATIME | MS_NODIRATIME |
					   MS_RELATIME)),
		     NULL) < 0)
		return err_errno(err, "make /%s read-only", name);
	return 0;
}

static int make_etc(int root_fd, const struct mounts_wish *wish,
		    struct err *err)
{
	static const char *const names[] = { "hosts", "hostname",
					     "resolv.conf" };

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
		if (fd < 0)
			return fd;
		if (mount_on(fd, source, NULL, MS_BIND, NULL) < 0)
			return err_errno(err, "mount %s", target);
		if (wish->spec->read_only &&
		    make_file_read_only(root_fd, target + 1, err) < 0)
			return -err->code;
	}
	trace_step(TRACE_ETC, "mount(hosts, hostname, resolv.conf, MS_BIND) on /etc");
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
	if (r == 0)
		trace_step(TRACE_MASK, "mount(\"/dev/null\") on /proc/kcore, keys, timer_list ...; read-only /proc/sys, bus, fs, irq, sysrq-trigger");
	return r;
}

/* What the user mounts comes last: until then every path under the root is the
 * kernel's, ours, or refused. */
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
