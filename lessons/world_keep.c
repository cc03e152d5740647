/* lessons/world_keep.c - the start of a step, kept beside the world, and brought back;
 * see world.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lessons/world_parts.h"
#include "runtime/base/buf.h"
#include "runtime/base/db.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/copy.h"
#include "runtime/userns.h"

/* ---- the database, as a whole ---- */

/* Opens it, so that closing it leaves the log's files: somebody else may be about to
 * open them. */
static int open_database(const char *path, int flags, sqlite3 **out)
{
	int keep = 1;
	int r = sqlite3_open_v2(path, out,
				SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE |
					flags,
				NULL);

	if (r == SQLITE_OK) {
		(void)sqlite3_file_control(*out, "main",
					   SQLITE_FCNTL_PERSIST_WAL, &keep);
		sqlite3_busy_timeout(*out, 5000);
	}
	return r;
}

/* By SQLite's own copy, so that other programs may have either file open. */
static int copy_database(const char *from, const char *to, bool quick,
			 struct err *err)
{
	sqlite3 *source = NULL;
	sqlite3 *target = NULL;
	sqlite3_backup *backup = NULL;
	int r = open_database(from, 0, &source);

	if (r == SQLITE_OK)
		r = open_database(to, SQLITE_OPEN_CREATE, &target);
	if (r == SQLITE_OK) {
		if (quick)
			(void)sqlite3_exec(target, "PRAGMA synchronous = OFF",
					   NULL, NULL, NULL);
		backup = sqlite3_backup_init(target, "main", source, "main");
		r = backup ? sqlite3_backup_step(backup, -1)
			   : sqlite3_extended_errcode(target);
		sqlite3_backup_finish(backup);
	}
	sqlite3_close(target);
	sqlite3_close(source);
	if (r != SQLITE_OK && r != SQLITE_DONE)
		return err_set(err, EIO, "copy %s: %s (SQLite's %d)", from,
			       sqlite3_errstr(r), r);
	return 0;
}

/* What tells one state of the world's database from another: its first page's
 * counters, the head of its log, and both files' sizes and times. Most steps of
 * most lessons change no image, and a reset need not copy what is as it was. */
static void print_database(const struct world *world, struct buf *out)
{
	static const char *const names[] = { "store.db", "store.db-wal" };
	OWN_FREE char *path = mem_fmt("%s/store.db", world->home.path);
	unsigned char heads[2][DB_HEADER_SIZE] = { 0 };
	sqlite3_file *file = NULL;
	sqlite3 *db = NULL;
	OWN_FD int log = openat(world->home.fd, names[1],
				O_RDONLY | O_CLOEXEC);

	/* Through SQLite, which knows the locks on it: see db_header. */
	if (open_database(path, 0, &db) == SQLITE_OK &&
	    sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER,
				 &file) == SQLITE_OK &&
	    file && file->pMethods)
		(void)file->pMethods->xRead(file, heads[0], DB_HEADER_SIZE, 0);
	sqlite3_close(db);
	if (log >= 0)
		(void)!read(log, heads[1], 32);
	for (size_t i = 0; i < 2; i++) {
		struct stat st = { 0 };

		(void)fstatat(world->home.fd, names[i], &st, 0);
		buf_fmt(out, "%s %llu %lld %lld.%09ld ", names[i],
			(unsigned long long)st.st_ino, (long long)st.st_size,
			(long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
		for (size_t k = 0; k < DB_HEADER_SIZE; k++)
			buf_fmt(out, "%02x", heads[i][k]);
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

	for (const char *const *name = world_kept; *name && r == 0; name++)
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

/* Containers come back whole, each by one rename: a folder that has no record yet
 * would be taken for a start that was killed, and swept by whoever lists them. */
static int restore_containers(struct world *world, int start_fd, struct err *err)
{
	static const char making[] = "containers.new";
	OWN_DIR DIR *list = NULL;
	OWN_FD int to = -1;
	int from;
	int r = userns_remove_tree(world->home.fd, making, err);

	if (r == 0)
		r = copy_tree(start_fd, "containers", world->home.fd, making,
			      err);
	if (r < 0 || !fs_exists(world->home.fd, making))
		return r;
	to = fs_open_dir(world->home.fd, "containers", err);
	from = to < 0 ? to : fs_open_dir(world->home.fd, making, err);
	if (from < 0)
		return from;
	list = fdopendir(from);
	if (!list) {
		close(from);
		return err_errno(err, "opendir %s", making);
	}
	for (struct dirent *entry = readdir(list); entry;
	     entry = readdir(list)) {
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0 &&
		    renameat(from, entry->d_name, to, entry->d_name) < 0)
			return err_errno(err, "rename %s", entry->d_name);
	}
	return userns_remove_tree(world->home.fd, making, err);
}

/* What a folder held. It may not have been there yet. */
static int restore_folder(struct world *world, int start_fd, const char *name,
			  struct err *err)
{
	int r = fs_make_dirs(world->home.fd, name, 0755, err);

	if (r == 0)
		r = world_empty_folder(world->home.fd, name, err);
	if (r < 0 || !fs_exists(start_fd, name))
		return r;
	return strcmp(name, "containers") == 0
		       ? restore_containers(world, start_fd, err)
		       : copy_inside(start_fd, name, world->home.fd, name, err);
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
	r = world_remove_containers(world, err);
	if (r == 0)
		r = world_restore_networks(world, fd, err);
	for (const char *const *name = world_kept; *name && r == 0; name++)
		r = restore_folder(world, fd, *name, err);
	if (r == 0 && !same_database(world, fd)) {
		r = copy_database(from_db, to_db, world->quick, err);
		if (r == 0)
			r = note_database(world, fd, err);
	}
	if (r == 0)
		r = start_again(world, fd, err);
	return r < 0 ? err_wrap(err, _("bring the start of the step back")) : 0;
}
