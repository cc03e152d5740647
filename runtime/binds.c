/* runtime/binds.c - see binds.h */
#include "runtime/binds.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/calls.h"
#include "runtime/enclosure_guard.h"
#include "runtime/exec.h"
#include "runtime/home.h"
#include "runtime/rootfs.h"
#include "runtime/spec.h"
#include "runtime/sys.h"
#include "runtime/tmpfs.h"
#include "runtime/volume.h"

/* ---- what there is to mount ---- */

static int by_depth(const void *a, const void *b)
{
	const char *x = ((const struct bind *)a)->mount.target;
	const char *y = ((const struct bind *)b)->mount.target;
	int depth = mount_spec_depth(x) - mount_spec_depth(y);

	return depth ? depth : strcmp(x, y);
}

static struct bind *add(struct binds *binds)
{
	struct bind *bind;

	binds->items =
		mem_grow(binds->items, binds->count + 1, sizeof(*binds->items));
	bind = &binds->items[binds->count++];
	*bind = (struct bind){ .tree = -1 };
	mount_spec_init(&bind->mount);
	return bind;
}

/* A folder that a volume stands for may be gone since: Docker mounts it on the volume's
 * own, and fails there. */
static int check_device(const struct bind *bind, const struct home *home,
			struct err *err)
{
	if (guard_is_on() || access(bind->source, F_OK) == 0 ||
	    errno != ENOENT)
		return 0;
	err_docker(
		err, ERR_DAEMON, ENOENT,
		"error while mounting volume '%s/volumes/%s/_data': failed to mount local volume: mount %s:%s/volumes/%s/_data, flags: 0x%x: no such file or directory",
		home->path, bind->mount.source, bind->source, home->path,
		bind->mount.source, bind->mount.nonrecursive ? 0x1000u : 0x5000u);
	return err_status(err, 127);
}

/* What lies behind a volume: its folder, or what its options say. */
static int find_volume(struct bind *bind, const struct home *home,
		       struct err *err)
{
	OWN_VOLUME struct volume volume = { 0 };
	const char *o;
	int r = volume_find(home, bind->mount.source, &volume, err);

	if (r < 0)
		return r;
	bind->source = volume_path(home, &volume);
	o = strs_get_env(&volume.options, "o");
	if (bind->source) {
		bind->mount.nonrecursive = volume_kind(&volume) == VOLUME_BIND &&
					   !(o && strstr(o, "rbind"));
		return volume_kind(&volume) == VOLUME_BIND ?
			       check_device(bind, home, err) :
			       0;
	}
	bind->file_system = mem_str(strs_get_env(&volume.options, "type"));
	bind->source = mem_str(strs_get_env(&volume.options, "device"));
	bind->options = mem_str(o ? o : "");
	return 0;
}

/* Where not every path may be named (enclosure_guard.h) it is looked at what was opened,
 * and that is mounted. */
static int open_source(const struct bind *bind, struct err *err)
{
	bool whole = !bind->mount.nonrecursive;
	OWN_FD int fd = -1;

	if (!guard_is_on())
		return binds_open_tree(AT_FDCWD, bind->source, whole, err);
	fd = fs_open(AT_FDCWD, bind->source, O_PATH, 0, err);
	if (fd < 0)
		return fd;
	if (guard_fd(fd, whole, err) < 0)
		return -err->code;
	return binds_open_tree(fd, "", whole, err);
}

static int add_mount(struct binds *binds, const struct home *home,
		     const char *text, struct err *err)
{
	struct bind *bind = add(binds);
	const char *wish;
	int r = mount_spec_read(text, &bind->mount, err);

	if (r < 0)
		return r;
	if (mount_spec_is(&bind->mount, "bind"))
		bind->source = mem_str(bind->mount.source);
	else if (mount_spec_is(&bind->mount, "volume"))
		r = find_volume(bind, home, err);
	if (r < 0)
		return r;
	wish = bind->mount.propagation;
	if (bind->source && !bind->file_system && wish && !strstr(wish, "private"))
		bind->tree = open_source(bind, err);
	return bind->tree < -1 ? bind->tree : 0;
}

static void add_tmpfs(struct binds *binds, const char *text)
{
	struct bind *bind = add(binds);
	size_t len = strcspn(text, ":");

	bind->mount.type = mem_str("tmpfs");
	bind->mount.target = mem_strn(text, len);
	bind->options = mem_str(text[len] ? text + len + 1 : "");
}

int binds_read(const struct home *home, const struct spec *spec,
	       struct binds *out, struct err *err)
{
	int r = 0;

	out->devices = spec->privileged;
	for (size_t i = 0; i < spec->mounts.count && r == 0; i++)
		r = add_mount(out, home, spec->mounts.items[i], err);
	for (size_t i = 0; i < spec->tmpfs.count; i++)
		add_tmpfs(out, spec->tmpfs.items[i]);
	if (r == 0 && out->count)
		qsort(out->items, out->count, sizeof(*out->items), by_depth);
	return r;
}

static struct bind *find(const struct binds *binds, const char *target)
{
	for (size_t i = 0; i < binds->count; i++)
		if (strcmp(binds->items[i].mount.target, target) == 0)
			return &binds->items[i];
	return NULL;
}

bool binds_has(const struct binds *binds, const char *target)
{
	return find(binds, target);
}

/* ---- mounting ---- */

int binds_open_tree(int fd, const char *path, bool recursive, struct err *err)
{
	int tree = call_open_tree(TRACE_BIND, fd, path, recursive);

	if (tree >= 0)
		return tree;
	err_errno(err, "open_tree(%s)", path);
	if (err->code == ENOSYS || err->code == EINVAL)
		(void)err_hint(
			err,
			_("what lies there holds mounts that may only be taken over with all that is in them"));
	return -err->code;
}

/* The call of Docker's runtime that would have failed so, or nothing. */
static char *failed_call(const struct bind *bind, bool tmpfs, int code)
{
	if (tmpfs && code == EINVAL)
		return mem_fmt(
			"mount tmpfs:%s (via /proc/self/fd/6), flags: 0xe, data: %s: ",
			bind->mount.target, bind->options ? bind->options : "");
	if (!tmpfs && code == ENOTDIR)
		return mem_fmt(
			"mount %s:%s (via /proc/self/fd/6), flags: 0x5000: ",
			bind->source, bind->mount.target);
	return mem_str("");
}

/* The words of Docker's runtime; what the kernel said comes last. */
static int cannot_mount(const struct bind *bind, bool tmpfs, struct err *err)
{
	OWN_FREE char *hint = mem_str(err->hint);
	int code = err->code;
	OWN_FREE char *call = failed_call(bind, tmpfs, code);

	err_docker(
		err, ERR_DAEMON, code,
		"failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error mounting \"%s\" to rootfs at \"%s\": %s%s: unknown%s",
		tmpfs ? "tmpfs" : bind->source, bind->mount.target, call,
		exec_reason(code),
		code == ENOTDIR
			? ": Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type"
			: "");
	if (*hint)
		(void)err_hint(err, "%s", hint);
	return err_status(err, 125);
}

/* Some files of /proc tell of the machine, and may be covered by others that tell
 * of a container's limits. Those of Docker's runtime. */
static bool may_be_covered(const char *target)
{
	static const char *const files[] = {
		"/proc/cpuinfo", "/proc/diskstats", "/proc/loadavg",
		"/proc/meminfo", "/proc/net/dev",   "/proc/slabinfo",
		"/proc/stat",    "/proc/swaps",     "/proc/uptime",
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (strcmp(files[i], target) == 0)
			return true;
	return false;
}

/* /proc speaks of this container's processes; a mount below it could make the
 * programs in here, or ourselves, read what another one wrote. By the text, and
 * by where it leads: target_fd, where it is open already. */
static int refuse_proc(int target_fd, const char *target, struct err *err)
{
	bool named = strncmp(target, "/proc", 5) == 0 &&
		     (target[5] == '/' || !target[5]);
	struct statfs fs;

	if (may_be_covered(target) ||
	    (!named && (target_fd < 0 || fstatfs(target_fd, &fs) < 0 ||
			fs.f_type != PROC_SUPER_MAGIC)))
		return 0;
	err_docker(
		err, ERR_DAEMON, EPERM,
		"failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error mounting to rootfs at \"%s\": check proc-safety of mount: \"%s\" cannot be mounted because it is inside /proc: unknown",
		target, target);
	return err_status(err, 125);
}

int binds_attach(int tree, int root_fd, const char *target, bool folder,
		 struct err *err)
{
	int at = rootfs_target(root_fd, target + strspn(target, "/"), folder,
			       false, err);
	struct stat st;

	if (at < 0)
		return at;
	if (fstat(at, &st) < 0 || S_ISDIR(st.st_mode) != folder)
		return err_set(err, ENOTDIR, "%s is %s",
			       target, folder ? "no folder" : "a folder");
	if (refuse_proc(at, target, err) < 0)
		return -err->code;
	if (call_move_mount(TRACE_BIND, tree, at) < 0)
		return err_errno(err, "move_mount onto %s", target);
	return 0;
}

/* Flags that the mount has already must be named again: in a user namespace they
 * are locked. statvfs(3) and mount(2) number most of them alike. */
static unsigned long kept_flags(int tree)
{
	static const unsigned long kept = MS_NOSUID | MS_NODEV | MS_NOEXEC |
					  MS_RDONLY | MS_NOATIME |
					  MS_NODIRATIME | MS_RELATIME;
	struct statvfs fs = { 0 };

	return fstatvfs(tree, &fs) < 0 ? 0 : fs.f_flag & kept;
}

static int make_read_only(int tree, const char *target, struct err *err)
{
	const struct call_mount_at read_only = {
		.target_fd = tree,
		.flags = MS_REMOUNT | MS_BIND | MS_RDONLY | kept_flags(tree),
	};

	if (call_mount_at(TRACE_BIND, &read_only) < 0)
		return err_errno(err, "make %s read-only", target);
	return 0;
}

/* A tree that was opened before everything became private is still of the
 * machine's group; "slave" hears from there and never speaks. */
static int set_propagation(int tree, const char *wish, struct err *err)
{
	unsigned long flags = wish[0] == 'r' ? MS_REC : 0;

	if (strstr(wish, "slave"))
		flags |= MS_SLAVE;
	else if (strstr(wish, "shared"))
		flags |= MS_SHARED;
	else
		flags |= MS_PRIVATE;
	if (call_mount_at(TRACE_BIND,
			  &(struct call_mount_at){ .target_fd = tree,
						   .flags = flags }) < 0)
		return err_errno(err, "set the propagation %s", wish);
	return 0;
}

/* null, zero, full, random, urandom, tty and ptmx: what every container has. */
static bool is_harmless(const struct stat *st)
{
	unsigned minor_id = minor(st->st_rdev);

	if (!S_ISCHR(st->st_mode))
		return false;
	return major(st->st_rdev) == 1 ? minor_id == 3 || minor_id == 5 ||
						 (minor_id >= 7 && minor_id <= 9) :
	       major(st->st_rdev) == 5 ? minor_id == 0 || minor_id == 2 :
					 false;
}

static int refuse_devices(int tree, const struct stat *st, const char *target,
			  struct err *err)
{
	struct call_mount_at no_devices = { .target_fd = tree };

	if (is_harmless(st) ||
	    TRACED(TRACE_BIND, sys_mount_nodev(tree),
		   "mount_setattr(%d, \"\", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=MOUNT_ATTR_NODEV}, 32)",
		   tree) == 0)
		return 0;
	if (errno != ENOSYS)
		return err_errno(err, "make %s open no devices", target);
	/* Linux 5.11: this mount alone, not those below it. */
	no_devices.flags = MS_REMOUNT | MS_BIND | MS_NODEV | kept_flags(tree);
	if (call_mount_at(TRACE_BIND, &no_devices) < 0)
		return err_errno(err, "make %s open no devices", target);
	return 0;
}

static int mount_tree(struct bind *bind, bool devices, int root_fd,
		      struct err *err)
{
	const char *target = bind->mount.target;
	struct stat st;
	int r;

	if (bind->tree < 0)
		bind->tree = open_source(bind, err);
	if (bind->tree < 0)
		return bind->tree;
	if (fstat(bind->tree, &st) < 0)
		return err_errno(err, "stat %s", bind->source);
	r = binds_attach(bind->tree, root_fd, target, S_ISDIR(st.st_mode), err);
	if (r == 0 && !devices)
		r = refuse_devices(bind->tree, &st, target, err);
	if (r == 0 && bind->mount.propagation && *bind->mount.propagation)
		r = set_propagation(bind->tree, bind->mount.propagation, err);
	if (r == 0 && bind->mount.readonly)
		r = make_read_only(bind->tree, target, err);
	return r;
}

static char *tmpfs_text(const struct bind *bind)
{
	struct buf text = { 0 };

	if (bind->options)
		return mem_str(bind->options);
	if (bind->mount.readonly)
		buf_str(&text, "ro");
	if (bind->mount.mode >= 0)
		buf_fmt(&text, "%smode=%o", text.len ? "," : "",
			(unsigned)bind->mount.mode);
	if (bind->mount.size_bytes)
		buf_fmt(&text, "%ssize=%lld", text.len ? "," : "",
			(long long)bind->mount.size_bytes);
	return buf_give(&text);
}

/* Where a folder was already, a tmpfs over it has its mode. */
static void add_mode(int root_fd, const char *target, struct buf *data)
{
	struct err ignored = { 0 };
	OWN_FD int fd = fs_open_beneath(root_fd, target, O_PATH | O_DIRECTORY,
					0, &ignored);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || strstr(buf_text(data), "mode="))
		return;
	buf_fmt(data, "%smode=%o", data->len ? "," : "", st.st_mode & 07777);
}

static int mount_tmpfs(const struct bind *bind, int root_fd, struct err *err)
{
	const char *target = bind->mount.target;
	struct buf data = { 0 };
	unsigned long flags = 0;
	int at;
	int r = tmpfs_options(tmpfs_text(bind), &flags, &data, err);

	if (r < 0)
		return r;
	add_mode(root_fd, target, &data);
	at = rootfs_target(root_fd, target + strspn(target, "/"), true, false,
			   err);
	if (at < 0)
		return at;
	if (refuse_proc(at, target, err) < 0)
		return -err->code;
	if (call_mount_at(TRACE_TMPFS,
			  &(struct call_mount_at){ at, "tmpfs", "tmpfs", flags,
						   buf_text(&data) }) < 0)
		return err_errno(err, "mount tmpfs on %s", target);
	return 0;
}

/* A volume that is a file system of its own: mounted here, in the container's own
 * mounts, where it ends with them. */
static int mount_file_system(const struct bind *bind, int root_fd,
			     struct err *err)
{
	const char *target = bind->mount.target;
	struct buf data = { 0 };
	unsigned long flags = 0;
	int at = rootfs_target(root_fd, target + strspn(target, "/"), true,
			       false, err);

	if (at < 0)
		return at;
	if (refuse_proc(at, target, err) < 0 ||
	    guard_file_system(bind->file_system, err) < 0)
		return -err->code;
	tmpfs_split_options(bind->options, &flags, &data);
	flags |= MS_NODEV | (bind->mount.readonly ? MS_RDONLY : 0);
	if (call_mount_at(TRACE_BIND,
			  &(struct call_mount_at){ at, bind->source,
						   bind->file_system, flags,
						   buf_text(&data) }) < 0)
		return err_errno(err, "mount %s on %s", bind->file_system,
				 target);
	return 0;
}

static int mount_one(struct bind *bind, bool devices, int root_fd,
		     struct err *err)
{
	bool tmpfs = mount_spec_is(&bind->mount, "tmpfs");
	int r;

	if (bind->done)
		return 0;
	bind->done = true;
	if (refuse_proc(-1, bind->mount.target, err) < 0)
		return -err->code;
	if (bind->file_system)
		r = mount_file_system(bind, root_fd, err);
	else
		r = tmpfs ? mount_tmpfs(bind, root_fd, err) :
			    mount_tree(bind, devices, root_fd, err);
	/* What Docker has words for is said already. */
	if (r < 0 && err->voice != ERR_DAEMON)
		r = cannot_mount(bind, tmpfs, err);
	return r;
}

int binds_mount_at(struct binds *binds, int root_fd, const char *target,
		   struct err *err)
{
	struct bind *bind = find(binds, target);

	return bind ? mount_one(bind, binds->devices, root_fd, err) : 0;
}

int binds_mount(struct binds *binds, int root_fd, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < binds->count && r == 0; i++)
		r = mount_one(&binds->items[i], binds->devices, root_fd, err);
	return r;
}
