/* images/store_clear.c - layers and blobs that nobody speaks of.
 *
 * Mark and sweep, under the lock that whoever adds something holds shared
 * (stage.h):
 *
 *   marked  what the store.db of this home says, of every world under it, and of
 *           the home that this world was made from; what was kept of a world, for
 *           `reset` brings it back; and what containers in all of them stand on,
 *           for `rmi -f` may take the image from under one
 *   swept   everything else in layers/, l/ and blobs/sha256/
 *
 * One home that cannot be read stops it: a mark too few would be a loss. */
#include "images/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "images/stage.h"
#include "images/store_private.h"
#include "runtime/base/buf.h"
#include "runtime/base/db.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/container.h"
#include "runtime/home.h"
#include "runtime/rootfs.h"
#include "runtime/state.h"
#include "runtime/userns.h"

/* What is spoken of: chain ids and blobs as 64 digits, links as "l/3f2a9".
 * images_only: containers have no say. */
struct marks {
	bool images_only;
	struct strs chains;
	struct strs links;
	struct strs blobs;
};

static void marks_done(struct marks *marks)
{
	strs_done(&marks->chains);
	strs_done(&marks->links);
	strs_done(&marks->blobs);
}

/* ---- mark ---- */

static int mark_images(struct db *db, struct marks *marks, struct err *err)
{
	int r = store_column(db, "SELECT substr(chain, 8) FROM image_layers",
			     NULL, &marks->chains, err);

	if (r == 0)
		r = store_column(db,
				 "SELECT DISTINCT l.link FROM layers l"
				 " JOIN image_layers i ON i.chain = l.chain",
				 NULL, &marks->links, err);
	if (r == 0)
		r = store_column(db,
				 "SELECT substr(blob, 8) FROM layers UNION"
				 " SELECT substr(id, 8) FROM images",
				 NULL, &marks->blobs, err);
	return r;
}

static int mark_containers(const struct home *home, struct marks *marks,
			   struct err *err)
{
	OWN_CONTAINERS struct containers list = { 0 };
	int r = container_list(home, &list, err);

	for (size_t i = 0; i < list.count && r == 0; i++)
		strs_copy(&marks->links, &list.items[i].spec.layers);
	return r;
}

static int mark_store(const struct home *home, struct marks *marks,
		      struct err *err)
{
	OWN_FREE char *path = mem_fmt("%s/store.db", home->path);
	struct db *db = NULL;
	int version = 0;
	int r;

	if (faccessat(home->fd, "store.db", F_OK, 0) < 0)
		return 0;
	r = db_open(path, &db, err);
	if (r == 0)
		r = db_version(db, &version, err);
	if (r == 0 && version) /* else nothing was ever entered */
		r = mark_images(db, marks, err);
	db_close(db);
	return r;
}

static int mark_home(const struct home *home, struct marks *marks,
		     struct err *err)
{
	int r = marks->images_only ? 0 : mark_containers(home, marks, err);

	return r < 0 ? r : mark_store(home, marks, err);
}

/* Of containers that nobody can start there: nothing is set right about them. */
static void mark_records(int home_fd, struct marks *marks)
{
	struct err ignored = { 0 };
	int fd = fs_open_dir(home_fd, "containers", &ignored);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		OWN_CONTAINER struct container container = { 0 };
		OWN_FD int folder_fd = -1;

		if (entry->d_name[0] == '.')
			continue;
		folder_fd = fs_open_dir(fd, entry->d_name, &ignored);
		if (folder_fd >= 0 &&
		    state_read(folder_fd, &container, &ignored) == 0)
			strs_copy(&marks->links, &container.spec.layers);
	}
}

/* "NAME@start": what a step of a lesson began with, to come back to (lessons/world.h). */
static bool is_kept(const char *name)
{
	const char *at = strchr(name, '@');

	return at && strcmp(at, "@start") == 0;
}

/* What only it speaks of may be half on disk after a power cut, and has no say then. */
static int mark_kept(const char *path, struct marks *marks, struct err *err)
{
	struct err gone = { 0 };
	OWN_FD int fd = fs_open_dir(AT_FDCWD, path, &gone);
	OWN_FREE char *own_path = mem_str(path);
	const struct home kept = { .path = own_path, .fd = fd };

	if (marks->images_only || fd == -ENOENT)
		return 0; /* a step begins just now: there is another one */
	if (fd < 0) {
		*err = gone;
		return fd;
	}
	mark_records(fd, marks);
	return mark_store(&kept, marks, err);
}

static int mark_world(const struct home *base, const char *name,
		      struct marks *marks, struct err *err)
{
	OWN_FREE char *path = mem_fmt("%s/lessons/worlds/%s", base->path, name);
	OWN_FREE char *run = mem_fmt("%s/run", path);
	struct home world = { .fd = -1 };
	int r;

	if (is_kept(name))
		return mark_kept(path, marks, err);
	/* Something else than a home, or one half made. */
	if (access(run, F_OK) < 0)
		return 0;
	r = home_open_world(base, path, &world, err);
	if (r == 0)
		r = mark_home(&world, marks, err);
	home_close(&world);
	return r;
}

static int mark_worlds(const struct home *base, struct marks *marks,
		       struct err *err)
{
	struct err none = { 0 };
	int fd = fs_open_dir(base->fd, "lessons/worlds", &none);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int r = fd < 0 && none.code != ENOENT ? -none.code : 0;

	if (r < 0)
		*err = none;
	while (r == 0 && dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			r = mark_world(base, entry->d_name, marks, err);
	return r;
}

/* A container may stand on layers whose images are gone: a link leads to its
 * layer, the layer names the one below. */
static void mark_below(const struct home *base, struct marks *marks)
{
	for (size_t i = 0; i < marks->links.count; i++) {
		char target[PATH_MAX];
		ssize_t len = readlinkat(base->fd, marks->links.items[i],
					 target, sizeof(target) - 1);
		struct layer layer = { 0 };
		struct err ignored = { 0 };
		OWN_FREE char *path = NULL;
		OWN_FD int fd = -1;

		/* "../layers/<64 digits>/diff" */
		if (len != 10 + DIGEST_HEX + 5)
			continue;
		target[10 + DIGEST_HEX] = '\0';
		strs_add(&marks->chains, target + 10);
		path = mem_fmt("layers/%s", target + 10);
		fd = fs_open_dir(base->fd, path, &ignored);
		if (fd >= 0 && layer_read(fd, &layer, &ignored) == 0 &&
		    layer.blob[0])
			strs_add(&marks->blobs, digest_hex(layer.blob));
	}
}

/* ---- sweep ---- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_marked(const struct strs *sorted, const char *name)
{
	return sorted->count && bsearch(&name, sorted->items, sorted->count,
					sizeof(*sorted->items), by_text);
}

/* Removes every entry of a folder whose name (behind `prefix`) is not marked.
 * What cannot be removed is tried again next time. */
static void sweep_folder(const struct home *base, const char *path,
			 const char *prefix, const struct strs *marked,
			 enum trace_step step)
{
	struct err ignored = { 0 };
	int fd = fs_open_dir(base->fd, path, &ignored);
	OWN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	OWN_STRS struct strs names = { 0 };
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		OWN_FREE char *name = mem_fmt("%s%s", prefix, entry->d_name);

		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0 &&
		    !is_marked(marked, name))
			strs_add(&names, entry->d_name);
	}
	for (size_t i = 0; i < names.count; i++) {
		trace_begin();
		if (userns_remove_tree(fd, names.items[i], &ignored) == 0)
			trace_step(step, "%s/%.12s", path, names.items[i]);
	}
}

static int clear_away(const struct home *base, bool images_only,
		      struct err *err)
{
	struct marks marks = { .images_only = images_only };
	int r = mark_home(base, &marks, err);

	if (r == 0)
		r = mark_worlds(base, &marks, err);
	if (r == 0) {
		mark_below(base, &marks);
		strs_add(&marks.links, "l/" ROOTFS_NO_LAYER);
		strs_add(&marks.chains, ROOTFS_NO_LAYER);
		strs_sort(&marks.chains);
		strs_sort(&marks.links);
		strs_sort(&marks.blobs);
		/* The names for mount(2) go before what they lead to. */
		sweep_folder(base, "l", "l/", &marks.links, TRACE_LAYER_GONE);
		sweep_folder(base, "layers", "", &marks.chains,
			     TRACE_LAYER_GONE);
		sweep_folder(base, "blobs/sha256", "", &marks.blobs,
			     TRACE_IMAGE_GONE);
	}
	marks_done(&marks);
	return r;
}

static int clear_store(struct store *store, bool images_only, struct err *err)
{
	struct home base = { .fd = -1 };
	OWN_FD int lock_fd = -1;
	int r = store_open_base(store->home, &base, err);

	if (r < 0)
		return r;
	lock_fd = stage_lock_all(&base, err);
	r = lock_fd < 0 ? lock_fd : clear_away(&base, images_only, err);
	home_close(&base);
	return r;
}

int store_clear_away(struct store *store, struct err *err)
{
	int r = clear_store(store, false, err);

	/* Somebody is adding something; the next one to remove clears away. */
	return r == -EAGAIN ? 0 : r;
}

int store_clear_unsynced(struct store *store, struct err *err)
{
	return clear_store(store, true, err);
}
