/* images/copy_walk.c - the files of a source, and what they sum up to; see
 * copy_private.h
 *
 * Each folder is opened by its parent's descriptor and no link is followed: a tree
 * that somebody changes meanwhile leads nowhere else. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "images/archive.h"
#include "images/copy_private.h"
#include "images/go_match.h"
#include "images/ignore.h"
#include "images/in_root.h"
#include "images/pack_meta.h"
#include "images/tarsum.h"
#include "runtime/base/amount.h"
#include "runtime/base/buf.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

enum {
	BLOCK = 256 << 10,
	MAX_CAPABILITIES = 64,
};

static const int64_t max_bytes = (int64_t)TAR_MAX_GIB << 30;

int copy_changed(const char *path, struct err *err)
{
	err_set(err, ESTALE, _("'%s' changed while it was being read"), path);
	return err_hint(
		err,
		_("something writes to it: stop that, or name it in .dockerignore, and build again"));
}

/* ---- one file ---- */

struct digest *copy_sum_begin(const struct copy_root *root, const char *path,
			      const struct stat *st, int fd, const char *target)
{
	char capabilities[MAX_CAPABILITIES];
	ssize_t len = fd < 0 || !S_ISREG(st->st_mode)
			      ? -1
			      : fgetxattr(fd, "security.capability",
					  capabilities, sizeof(capabilities));
	const struct tarsum_file file = {
		.name = path,
		.st = st,
		.target = target,
		.capabilities = len > 0 ? capabilities : NULL,
		.capabilities_len = len > 0 ? (size_t)len : 0,
		.of_image = root->of_image,
	};

	return tarsum_begin(&file);
}

char *copy_sum_end(struct digest *digest)
{
	char text[DIGEST_SIZE];

	digest_end(digest, text);
	return mem_str(digest_hex(text));
}

/* The whole content; as long as it was said to be. */
static int sum_content(struct digest *digest, int fd, int64_t size,
		       const char *path, struct err *err)
{
	/* One byte more is asked for: a file that grows is found out, too. */
	size_t room = size < BLOCK ? (size_t)size + 1 : BLOCK;
	OWN_FREE char *block = mem_alloc(room);
	int64_t left = size;
	ssize_t got;

	do {
		got = interrupt_seen() ? -1 : read(fd, block, room);
		if (interrupt_seen())
			return interrupt_err(err);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(err, "read %s", path);
		left -= got;
		if (left < 0 || (got == 0 && left > 0))
			return copy_changed(path, err);
		digest_add(digest, block, (size_t)got);
		amount_add(got);
	} while (left > 0 || (size_t)got == room);
	return 0;
}

static int check_size(const char *path, const struct stat *st, struct err *err)
{
	if (!S_ISREG(st->st_mode) || st->st_size <= max_bytes)
		return 0;
	err_set(err, EFBIG,
		_("'%s' has more than %d GiB, the limit of a layer"), path,
		TAR_MAX_GIB);
	return err_hint(
		err,
		_("a file with holes counts with its whole length; name it in .dockerignore, or mount it when the container runs (-v)"));
}

/* One file that was met, as far as it is known.
 *
 * fd      open on it, or -1
 * target  of a link, or NULL */
struct met {
	const char *path;
	const struct stat *st;
	int fd;
	const char *target;
};

/* Adds the item and its sum. */
static int add_item(struct copy_found *found, const struct copy_root *root,
		    const struct met *met, struct err *err)
{
	struct copy_item *item = copy_add_item(found, met->path, met->st);
	struct digest *digest;
	int r = check_size(met->path, met->st, err);

	if (r < 0 || root->late)
		return r;
	digest = copy_sum_begin(root, met->path, met->st, met->fd,
				met->target);
	if (S_ISREG(met->st->st_mode))
		r = sum_content(digest, met->fd, met->st->st_size, met->path,
				err);
	if (r < 0)
		digest_free(digest);
	else
		item->sum = copy_sum_end(digest);
	return r;
}

/* What lies at `path` in a walk. */
struct visit {
	int dir_fd;
	const char *name;
	const char *path;
	bool ignored; /* but something beneath it may not be */
};

static int add_file(struct copy_found *found, const struct copy_root *root,
		    const struct visit *visit, struct err *err)
{
	/* It was a file a moment ago. Whatever it is now, to open it must not
	 * wait (a fifo) and not become our terminal. */
	OWN_FD int fd = openat(visit->dir_fd, visit->name,
			       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
				       O_CLOEXEC);
	struct stat st;
	const struct met met = { visit->path, &st, fd, NULL };

	if (fd < 0 || fstat(fd, &st) < 0)
		return errno == ENOENT || errno == ELOOP ?
			       0 :
			       err_errno(err, "open %s", visit->path);
	if (!S_ISREG(st.st_mode))
		return 0;
	if (root->of_image)
		pack_meta_true_owner(&st, fd);
	return add_item(found, root, &met, err);
}

/* Links, devices, fifos. Sockets are left out, as in Docker. */
static int add_other(struct copy_found *found, const struct copy_root *root,
		     const struct visit *visit, const struct stat *st,
		     struct err *err)
{
	char target[PATH_MAX] = "";
	const struct met met = { visit->path, st, -1, target };
	ssize_t len;

	if (S_ISSOCK(st->st_mode))
		return 0;
	if (S_ISLNK(st->st_mode)) {
		len = readlinkat(visit->dir_fd, visit->name, target,
				 sizeof(target) - 1);
		if (len < 0)
			return errno == ENOENT || errno == EINVAL ?
				       0 :
				       err_errno(err, "readlink %s",
						 visit->path);
		target[len] = '\0';
	}
	return add_item(found, root, &met, err);
}

/* ---- folders ---- */

/* The names in a folder, sorted. */
static int list(int fd, struct strs *names, struct err *err)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	OWN_DIR DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (!dir)
		return err_errno(err, "read a folder");
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			strs_add(names, entry->d_name);
	strs_sort(names);
	return 0;
}

static int open_folder(int dir_fd, const char *name)
{
	return openat(dir_fd, name,
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool is_gone(void)
{
	return errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
}

static int check_depth(const char *path, struct err *err)
{
	int depth = 0;

	for (const char *p = path; *p; p++)
		depth += *p == '/';
	if (depth < TAR_MAX_DEPTH)
		return 0;
	return err_set(err, ELOOP,
		       _("folders more than %d deep, the limit: %.60s..."),
		       TAR_MAX_DEPTH, path);
}

static int add_inside(struct copy_found *found, const struct copy_root *root,
		      int fd, const char *path, struct err *err);

static int add_folder(struct copy_found *found, const struct copy_root *root,
		      const struct visit *visit, struct err *err)
{
	OWN_FD int fd = open_folder(visit->dir_fd, visit->name);
	size_t before = found->item_count;
	struct stat st;
	int r = check_depth(visit->path, err);

	if (r < 0)
		return r;
	if (fd < 0 || fstat(fd, &st) < 0)
		return is_gone() ? 0 : err_errno(err, "open %s", visit->path);
	if (root->of_image)
		pack_meta_true_owner(&st, fd);
	if (visit->ignored)
		st.st_mode = S_IFDIR | 0755;
	if (visit->ignored) {
		struct copy_item *item = copy_add_item(found, visit->path, &st);

		item->implied = true;
		item->sum = mem_str(visit->path); /* as Docker has it */
	} else {
		const struct met met = { visit->path, &st, -1, NULL };

		r = add_item(found, root, &met, err);
	}
	if (r == 0)
		r = add_inside(found, root, fd, visit->path, err);
	if (r == 0 && visit->ignored && found->item_count == before + 1) {
		free(found->items[before].path);
		free(found->items[before].sum);
		found->item_count--;
	}
	return r;
}

static int add(struct copy_found *found, const struct copy_root *root,
	       const struct visit *visit, struct err *err)
{
	struct stat st;
	const struct met met = { visit->path, &st, -1, NULL };

	if (interrupt_seen())
		return interrupt_err(err);
	if (found->item_count >= TAR_MAX_ENTRIES)
		return err_set(
			err, EFBIG,
			_("more than %d files are to be copied, the limit of a layer"),
			TAR_MAX_ENTRIES);
	if (fstatat(visit->dir_fd, visit->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0
				       : err_errno(err, "stat %s", visit->path);
	if (S_ISDIR(st.st_mode))
		return add_folder(found, root, visit, err);
	if (visit->ignored)
		return 0;
	if (S_ISREG(st.st_mode) && root->late)
		return add_item(found, root, &met, err);
	if (S_ISREG(st.st_mode))
		return add_file(found, root, visit, err);
	return add_other(found, root, visit, &st, err);
}

static char *join(const char *folder, const char *name)
{
	return *folder ? mem_fmt("%s/%s", folder, name) : mem_str(name);
}

/* False: neither it nor anything beneath it is seen. */
static bool is_seen(const struct ignore *ignore, const char *path,
		    bool *out_ignored)
{
	*out_ignored = ignore_matches(ignore, path);
	return !*out_ignored || ignore_looks_into(ignore, path);
}

static int add_inside(struct copy_found *found, const struct copy_root *root,
		      int fd, const char *path, struct err *err)
{
	OWN_STRS struct strs names = { 0 };
	int r = list(fd, &names, err);

	for (size_t i = 0; i < names.count && r == 0; i++) {
		OWN_FREE char *full = join(path, names.items[i]);
		struct visit visit = { fd, names.items[i], full, false };

		/* readdir(3) may give a name twice where somebody renames. */
		if (i && strcmp(names.items[i - 1], names.items[i]) == 0)
			continue;
		if (is_seen(root->ignore, full, &visit.ignored))
			r = add(found, root, &visit, err);
	}
	return r;
}

/* Opens the folder a path lies in. *out_name: its last word, in `path`. */
static int open_parent(const struct copy_root *root, const char *path,
		       const char **out_name, struct err *err)
{
	const char *slash = strrchr(path, '/');
	OWN_FREE char *parent =
		slash ? mem_strn(path, (size_t)(slash - path)) : mem_str(".");

	*out_name = slash ? slash + 1 : path;
	return fs_open_beneath(root->root_fd, parent, O_RDONLY | O_DIRECTORY, 0,
			       err);
}

int copy_walk_file(struct copy_found *found, const struct copy_root *root,
		   const char *path, struct err *err)
{
	struct visit visit = { -1, NULL, path, false };
	OWN_FD int fd = open_parent(root, path, &visit.name, err);
	size_t before = found->item_count;
	int r;

	if (fd < 0)
		return fd;
	visit.dir_fd = fd;
	r = add(found, root, &visit, err);
	/* Gone between two looks, or a socket. */
	if (r == 0 && found->item_count == before)
		r = err_set(err, ENOENT, "%s: %s", path, strerror(ENOENT));
	return r;
}

int copy_walk_folder(struct copy_found *found, const struct copy_root *root,
		     const char *path, struct err *err)
{
	const char *name;
	OWN_FD int parent_fd = -1;
	OWN_FD int fd = -1;

	if (root->root_fd < 0)
		return 0;
	if (*path) {
		struct visit visit = { -1, NULL, path, false };

		parent_fd = open_parent(root, path, &name, err);
		if (parent_fd < 0)
			return parent_fd;
		visit.dir_fd = parent_fd;
		visit.name = name;
		visit.ignored = ignore_matches(root->ignore, path);
		return add(found, root, &visit, err);
	}
	fd = open_folder(root->root_fd, ".");
	if (fd < 0)
		return err_errno(err, "open the build context");
	return add_inside(found, root, fd, "", err);
}

/* ---- patterns ---- */

/* plain    how many bytes at its beginning are no pattern
 * slashes  what matches has as many: "*" does not go over one
 * anywhere a set may hold a slash, so nothing is known */
struct search {
	const struct copy_root *root;
	const char *pattern;
	size_t plain;
	int slashes;
	bool anywhere;
	struct strs *out;
};

static int count_slashes(const char *text)
{
	int count = 0;

	for (; *text; text++)
		count += *text == '/';
	return count;
}

/* Whether anything beneath the folder can match. */
static bool leads_on(const struct search *search, const char *folder)
{
	size_t len = strlen(folder);
	size_t same = len < search->plain ? len : search->plain;

	if (strncmp(folder, search->pattern, same) != 0 ||
	    (len < search->plain && search->pattern[len] != '/'))
		return false;
	return search->anywhere || count_slashes(folder) < search->slashes;
}

/* Those are in no archive, so in no context. */
static bool is_socket(int fd, const char *name)
{
	struct stat st;

	return fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISSOCK(st.st_mode);
}

static int search_in(const struct search *search, int fd, const char *path,
		     struct err *err)
{
	OWN_STRS struct strs names = { 0 };
	int r = check_depth(path, err);

	if (r == 0)
		r = list(fd, &names, err);
	for (size_t i = 0; i < names.count && r == 0; i++) {
		OWN_FREE char *full = join(path, names.items[i]);
		OWN_FD int inner = -1;
		bool ignored;

		if (interrupt_seen())
			return interrupt_err(err);
		if (!is_seen(search->root->ignore, full, &ignored))
			continue;
		if (!ignored && go_match(search->pattern, full) == 1 &&
		    !is_socket(fd, names.items[i]))
			strs_add(search->out, full);
		if (!leads_on(search, full))
			continue;
		inner = open_folder(fd, names.items[i]);
		if (inner >= 0)
			r = search_in(search, inner, full, err);
		else if (!is_gone())
			r = err_errno(err, "open %s", full);
	}
	return r;
}

int copy_walk_match(const struct copy_root *root, const char *pattern,
		    struct strs *out, struct err *err)
{
	struct search search = {
		.root = root,
		.pattern = pattern,
		.plain = strcspn(pattern, "*?[\\"),
		.slashes = count_slashes(pattern),
		.anywhere = strchr(pattern, '[') != NULL,
		.out = out,
	};
	OWN_FD int fd =
		root->root_fd < 0 ? -1 : open_folder(root->root_fd, ".");

	if (root->root_fd < 0)
		return 0;
	if (fd < 0)
		return err_errno(err, "open the build context");
	return search_in(&search, fd, "", err);
}
