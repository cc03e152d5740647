/* lessons/world.c - see world.h. Its start, kept and brought back, is world_keep.c's. */
#include "lessons/world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/store.h"
#include "lessons/world_parts.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/copy.h"
#include "runtime/container.h"
#include "runtime/network.h"
#include "runtime/userns.h"

const char *const world_kept[] = { "containers", "volumes", "work", "notes",
				   NULL };

/* ---- opening ---- */

int world_open(const struct home *base, const char *name, struct world *out,
	       struct err *err)
{
	OWN_FREE char *path = mem_fmt("%s/lessons/worlds/%s", base->path, name);
	int r;

	/* In its place from the start: the store keeps a pointer to the home. */
	*out = (struct world){ .base = base, .home = { .fd = -1 } };
	r = home_open_world(base, path, &out->home, err);
	if (r == 0)
		r = store_open(&out->home, &out->store, err);
	if (r == 0)
		r = fs_make_dirs(out->home.fd, "work", 0755, err);
	if (r == 0)
		r = fs_make_dirs(out->home.fd, "notes", 0700, err);
	if (r < 0) {
		world_close(out);
		return r;
	}
	out->name = mem_str(name);
	return 0;
}

void world_close(struct world *world)
{
	if (!world || !world->home.path)
		return;
	store_close(world->store);
	home_close(&world->home);
	free(world->name);
	*world = (struct world){ .home = { .fd = -1 } };
}

int world_work(const struct world *world, struct err *err)
{
	return fs_open_dir(world->home.fd, "work", err);
}

/* ---- emptying ---- */

int world_remove_containers(struct world *world, struct err *err)
{
	OWN_CONTAINERS struct containers all = { 0 };
	int r = container_list(&world->home, &all, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < all.count; i++) {
		r = container_remove(&world->home, all.items[i].spec.id, true,
				     err);
		if (r < 0 && r != -ENOENT)
			return r;
	}
	return 0;
}

/* Removes what is in a folder, not the folder: the learner may be in it. */
int world_empty_folder(int dir_fd, const char *path, struct err *err)
{
	OWN_FD int fd = fs_open_dir(dir_fd, path, err);
	OWN_DIR DIR *list = NULL;
	int r = 0;

	if (fd < 0)
		return fd;
	list = fdopendir(fcntl(fd, F_DUPFD_CLOEXEC, 3));
	if (!list)
		return err_errno(err, "opendir %s", path);
	for (struct dirent *entry = readdir(list); entry && r == 0;
	     entry = readdir(list)) {
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			r = userns_remove_tree(fd, entry->d_name, err);
	}
	return r;
}

int world_remove(const struct home *base, const char *name, struct err *err)
{
	OWN_FREE char *path = mem_fmt("lessons/worlds/%s", name);
	OWN_FREE char *start = mem_fmt("lessons/worlds/%s@start", name);
	OWN_FREE char *making = mem_fmt("lessons/worlds/%s@start.new", name);
	struct world world = { 0 };
	int r;

	if (fs_exists(base->fd, path)) {
		r = world_open(base, name, &world, err);
		if (r == 0)
			r = world_remove_containers(&world, err);
		world_close(&world);
		if (r == 0)
			r = userns_remove_tree(base->fd, path, err);
		if (r < 0)
			return r;
	}
	r = userns_remove_tree(base->fd, start, err);
	return r < 0 ? r : userns_remove_tree(base->fd, making, err);
}

/* The folder is made when the first network is asked for. */
static int list_networks(const struct world *world, struct networks *out,
			 struct err *err)
{
	return fs_exists(world->home.fd, "networks")
		       ? network_list_made(&world->home, out, err)
		       : 0;
}

/* Removes the networks that somebody made and whose records are not in `start_fd`
 * (-1: all). Those that every home has stay: the bridge behind them may be up, and it
 * goes by the record's id. */
static int remove_networks(struct world *world, int start_fd, struct err *err)
{
	OWN_NETWORKS struct networks all = { 0 };
	int r = list_networks(world, &all, err);

	for (size_t i = 0; i < all.count && r == 0; i++) {
		OWN_FREE char *record =
			mem_fmt("networks/%s.json", all.items[i].id);

		if (!network_is_built_in(&all.items[i]) &&
		    (start_fd < 0 || !fs_exists(start_fd, record)))
			r = network_remove(&world->home, all.items[i].id, err);
	}
	return r;
}

/* And those that were there at the start, and are no more, are there again. */
int world_restore_networks(struct world *world, int start_fd, struct err *err)
{
	OWN_DIR DIR *list = NULL;
	int fd;
	int r = remove_networks(world, start_fd, err);

	if (r < 0 || !fs_exists(start_fd, "networks"))
		return r;
	fd = fs_open_dir(start_fd, "networks", err);
	if (fd < 0)
		return fd;
	list = fdopendir(fd);
	if (!list) {
		close(fd);
		return err_errno(err, "opendir networks");
	}
	for (struct dirent *entry = readdir(list); entry && r == 0;
	     entry = readdir(list)) {
		OWN_FREE char *path = mem_fmt("networks/%s", entry->d_name);

		if (entry->d_type == DT_REG &&
		    !fs_exists(world->home.fd, path))
			r = copy_tree(start_fd, path, world->home.fd, path,
				      err);
	}
	return r;
}

int world_begin_again(struct world *world, struct err *err)
{
	static const char *const files[] = { "store.db", "store.db-wal",
					     "store.db-shm", NULL };
	int r = world_remove_containers(world, err);

	if (r == 0)
		r = remove_networks(world, -1, err);
	for (const char *const *name = world_kept; *name && r == 0; name++) {
		r = fs_make_dirs(world->home.fd, *name, 0755, err);
		if (r == 0 && strcmp(*name, "containers") != 0)
			r = world_empty_folder(world->home.fd, *name, err);
	}
	if (r < 0)
		return r;
	store_close(world->store);
	world->store = NULL;
	for (const char *const *name = files; *name; name++) {
		if (unlinkat(world->home.fd, *name, 0) < 0 && errno != ENOENT)
			return err_errno(err, "unlink %s", *name);
	}
	/* As good as new: the store gets the images that a new one has. */
	world->home.made = true;
	return store_open(&world->home, &world->store, err);
}

/* ---- telling worlds apart ---- */

static int print_container(const struct world *world,
			   const struct container *one, struct buf *out,
			   struct err *err)
{
	OWN_CHANGES struct changes changes = { 0 };
	int r = container_diff(&world->home, one->spec.id, &changes, err);

	if (r < 0)
		return r;
	buf_fmt(out, "container %s %s image %s", one->spec.name,
		container_status_name(one->status), one->spec.image_id);
	if (one->status == CONTAINER_EXITED)
		buf_fmt(out, " exit %d", one->exit_code);
	buf_char(out, '\n');
	for (size_t i = 0; i < changes.count; i++)
		buf_fmt(out, "  %c %s\n", (char)changes.items[i].kind,
			changes.items[i].path);
	return 0;
}

static void print_folder(int dir_fd, const char *path, const char *shown,
			 int depth, struct buf *out)
{
	OWN_STRS struct strs names = { 0 };
	int fd = openat(dir_fd, path,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	OWN_DIR DIR *list = fd < 0 ? NULL : fdopendir(fd);

	if (!list || depth > 32)
		return;
	for (struct dirent *entry = readdir(list); entry;
	     entry = readdir(list)) {
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			strs_add(&names, entry->d_name);
	}
	strs_sort(&names);
	for (size_t i = 0; i < names.count; i++) {
		OWN_FREE char *below = mem_fmt("%s/%s", shown, names.items[i]);
		struct stat st;

		if (fstatat(fd, names.items[i], &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		buf_fmt(out, "%s %o", below, st.st_mode);
		if (!S_ISDIR(st.st_mode))
			buf_fmt(out, " %lld %lld.%09ld", (long long)st.st_size,
				(long long)st.st_mtim.tv_sec,
				st.st_mtim.tv_nsec);
		buf_char(out, '\n');
		if (S_ISDIR(st.st_mode))
			print_folder(fd, names.items[i], below, depth + 1, out);
	}
}

static int print_networks(const struct world *world, struct buf *out,
			  struct err *err)
{
	OWN_NETWORKS struct networks all = { 0 };
	int r = list_networks(world, &all, err);

	for (size_t i = 0; i < all.count && r == 0; i++) {
		if (!network_is_built_in(&all.items[i]))
			buf_fmt(out, "network %s %s\n", all.items[i].name,
				all.items[i].id);
	}
	return r;
}

int world_print(const struct world *world, struct buf *out, struct err *err)
{
	OWN_CONTAINERS struct containers all = { 0 };
	struct image_list images = { 0 };
	int r = container_list(&world->home, &all, err);

	for (size_t i = 0; i < all.count && r == 0; i++)
		r = print_container(world, &all.items[i], out, err);
	if (r == 0)
		r = image_list(world->store, true, &images, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < images.count; i++) {
		OWN_FREE char *tags = strs_join(&images.items[i].tags, ",");

		buf_fmt(out, "image %s %s\n", images.items[i].id, tags);
	}
	image_list_done(&images);
	r = print_networks(world, out, err);
	print_folder(world->home.fd, "work", "work", 0, out);
	print_folder(world->home.fd, "volumes", "volumes", 0, out);
	return r;
}

/* ---- has anything changed? ---- */

static unsigned long long stamp_of(int dir_fd, const char *path,
				   unsigned long long stamp)
{
	struct stat st = { 0 };

	if (fstatat(dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return stamp * 31 + 7;
	stamp = stamp * 1099511628211ULL + (unsigned long long)st.st_ino;
	stamp = stamp * 1099511628211ULL + (unsigned long long)st.st_size;
	stamp = stamp * 1099511628211ULL +
		(unsigned long long)st.st_mtim.tv_sec * 1000000000ULL +
		(unsigned long long)st.st_mtim.tv_nsec;
	return stamp;
}

unsigned long long world_stamp(const struct world *world, bool *out_busy)
{
	OWN_CONTAINERS struct containers all = { 0 };
	struct err ignored = { 0 };
	unsigned long long stamp = 1;

	*out_busy = false;
	if (container_list(&world->home, &all, &ignored) < 0)
		*out_busy = true; /* then look closely */
	stamp = stamp_of(world->home.fd, "containers", stamp);
	stamp = stamp_of(world->home.fd, "store.db", stamp);
	stamp = stamp_of(world->home.fd, "store.db-wal", stamp);
	stamp = stamp_of(world->home.fd, "work", stamp);
	stamp = stamp_of(world->home.fd, "volumes", stamp);
	stamp = stamp_of(world->home.fd, "notes", stamp);
	stamp = stamp_of(world->home.fd, "networks", stamp);
	for (size_t i = 0; i < all.count; i++) {
		OWN_FREE char *record = mem_fmt("containers/%s/state.json",
						all.items[i].spec.id);

		stamp = stamp_of(world->home.fd, record, stamp);
		if (all.items[i].status == CONTAINER_RUNNING ||
		    all.items[i].status == CONTAINER_PAUSED)
			*out_busy = true;
	}
	return stamp;
}
