/* lessons/copy.c - see copy.h */
#include "lessons/copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/userns.h"

/* Files with more than one name: where the first was copied to. */
struct linked {
	dev_t dev;
	ino_t ino;
	char *path; /* below root_fd */
};

struct copy {
	int root_fd; /* where the copy's paths begin */
	struct linked *linked;
	size_t linked_count;
	struct err *err;
};

static int copy_entry(struct copy *copy, int from_fd, const char *name,
		      int to_fd, const char *to_name, const char *path,
		      int depth);

/* ---- what belongs to any file ---- */

/* Attributes are of the thing behind the descriptor; links have none of those
 * that matter here. What may not be set (security.*, trusted.* as a plain user)
 * was not read as ours either. */
static void copy_xattrs(int from, int to)
{
	char names[4096];
	char value[65536];
	ssize_t len = flistxattr(from, names, sizeof(names));

	for (char *name = names; len > 0 && name < names + len;
	     name += strlen(name) + 1) {
		ssize_t size = fgetxattr(from, name, value, sizeof(value));

		if (size >= 0)
			(void)fsetxattr(to, name, value, (size_t)size, 0);
	}
}

static int copy_owner(struct copy *copy, const struct stat *st, int to_fd,
		      const char *to)
{
	if (st->st_uid == geteuid() && st->st_gid == getegid())
		return 0;
	if (fchownat(to_fd, to, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) <
	    0)
		return err_errno(copy->err, "chown %s", to);
	return 0;
}

static int copy_times(struct copy *copy, const struct stat *st, int to_fd,
		      const char *to)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };

	if (utimensat(to_fd, to, times, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(copy->err, "utimensat %s", to);
	return 0;
}

/* ---- kinds of files ---- */

static int copy_bytes(struct copy *copy, int from, int to, const char *name)
{
	char block[65536];
	ssize_t len;

	if (ioctl(to, FICLONE, from) == 0)
		return 0;
	while ((len = read(from, block, sizeof(block))) != 0) {
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return err_errno(copy->err, "read %s", name);
		errno = -fs_write_all(to, block, (size_t)len);
		if (errno != 0)
			return err_errno(copy->err, "write %s", name);
	}
	return 0;
}

static int copy_file(struct copy *copy, int from_fd, const char *name,
		     int to_fd, const char *to, const struct stat *st)
{
	OWN_FD int in = fs_open(from_fd, name, O_RDONLY | O_NOFOLLOW, 0,
				copy->err);
	OWN_FD int out = -1;
	int r;

	if (in < 0)
		return in;
	out = fs_open(to_fd, to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
		      0600, copy->err);
	if (out < 0)
		return out;
	r = copy_bytes(copy, in, out, name);
	if (r == 0)
		r = copy_owner(copy, st, to_fd, to);
	if (r < 0)
		return r;
	copy_xattrs(in, out);
	/* After the owner: chown(2) clears the set-user-id bit. */
	if (fchmod(out, st->st_mode & 07777) < 0)
		return err_errno(copy->err, "chmod %s", to);
	return copy_times(copy, st, to_fd, to);
}

static int copy_link(struct copy *copy, int from_fd, const char *name,
		     int to_fd, const char *to, const struct stat *st)
{
	char target[4097];
	ssize_t len = readlinkat(from_fd, name, target, sizeof(target) - 1);
	int r;

	if (len < 0)
		return err_errno(copy->err, "readlink %s", name);
	target[len] = 0;
	if (symlinkat(target, to_fd, to) < 0)
		return err_errno(copy->err, "symlink %s", to);
	r = copy_owner(copy, st, to_fd, to);
	return r < 0 ? r : copy_times(copy, st, to_fd, to);
}

/* Devices and fifos. An overlay's whiteout is the device 0, 0, which anybody may
 * make (Linux 5.8). */
static int copy_node(struct copy *copy, int to_fd, const char *to,
		     const struct stat *st)
{
	int r;

	if (mknodat(to_fd, to, st->st_mode, st->st_rdev) < 0)
		return err_errno(copy->err, "mknod %s", to);
	r = copy_owner(copy, st, to_fd, to);
	return r < 0 ? r : copy_times(copy, st, to_fd, to);
}

static int copy_entries(struct copy *copy, int from, int to, const char *path,
			int depth)
{
	OWN_DIR DIR *list = NULL;
	int fd = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	list = fd < 0 ? NULL : fdopendir(fd);
	if (!list)
		return err_errno(copy->err, "opendir %s", path);
	for (struct dirent *entry = readdir(list); entry;
	     entry = readdir(list)) {
		OWN_FREE char *below = mem_fmt("%s/%s", path, entry->d_name);
		int r;

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		r = copy_entry(copy, from, entry->d_name, to, entry->d_name,
			       below, depth + 1);
		if (r < 0)
			return r;
	}
	return 0;
}

/* A folder of mode 000 (overlayfs leaves work/work so) is empty to us. */
static int copy_folder(struct copy *copy, int from_fd, const char *name,
		       int to_fd, const char *to, const char *path, int depth)
{
	OWN_FD int from = openat(from_fd, name, O_RDONLY | O_DIRECTORY |
							O_NOFOLLOW | O_CLOEXEC);
	bool closed = from < 0 && errno == EACCES;
	OWN_FD int into = -1;
	struct stat st;
	int r = 0;

	if (from < 0 && !closed)
		return err_errno(copy->err, "open %s", name);
	if (fstatat(from_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(copy->err, "stat %s", name);
	if (mkdirat(to_fd, to, 0700) < 0)
		return err_errno(copy->err, "mkdir %s", to);
	into = fs_open_dir(to_fd, to, copy->err);
	if (into < 0)
		return into;
	if (!closed)
		r = copy_entries(copy, from, into, path, depth);
	if (r == 0)
		r = copy_owner(copy, &st, to_fd, to);
	if (r < 0)
		return r;
	if (!closed)
		copy_xattrs(from, into);
	if (fchmod(into, st.st_mode & 07777) < 0)
		return err_errno(copy->err, "chmod %s", to);
	return copy_times(copy, &st, to_fd, to);
}

/* ---- one entry of any kind ---- */

/* 1: linked to a copy made earlier; 0: the first of its names. */
static int link_again(struct copy *copy, const struct stat *st, int to_fd,
		      const char *to, const char *path)
{
	for (size_t i = 0; i < copy->linked_count; i++) {
		const struct linked *known = &copy->linked[i];

		if (known->dev != st->st_dev || known->ino != st->st_ino)
			continue;
		if (linkat(copy->root_fd, known->path, to_fd, to, 0) < 0)
			return err_errno(copy->err, "link %s", path);
		return 1;
	}
	copy->linked = mem_grow(copy->linked, copy->linked_count + 1,
				sizeof(*copy->linked));
	copy->linked[copy->linked_count++] = (struct linked){
		st->st_dev, st->st_ino, mem_str(path)
	};
	return 0;
}

static int copy_entry(struct copy *copy, int from_fd, const char *name,
		      int to_fd, const char *to, const char *path, int depth)
{
	struct stat st;
	int r;

	if (depth > COPY_MAX_DEPTH)
		return err_set(copy->err, ELOOP,
			       _("%s: more than %d folders deep"), path,
			       COPY_MAX_DEPTH);
	if (fstatat(from_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(copy->err, "stat %s", name);
	if (S_ISSOCK(st.st_mode))
		return 0;
	/* Others' files: only among their ids, where we are root. */
	if (geteuid() != 0 && st.st_uid != geteuid())
		return err_set(copy->err, EPERM, "%s belongs to another id",
			       path);
	if (S_ISDIR(st.st_mode))
		return copy_folder(copy, from_fd, name, to_fd, to, path,
				   depth);
	if (st.st_nlink > 1) {
		r = link_again(copy, &st, to_fd, to, path);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	if (S_ISREG(st.st_mode))
		return copy_file(copy, from_fd, name, to_fd, to, &st);
	if (S_ISLNK(st.st_mode))
		return copy_link(copy, from_fd, name, to_fd, to, &st);
	return copy_node(copy, to_fd, to, &st);
}

/* ---- the way in ---- */

struct request {
	int from_fd;
	const char *from;
	int to_fd;
	const char *to;
};

static int copy_now(void *arg, struct buf *reply, struct err *err)
{
	const struct request *request = arg;
	struct copy copy = { .root_fd = request->to_fd, .err = err };
	int r = copy_entry(&copy, request->from_fd, request->from,
			   request->to_fd, request->to, request->to, 0);

	(void)reply;
	for (size_t i = 0; i < copy.linked_count; i++)
		free(copy.linked[i].path);
	free(copy.linked);
	return r;
}

int copy_tree(int from_fd, const char *from, int to_fd, const char *to,
	      struct err *err)
{
	struct request request = { from_fd, from, to_fd, to };
	struct err first = { 0 };
	int r;

	if (!fs_exists(from_fd, from))
		return 0;
	r = copy_now(&request, NULL, &first);
	if ((r != -EPERM && r != -EACCES) || userns_kind() != USERNS_RANGE) {
		if (r < 0)
			*err = first;
		return r;
	}
	/* Once more from the start, as root of these ids. */
	r = userns_remove_tree(to_fd, to, err);
	return r < 0 ? r : userns_call(copy_now, &request, false, NULL, err);
}

int copy_inside(int from_fd, const char *from, int to_fd, const char *to,
		struct err *err)
{
	OWN_FD int source = fs_open_dir(from_fd, from, err);
	OWN_FD int target = -1;
	OWN_DIR DIR *list = NULL;
	int r = 0;

	if (source < 0)
		return source;
	target = fs_open_dir(to_fd, to, err);
	if (target < 0)
		return target;
	list = fdopendir(fcntl(source, F_DUPFD_CLOEXEC, 3));
	if (!list)
		return err_errno(err, "opendir %s", from);
	for (struct dirent *entry = readdir(list); entry && r == 0;
	     entry = readdir(list)) {
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			r = copy_tree(source, entry->d_name, target,
				      entry->d_name, err);
	}
	return r;
}
