/* images/bundle.c - see bundle.h */
#include "images/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive_entry.h>

#include "images/archive.h"
#include "images/unpack_meta.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/home.h"

/* One name of the tar. target: the name that a link leads to, or NULL. */
struct piece {
	char *name;
	char *target;
	size_t number;
};

/* folder_fd  the folder that is read where it lies, or where pieces were put
 *            down: then `tmp` is its name below the home */
struct bundle {
	const struct home *home;
	int folder_fd;
	char *tmp;
	struct piece *pieces;
	size_t count;
};

/* ---- names ---- */

/* `path`, seen from the name's folder, by the text alone: "a/b" and "../c/d" make
 * "c/d". NULL for what leads out. Given. */
static char *name_beneath(const char *folder, size_t folder_len,
			  const char *path)
{
	OWN_STRS struct strs parts = { 0 };
	OWN_STRS struct strs kept = { 0 };
	OWN_FREE char *whole = mem_fmt("%.*s/%s", (int)folder_len, folder,
				       path);

	if (path[0] == '/')
		return NULL;
	strs_split(&parts, whole, '/');
	for (size_t i = 0; i < parts.count; i++) {
		const char *part = parts.items[i];

		if (!*part || strcmp(part, ".") == 0)
			continue;
		if (strcmp(part, "..") != 0)
			strs_add(&kept, part);
		else if (kept.count)
			strs_remove(&kept, kept.count - 1);
		else
			return NULL;
	}
	return strs_join(&kept, "/");
}

static size_t folder_len(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? (size_t)(slash - name) : 0;
}

static int leads_out(const char *name, struct err *err)
{
	return err_set(err, EINVAL,
		       _("the archive has a name that leads out of it: '%.200s'"),
		       name);
}

/* The last one of a name counts, as when a tar is unpacked. */
static int by_name(const void *a, const void *b)
{
	const struct piece *x = a;
	const struct piece *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order :
		       (x->number < y->number) - (x->number > y->number);
}

static const struct piece *find(const struct bundle *bundle, const char *name)
{
	size_t low = 0;
	size_t high = bundle->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(bundle->pieces[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == bundle->count ||
	    strcmp(bundle->pieces[low].name, name) != 0)
		return NULL;
	return &bundle->pieces[low];
}

/* ---- a tar is put down ---- */

static int put_down(struct bundle *bundle, struct tar_in *in, size_t number,
		    struct err *err)
{
	char name[32];
	OWN_FD int fd = -1;

	snprintf(name, sizeof(name), "%zu", number);
	fd = fs_open(bundle->folder_fd, name, O_WRONLY | O_CREAT | O_EXCL,
		     0600, err);
	return fd < 0 ? fd : tar_in_copy(in, fd, err);
}

/* The name that a link leads to; NULL for a file. Given. */
static int read_target(struct archive_entry *entry, const char *name,
		       char **out, struct err *err)
{
	const char *hard = unpack_meta_hardlink(entry);
	const char *target = hard ? hard : unpack_meta_symlink(entry);
	char *found;

	if (!target)
		return 0;
	found = hard ? name_beneath("", 0, hard) :
		       name_beneath(name, folder_len(name), target);
	if (!found)
		return leads_out(target, err);
	*out = found;
	return 0;
}

static int take_entry(struct bundle *bundle, struct tar_in *in,
		      struct archive_entry *entry, struct err *err)
{
	const char *path = unpack_meta_path(entry);
	OWN_FREE char *name = path ? name_beneath("", 0, path) : NULL;
	OWN_FREE char *target = NULL;
	size_t number = bundle->count;
	int r;

	if (!name)
		return leads_out(path ? path : "", err);
	r = read_target(entry, name, &target, err);
	if (r < 0)
		return r;
	/* Folders say nothing, and nothing else has a place in here. */
	if (!target && archive_entry_filetype(entry) != AE_IFREG)
		return 0;
	if (number == BUNDLE_MAX_FILES)
		return err_set(err, EFBIG,
			       _("the archive has more than %d files, the limit"),
			       BUNDLE_MAX_FILES);
	if (!target)
		r = put_down(bundle, in, number, err);
	if (r < 0)
		return r;
	bundle->pieces = mem_grow(bundle->pieces, number + 1,
				  sizeof(*bundle->pieces));
	bundle->pieces[bundle->count++] = (struct piece){
		own_give_ptr(&name), own_give_ptr(&target), number
	};
	return 0;
}

static int take_entries(struct bundle *bundle, struct tar_in *in,
			struct err *err)
{
	struct archive_entry *entry;
	struct tar_facts facts;
	int r;

	while ((r = tar_in_next(in, &entry, err)) == 1) {
		r = take_entry(bundle, in, entry, err);
		if (r < 0)
			return r;
	}
	if (r == 0)
		r = tar_in_end(in, &facts, err);
	if (r == 0 && bundle->count)
		qsort(bundle->pieces, bundle->count, sizeof(*bundle->pieces),
		      by_name);
	return r;
}

static int make_folder(struct bundle *bundle, struct err *err)
{
	unsigned long long random = 0;

	(void)!getrandom(&random, sizeof(random), 0); /* mkdir finds clashes */
	bundle->tmp = mem_fmt("layers/tmp-%016llx", random);
	if (mkdirat(bundle->home->fd, bundle->tmp, 0700) < 0)
		return err_errno(err, "mkdir %s", bundle->tmp);
	bundle->folder_fd = fs_open_dir(bundle->home->fd, bundle->tmp, err);
	return bundle->folder_fd < 0 ? bundle->folder_fd : 0;
}

static int read_tar(struct bundle *bundle, int fd,
		    const struct archive_watch *watch, struct err *err)
{
	struct tar_in *in = NULL;
	int r = make_folder(bundle, err);

	if (r == 0)
		r = tar_in_open(fd, TAR_NO_DIGESTS, &in, err);
	if (r < 0)
		return r;
	tar_in_watch(in, watch);
	r = take_entries(bundle, in, err);
	tar_in_close(in);
	return r;
}

/* ---- both ---- */

int bundle_open(const struct home *home, int fd,
		const struct archive_watch *watch, struct bundle **out,
		struct err *err)
{
	struct bundle *bundle = mem_zero(1, sizeof(*bundle));
	struct stat st;
	int r = 0;

	bundle->home = home;
	bundle->folder_fd = -1;
	if (fstat(fd, &st) < 0) {
		r = err_errno(err, "stat the archive");
	} else if (S_ISDIR(st.st_mode)) {
		bundle->folder_fd = fs_open_dir(fd, ".", err);
		r = bundle->folder_fd < 0 ? bundle->folder_fd : 0;
	} else {
		r = read_tar(bundle, fd, watch, err);
	}
	if (r < 0) {
		bundle_close(bundle);
		return r;
	}
	*out = bundle;
	return 0;
}

void bundle_close(struct bundle *bundle)
{
	struct err ignored = { 0 };

	if (!bundle)
		return;
	if (bundle->folder_fd >= 0)
		close(bundle->folder_fd);
	/* What stays is swept with whatever else was left half made. */
	if (bundle->tmp)
		(void)fs_remove_tree(bundle->home->fd, bundle->tmp, &ignored);
	for (size_t i = 0; i < bundle->count; i++) {
		free(bundle->pieces[i].name);
		free(bundle->pieces[i].target);
	}
	free(bundle->pieces);
	free(bundle->tmp);
	free(bundle);
}

static int no_file(const char *name, struct err *err)
{
	return err_set(err, ENOENT,
		       _("the archive names the file '%.200s' and does not have it"),
		       name);
}

/* The number under which the file was put down. */
static int find_number(const struct bundle *bundle, const char *name,
		       size_t *out, struct err *err)
{
	OWN_FREE char *clean = name_beneath("", 0, name);
	const struct piece *piece = clean ? find(bundle, clean) : NULL;

	if (!clean)
		return leads_out(name, err);
	for (int links = 0; piece && piece->target; links++) {
		if (links == BUNDLE_MAX_LINKS)
			return err_set(err, ELOOP,
				       _("'%.200s' in the archive is a link without end"),
				       name);
		piece = find(bundle, piece->target);
	}
	if (!piece)
		return no_file(name, err);
	*out = piece->number;
	return 0;
}

/* Beneath the folder, and nothing that could make us wait. */
static int open_there(const struct bundle *bundle, const char *name,
		      struct err *err)
{
	struct err problem = { 0 };
	OWN_FD int fd = fs_open_beneath(bundle->folder_fd, name,
					O_RDONLY | O_NONBLOCK | O_NOCTTY, 0,
					&problem);
	struct stat st;

	if (fd == -ENOENT)
		return no_file(name, err);
	if (fd < 0) {
		*err = problem;
		return fd;
	}
	if (fstat(fd, &st) < 0)
		return err_errno(err, "stat %s", name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, EINVAL, _("'%.200s' is no plain file"),
			       name);
	return own_give_fd(&fd);
}

int bundle_file(const struct bundle *bundle, const char *name,
		struct err *err)
{
	char number_text[32];
	size_t number = 0;
	int r;

	if (!bundle->tmp)
		return open_there(bundle, name, err);
	r = find_number(bundle, name, &number, err);
	if (r < 0)
		return r;
	snprintf(number_text, sizeof(number_text), "%zu", number);
	return fs_open(bundle->folder_fd, number_text, O_RDONLY, 0, err);
}

bool bundle_has(const struct bundle *bundle, const char *name)
{
	struct err ignored = { 0 };
	OWN_FD int fd = bundle_file(bundle, name, &ignored);

	return fd >= 0;
}

int bundle_text(const struct bundle *bundle, const char *name, struct buf *out,
		struct err *err)
{
	OWN_FD int fd = bundle_file(bundle, name, err);
	int r;

	if (fd < 0)
		return fd;
	r = fs_read_fd(fd, BUNDLE_MAX_TEXT, out, err);
	return r == -EFBIG ? err_set(err, EFBIG,
				     _("'%.200s' has more than %d bytes, the limit"),
				     name, BUNDLE_MAX_TEXT) :
			     r;
}
