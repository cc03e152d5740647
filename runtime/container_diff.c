/* runtime/container_diff.c - what a container changed.
 *
 * Only the writable layer is walked; for each entry in it the layers below are
 * asked whether they have that name. So it costs by what was changed.
 *
 *   upper has           the layers have     it is
 *   a whiteout          something           D
 *   something           nothing             A, and so is all below it
 *   a file              a file              C if any of its data differ
 *   a folder            a folder            C if mode or owner differ, or if
 *                                           anything below it changed
 *   an opaque folder    a folder            as above; names that only the
 *                                           layers have are D
 *
 * A whiteout is a character device 0, 0. An opaque folder carries the extended
 * attribute trusted.overlay.opaque (user.overlay.opaque in a user namespace).
 * Source: kernel filesystems/overlayfs.rst, "whiteouts and opaque directories".
 * What counts as a difference, and that times of folders do not, is Docker's:
 * its pkg/archive/changes_unix.go compares the same fields. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/container.h"
#include "runtime/home.h"
#include "runtime/rootfs.h"
#include "runtime/userns.h"

enum { MAX_DEPTH = 512 };

void changes_done(struct changes *changes)
{
	for (size_t i = 0; i < changes->count; i++)
		free(changes->items[i].path);
	free(changes->items);
	*changes = (struct changes){ 0 };
}

/* One walk. `layers` are names below the home, the highest first; `out` gets
 * "C/path" and a NUL for each change; `refused` is an errno where a layer could
 * not be looked into, which is not the same as "nothing there". */
struct walk {
	int home_fd;
	struct strs layers;
	struct buf *out;
	struct err *err;
	int depth;
	int refused;
};

/* A folder of the merged tree as the layers below the writable one show it: which
 * of them have a part in it. */
struct below {
	size_t *layers;
	size_t count;
};

static void below_done(struct below *below)
{
	free(below->layers);
}

static bool is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

static bool is_opaque(int dir_fd, const char *path)
{
	OWN_FREE char *name = mem_fmt("/proc/self/fd/%d/%s", dir_fd, path);
	char value = 'n'; /* 'x' has another meaning since Linux 6.8 */

	return (lgetxattr(name, "trusted.overlay.opaque", &value, 1) == 1 ||
		lgetxattr(name, "user.overlay.opaque", &value, 1) == 1) &&
	       value == 'y';
}

/* Where `path` ("/etc/passwd") lies in layer i, as a name below the home. */
static char *in_layer(const struct walk *walk, size_t layer, const char *path)
{
	return mem_fmt("%s/%s", walk->layers.items[layer], path + 1);
}

/* Looks for `path` in the layers that have a part in its folder. Fills *st with
 * what the merged tree shows, and *parts with the layers that make it up where
 * that is a folder. Returns false where the layers show nothing. */
static bool look_below(struct walk *walk, const struct below *folder,
		       const char *path, struct stat *st, struct below *parts)
{
	bool found = false;

	*parts = (struct below){ 0 };
	for (size_t i = 0; i < folder->count; i++) {
		OWN_FREE char *name = in_layer(walk, folder->layers[i], path);
		struct stat here;

		if (fstatat(walk->home_fd, name, &here, AT_SYMLINK_NOFOLLOW) <
		    0) {
			if (errno != ENOENT && errno != ENOTDIR)
				walk->refused = errno;
			continue;
		}
		if (is_whiteout(&here) || (found && !S_ISDIR(here.st_mode)))
			break;
		if (!found)
			*st = here;
		found = true;
		if (!S_ISDIR(here.st_mode))
			break;
		parts->layers = mem_grow(parts->layers, parts->count + 1,
					 sizeof(size_t));
		parts->layers[parts->count++] = folder->layers[i];
		if (is_opaque(walk->home_fd, name))
			break;
	}
	return found;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	/* Some archives carry whole seconds only. */
	return a->tv_sec == b->tv_sec &&
	       (a->tv_nsec == b->tv_nsec || a->tv_nsec == 0 ||
		b->tv_nsec == 0);
}

static bool same_capability(const struct walk *walk, int dir_fd,
			    const char *name, const struct below *folder,
			    const char *path)
{
	OWN_FREE char *above = mem_fmt("/proc/self/fd/%d/%s", dir_fd, name);
	char a[64];
	char b[64];
	ssize_t a_len = lgetxattr(above, "security.capability", a, sizeof(a));
	ssize_t b_len = -1;

	for (size_t i = 0; i < folder->count; i++) {
		OWN_FREE char *part = in_layer(walk, folder->layers[i], path);
		OWN_FREE char *full =
			mem_fmt("/proc/self/fd/%d/%s", walk->home_fd, part);
		struct stat st;

		if (lstat(full, &st) < 0)
			continue;
		b_len = lgetxattr(full, "security.capability", b, sizeof(b));
		break;
	}
	if (a_len < 0 || b_len < 0)
		return a_len < 0 && b_len < 0;
	return a_len == b_len && memcmp(a, b, (size_t)a_len) == 0;
}

static bool differs(const struct stat *a, const struct stat *b)
{
	if (a->st_mode != b->st_mode || a->st_uid != b->st_uid ||
	    a->st_gid != b->st_gid || a->st_rdev != b->st_rdev)
		return true;
	if (S_ISDIR(a->st_mode))
		return false;
	return a->st_size != b->st_size ||
	       !same_time(&a->st_mtim, &b->st_mtim);
}

static void report(struct walk *walk, enum change_kind kind, const char *path)
{
	buf_char(walk->out, (char)kind);
	buf_add(walk->out, path, strlen(path) + 1);
}

/* A change below a folder makes the folder changed too, and it comes first. */
static void report_before(struct walk *walk, size_t at, const char *path)
{
	size_t len = strlen(path) + 2;
	size_t tail = walk->out->len - at;
	char *room = buf_room(walk->out, len);

	memmove(room - tail + len, room - tail, tail);
	walk->out->len += len;
	walk->out->data[at] = CHANGE_MODIFIED;
	memcpy(walk->out->data + at + 1, path, len - 1);
	walk->out->data[walk->out->len] = '\0';
}

static bool is_mount_point(const char *path)
{
	for (const char *const *p = rootfs_mount_points; *p; p++)
		if (strcmp(*p, path + 1) == 0)
			return true;
	return false;
}

static int list_folder(int dir_fd, const char *name, struct strs *out,
		       struct err *err)
{
	int fd = openat(dir_fd, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		err_errno(err, "read the folder %s", name);
		if (fd >= 0)
			close(fd);
		return -err->code;
	}
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			strs_add(out, entry->d_name);
	strs_sort(out);
	return 0;
}

static int walk_folder(struct walk *walk, int dir_fd, const char *path,
		       const struct below *folder, bool opaque);

/* A folder of the writable layer that the layers have as a folder too. */
static int both_folders(struct walk *walk, int dir_fd, const char *name,
			const char *path, const struct below *parts,
			bool changed)
{
	OWN_FD int fd = openat(dir_fd, name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	size_t before = walk->out->len;
	bool opaque;
	int r;

	if (fd < 0)
		return errno == ENOENT ? 0 :
					 err_errno(walk->err, "open %s", path);
	opaque = is_opaque(dir_fd, name);
	if (opaque)
		trace_step(TRACE_OPAQUE, "%s: overlay.opaque = \"y\"", path);
	r = walk_folder(walk, fd, path, parts, opaque);
	if (r == 0 && (changed || walk->out->len > before))
		report_before(walk, before, path);
	return r;
}

static int new_folder(struct walk *walk, int dir_fd, const char *name,
		      const char *path)
{
	const struct below nothing = { 0 };
	OWN_FD int fd = openat(dir_fd, name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 :
					 err_errno(walk->err, "open %s", path);
	return walk_folder(walk, fd, path, &nothing, true);
}

/* Where the store may only be read, the mount points lie in this very layer
 * (rootfs.h): they are nothing that the container added. */
static int walk_entry(struct walk *walk, int dir_fd, const char *name,
		      const char *path, const struct below *folder)
{
	struct below parts = { 0 };
	struct stat above;
	struct stat st;
	bool had;
	int r = 0;

	if (fstatat(dir_fd, name, &above, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? /* gone again while we look */
			       0 :
			       err_errno(walk->err, "stat %s", path);
	had = look_below(walk, folder, path, &st, &parts);
	if (is_whiteout(&above)) {
		trace_step(TRACE_WHITEOUT, "%s: S_IFCHR, 0:0 -> %s", path,
			   had ? "D" : _("it hides nothing"));
		if (had)
			report(walk, CHANGE_DELETED, path);
	} else if (!had) {
		if (!is_mount_point(path))
			report(walk, CHANGE_ADDED, path);
		if (S_ISDIR(above.st_mode))
			r = new_folder(walk, dir_fd, name, path);
	} else if (S_ISDIR(above.st_mode) && S_ISDIR(st.st_mode)) {
		r = both_folders(walk, dir_fd, name, path, &parts,
				 differs(&above, &st));
	} else if (differs(&above, &st) ||
		   !same_capability(walk, dir_fd, name, folder, path)) {
		report(walk, CHANGE_MODIFIED, path);
		if (S_ISDIR(above.st_mode))
			r = new_folder(walk, dir_fd, name, path);
	}
	below_done(&parts);
	return r;
}

/* Adds the names that the layers have in a folder, for an opaque one above them.
 * The list is sorted then, with a name more than once. */
static int add_names_below(const struct walk *walk, const struct below *folder,
			   const char *path, struct strs *names,
			   struct err *err)
{
	for (size_t i = 0; i < folder->count; i++) {
		OWN_FREE char *part = in_layer(walk, folder->layers[i], path);
		int r = list_folder(walk->home_fd, part, names, err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int walk_folder(struct walk *walk, int dir_fd, const char *path,
		       const struct below *folder, bool opaque)
{
	OWN_STRS struct strs names = { 0 };
	int r = list_folder(dir_fd, ".", &names, walk->err);

	trace_step(TRACE_WALK, "openat, getdents64: %s: %zu names", path,
		   names.count);
	if (r == 0 && walk->depth++ > MAX_DEPTH)
		r = err_set(walk->err, ELOOP, _("folders more than %d deep"),
			    MAX_DEPTH);
	if (r == 0 && opaque && folder->count)
		r = add_names_below(walk, folder, path, &names, walk->err);
	for (size_t i = 0; i < names.count && r == 0; i++) {
		OWN_FREE char *child = mem_fmt("%s%s%s", path,
					       path[1] ? "/" : "",
					       names.items[i]);
		struct below parts = { 0 };
		struct stat st;

		if (i && strcmp(names.items[i - 1], names.items[i]) == 0)
			continue;
		if (opaque && folder->count &&
		    !fs_exists(dir_fd, names.items[i])) {
			if (look_below(walk, folder, child, &st, &parts))
				report(walk, CHANGE_DELETED, child);
			below_done(&parts);
			continue;
		}
		r = walk_entry(walk, dir_fd, names.items[i], child, folder);
	}
	walk->depth--; /* of no use after a failure */
	if (r == 0 && walk->refused)
		return err_set(walk->err, walk->refused,
			       _("a layer of the image cannot be read: %s"),
			       strerror(walk->refused));
	return r;
}

static void add_lowers(struct walk *walk, const struct spec *spec)
{
	OWN_FREE char *init = mem_fmt("%s/../init", spec->layers.items[0]);

	if (fs_exists(walk->home_fd, init))
		strs_add(&walk->layers, init);
	strs_copy(&walk->layers, &spec->layers);
}

struct diff_work {
	const struct home *home;
	const struct spec *spec;
};

static int diff_work(void *arg, struct buf *reply, struct err *err)
{
	const struct diff_work *work = arg;
	OWN_FREE char *path = mem_fmt("containers/%s/upper", work->spec->id);
	OWN_FD int upper_fd = fs_open_dir(work->home->fd, path, err);
	struct walk walk = {
		.home_fd = work->home->fd,
		.out = reply,
		.err = err,
	};
	struct below all = { 0 };
	int r;

	if (upper_fd < 0)
		return upper_fd;
	add_lowers(&walk, work->spec);
	all.layers = mem_alloc(walk.layers.count * sizeof(size_t));
	for (all.count = 0; all.count < walk.layers.count; all.count++)
		all.layers[all.count] = all.count;
	r = walk_folder(&walk, upper_fd, "/", &all, false);
	below_done(&all);
	strs_done(&walk.layers);
	return r;
}

static void unpack(const struct buf *lines, struct changes *out)
{
	const char *at = buf_text(lines);
	const char *end = at + lines->len;

	while (at < end) {
		out->items = mem_grow(out->items, out->count + 1,
				      sizeof(*out->items));
		out->items[out->count].kind = (enum change_kind)at[0];
		out->items[out->count++].path = mem_str(at + 1);
		at += strlen(at) + 1;
	}
}

int container_diff(const struct home *home, const char *id,
		   struct changes *out, struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	OWN_BUF struct buf lines = { 0 };
	struct diff_work work = { home, &c.spec };
	struct err refused = { 0 };
	int r = container_find(home, id, &c, err);

	if (r < 0)
		return r;
	r = diff_work(&work, &lines, &refused);
	if (r == -EACCES && userns_kind() != USERNS_NONE) {
		/* Files of subordinate ids: only root among them may look. */
		buf_clear(&lines);
		r = userns_call(diff_work, &work, false, &lines, err);
	} else if (r < 0) {
		*err = refused;
	}
	if (r == 0)
		unpack(&lines, out);
	return r;
}
