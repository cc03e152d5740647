/* images/context_size.c - see context_size.h */
#include "images/context_size.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/archive.h"
#include "images/context.h"
#include "images/ignore.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/hardlinks.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"

enum {
	NAME_FIELD = 100,
	PREFIX_FIELD = 155,
};

/* What a ustar header has no digits for. */
static const int64_t octal_sizes = (int64_t)1 << 33;

/* links: files with several names that were met, by device and inode */
struct measure {
	const char *path;
	const struct ignore *ignore;
	const struct context_seen *seen;
	struct strs *warnings;
	struct hardlinks links;
	int64_t bytes;
	bool as_root;
};

/* ---- one entry ---- */

static int64_t in_blocks(int64_t bytes)
{
	return (bytes + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
}

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* Whether the name goes into ustar's two fields. */
static bool fits_ustar(const char *name)
{
	size_t len = strlen(name);
	size_t most = len;
	size_t slash;

	if (!is_ascii(name))
		return false;
	if (len <= NAME_FIELD)
		return true;
	if (len > PREFIX_FIELD + 1)
		most = PREFIX_FIELD + 1;
	else if (name[len - 1] == '/')
		most = len - 1;
	for (slash = most; slash > 0 && name[slash - 1] != '/'; slash--)
		;
	/* slash: how many bytes up to and with the last '/'. */
	return slash > 1 && len - slash <= NAME_FIELD && len - slash > 0 &&
	       slash - 1 <= PREFIX_FIELD;
}

/* "27 path=a/b\n": the number counts its own digits. */
static int64_t pax_record(const char *key, const char *value)
{
	size_t rest = strlen(key) + strlen(value) + 3; /* ' ', '=', '\n' */
	size_t len = rest + 1;

	while (rest + (size_t)snprintf(NULL, 0, "%zu", len) != len)
		len++;
	return (int64_t)len;
}

int64_t context_size_entry(const char *name, const char *target, int64_t size)
{
	bool long_name = !is_ascii(name) || strlen(name) > NAME_FIELD;
	bool long_target = !is_ascii(target) || strlen(target) > NAME_FIELD;
	bool pax = !fits_ustar(name) || long_target || size >= octal_sizes;
	char number[24];
	int64_t records = 0;

	if (!pax)
		return TAR_BLOCK + in_blocks(size);
	snprintf(number, sizeof(number), "%" PRId64, size);
	if (long_name)
		records += pax_record("path", name);
	if (long_target)
		records += pax_record("linkpath", target);
	if (size >= octal_sizes)
		records += pax_record("size", number);
	return TAR_BLOCK + in_blocks(size) + TAR_BLOCK + in_blocks(records);
}

/* ---- all of them ---- */

static int no_permission(const struct measure *m, const char *what,
			 const char *as, struct err *err)
{
	return err_docker(err, ERR_BARE, EACCES,
			  "error checking context: %s '%s%s%s'", what, m->path,
			  *as ? "/" : "", as);
}

static int add_file(struct measure *m, int dir_fd, const char *name,
		    const struct stat *st, const char *as, struct err *err)
{
	char target[PATH_MAX] = "";
	int64_t size = S_ISREG(st->st_mode) ? st->st_size : 0;
	ssize_t len;

	if (S_ISSOCK(st->st_mode)) {
		strs_addf(
			m->warnings,
			"Can't add file %s/%s to tar: archive/tar: sockets not supported",
			m->path, as);
		return 0;
	}
	if (S_ISLNK(st->st_mode)) {
		len = readlinkat(dir_fd, name, target, sizeof(target) - 1);
		target[len < 0 ? 0 : len] = '\0';
	} else if (!m->as_root && !S_ISFIFO(st->st_mode) &&
		   faccessat(dir_fd, name, R_OK, AT_EACCESS) < 0 &&
		   errno == EACCES) {
		return no_permission(m, "no permission to read from", as, err);
	}
	if (m->seen)
		m->seen->tell(m->seen->arg, as, st->st_size);
	if (st->st_nlink > 1 && !S_ISDIR(st->st_mode) && hardlinks_met(&m->links, st))
		size = 0;
	m->bytes += context_size_entry(as, target, size);
	return 0;
}

static int add_folder(struct measure *m, int dir_fd, const char *name,
		      const char *as, int depth, struct err *err);

static int add(struct measure *m, int dir_fd, const char *name, const char *as,
	       int depth, struct err *err)
{
	bool ignored = ignore_matches(m->ignore, as);
	struct stat st;

	if (interrupt_seen())
		return interrupt_err(err);
	if (ignored && !ignore_looks_into(m->ignore, as))
		return 0;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_errno(err, "stat %s", as);
	if (!S_ISDIR(st.st_mode))
		return ignored ? 0 : add_file(m, dir_fd, name, &st, as, err);
	if (!ignored) {
		OWN_FREE char *folder = mem_fmt("%s/", as);

		m->bytes += context_size_entry(folder, "", 0);
	}
	return add_folder(m, dir_fd, name, as, depth, err);
}

/* as: the folder's path in the context; "" for the context itself. */
static int add_folder(struct measure *m, int dir_fd, const char *name,
		      const char *as, int depth, struct err *err)
{
	int fd = openat(dir_fd, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int r = 0;

	if (!dir && errno == EACCES)
		return no_permission(m, "can't stat", as, err);
	if (!dir)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP
			       ? 0
			       : err_errno(err, "open %s", as);
	if (depth > TAR_MAX_DEPTH)
		return err_set(
			err, ELOOP,
			_("folders more than %d deep, the limit: %.60s..."),
			TAR_MAX_DEPTH, as);
	while (r == 0 && (entry = readdir(dir))) {
		OWN_FREE char *path = NULL;

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		path = *as ? mem_fmt("%s/%s", as, entry->d_name)
			   : mem_str(entry->d_name);
		r = add(m, dirfd(dir), entry->d_name, path, depth + 1, err);
	}
	return r;
}

int context_size(const struct context_folder *folder, struct strs *warnings,
		 int64_t *out_bytes, struct err *err)
{
	struct measure m = { .path = folder->path,
			     .ignore = folder->ignore,
			     .seen = folder->seen,
			     .warnings = warnings,
			     .as_root = geteuid() == 0 };
	int r = add_folder(&m, folder->fd, ".", "", 0, err);

	hardlinks_done(&m.links);
	if (r == 0)
		*out_bytes = m.bytes + TAR_END;
	return r;
}
