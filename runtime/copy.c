/* runtime/copy.c - see copy.h */
#include "runtime/copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
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
#include "runtime/copy_parts.h"
#include "runtime/userns.h"

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

static int copy_owner(struct copy *copy, const struct copy_entry *entry)
{
	const struct stat *st = &entry->st;

	if (st->st_uid == geteuid() && st->st_gid == getegid())
		return 0;
	if (fchownat(entry->to_fd, entry->to, st->st_uid, st->st_gid,
		     AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(copy->err, "chown %s", entry->path);
	return 0;
}

static int copy_times(struct copy *copy, const struct copy_entry *entry)
{
	const struct timespec times[2] = { entry->st.st_atim,
					   entry->st.st_mtim };

	if (utimensat(entry->to_fd, entry->to, times, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(copy->err, "utimensat %s", entry->path);
	return 0;
}

/* Owner first: chown(2) clears the set-user-id bit. */
static int copy_owner_mode_times(struct copy *copy, const struct copy_entry *entry,
				 int fd)
{
	int r = copy_owner(copy, entry);

	if (r < 0)
		return r;
	if (fchmod(fd, entry->st.st_mode & 07777) < 0)
		return err_errno(copy->err, "chmod %s", entry->path);
	return copy_times(copy, entry);
}

/* ---- kinds of files ---- */

/* A program that runs may remove a file between the look at its folder and the look at
 * the file: it is in no copy then. */
static bool is_gone(int r, const struct copy_entry *entry)
{
	return r == -ENOENT && entry->depth > 0;
}

static int copy_bytes(struct copy *copy, int from, int to, const char *path)
{
	char block[65536];
	ssize_t len;

	if (ioctl(to, FICLONE, from) == 0)
		return 0;
	while ((len = read(from, block, sizeof(block))) != 0) {
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return err_errno(copy->err, "read %s", path);
		errno = -fs_write_all(to, block, (size_t)len);
		if (errno != 0)
			return err_errno(copy->err, "write %s", path);
	}
	return 0;
}

/* Nothing that a program may have put in the file's place meanwhile is waited for (a
 * fifo), nor copied. */
static int open_plain(const struct copy_entry *entry)
{
	OWN_FD int fd = openat(entry->from_fd, entry->name,
			       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat now;

	if (fd >= 0 && fstat(fd, &now) == 0 && !S_ISREG(now.st_mode)) {
		errno = ENOENT;
		return -1;
	}
	return own_give_fd(&fd);
}

/* A file that its mode keeps from its own owner (overlayfs leaves one in work/): the
 * mode gives way for as long as it takes to open it. That of what a link leads to
 * does not. */
static int open_to_read(struct copy *copy, const struct copy_entry *entry)
{
	int fd = open_plain(entry);
	struct stat was; /* entry->st is what the copy will be */

	if (fd < 0 && errno == EACCES &&
	    fstatat(entry->from_fd, entry->name, &was, AT_SYMLINK_NOFOLLOW) ==
		    0 &&
	    fchmodat(entry->from_fd, entry->name, S_IRUSR,
		     AT_SYMLINK_NOFOLLOW) == 0) {
		fd = open_plain(entry);
		if (fd >= 0 && fchmod(fd, was.st_mode & 07777) < 0)
			close(own_give_fd(&fd)); /* not as it was: say so */
	}
	return fd < 0 ? err_errno(copy->err, "open %s", entry->path) : fd;
}

static int copy_file(struct copy *copy, const struct copy_entry *entry)
{
	OWN_FD int in = open_to_read(copy, entry);
	OWN_FD int out = -1;
	int r;

	if (in < 0 && is_gone(in, entry)) {
		*copy->err = (struct err){ 0 };
		return 0;
	}
	if (in < 0)
		return in;
	out = fs_open(entry->to_fd, entry->to,
		      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600,
		      copy->err);
	if (out < 0)
		return out;
	r = copy_bytes(copy, in, out, entry->path);
	if (r < 0)
		return r;
	copy_xattrs(in, out);
	return copy_owner_mode_times(copy, entry, out);
}

static int copy_link(struct copy *copy, const struct copy_entry *entry)
{
	char target[4097];
	ssize_t len = readlinkat(entry->from_fd, entry->name, target,
				 sizeof(target) - 1);
	int r;

	if (len < 0 && is_gone(-errno, entry))
		return 0;
	if (len < 0)
		return err_errno(copy->err, "readlink %s", entry->path);
	target[len] = 0;
	if (symlinkat(target, entry->to_fd, entry->to) < 0)
		return err_errno(copy->err, "symlink %s", entry->path);
	r = copy_owner(copy, entry);
	return r < 0 ? r : copy_times(copy, entry);
}

/* Devices and fifos. An overlay's whiteout is the device 0, 0, which anybody may
 * make (Linux 5.8). */
static int copy_node(struct copy *copy, const struct copy_entry *entry)
{
	int r;

	if (mknodat(entry->to_fd, entry->to, entry->st.st_mode,
		    entry->st.st_rdev) < 0)
		return err_errno(copy->err, "mknod %s", entry->path);
	r = copy_owner(copy, entry);
	return r < 0 ? r : copy_times(copy, entry);
}

struct dirent *copy_next_of(DIR *list)
{
	errno = 0;
	return readdir(list);
}

static int copy_entries(struct copy *copy, int from, int to,
			const struct copy_entry *folder)
{
	OWN_FD int own = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	OWN_DIR DIR *list = own < 0 ? NULL : fdopendir(own);
	struct dirent *found;
	int r = 0;

	if (!list)
		return err_errno(copy->err, "opendir %s", folder->path);
	(void)own_give_fd(&own); /* the DIR has it now */
	while (r == 0 && (found = copy_next_of(list))) {
		OWN_FREE char *path =
			mem_fmt("%s/%s", folder->path, found->d_name);
		struct copy_entry entry = { .from_fd = from,
				       .name = found->d_name,
				       .to_fd = to,
				       .to = found->d_name,
				       .path = path,
				       .depth = folder->depth + 1 };

		if (strcmp(found->d_name, ".") != 0 &&
		    strcmp(found->d_name, "..") != 0)
			r = copy_entry(copy, &entry);
	}
	return r == 0 && errno ? err_errno(copy->err, "read %s", folder->path) :
				 r;
}

/* A folder of mode 000 (overlayfs leaves work/work so) is root's to copy, in a second
 * try; one that somebody gave away is empty to us. */
static int copy_folder(struct copy *copy, const struct copy_entry *entry)
{
	OWN_FD int from =
		openat(entry->from_fd, entry->name,
		       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool closed = from < 0 && errno == EACCES && copy->ours;
	OWN_FD int into = -1;
	int r;

	if (from < 0 && !closed && is_gone(-errno, entry))
		return 0;
	if (from < 0 && !closed)
		return err_errno(copy->err, "open %s", entry->path);
	if (mkdirat(entry->to_fd, entry->to, 0700) < 0)
		return err_errno(copy->err, "mkdir %s", entry->path);
	into = fs_open_dir(entry->to_fd, entry->to, copy->err);
	if (into < 0)
		return into;
	if (!closed) {
		r = copy_entries(copy, from, into, entry);
		if (r < 0)
			return r;
		copy_xattrs(from, into);
	}
	return copy_owner_mode_times(copy, entry, into);
}

/* ---- one entry of any kind ---- */

/* 1: linked to a copy made earlier; 0: the first of its names. */
static int link_again(struct copy *copy, const struct copy_entry *entry)
{
	for (size_t i = 0; i < copy->linked_count; i++) {
		const struct copy_linked *known = &copy->linked[i];

		if (known->dev != entry->st.st_dev ||
		    known->ino != entry->st.st_ino)
			continue;
		if (linkat(copy->root_fd, known->path, entry->to_fd, entry->to,
			   0) < 0)
			return err_errno(copy->err, "link %s", entry->path);
		return 1;
	}
	copy->linked = mem_grow(copy->linked, copy->linked_count + 1,
				sizeof(*copy->linked));
	copy->linked[copy->linked_count++] =
		(struct copy_linked){ entry->st.st_dev, entry->st.st_ino,
				 mem_str(entry->path) };
	return 0;
}

static int copy_by_kind(struct copy *copy, const struct copy_entry *entry)
{
	int r;

	if (S_ISDIR(entry->st.st_mode))
		return copy_folder(copy, entry);
	if (entry->st.st_nlink > 1) {
		r = link_again(copy, entry);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	if (S_ISREG(entry->st.st_mode))
		return copy_file(copy, entry);
	if (S_ISLNK(entry->st.st_mode))
		return copy_link(copy, entry);
	return copy_node(copy, entry);
}

static void take_over(struct stat *st)
{
	st->st_uid = geteuid();
	st->st_gid = getegid();
	st->st_mode &= ~(mode_t)(S_ISUID | S_ISGID);
	st->st_mode |= S_ISDIR(st->st_mode) ? S_IRWXU : S_IRUSR | S_IWUSR;
}

int copy_entry(struct copy *copy, struct copy_entry *entry)
{
	if (entry->depth > COPY_MAX_DEPTH)
		return err_set(copy->err, ELOOP,
			       _("%s: more than %d folders deep"), entry->path,
			       COPY_MAX_DEPTH);
	if (fstatat(entry->from_fd, entry->name, &entry->st,
		    AT_SYMLINK_NOFOLLOW) < 0)
		return is_gone(-errno, entry)
			       ? 0
			       : err_errno(copy->err, "stat %s", entry->path);
	if (S_ISSOCK(entry->st.st_mode))
		return 0;
	if (copy->ours)
		take_over(&entry->st);
	/* Others' files: only among their ids, where we are root. */
	if (geteuid() != 0 && entry->st.st_uid != geteuid())
		return err_set(copy->err, EPERM, _("%s belongs to another id"),
			       entry->path);
	return copy_by_kind(copy, entry);
}

/* ---- the way in ---- */

void copy_forget_links(struct copy *copy)
{
	for (size_t i = 0; i < copy->linked_count; i++)
		free(copy->linked[i].path);
	free(copy->linked);
}

static int copy_with(const struct copy_entry *first, bool ours, struct err *err)
{
	struct copy_entry entry = *first;
	struct copy copy = { .root_fd = entry.to_fd, .ours = ours, .err = err };
	int r = copy_entry(&copy, &entry);

	copy_forget_links(&copy);
	return r;
}

static int copy_now(void *arg, struct buf *reply, struct err *err)
{
	(void)reply;
	return copy_with(arg, false, err);
}

int copy_tree(int from_fd, const char *from, int to_fd, const char *to,
	      struct err *err)
{
	struct copy_entry entry = { .from_fd = from_fd,
			       .name = from,
			       .to_fd = to_fd,
			       .to = to,
			       .path = to };
	struct err first = { 0 };
	int r;

	if (!fs_exists(from_fd, from))
		return 0;
	r = copy_now(&entry, NULL, &first);
	if ((r != -EPERM && r != -EACCES) || userns_kind() == USERNS_NONE) {
		if (r < 0)
			*err = first;
		return r;
	}
	/* Once more from the start, as root of these ids: others' files, and
	 * those of mode 000 (a container that ran leaves one in work/work). */
	r = userns_remove_tree(to_fd, to, err);
	return r < 0 ? r : userns_call(copy_now, &entry, false, NULL, err);
}

int copy_for_us(int from_fd, const char *from, int to_fd, const char *to,
		struct err *err)
{
	struct copy_entry entry = { .from_fd = from_fd,
			       .name = from,
			       .to_fd = to_fd,
			       .to = to,
			       .path = to };

	return copy_with(&entry, true, err);
}
