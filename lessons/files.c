/* lessons/files.c - see files.h */
#include "lessons/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"

const char *files_what(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFLNK:
		return _("a link");
	case S_IFIFO:
		return _("a named pipe");
	case S_IFSOCK:
		return _("a socket");
	case S_IFBLK:
	case S_IFCHR:
		return _("a device");
	default:
		return _("no file");
	}
}

/* ---- the walk ---- */

struct walk {
	const struct files_each *each;
	int entries;
	long long bytes;
};

static int names_in(int dir_fd, struct strs *out, struct err *err)
{
	int fd = fcntl(dir_fd, F_DUPFD_CLOEXEC, 3);
	OWN_DIR DIR *list = fd < 0 ? NULL : fdopendir(fd);

	if (!list)
		return err_errno(err, "open a folder");
	rewinddir(list); /* the descriptor's place is shared */
	for (struct dirent *entry = readdir(list); entry;
	     entry = readdir(list)) {
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			strs_add(out, entry->d_name);
		if (out->count > FILES_MOST)
			break; /* said when they are counted */
	}
	strs_sort(out);
	return 0;
}

static int count(struct walk *walk, const char *path, const struct stat *st,
		 struct err *err)
{
	if (++walk->entries > FILES_MOST)
		return err_set(err, EFBIG,
			       _("more than %d files and folders, the limit"),
			       FILES_MOST);
	if (strlen(path) > FILES_MOST_PATH)
		return err_set(err, EFBIG,
			       _("'%.60s...': a path of more than %d bytes, "
				 "the limit"),
			       path, FILES_MOST_PATH);
	if (S_ISREG(st->st_mode))
		walk->bytes += st->st_size;
	if (walk->bytes > FILES_MOST_BYTES)
		return err_set(err, EFBIG,
			       _("'%s': with it, the files have more than %d "
				 "MiB, the limit"),
			       path, FILES_MOST_BYTES >> 20);
	return 0;
}

static int walk_folder(struct walk *walk, int dir_fd, const char *above,
		       int depth, struct err *err);

static int visit_folder(struct walk *walk, int dir_fd, const char *name,
			const char *path, struct err *err)
{
	const struct files_each *each = walk->each;
	OWN_FD int fd = -1;
	int depth = 1;
	int r = each->folder ? each->folder(each->ctx, path, err) : 0;

	if (r != 0)
		return r < 0 ? r : 0;
	for (const char *at = path; *at; at++)
		depth += *at == '/';
	fd = openat(dir_fd, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "open %s", path);
	return walk_folder(walk, fd, path, depth, err);
}

static int visit(struct walk *walk, int dir_fd, const char *name,
		 const char *path, struct err *err)
{
	const struct files_each *each = walk->each;
	OWN_FD int fd = -1;
	struct stat st;
	int r;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_errno(err, "stat %s", path);
	r = count(walk, path, &st, err);
	if (r < 0)
		return r;
	if (S_ISDIR(st.st_mode))
		return visit_folder(walk, dir_fd, name, path, err);
	if (!S_ISREG(st.st_mode))
		return each->other ? each->other(each->ctx, path,
						 files_what(st.st_mode), err)
				   : 0;
	/* Should it be a pipe by now, nobody waits for its other end. */
	fd = openat(dir_fd, name,
		    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, "open %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, EINVAL, _("'%s' is %s now"), path,
			       files_what(st.st_mode));
	return each->file(each->ctx, fd, path, &st, err);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as FILES_MOST_DEPTH */
static int walk_folder(struct walk *walk, int dir_fd, const char *above,
		       int depth, struct err *err)
{
	OWN_STRS struct strs names = { 0 };
	int r = names_in(dir_fd, &names, err);

	if (r == 0 && depth > FILES_MOST_DEPTH)
		return err_set(err, EFBIG,
			       _("'%.60s': folders more than %d deep, the "
				 "limit"),
			       above, FILES_MOST_DEPTH);
	for (size_t i = 0; i < names.count && r == 0; i++) {
		OWN_FREE char *path =
			mem_fmt("%s%s%s", above, *above ? "/" : "",
				names.items[i]);

		r = visit(walk, dir_fd, names.items[i], path, err);
	}
	return r;
}

int files_walk(int dir_fd, const struct files_each *each, struct err *err)
{
	struct walk walk = { .each = each };

	return walk_folder(&walk, dir_fd, "", 0, err);
}

/* ---- a digest of all ---- */

static int digest_file(void *ctx, int fd, const char *path,
		       const struct stat *st, struct err *err)
{
	char content[DIGEST_SIZE];
	int r = digest_of_fd(fd, content, err);
	OWN_FREE char *line =
		mem_fmt("%s %s %s", r == 0 ? content : "",
			st->st_mode & 0100 ? "x" : "-", path);

	digest_add(ctx, line, strlen(line) + 1);
	return r;
}

static int digest_folder(void *ctx, const char *path, struct err *err)
{
	(void)err;
	digest_add(ctx, "/", 1);
	digest_add(ctx, path, strlen(path) + 1);
	return 0;
}

static int digest_other(void *ctx, const char *path, const char *what,
			struct err *err)
{
	(void)what;
	(void)err;
	digest_add(ctx, "?", 1);
	digest_add(ctx, path, strlen(path) + 1);
	return 0;
}

int files_digest(int dir_fd, enum files_digest_of which,
		 char out[DIGEST_SIZE], struct err *err)
{
	struct files_each each = { .ctx = digest_new(),
				   .file = digest_file,
				   .folder = digest_folder,
				   .other = which == FILES_ALL ? digest_other
							       : NULL };
	char all[DIGEST_SIZE];
	int r = files_walk(dir_fd, &each, err);

	digest_end(each.ctx, all);
	if (r == 0)
		memcpy(out, all, DIGEST_SIZE);
	return r;
}

/* ---- writing beneath a root ---- */

int files_check_path(const char *path, struct err *err)
{
	int depth = 0;

	if (*path == '/')
		return err_set(err, EINVAL,
			       _("'%.200s': an absolute name"), path);
	if (strlen(path) > FILES_MOST_PATH)
		return err_set(err, EFBIG,
			       _("'%.60s...': a path of more than %d bytes, "
				 "the limit"),
			       path, FILES_MOST_PATH);
	for (const char *at = path;; at++) {
		size_t len = strcspn(at, "/");

		if (len == 2 && at[0] == '.' && at[1] == '.')
			return err_set(err, EINVAL,
				       _("'%.200s': a name with '..' in it"),
				       path);
		if (len == 0 || (len == 1 && *at == '.') || len > 255)
			return err_set(err, EINVAL,
				       _("'%.200s': that is no name of a "
					 "file"),
				       path);
		if (++depth > FILES_MOST_DEPTH)
			return err_set(err, EFBIG,
				       _("'%.60s': folders more than %d deep, "
					 "the limit"),
				       path, FILES_MOST_DEPTH);
		at += len;
		if (!*at)
			return 0;
	}
}

/* The folder in which the path's last name lies, made where it is not there. A link
 * on the way is followed, but never out of the root. */
static int parent_of(int root_fd, const char *path, bool make,
		     struct err *err)
{
	OWN_FD int fd = fcntl(root_fd, F_DUPFD_CLOEXEC, 3);
	const char *slash;

	for (slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		OWN_FREE char *name = mem_strn(path, (size_t)(slash - path));
		const char *last = strrchr(name, '/');
		int next;

		if (make && mkdirat(fd, last ? last + 1 : name, 0755) < 0 &&
		    errno != EEXIST)
			return err_errno(err, "mkdir %s", name);
		next = fs_open_beneath(root_fd, name, O_RDONLY | O_DIRECTORY,
				       0, err);
		if (next < 0)
			return next;
		close(fd);
		fd = next;
	}
	return own_give_fd(&fd);
}

static int copy(int from, int to, const char *path, struct err *err)
{
	char bytes[65536];
	ssize_t got;

	while ((got = read(from, bytes, sizeof(bytes))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(err, "read %s", path);
		if (fs_write_all(to, bytes, (size_t)got) < 0)
			return err_errno(err, "write %s", path);
	}
	return 0;
}

int files_put(int root_fd, const struct files_put *put, struct err *err)
{
	const char *slash = strrchr(put->path, '/');
	const char *name = slash ? slash + 1 : put->path;
	OWN_FD int dir = -1;
	OWN_FD int fd = -1;
	int r = files_check_path(put->path, err);

	if (r < 0)
		return r;
	dir = parent_of(root_fd, put->path, true, err);
	if (dir < 0)
		return dir;
	/* Never through what is there: it may be a link, or a second name. */
	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT) {
		r = errno == EISDIR ? fs_remove_tree(dir, name, err)
				    : err_errno(err, "unlink %s", put->path);
		if (r < 0)
			return r;
	}
	fd = fs_open(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
		     put->mode & 0100 ? 0755 : 0644, err);
	return fd < 0 ? fd : copy(put->from_fd, fd, put->path, err);
}

int files_remove(int root_fd, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	OWN_FD int dir = -1;
	struct err gone = { 0 };
	int r = files_check_path(path, err);

	if (r < 0)
		return r;
	dir = parent_of(root_fd, path, false, &gone);
	if (dir < 0)
		return 0; /* its folder is no more */
	if (unlinkat(dir, slash ? slash + 1 : path, 0) < 0 &&
	    errno != ENOENT && errno != EISDIR)
		return err_errno(err, "unlink %s", path);
	return 0;
}
