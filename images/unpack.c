/* images/unpack.c - see unpack.h; owners, modes and marks are unpack_meta.c's */
#include "images/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "images/archive.h"
#include "images/unpack_meta.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

static const char whiteout[] = ".wh.";
static const char opaque[] = ".wh..wh..opq";
static const char aufs[] = ".wh..wh."; /* aufs kept its own affairs so */

/* An entry's path, cleaned and cut in two. The root has name "". */
struct place {
	char parent[PATH_MAX];
	char name[NAME_MAX + 1];
};

/* parent, parent_fd  the folder of the last entry, since the next one is mostly
 *                    in it too; forgotten whenever something is replaced */
struct unpack {
	struct unpack_meta meta;
	int root_fd;
	int parent_fd;
	char parent[PATH_MAX];
};

struct unpack *unpack_new(int root_fd, int owners_fd, struct unpack_rules rules)
{
	struct unpack *unpack = mem_zero(1, sizeof(*unpack));

	unpack->root_fd = root_fd;
	unpack->parent_fd = -1;
	unpack->meta.owners_fd = owners_fd;
	unpack->meta.rules = rules;
	return unpack;
}

static void forget_parent(struct unpack *unpack)
{
	if (unpack->parent_fd >= 0)
		close(unpack->parent_fd);
	unpack->parent_fd = -1;
}

void unpack_free(struct unpack *unpack)
{
	if (!unpack)
		return;
	forget_parent(unpack);
	unpack_meta_done(&unpack->meta);
	free(unpack);
}

/* ---- paths ---- */

static int too_long(const char *path, struct err *err)
{
	return err_set(err, EFBIG,
		       _("the archive has a path of more than %d bytes, the limit: %.60s..."),
		       PATH_MAX - 1, path);
}

static int too_deep(const char *path, struct err *err)
{
	return err_set(err, EFBIG,
		       _("the archive has a path of more than %d names, the limit: %.60s..."),
		       TAR_MAX_DEPTH, path);
}

/* Takes the last name off: "a/b" to "a", "a" to "". */
static void go_up(const char out[PATH_MAX], size_t *len)
{
	while (*len > 0 && out[--*len] != '/')
		;
}

/* "./a//b/../c" to "a/c". ".." may not lead above the root, where Docker refuses
 * too; a leading '/' is the root's. */
static int clean_path(const char *path, char out[PATH_MAX], struct err *err)
{
	size_t len = 0;
	size_t word;
	int depth = 0;

	for (const char *p = path; *p; p += word, p += strspn(p, "/")) {
		word = strcspn(p, "/");
		if (word == 0 || (word == 1 && *p == '.'))
			continue;
		if (word == 2 && memcmp(p, "..", 2) == 0) {
			if (depth-- == 0)
				return err_set(err, EINVAL,
					       _("the archive has a path that leads out of it: %s"),
					       path);
			go_up(out, &len);
			continue;
		}
		if (len + word + 2 > PATH_MAX)
			return too_long(path, err);
		if (++depth > TAR_MAX_DEPTH)
			return too_deep(path, err);
		if (len)
			out[len++] = '/';
		memcpy(out + len, p, word);
		len += word;
	}
	out[len] = '\0';
	return 0;
}

static int find_place(const char *path, struct place *place, struct err *err)
{
	char *slash;
	const char *name;
	int r = clean_path(path, place->parent, err);

	if (r < 0)
		return r;
	slash = strrchr(place->parent, '/');
	name = slash ? slash + 1 : place->parent;
	if (strlen(name) > NAME_MAX)
		return err_set(err, EFBIG,
			       _("the archive has a name of more than %d bytes, the limit: %.60s..."),
			       NAME_MAX, name);
	memcpy(place->name, name, strlen(name) + 1);
	*(slash ? slash : place->parent) = '\0';
	return 0;
}

static int open_folder(int root_fd, const char *path)
{
	return fs_openat2(root_fd, *path ? path : ".", O_PATH | O_DIRECTORY, 0,
			  RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

/* Opens a folder of the layer; what is missing on the way to it is made. */
static int make_folders(int root_fd, char *path, struct err *err)
{
	OWN_FD int fd = open_folder(root_fd, path);
	char *slash;

	if (fd >= 0)
		return own_give_fd(&fd);
	if (errno != ENOENT)
		return err_errno(err, "open the folder /%s of the layer", path);
	slash = strrchr(path, '/');
	if (slash)
		*slash = '\0';
	fd = make_folders(root_fd, slash ? path : (char[]){ "" }, err);
	if (slash)
		*slash = '/';
	if (fd < 0)
		return fd;
	/* EEXIST: a link to nowhere. The way through it stays closed. */
	if (mkdirat(fd, slash ? slash + 1 : path, 0755) < 0)
		return err_errno(err, "make the folder /%s of the layer", path);
	close(own_give_fd(&fd));
	fd = open_folder(root_fd, path);
	if (fd < 0)
		return err_errno(err, "open the folder /%s of the layer", path);
	return own_give_fd(&fd);
}

/* Borrowed, until the next call or forget_parent. */
static int parent_of(struct unpack *unpack, struct place *place,
		     struct err *err)
{
	if (unpack->parent_fd >= 0 &&
	    strcmp(unpack->parent, place->parent) == 0)
		return unpack->parent_fd;
	forget_parent(unpack);
	unpack->parent_fd =
		make_folders(unpack->root_fd, place->parent, err);
	memcpy(unpack->parent, place->parent, strlen(place->parent) + 1);
	return unpack->parent_fd;
}

/* ---- the kinds of entries ---- */

static bool is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

/* A later entry of the same name replaces an earlier one, but a folder joins a
 * folder. *out_opaque: it was a whiteout, so a folder in its place hides what the
 * layers below have there. */
static int make_room(struct unpack *unpack, int fd, const char *name,
		     bool for_folder, bool *out_opaque, struct err *err)
{
	struct stat st;

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_errno(err, "stat %s", name);
	if (for_folder && S_ISDIR(st.st_mode))
		return -EEXIST;
	if (out_opaque)
		*out_opaque = is_whiteout(&st);
	/* The remembered folder may have been in what goes now. The descriptor
	 * stays for this entry; no cleaned path is "/". */
	strcpy(unpack->parent, "/");
	return fs_remove_tree(fd, name, err);
}

static int make_folder(struct unpack *unpack, int fd, const char *name,
		       struct err *err)
{
	bool hides = false;
	int r = make_room(unpack, fd, name, true, &hides, err);

	if (r == -EEXIST)
		return 0;
	if (r < 0)
		return r;
	if (mkdirat(fd, name, 0755) < 0)
		return err_errno(err, "mkdir %s", name);
	return hides ? unpack_meta_opaque(&unpack->meta, fd, name, err) : 0;
}

/* Tries first and looks at what is in the way only then: mostly nothing is. */
static int make_file(struct unpack *unpack, int fd, const char *name,
		     struct tar_in *in, struct err *err)
{
	OWN_FD int file = -1;

	for (int tries = 0;; tries++) {
		file = openat(fd, name, O_WRONLY | O_CREAT | O_EXCL |
						O_NOFOLLOW | O_CLOEXEC, 0600);
		if (file >= 0)
			break;
		if (errno != EEXIST || tries)
			return err_errno(err, "create %s", name);
		if (make_room(unpack, fd, name, false, NULL, err) < 0)
			return -err->code;
	}
	return tar_in_copy(in, file, err);
}

static int make_symlink(struct unpack *unpack, int fd, const char *name,
			const char *target, struct err *err)
{
	if (!target || !*target)
		return err_set(err, EINVAL, _("the archive has a link to nothing: %s"),
			       name);
	if (symlinkat(target, fd, name) == 0)
		return 0;
	if (errno == EEXIST && make_room(unpack, fd, name, false, NULL, err) < 0)
		return -err->code;
	if (symlinkat(target, fd, name) < 0)
		return err_errno(err, "symlink %s", name);
	return 0;
}

static int make_node(struct unpack *unpack, int fd, const char *name,
		     mode_t mode, dev_t device, struct err *err)
{
	if (S_ISCHR(mode) && device == makedev(0, 0))
		return err_set(err, EINVAL,
			       _("the archive has the device 0:0, a whiteout in disguise: %s"),
			       name);
	if (make_room(unpack, fd, name, false, NULL, err) < 0)
		return -err->code;
	if (mknodat(fd, name, mode, device) == 0)
		return 0;
	/* Without the right to make devices it is noted, and an empty file
	 * stands in its place. */
	if (errno != EPERM || S_ISFIFO(mode))
		return err_errno(err, "mknod %s", name);
	if (mknodat(fd, name, S_IFREG | 0600, 0) < 0)
		return err_errno(err, "mknod %s", name);
	return 1;
}

/* Hard links name a path of the archive: absolute ones too begin at its root. */
static int make_hardlink(struct unpack *unpack, struct place *place,
			 const char *target, struct err *err)
{
	struct place to;
	OWN_FD int to_fd = -1;
	int fd;
	int r = find_place(target, &to, err);

	if (r < 0)
		return r;
	to_fd = open_folder(unpack->root_fd, to.parent);
	if (to_fd < 0 || !to.name[0])
		return err_set(err, EINVAL,
			       _("the archive has a hard link to /%s, which is not in it"),
			       target);
	fd = parent_of(unpack, place, err);
	if (fd < 0)
		return fd;
	/* Without AT_SYMLINK_FOLLOW: a link gets a second name itself. */
	if (linkat(to_fd, to.name, fd, place->name, 0) == 0)
		return 0;
	if (errno == EEXIST) {
		struct stat a;
		struct stat b;

		/* A link to itself must not remove what it is to name. */
		if (fstatat(to_fd, to.name, &a, AT_SYMLINK_NOFOLLOW) == 0 &&
		    fstatat(fd, place->name, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
		    a.st_ino == b.st_ino)
			return 0;
		r = make_room(unpack, fd, place->name, false, NULL, err);
		if (r < 0)
			return r;
		if (linkat(to_fd, to.name, fd, place->name, 0) == 0)
			return 0;
	}
	if (errno == ENOENT)
		return err_set(err, EINVAL,
			       _("the archive has a hard link to /%s, which is not in it"),
			       target);
	return err_errno(err, "link %s", place->name);
}

/* The mark keeps its time: packed again, the layer is the same tar. */
static void keep_time(int fd, const char *name, struct archive_entry *entry)
{
	struct timespec times[2] = {
		{ .tv_nsec = UTIME_OMIT },
		{ .tv_sec = archive_entry_mtime(entry),
		  .tv_nsec = archive_entry_mtime_nsec(entry) },
	};

	if (archive_entry_mtime_is_set(entry))
		(void)utimensat(fd, name, times, AT_SYMLINK_NOFOLLOW);
}

static int make_whiteout(struct unpack *unpack, struct place *place,
			 struct archive_entry *entry, struct err *err)
{
	const char *hidden = place->name + strlen(whiteout);
	struct stat st;
	int fd;

	if (strcmp(place->name, opaque) != 0 &&
	    strncmp(place->name, aufs, strlen(aufs)) == 0)
		return 0;
	if (!*hidden || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0)
		return err_set(err, EINVAL,
			       _("the archive has a whiteout of '%s', which is no name"),
			       hidden);
	fd = parent_of(unpack, place, err);
	if (fd < 0)
		return fd;
	if (strcmp(place->name, opaque) == 0)
		return unpack_meta_opaque(&unpack->meta, fd, ".", err);
	if (mknodat(fd, hidden, S_IFCHR, makedev(0, 0)) == 0) {
		keep_time(fd, hidden, entry);
		return 0;
	}
	if (errno != EEXIST)
		return err_errno(err, "make the whiteout of %s", hidden);
	/* The same layer has the name too: whiteouts are about the layers
	 * below, and a file hides those by being there. */
	if (fstatat(fd, hidden, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode))
		return unpack_meta_opaque(&unpack->meta, fd, hidden, err);
	return 0;
}

/* ---- one entry ---- */

static int make_root(struct unpack *unpack, struct archive_entry *entry,
		     struct err *err)
{
	if (archive_entry_filetype(entry) != AE_IFDIR ||
	    archive_entry_hardlink(entry))
		return err_set(err, EINVAL,
			       _("the archive's root is not a folder"));
	return unpack_meta_apply(&unpack->meta, unpack->root_fd, ".", "",
				 entry, err);
}

static int make_entry(struct unpack *unpack, int fd, const char *name,
		      struct archive_entry *entry, struct tar_in *in,
		      struct err *err)
{
	mode_t type = archive_entry_filetype(entry);

	switch (type) {
	case AE_IFDIR:
		return make_folder(unpack, fd, name, err);
	case AE_IFREG:
		return make_file(unpack, fd, name, in, err);
	case AE_IFLNK:
		return make_symlink(unpack, fd, name,
				    unpack_meta_symlink(entry), err);
	case AE_IFCHR:
	case AE_IFBLK:
	case AE_IFIFO:
		return make_node(unpack, fd, name, type | 0600,
				 archive_entry_rdev(entry), err);
	default:
		return err_set(err, EINVAL,
			       _("the archive has an entry of a kind that no layer has: %s"),
			       name);
	}
}

int unpack_entry(struct unpack *unpack, struct archive_entry *entry,
		 struct tar_in *in, struct err *err)
{
	const char *path = unpack_meta_path(entry);
	const char *target = unpack_meta_hardlink(entry);
	struct place place;
	OWN_FREE char *whole = NULL;
	int fd;
	int r;

	if (!path)
		return err_set(err, EINVAL, _("the archive has an entry without a name"));
	r = find_place(path, &place, err);
	if (r < 0)
		return r;
	if (!place.name[0])
		return make_root(unpack, entry, err);
	if (strncmp(place.name, whiteout, strlen(whiteout)) == 0)
		r = make_whiteout(unpack, &place, entry, err);
	else if (target)
		r = make_hardlink(unpack, &place, target, err);
	else {
		fd = parent_of(unpack, &place, err);
		r = fd < 0 ? fd :
			     make_entry(unpack, fd, place.name, entry, in, err);
		whole = mem_fmt("%s%s%s", place.parent,
				place.parent[0] ? "/" : "", place.name);
		if (r == 1)
			r = unpack_meta_note(&unpack->meta, whole, entry, err);
		else if (r >= 0)
			r = unpack_meta_apply(&unpack->meta, fd, place.name,
					      whole, entry, err);
	}
	if (r < 0)
		return err->code == EFBIG ? r : err_wrap(err, _("unpack '%s'"), path);
	return 0;
}

int unpack_end(struct unpack *unpack, struct err *err)
{
	return unpack_meta_end(&unpack->meta, unpack->root_fd, err);
}
