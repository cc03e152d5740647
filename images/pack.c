/* images/pack.c - see pack.h */
#include "images/pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "images/archive.h"
#include "images/owners.h"
#include "images/pack_meta.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/hardlinks.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"

enum { BLOCK = 64 << 10 };

struct pack {
	struct pack_rules rules;
	struct archive *out;
	struct archive_entry *entry;
	struct err err; /* what the callback of libarchive's ran into */
	struct hardlinks links;
	bool partly; /* something was left out */
	int64_t entries;
	int64_t bytes;
	int socket;
	char block[BLOCK];
};

/* ---- libarchive ---- */

static la_ssize_t send_bytes(struct archive *a, void *arg, const void *bytes,
			     size_t len)
{
	struct pack *pack = arg;
	ssize_t put;

	(void)a;
	do {
		if (interrupt_seen()) {
			(void)interrupt_err(&pack->err);
			return ARCHIVE_FATAL;
		}
		put = send(pack->socket, bytes, len, MSG_NOSIGNAL);
	} while (put < 0 && errno == EINTR);
	if (put < 0) {
		err_errno(&pack->err, "write the archive");
		return ARCHIVE_FATAL;
	}
	pack->bytes += put;
	if (pack->rules.watch && pack->rules.watch->moved)
		pack->rules.watch->moved(pack->rules.watch->arg, pack->bytes);
	return put; /* who gets them counts them, where nobody watches */
}

static int give_up(const struct pack *pack, struct err *err)
{
	if (pack->err.code) {
		*err = pack->err;
		return -err->code;
	}
	return err_set(err, EIO, _("write the archive: %s"),
		       archive_error_string(pack->out));
}

int pack_open(int socket, const struct pack_rules *rules, struct pack **out,
	      struct err *err)
{
	struct pack *pack = mem_zero(1, sizeof(*pack));
	int code;
	int r;

	pack->rules = *rules;
	pack->socket = socket;
	pack->out = archive_write_new();
	pack->entry = archive_entry_new();
	code = archive_write_set_format_pax_restricted(pack->out);
	/* One form of attributes, the one that everybody reads. */
	if (code == ARCHIVE_OK)
		code = archive_write_set_options(pack->out,
						 "xattrheader=SCHILY");
	if (code == ARCHIVE_OK)
		code = archive_write_set_bytes_per_block(pack->out, BLOCK);
	if (code == ARCHIVE_OK)
		code = archive_write_set_bytes_in_last_block(pack->out, 512);
	if (code == ARCHIVE_OK)
		code = archive_write_open(pack->out, pack, NULL, send_bytes,
					  NULL);
	if (code != ARCHIVE_OK) {
		r = give_up(pack, err);
		pack_free(pack);
		return r;
	}
	*out = pack;
	return 0;
}

void pack_free(struct pack *pack)
{
	if (!pack)
		return;
	/* Not closed properly: what it still writes goes nowhere. */
	archive_write_fail(pack->out);
	archive_write_free(pack->out);
	archive_entry_free(pack->entry);
	hardlinks_done(&pack->links);
	free(pack);
}

int pack_end(struct pack *pack, int64_t *out_entries, struct err *err)
{
	if (archive_write_close(pack->out) != ARCHIVE_OK)
		return give_up(pack, err);
	if (out_entries)
		*out_entries = pack->entries;
	return 0;
}

bool pack_is_whole(const struct pack *pack)
{
	return !pack->partly;
}

/* ---- one entry ---- */

static int write_header(struct pack *pack, struct err *err)
{
	if (archive_write_header(pack->out, pack->entry) < ARCHIVE_WARN)
		return give_up(pack, err);
	pack->entries++;
	return 0;
}

struct archive_entry *pack_entry(struct pack *pack)
{
	archive_entry_clear(pack->entry);
	return pack->entry;
}

int pack_header(struct pack *pack, struct err *err)
{
	return write_header(pack, err);
}

int pack_bytes(struct pack *pack, const void *bytes, size_t len,
	       struct err *err)
{
	return archive_write_data(pack->out, bytes, len) < 0 ?
		       give_up(pack, err) :
		       0;
}

/* The content, exactly as long as the header said. */
static int write_content(struct pack *pack, int fd, int64_t size,
			 struct err *err)
{
	int64_t left = size;

	while (left > 0) {
		size_t wish = left < BLOCK ? (size_t)left : BLOCK;
		ssize_t got = read(fd, pack->block, wish);

		if (got < 0 && errno == EINTR && !interrupt_seen())
			continue;
		if (got < 0)
			return interrupt_seen() ? interrupt_err(err) :
						  err_errno(err, "read");
		if (got == 0) { /* it has shrunk */
			memset(pack->block, 0, wish);
			got = (ssize_t)wish;
		}
		if (archive_write_data(pack->out, pack->block, (size_t)got) < 0)
			return give_up(pack, err);
		left -= got;
	}
	return 0;
}

/* An empty file that stands for something: .wh.NAME, .wh..wh..opq. */
static int write_mark(struct pack *pack, const char *as, mode_t mode,
		      const struct stat *st, struct err *err)
{
	archive_entry_clear(pack->entry);
	pack_meta_fill(pack->entry, as, st);
	archive_entry_set_filetype(pack->entry, AE_IFREG);
	archive_entry_set_perm(pack->entry, mode);
	archive_entry_set_size(pack->entry, 0);
	archive_entry_set_rdev(pack->entry, 0);
	return write_header(pack, err);
}

static int write_whiteout(struct pack *pack, const char *as,
			  const struct stat *st, struct err *err)
{
	const char *slash = strrchr(as, '/');
	size_t folder = slash ? (size_t)(slash - as) + 1 : 0;
	OWN_FREE char *mark = mem_fmt("%.*s.wh.%s", (int)folder, as,
				      as + folder);

	return write_mark(pack, mark, 0600, st, err);
}

/* Header of what is open as fd (O_PATH for what cannot be read). */
static void begin_entry(struct pack *pack, int fd, const struct stat *st,
			const char *as)
{
	archive_entry_clear(pack->entry);
	pack_meta_fill(pack->entry, as, st);
	if (fd >= 0 && pack->rules.attributes)
		pack_meta_attributes(pack->entry, fd);
	if (fd >= 0 && pack->rules.noted_owners)
		pack_meta_owner(pack->entry, fd);
	if (pack->rules.owners)
		owners_apply(pack->rules.owners, as, pack->entry);
}

static int add_file(struct pack *pack, int dir_fd, const char *name,
		    const char *as, struct err *err)
{
	/* It was a file a moment ago. Whatever it is now, to open it must not
	 * wait (a fifo) and not become our terminal. */
	OWN_FD int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW |
						     O_NONBLOCK | O_NOCTTY |
						     O_CLOEXEC);
	const char *earlier;
	struct stat st;
	int r;

	if (fd < 0)
		return errno == ENOENT || errno == ELOOP ?
			       0 :
			       err_errno(err, "open %s", as);
	if (fstat(fd, &st) < 0)
		return err_errno(err, "stat %s", as);
	if (!S_ISREG(st.st_mode))
		return 0;
	begin_entry(pack, fd, &st, as);
	earlier = st.st_nlink > 1 ? hardlinks_first(&pack->links, &st, as) : NULL;
	if (earlier) {
		archive_entry_set_hardlink(pack->entry, earlier);
		archive_entry_unset_size(pack->entry);
		return write_header(pack, err);
	}
	r = write_header(pack, err);
	/* A device stands in the file's place: there is no content. */
	if (r < 0 || archive_entry_filetype(pack->entry) != AE_IFREG)
		return r;
	r = write_content(pack, fd, st.st_size, err);
	return r < 0 && r != -EPIPE && r != -EINTR ? err_wrap(err, "%s", as) :
						     r;
}

static int add_other(struct pack *pack, int dir_fd, const char *name,
		     const struct stat *st, const char *as, struct err *err)
{
	char target[PATH_MAX];
	const char *earlier;
	ssize_t len = 0;

	if (S_ISLNK(st->st_mode)) {
		len = readlinkat(dir_fd, name, target, sizeof(target) - 1);
		if (len < 0)
			return errno == ENOENT || errno == EINVAL ?
				       0 :
				       err_errno(err, "readlink %s", as);
		target[len] = '\0';
	}
	begin_entry(pack, -1, st, as);
	earlier = st->st_nlink > 1 ? hardlinks_first(&pack->links, st, as) : NULL;
	if (earlier)
		archive_entry_set_hardlink(pack->entry, earlier);
	else if (len)
		archive_entry_set_symlink(pack->entry, target);
	return write_header(pack, err);
}

/* ---- folders ---- */

static int add(struct pack *pack, int dir_fd, const char *name, const char *as,
	       int depth, struct err *err);

static int list(int fd, struct strs *names, struct err *err)
{
	OWN_DIR DIR *dir = NULL;
	OWN_FD int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;

	if (copy < 0)
		return err_errno(err, "open a folder");
	dir = fdopendir(copy);
	if (!dir)
		return err_errno(err, "read a folder");
	(void)own_give_fd(&copy); /* the DIR has it now */
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			strs_add(names, entry->d_name);
	strs_sort(names);
	return 0;
}

/* `as` NULL: the names alone. */
static int add_inside(struct pack *pack, int fd, const char *as, int depth,
		      struct err *err)
{
	OWN_STRS struct strs names = { 0 };
	int r = list(fd, &names, err);

	for (size_t i = 0; i < names.count && r == 0; i++) {
		OWN_FREE char *path =
			as ? mem_fmt("%s/%s", as, names.items[i]) :
			     mem_str(names.items[i]);

		/* readdir(3) may give a name twice where somebody renames. */
		if (i && strcmp(names.items[i - 1], names.items[i]) == 0)
			continue;
		r = add(pack, fd, names.items[i], path, depth + 1, err);
	}
	return r;
}

static int add_folder(struct pack *pack, int dir_fd, const char *name,
		      const char *as, int depth, struct err *err)
{
	OWN_FD int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY |
						     O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	int r;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ?
			       0 :
			       err_errno(err, "open %s", as);
	if (fstat(fd, &st) < 0)
		return err_errno(err, "stat %s", as);
	begin_entry(pack, fd, &st, *as ? as : "/");
	r = write_header(pack, err);
	if (r == 0 && pack->rules.layer && pack_meta_is_opaque(fd)) {
		OWN_FREE char *mark = mem_fmt("%s/.wh..wh..opq", as);

		r = write_mark(pack, mark, st.st_mode & 0777, &st, err);
	}
	return r < 0 ? r : add_inside(pack, fd, as, depth, err);
}

static bool is_left_out(const struct pack *pack, const char *as)
{
	for (const char *const *p = pack->rules.left_out; p && *p; p++)
		if (strcmp(*p, as) == 0)
			return true;
	return false;
}

static int add(struct pack *pack, int dir_fd, const char *name, const char *as,
	       int depth, struct err *err)
{
	struct stat st;

	if (depth > TAR_MAX_DEPTH)
		return err_set(err, ELOOP,
			       _("folders more than %d deep, the limit: %.60s..."),
			       TAR_MAX_DEPTH, as);
	if (is_left_out(pack, as)) {
		pack->partly = true;
		return 0;
	}
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_errno(err, "stat %s", as);
	if (S_ISSOCK(st.st_mode)) {
		pack->partly = true;
		return 0;
	}
	if (pack->rules.layer && S_ISCHR(st.st_mode) && st.st_rdev == 0)
		return write_whiteout(pack, as, &st, err);
	if (S_ISDIR(st.st_mode))
		return add_folder(pack, dir_fd, name, as, depth, err);
	if (S_ISREG(st.st_mode))
		return add_file(pack, dir_fd, name, as, err);
	return add_other(pack, dir_fd, name, &st, as, err);
}

int pack_add(struct pack *pack, int dir_fd, const char *name, const char *as,
	     struct err *err)
{
	return add(pack, dir_fd, name, as, 0, err);
}

int pack_add_inside(struct pack *pack, int dir_fd, struct err *err)
{
	return add_inside(pack, dir_fd, NULL, 0, err);
}
