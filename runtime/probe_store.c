/* runtime/probe_store.c - the place of the store; see probe.h
 *
 * Everything is tried in a new folder beside what lies there, or in the nearest folder
 * above where the store is not yet made: what matters is the file system. Its name alone
 * does not tell: tmpfs could not hold an upper layer of a plain user's before Linux 6.6,
 * and does now. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/db.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/probe.h"
#include "runtime/probe_parts.h"
#include "runtime/userns.h"

static void name_kind(const struct statfs *fs, char *out)
{
	static const struct {
		unsigned magic;
		const char *name;
	} known[] = {
		{ EXT4_SUPER_MAGIC, "ext4" },
		{ XFS_SUPER_MAGIC, "xfs" },
		{ BTRFS_SUPER_MAGIC, "btrfs" },
		{ TMPFS_MAGIC, "tmpfs" },
		{ OVERLAYFS_SUPER_MAGIC, "overlay" },
		{ NFS_SUPER_MAGIC, "NFS" },
		{ F2FS_SUPER_MAGIC, "f2fs" },
		{ 0x2fc12fc1, "zfs" },
		{ FUSE_SUPER_MAGIC, "FUSE" },
		{ V9FS_MAGIC, "9p" },
		{ CIFS_SUPER_MAGIC, "cifs" },
		{ SMB2_SUPER_MAGIC, "cifs" },
		{ MSDOS_SUPER_MAGIC, "vfat" },
		{ ECRYPTFS_SUPER_MAGIC, "ecryptfs" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if ((unsigned)fs->f_type == known[i].magic) {
			(void)snprintf(out, PROBE_TEXT, "%s", known[i].name);
			return;
		}
	(void)snprintf(out, PROBE_TEXT, "type 0x%x", (unsigned)fs->f_type);
}

/* Cuts names off the end until something is there. */
static void find_nearest(const char *path, char *out)
{
	(void)snprintf(out, PROBE_TEXT, "%s", path);
	while (access(out, F_OK) < 0 && errno == ENOENT) {
		char *slash = strrchr(out, '/');

		if (!slash || slash == out)
			break;
		*slash = '\0';
	}
	if (access(out, F_OK) < 0)
		(void)snprintf(out, PROBE_TEXT, "/");
}

/* ---- the database's log ---- */

static int mode_is_wal(struct db *db, struct err *err)
{
	OWN_STMT struct sqlite3_stmt *row =
		db_query(db, err, "PRAGMA journal_mode", "");
	const char *mode;

	if (!row || db_next(db, row, err) != 1)
		return EIO;
	mode = db_text(row, 0);
	return mode && strcmp(mode, "wal") == 0 ? 0 : ENOTSUP;
}

static int try_wal(void *arg)
{
	OWN_FREE char *path = mem_fmt("%s/try.db", (const char *)arg);
	struct err err = { 0 };
	struct db *db = NULL;
	int r = -db_open(path, &db, &err);

	if (r == 0)
		r = -db_exec(db, "CREATE TABLE t (a)", &err);
	if (r == 0)
		r = mode_is_wal(db, &err);
	db_close(db);
	return r;
}

/* ---- layers ---- */

static int make_file(const char *path)
{
	OWN_FD int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	return fd < 0 || write(fd, "a", 1) != 1 ? errno : 0;
}

static int make_layers(void)
{
	static const char *const folders[] = { "lower", "lower/folder", "upper",
					       "work",  "merged",       NULL };
	int r = 0;

	for (const char *const *f = folders; *f; f++)
		if (mkdir(*f, 0755) < 0)
			return errno;
	r = make_file("lower/gone");
	return r ? r : make_file("lower/changed");
}

/* Removing leaves a whiteout in the upper layer, a folder made anew is marked with an
 * attribute, changing copies the file there first. */
static int use_layers(void)
{
	OWN_FD int fd = -1;
	struct stat st;

	if (unlink("merged/gone") < 0 || rmdir("merged/folder") < 0 ||
	    mkdir("merged/folder", 0755) < 0)
		return errno;
	fd = open("merged/changed", O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0 || write(fd, "b", 1) != 1)
		return errno;
	if (lstat("upper/gone", &st) < 0)
		return errno;
	return S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0) ? 0 : ENOTSUP;
}

static int try_overlay(void *arg)
{
	const char *options =
		userns_kind() == USERNS_NONE
			? "lowerdir=lower,upperdir=upper,workdir=work"
			: "lowerdir=lower,upperdir=upper,workdir=work,userxattr";
	int r;

	if (chdir(arg) < 0)
		return errno;
	r = make_layers();
	if (r)
		return r;
	if (mount("overlay", "merged", "overlay", 0, options) < 0)
		return errno;
	r = use_layers();
	(void)umount2("merged", MNT_DETACH); /* or it goes with the namespace */
	return r;
}

/* ---- all of it ---- */

static void probe_space(struct probe_facts *facts)
{
	struct statfs fs;

	facts->free_bytes = -1;
	facts->free_inodes = -1;
	if (statfs(facts->store_at, &fs) < 0)
		return;
	name_kind(&fs, facts->store_kind);
	facts->free_bytes = (int64_t)fs.f_bavail * fs.f_bsize;
	/* btrfs and others have no fixed number of inodes, and say 0. */
	if (fs.f_files)
		facts->free_inodes = (int64_t)fs.f_ffree;
}

void probe_store(const char *home, struct probe_facts *facts)
{
	struct err err = { 0 };
	OWN_FREE char *where = home_where(home, &err);
	OWN_FREE char *folder = NULL;

	facts->wal_error = -1;
	facts->overlay_error = -1;
	facts->store_error = where ? 0 : err.code;
	if (!where)
		return;
	(void)snprintf(facts->store, sizeof(facts->store), "%s", where);
	find_nearest(where, facts->store_at);
	probe_space(facts);
	folder = mem_fmt("%s/.doctor-XXXXXX", facts->store_at);
	if (!mkdtemp(folder)) {
		facts->store_error = errno;
		return;
	}
	facts->wal_error = probe_in_child(try_wal, folder);
	facts->overlay_error = probe_as_root(try_overlay, folder);
	(void)userns_remove_tree(AT_FDCWD, folder, &err); /* as far as it can */
}
