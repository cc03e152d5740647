/* runtime/base/fs.c - see fs.h
 *
 * Order of the file: opening, reading and writing, trees, names. How a tree goes is
 * fs_remove.c's. */
#include "runtime/base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/hardlinks.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

int fs_open(int dir_fd, const char *path, int flags, mode_t mode,
	    struct err *err)
{
	int fd = openat(dir_fd, path, flags | O_CLOEXEC, mode);

	if (fd < 0)
		return err_errno(err, "open %s", path);
	return fd;
}

int fs_openat2(int dir_fd, const char *path, int flags, mode_t mode,
	       uint64_t resolve)
{
	struct open_how how = {
		.flags = (unsigned long long)(flags | O_CLOEXEC),
		.mode = (flags & (O_CREAT | __O_TMPFILE)) ? mode : 0,
		.resolve = resolve,
	};
	int tries = 0;
	int fd;

	do {
		fd = (int)syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));
	} while (fd < 0 && errno == EAGAIN && ++tries < 1000);
	return fd;
}

int fs_open_dir(int dir_fd, const char *path, struct err *err)
{
	return fs_open(dir_fd, path, O_RDONLY | O_DIRECTORY, 0, err);
}

int fs_open_beneath(int root_fd, const char *path, int flags, mode_t mode,
		    struct err *err)
{
	int fd = fs_openat2(root_fd, path, flags, mode,
			    RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);

	if (fd < 0)
		return err_errno(err, "open %s inside the root", path);
	return fd;
}

int fs_make_dirs(int dir_fd, const char *path, mode_t mode, struct err *err)
{
	char partial[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(partial))
		return err_set(err, ENAMETOOLONG, "mkdir %s", path);
	memcpy(partial, path, len + 1);
	if (mkdirat(dir_fd, partial, mode) == 0 || errno == EEXIST)
		return 0;
	for (char *slash = partial + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (mkdirat(dir_fd, partial, mode) < 0 && errno != EEXIST)
			return err_errno(err, "mkdir %s", partial);
		*slash = '/';
	}
	if (mkdirat(dir_fd, partial, mode) < 0 && errno != EEXIST)
		return err_errno(err, "mkdir %s", path);
	return 0;
}

int fs_read_fd(int fd, size_t max_bytes, struct buf *out, struct err *err)
{
	size_t total = 0;

	for (;;) {
		ssize_t got = read(fd, buf_room(out, 4096), 4096);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(err, "read");
		if (got == 0)
			break;
		total += (size_t)got;
		if (total > max_bytes)
			return err_set(err, EFBIG, "more than %zu bytes",
				       max_bytes);
		out->len += (size_t)got;
	}
	buf_str(out, ""); /* closes the text, also where nothing was read */
	return 0;
}

int fs_read(int dir_fd, const char *path, size_t max_bytes, struct buf *out,
	    struct err *err)
{
	OWN_FD int fd = fs_open(dir_fd, path, O_RDONLY, 0, err);

	if (fd < 0)
		return fd;
	if (fs_read_fd(fd, max_bytes, out, err) < 0)
		return err_wrap(err, "%s", path);
	return 0;
}

int fs_write_all(int fd, const void *bytes, size_t len)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };
	const char *at = bytes;

	while (len > 0) {
		ssize_t put = write(fd, at, len);

		if (put < 0 && errno == EAGAIN)
			(void)poll(&room, 1, -1); /* what it says, write(2) says too */
		if (put < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (put < 0)
			return -errno;
		at += put;
		len -= (size_t)put;
	}
	return 0;
}

static int sync_folder_of(int dir_fd, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	OWN_FREE char *folder =
		slash ? mem_strn(path, (size_t)(slash - path)) : mem_str(".");
	OWN_FD int fd = fs_open_dir(dir_fd, *folder ? folder : "/", err);

	if (fd < 0)
		return fd;
	if (fsync(fd) < 0)
		return err_errno(err, "fsync %s", folder);
	return 0;
}

/* NOLINTNEXTLINE(readability-function-size): the file, its text, its making */
int fs_replace(int dir_fd, const char *path, const void *bytes, size_t len,
	       mode_t mode, bool durable, struct err *err)
{
	/* The clock (which needs no system call) keeps two programs that write
	 * the same file apart; O_EXCL makes sure. */
	struct timespec now = { 0 };
	OWN_FREE char *temporary = NULL;
	OWN_FD int fd = -1;
	int r;

	clock_gettime(CLOCK_MONOTONIC, &now);
	temporary = mem_fmt("%s.tmp%lx%09lx", path, (long)now.tv_sec,
			    now.tv_nsec);
	fd = fs_open(dir_fd, temporary,
		     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode, err);

	if (fd < 0)
		return fd;
	r = fs_write_all(fd, bytes, len);
	if (r == 0 && durable && fsync(fd) < 0)
		r = -errno;
	if (r < 0) {
		errno = -r;
		err_errno(err, "write %s", temporary);
		unlinkat(dir_fd, temporary, 0);
		return r;
	}
	if (renameat(dir_fd, temporary, dir_fd, path) < 0) {
		err_errno(err, "rename %s to %s", temporary, path);
		unlinkat(dir_fd, temporary, 0);
		return -err->code;
	}
	return durable ? sync_folder_of(dir_fd, path, err) : 0;
}

struct size_walk {
	struct hardlinks links;
	unsigned long long bytes;
	unsigned long long inodes;
};

static int add_sizes(struct size_walk *walk, int dir_fd, const char *name,
		     struct err *err)
{
	OWN_DIR DIR *dir = NULL;
	struct dirent *entry;
	struct stat st;
	int fd;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_errno(err, "stat %s", name);
	if (!S_ISDIR(st.st_mode)) {
		if (st.st_nlink > 1 && hardlinks_met(&walk->links, &st))
			return 0;
		walk->inodes++;
		/* A link's length is its target's; Docker counts it too. */
		walk->bytes += (unsigned long long)st.st_size;
		return 0;
	}
	walk->inodes++;
	fd = openat(dir_fd, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "open %s", name);
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return err_errno(err, "fdopendir %s", name);
	}
	while ((entry = readdir(dir))) {
		int r;

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		r = add_sizes(walk, fd, entry->d_name, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int fs_tree_size(int dir_fd, const char *path, unsigned long long *out_bytes,
		 unsigned long long *out_inodes, struct err *err)
{
	struct size_walk walk = { 0 };
	int r = add_sizes(&walk, dir_fd, path, err);

	hardlinks_done(&walk.links);
	if (r < 0)
		return r;
	if (out_bytes)
		*out_bytes = walk.bytes;
	if (out_inodes)
		*out_inodes = walk.inodes;
	return 0;
}

bool fs_exists(int dir_fd, const char *path)
{
	struct stat st;

	return fstatat(dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

int fs_path_of(int fd, char **out_path, struct err *err)
{
	char name[sizeof("/proc/self/fd/2147483647")];
	char path[PATH_MAX];
	ssize_t len;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	len = readlink(name, path, sizeof(path));
	if (len == (ssize_t)sizeof(path))
		errno = ENAMETOOLONG;
	if (len < 0 || len == (ssize_t)sizeof(path))
		return err_errno(err, "readlink %s", name);
	*out_path = mem_strn(path, (size_t)len);
	return 0;
}

/* ".." takes the last name away, or, where there is none, stays in front of a
 * path that has no root. `floor`: ".." cannot go back past this. */
static void go_up(struct buf *out, size_t *floor, bool rooted)
{
	if (out->len > *floor) {
		while (out->len > *floor && out->data[--out->len] != '/')
			;
		out->data[out->len] = '\0';
	} else if (!rooted) {
		buf_str(out, out->len ? "/.." : "..");
		*floor = out->len;
	}
}

char *fs_clean_path(const char *path)
{
	struct buf out = { 0 };
	bool rooted = path[0] == '/';
	size_t floor;

	if (rooted)
		buf_char(&out, '/');
	floor = out.len;
	while (*path) {
		const char *end = strchrnul(path, '/');
		size_t len = (size_t)(end - path);

		if (len == 2 && memcmp(path, "..", 2) == 0) {
			go_up(&out, &floor, rooted);
		} else if (len && !(len == 1 && *path == '.')) {
			if (out.len && out.data[out.len - 1] != '/')
				buf_char(&out, '/');
			buf_add(&out, path, len);
		}
		path = *end ? end + 1 : end;
	}
	if (out.len == 0)
		buf_char(&out, '.');
	return buf_give(&out);
}

void fs_unescape(char *path)
{
	char *to = path;

	for (const char *from = path; *from; to++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' &&
		    from[2] && from[3]) {
			*to = (char)((from[1] - '0') << 6 |
				     (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}
