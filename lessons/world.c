/* lessons/world.c - see world.h */
#include "lessons/world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/copy.h"
#include "runtime/container.h"
#include "runtime/network.h"
#include "runtime/userns.h"

/* What of a world is kept and brought back, beside store.db. */
static const char *const kept[] = { "containers", "volumes", "work", "notes",
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

static int remove_containers(struct world *world, struct err *err)
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
static int empty_folder(int dir_fd, const char *path, struct err *err)
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
			r = remove_containers(&world, err);
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
static int restore_networks(struct world *world, int start_fd, struct err *err)
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
	int r = remove_containers(world, err);

	if (r == 0)
		r = remove_networks(world, -1, err);
	for (const char *const *name = kept; *name && r == 0; name++) {
		r = fs_make_dirs(world->home.fd, *name, 0755, err);
		if (r == 0 && strcmp(*name, "containers") != 0)
			r = empty_folder(world->home.fd, *name, err);
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

/* ---- the database, as a whole ---- */

/* By SQLite's own copy, so that other programs may have either file open. */
static int copy_database(const char *from, const char *to, bool quick,
			 struct err *err)
{
	sqlite3 *source = NULL;
	sqlite3 *target = NULL;
	sqlite3_backup *backup = NULL;
	int r = sqlite3_open_v2(from, &source, SQLITE_OPEN_READWRITE, NULL);

	if (r == SQLITE_OK)
		r = sqlite3_open_v2(to, &target,
				    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
				    NULL);
	if (r == SQLITE_OK) {
		sqlite3_busy_timeout(source, 5000);
		sqlite3_busy_timeout(target, 5000);
		if (quick)
			(void)sqlite3_exec(target, "PRAGMA synchronous = OFF",
					   NULL, NULL, NULL);
		backup = sqlite3_backup_init(target, "main", source, "main");
		r = backup ? sqlite3_backup_step(backup, -1)
			   : sqlite3_errcode(target);
		sqlite3_backup_finish(backup);
	}
	sqlite3_close(target);
	sqlite3_close(source);
	if (r != SQLITE_OK && r != SQLITE_DONE)
		return err_set(err, EIO, "copy %s: %s", from,
			       sqlite3_errstr(r));
	return 0;
}

/* What tells one state of the world's database from another: its first page's
 * counters, the head of its log, and both files' sizes and times. Most steps of
 * most lessons change no image, and a reset need not copy what is as it was. */
static void print_database(const struct world *world, struct buf *out)
{
	static const struct {
		const char *name;
		size_t len;
	} files[] = { { "store.db", 100 }, { "store.db-wal", 32 } };

	for (size_t i = 0; i < 2; i++) {
		OWN_FD int fd = openat(world->home.fd, files[i].name,
				       O_RDONLY | O_CLOEXEC);
		unsigned char head[100] = { 0 };
		struct stat st = { 0 };

		if (fd >= 0 && fstat(fd, &st) == 0)
			(void)!read(fd, head, files[i].len);
		buf_fmt(out, "%s %llu %lld %lld.%09ld ", files[i].name,
			(unsigned long long)st.st_ino, (long long)st.st_size,
			(long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
		for (size_t k = 0; k < files[i].len; k++)
			buf_fmt(out, "%02x", head[k]);
		buf_char(out, '\n');
	}
}

static int note_database(const struct world *world, int start_fd,
			 struct err *err)
{
	OWN_BUF struct buf now = { 0 };

	print_database(world, &now);
	return fs_replace(start_fd, "database", buf_text(&now), now.len, 0600,
			  false, err);
}

static bool same_database(const struct world *world, int start_fd)
{
	OWN_BUF struct buf now = { 0 };
	OWN_BUF struct buf then = { 0 };
	struct err ignored = { 0 }; /* then it is copied */

	print_database(world, &now);
	return fs_read(start_fd, "database", 4096, &then, &ignored) == 0 &&
	       strcmp(buf_text(&now), buf_text(&then)) == 0;
}

/* ---- keeping the start ---- */

/* Names of the containers that run, a line each. */
static int write_running(struct world *world, int to_fd, struct err *err)
{
	OWN_CONTAINERS struct containers all = { 0 };
	OWN_BUF struct buf names = { 0 };
	int r = container_list(&world->home, &all, err);

	if (r < 0)
		return r;
	/* Oldest first: the order in which they are to run again. */
	for (size_t i = all.count; i-- > 0;) {
		if (all.items[i].status == CONTAINER_RUNNING)
			buf_fmt(&names, "%s\n", all.items[i].spec.id);
	}
	return fs_replace(to_fd, "running", buf_text(&names), names.len, 0600,
			  false, err);
}

static int keep_in(struct world *world, int to_fd, const char *path,
		   struct err *err)
{
	OWN_FREE char *from_db = mem_fmt("%s/store.db", world->home.path);
	OWN_FREE char *to_db =
		mem_fmt("%s/%s/store.db", world->base->path, path);
	int r = copy_database(from_db, to_db, world->quick, err);

	for (const char *const *name = kept; *name && r == 0; name++)
		r = copy_tree(world->home.fd, *name, to_fd, *name, err);
	/* Made when the first one is asked for. */
	if (r == 0 && fs_exists(world->home.fd, "networks"))
		r = copy_tree(world->home.fd, "networks", to_fd, "networks",
			      err);
	if (r == 0)
		r = note_database(world, to_fd, err);
	return r < 0 ? r : write_running(world, to_fd, err);
}

int world_keep(struct world *world, struct err *err)
{
	int base = world->base->fd;
	OWN_FREE char *start = mem_fmt("lessons/worlds/%s@start", world->name);
	OWN_FREE char *making =
		mem_fmt("lessons/worlds/%s@start.new", world->name);
	OWN_FD int fd = -1;
	int r = userns_remove_tree(base, making, err);

	if (r == 0)
		r = fs_make_dirs(base, making, 0700, err);
	if (r < 0)
		return r;
	fd = fs_open_dir(base, making, err);
	if (fd < 0)
		return fd;
	r = keep_in(world, fd, making, err);
	if (r < 0)
		return err_wrap(err, _("keep the start of the step"));
	/* In one call, so that there always is a whole one. */
	if (renameat2(base, making, base, start, RENAME_EXCHANGE) < 0 &&
	    (errno != ENOENT || renameat(base, making, base, start) < 0))
		return err_errno(err, "rename %s", making);
	return userns_remove_tree(base, making, err);
}

bool world_is_kept(const struct world *world)
{
	OWN_FREE char *start = mem_fmt("lessons/worlds/%s@start", world->name);

	return fs_exists(world->base->fd, start);
}

/* ---- bringing it back ---- */

static int start_again(struct world *world, int start_fd, struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	OWN_STRS struct strs ids = { 0 };
	int r = fs_read(start_fd, "running", 1 << 20, &text, err);

	if (r < 0)
		return r;
	strs_split(&ids, buf_text(&text), '\n');
	for (size_t i = 0; i < ids.count && r == 0; i++) {
		if (*ids.items[i])
			r = container_start(&world->home, ids.items[i], NULL,
					    NULL, err);
	}
	return r;
}

int world_restore(struct world *world, struct err *err)
{
	OWN_FREE char *start = mem_fmt("%s/lessons/worlds/%s@start",
				       world->base->path, world->name);
	OWN_FREE char *from_db = mem_fmt("%s/store.db", start);
	OWN_FREE char *to_db = mem_fmt("%s/store.db", world->home.path);
	OWN_FD int fd = fs_open_dir(AT_FDCWD, start, err);
	int r;

	if (fd < 0)
		return fd;
	r = remove_containers(world, err);
	if (r == 0)
		r = restore_networks(world, fd, err);
	for (const char *const *name = kept; *name && r == 0; name++) {
		r = fs_make_dirs(world->home.fd, *name, 0755, err);
		if (r == 0)
			r = empty_folder(world->home.fd, *name, err);
		/* It may not have been there yet. */
		if (r == 0 && fs_exists(fd, *name))
			r = copy_inside(fd, *name, world->home.fd, *name, err);
	}
	if (r == 0 && !same_database(world, fd)) {
		r = copy_database(from_db, to_db, world->quick, err);
		if (r == 0)
			r = note_database(world, fd, err);
	}
	if (r == 0)
		r = start_again(world, fd, err);
	return r < 0 ? err_wrap(err, _("bring the start of the step back")) : 0;
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
