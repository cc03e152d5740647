/* images/disk_walk.c - the blocks of a home, part by part; see disk.h */
#include "images/disk_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/hardlinks.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/userns.h"

enum { BLOCK = 512 }; /* the unit of st_blocks, whatever the file system's is */

/* links  files with several names that were met */
struct walk {
	struct hardlinks links;
	struct err *err;
};

static int measure(struct walk *walk, int dir_fd, const char *name,
		   int64_t *bytes);

static int measure_folder(struct walk *walk, int dir_fd, const char *name,
			  int64_t *bytes)
{
	int fd = openat(dir_fd, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return errno == ENOENT ? 0 : err_errno(walk->err, "open %s", name);
	if (interrupt_seen())
		return interrupt_err(walk->err);
	while (r == 0 && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			r = measure(walk, dirfd(dir), entry->d_name, bytes);
	return r;
}

static int measure(struct walk *walk, int dir_fd, const char *name,
		   int64_t *bytes)
{
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_errno(walk->err, "stat %s", name);
	if (!S_ISDIR(st.st_mode) && st.st_nlink > 1 && hardlinks_met(&walk->links, &st))
		return 0;
	*bytes += (int64_t)st.st_blocks * BLOCK;
	return S_ISDIR(st.st_mode) ?
		       measure_folder(walk, dir_fd, name, bytes) :
		       0;
}

/* ---- part by part ---- */

static void put_part(struct buf *reply, const char *path, int64_t bytes)
{
	buf_add(reply, &bytes, sizeof(bytes));
	buf_add(reply, path, strlen(path) + 1);
}

/* The folder itself, into *rest; what is in it, a part each, but for what is none: a
 * file, or the name in `not`. */
static int measure_parts(struct walk *walk, const struct home *home,
			 const char *folder, const char *not,
			 struct buf *reply, int64_t *rest)
{
	int fd = openat(home->fd, folder,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	struct stat st;
	int r = 0;

	/* A link, in a world: what it leads to is another home's. */
	if (!dir && (errno == ENOTDIR || errno == ELOOP || errno == ENOENT))
		return measure(walk, home->fd, folder, rest);
	if (!dir || fstat(fd, &st) < 0)
		return err_errno(walk->err, "open %s", folder);
	*rest += (int64_t)st.st_blocks * BLOCK;
	while (r == 0 && (entry = readdir(dir))) {
		OWN_FREE char *path = NULL;
		int64_t bytes = 0;

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		path = mem_fmt("%s/%s", folder, entry->d_name);
		r = measure(walk, fd, entry->d_name, &bytes);
		if (strcmp(entry->d_name, not) == 0)
			*rest += bytes;
		else
			put_part(reply, path, bytes);
	}
	return r;
}

static bool is_divided(const char *name)
{
	return strcmp(name, "layers") == 0 || strcmp(name, "containers") == 0 ||
	       strcmp(name, "volumes") == 0;
}

static int measure_top(struct walk *walk, const struct home *home,
		       const char *name, struct buf *reply, int64_t *rest)
{
	struct stat st;

	if (is_divided(name))
		return measure_parts(walk, home, name, "by-name", reply, rest);
	if (strcmp(name, "blobs") != 0)
		return measure(walk, home->fd, name, rest);
	if (fstatat(home->fd, "blobs", &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISDIR(st.st_mode))
		return measure(walk, home->fd, name, rest);
	*rest += (int64_t)st.st_blocks * BLOCK;
	return measure_parts(walk, home, "blobs/sha256", "", reply, rest);
}

static int measure_home(void *arg, struct buf *reply, struct err *err)
{
	const struct home *home = arg;
	struct walk walk = { .err = err };
	OWN_FD int fd = fs_open_dir(home->fd, ".", err);
	OWN_DIR DIR *dir = NULL;
	struct dirent *entry;
	struct stat st;
	int64_t rest = 0;
	int r = fd < 0 ? fd : 0;

	if (r < 0 || fstat(fd, &st) < 0)
		return r < 0 ? r : err_errno(err, "stat the home");
	rest += (int64_t)st.st_blocks * BLOCK;
	dir = fdopendir(own_give_fd(&fd));
	while (r == 0 && dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			r = measure_top(&walk, home, entry->d_name, reply,
					&rest);
	hardlinks_done(&walk.links);
	put_part(reply, "", rest);
	return r;
}

void disk_parts_done(struct disk_parts *parts)
{
	for (size_t i = 0; i < parts->count; i++)
		free(parts->items[i].path);
	free(parts->items);
	*parts = (struct disk_parts){ 0 };
}

int disk_walk(const struct home *home, struct disk_parts *out, struct err *err)
{
	OWN_BUF struct buf reply = { 0 };
	struct err why = { 0 };
	union {
		const struct home *in;
		void *out;
	} arg = { .in = home };
	int r = measure_home(arg.out, &reply, &why);

	if (r == -EACCES && userns_kind() != USERNS_NONE) {
		out->refused = true;
		buf_clear(&reply);
		r = userns_call(measure_home, arg.out, false, &reply, err);
	} else if (r < 0) {
		*err = why;
	}
	for (size_t at = 0; r == 0 && at < reply.len;) {
		struct disk_part part;

		memcpy(&part.bytes, reply.data + at, sizeof(part.bytes));
		at += sizeof(part.bytes);
		part.path = mem_str(reply.data + at);
		at += strlen(part.path) + 1;
		out->items = mem_grow(out->items, out->count + 1,
				      sizeof(*out->items));
		out->items[out->count++] = part;
	}
	return r;
}
