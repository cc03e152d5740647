/* runtime/base/db.c - see db.h
 *
 * The write-ahead log makes readers and writers independent, but opening it
 * costs a reader some ninety system calls, and an fsync where it happens to be
 * the last to close. `run` wants to know one row, so it takes a glance: it reads
 * the file itself and looks before and after whether anybody wrote:
 *
 *	writer                          glance
 *	log: append, fsync              1 read the header
 *	file: page 1 (the header),      2 is the log empty? else give up
 *	      then the others, fsync    3 read pages
 *	log: empty it                   4 is the log still empty?
 *	                                5 is the header still the same?
 *
 * Every transaction changes the header (its field application_id counts them)
 * and every one empties the log at its end. So 1 and 2 mean that no page was
 * half way; pages written between 2 and 4 are found out by 4 (not yet done) or
 * by 5 (done: the header went first); pages written after 4 were not read. */
#include "runtime/base/db.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

enum {
	WAIT_MS = 10000,
};

enum {
	HEADER_SIZE = DB_HEADER_SIZE,
};

/* header  of a glance: the first bytes as they were at its start
 * next    of those that this process has open with locks */
struct db {
	sqlite3 *handle;
	char *path;
	bool glance;
	bool lazy;
	char header[HEADER_SIZE];
	struct db *next;
};

/* A process that closes any descriptor of a file loses all its locks on it
 * (fcntl(2)). SQLite knows that of its own descriptors that lock; whatever else
 * opens and closes the file would take its locks from under it, and another
 * program would then empty or remove a log that is in use. */
static struct db *with_locks;

static bool is_open_with_locks(const char *path)
{
	for (const struct db *db = with_locks; db; db = db->next) {
		if (strcmp(db->path, path) == 0)
			return true;
	}
	return false;
}

static void forget(const struct db *db)
{
	for (struct db **at = &with_locks; *at; at = &(*at)->next) {
		if (*at == db) {
			*at = db->next;
			return;
		}
	}
}

static int errno_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_FULL:
		return ENOSPC;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_CANTOPEN:
		return EACCES;
	case SQLITE_NOMEM:
		return ENOMEM;
	case SQLITE_CONSTRAINT:
		return EEXIST;
	default:
		return EIO;
	}
}

/* What SQLite says, as an errno and in words. */
static int say(const struct db *db, int code, const char *what, struct err *err)
{
	/* No handle: there was no memory for one, and it says so. */
	const char *text = sqlite3_errmsg(db->handle);
	int kind = code & 0xff;

	if (kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB) {
		err_set(err, EUCLEAN, _("%s is damaged: %s"), db->path, text);
		return err_hint(err, _("move this file (and those beside it that begin with its name) to another folder: a new one with the base images is made at the next command, containers and volumes stay; images of yours have to be built or loaded again"));
	}
	if (kind == SQLITE_BUSY || kind == SQLITE_LOCKED) {
		err_set(err, EBUSY, _("%s: another program has been writing to it for %d seconds"),
			db->path, WAIT_MS / 1000);
		return err_hint(err, _("wait for the other dockershell, or end it"));
	}
	if (kind == SQLITE_FULL)
		text = _("no space left on the disk");
	return err_set(err, errno_of(kind), "%s %s: %s", what, db->path, text);
}

/* SQLite's own looks at each folder of the path for links. Ours is absolute
 * already, and `run` counts its system calls. A glance takes no locks, so it has
 * no need to find out which file a lock would be on. */
static int full_path(sqlite3_vfs *vfs, const char *path, int size, char *out)
{
	(void)vfs;
	return snprintf(out, (size_t)size, "%s", path) < size ?
		       SQLITE_OK :
		       SQLITE_CANTOPEN;
}

static const char *plain_vfs(bool locks)
{
	static sqlite3_vfs kinds[2];
	sqlite3_vfs *vfs = &kinds[locks];

	if (!vfs->zName) {
		(void)sqlite3_initialize(); /* an error comes again at open */
		*vfs = *sqlite3_vfs_find(locks ? NULL : "unix-none");
		vfs->zName = locks ? "plain" : "glance";
		vfs->xFullPathname = full_path;
		(void)sqlite3_vfs_register(vfs, 0);
	}
	return vfs->zName;
}

static int open_with(const char *path, const char *name, int flags,
		     struct db **out, struct err *err)
{
	struct db *db = mem_zero(1, sizeof(*db));
	int code;

	db->path = mem_str(path);
	/* One thread, no shared cache, no sleeping in a mutex. */
	code = sqlite3_open_v2(name, &db->handle,
			       flags | SQLITE_OPEN_NOMUTEX |
				       SQLITE_OPEN_PRIVATECACHE |
				       SQLITE_OPEN_EXRESCODE,
			       plain_vfs(!(flags & SQLITE_OPEN_READONLY)));
	if (code != SQLITE_OK) {
		int r = say(db, code, "open", err);

		db_close(db);
		return r;
	}
	*out = db;
	return 0;
}

static int prepare_to_write(struct db *db, struct err *err)
{
	int keep = 1;

	int code = SQLITE_BUSY;

	(void)sqlite3_busy_timeout(db->handle, WAIT_MS);
	/* Two programs that change a new file to a log at once would wait for
	 * each other: SQLite then refuses one without any waiting. */
	for (int waited = 0; (code & 0xff) == SQLITE_BUSY && waited < WAIT_MS;
	     waited += 10) {
		code = sqlite3_exec(db->handle, "PRAGMA journal_mode=WAL", NULL,
				    NULL, NULL);
		if ((code & 0xff) == SQLITE_BUSY)
			usleep(10000);
	}
	if (code != SQLITE_OK)
		return say(db, code, "open", err);
	/* Leave the log's files when the last one closes: making and removing
	 * them is work for everybody, and a glance finds them empty. */
	(void)sqlite3_file_control(db->handle, "main",
				   SQLITE_FCNTL_PERSIST_WAL, &keep);
	return db_exec(db,
		       "PRAGMA synchronous=FULL;"
		       "PRAGMA journal_size_limit=0;"
		       "PRAGMA foreign_keys=ON",
		       err);
}

int db_open(const char *path, struct db **out, struct err *err)
{
	struct db *db = NULL;
	int r;
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	/* Made here and not by SQLite, so that the mode does not depend on the
	 * umask; its other files take theirs from this one. One that is there is
	 * not opened: see with_locks. */
	if (fd < 0 && errno != EEXIST)
		return err_errno(err, "open %s", path);
	if (fd >= 0)
		close(fd);
	r = open_with(path, path, SQLITE_OPEN_READWRITE, &db, err);
	if (r < 0)
		return r;
	db->next = with_locks;
	with_locks = db;
	r = prepare_to_write(db, err);
	if (r < 0) {
		db_close(db);
		return r;
	}
	*out = db;
	return 0;
}

/* ---- a glance ---- */

static bool log_is_empty(const struct db *db)
{
	OWN_FREE char *log = mem_fmt("%s-wal", db->path);
	struct stat st;

	if (stat(log, &st) < 0)
		return errno == ENOENT;
	return st.st_size == 0;
}

/* By the descriptor that SQLite has open. */
bool db_header(struct db *db, char header[DB_HEADER_SIZE])
{
	sqlite3_file *file = NULL;

	return sqlite3_file_control(db->handle, "main",
				    SQLITE_FCNTL_FILE_POINTER,
				    &file) == SQLITE_OK &&
	       file && file->pMethods &&
	       file->pMethods->xRead(file, header, HEADER_SIZE, 0) == SQLITE_OK;
}

/* In a URI '?', '#' and '%' mean something. */
static char *as_uri(const char *path)
{
	OWN_BUF struct buf uri = { 0 };

	buf_str(&uri, "file:");
	for (; *path; path++) {
		if (strchr("?#%", *path))
			buf_fmt(&uri, "%%%02X", (unsigned char)*path);
		else
			buf_char(&uri, *path);
	}
	buf_str(&uri, "?immutable=1");
	return buf_give(&uri);
}

int db_glance(const char *path, struct db **out, struct err *err)
{
	OWN_FREE char *uri = as_uri(path);
	struct db *db = NULL;
	int r = is_open_with_locks(path)
			? err_set(err, EAGAIN, "%s is open for writing", path)
			: open_with(path, uri,
				    SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, &db,
				    err);

	if (r == -EAGAIN)
		return r;
	if (r < 0)
		return access(path, F_OK) < 0 ?
			       err_set(err, ENOENT, "there is no %s", path) :
			       r;
	db->glance = true;
	if (!db_header(db, db->header) || !log_is_empty(db)) {
		db_close(db);
		return err_set(err, EAGAIN, "%s is being written", path);
	}
	*out = db;
	return 0;
}

bool db_glance_held(struct db *db)
{
	char header[HEADER_SIZE];

	return log_is_empty(db) && db_header(db, header) &&
	       memcmp(header, db->header, HEADER_SIZE) == 0;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	forget(db);
	(void)sqlite3_close(db->handle); /* statements are all let go by now */
	free(db->path);
	free(db);
}

int db_exec(struct db *db, const char *sql, struct err *err)
{
	int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : say(db, code, "write", err);
}

static int bind(sqlite3_stmt *stmt, const char *types, va_list args)
{
	int code = SQLITE_OK;

	for (int i = 1; *types && code == SQLITE_OK; types++, i++) {
		assert(strchr("sib", *types)); /* the letters of db.h */
		if (*types == 's') {
			code = sqlite3_bind_text(stmt, i,
						 va_arg(args, const char *), -1,
						 SQLITE_STATIC);
		} else if (*types == 'i') {
			code = sqlite3_bind_int64(stmt, i,
						  va_arg(args, int64_t));
		} else {
			const void *bytes = va_arg(args, const void *);

			code = sqlite3_bind_blob64(stmt, i, bytes,
						   va_arg(args, size_t),
						   SQLITE_STATIC);
		}
	}
	return code;
}

static sqlite3_stmt *prepare(struct db *db, struct err *err, const char *sql,
			     const char *types, va_list args)
{
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL);

	if (code == SQLITE_OK)
		code = bind(stmt, types, args);
	if (code == SQLITE_OK)
		return stmt;
	say(db, code, "read", err);
	sqlite3_finalize(stmt);
	return NULL;
}

struct sqlite3_stmt *db_query(struct db *db, struct err *err, const char *sql,
			      const char *types, ...)
{
	sqlite3_stmt *stmt;
	va_list args;

	va_start(args, types);
	stmt = prepare(db, err, sql, types, args);
	va_end(args);
	return stmt;
}

int db_next(struct db *db, struct sqlite3_stmt *stmt, struct err *err)
{
	int code = sqlite3_step(stmt);

	if (code == SQLITE_ROW)
		return 1;
	return code == SQLITE_DONE ? 0 : say(db, code, "read", err);
}

void db_done(struct sqlite3_stmt *stmt)
{
	(void)sqlite3_finalize(stmt); /* repeats what db_next reported */
}

int db_run(struct db *db, struct err *err, const char *sql, const char *types,
	   ...)
{
	sqlite3_stmt *stmt;
	va_list args;
	int code;

	va_start(args, types);
	stmt = prepare(db, err, sql, types, args);
	va_end(args);
	if (!stmt)
		return -err->code;
	code = sqlite3_step(stmt);
	if (code != SQLITE_DONE && code != SQLITE_ROW) {
		say(db, code, "write", err);
		db_done(stmt);
		return -err->code;
	}
	db_done(stmt);
	return sqlite3_changes(db->handle);
}

int db_version(struct db *db, int *out, struct err *err)
{
	OWN_STMT sqlite3_stmt *stmt = db_query(db, err, "PRAGMA user_version",
					       "");
	int r = stmt ? db_next(db, stmt, err) : -err->code;

	if (r < 0)
		return r;
	*out = (int)db_int(stmt, 0);
	return 0;
}

int db_migrate(struct db *db, const char *const *scripts, int count,
	       struct err *err)
{
	char set_version[64];
	int version = 0;
	int r = db_version(db, &version, err);

	if (r < 0)
		return r;
	if (version > count) {
		err_set(err, EPROTO, _("%s was written by a newer dockershell (version %d of it, this one knows %d)"),
			db->path, version, count);
		return err_hint(err, _("use the newer program, or another place: --home DIR"));
	}
	for (; version < count; version++) {
		r = db_exec(db, scripts[version], err);
		if (r < 0)
			return r;
		snprintf(set_version, sizeof(set_version),
			 "PRAGMA user_version=%d", version + 1);
		r = db_exec(db, set_version, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int db_begin(struct db *db, struct err *err)
{
	return db_exec(db, "BEGIN IMMEDIATE", err);
}

/* The mark that a glance looks for; see the top of this file. */
static int count_transaction(struct db *db, struct err *err)
{
	OWN_STMT sqlite3_stmt *stmt =
		db_query(db, err, "PRAGMA application_id", "");
	char set_count[64];
	int32_t count;
	int r = stmt ? db_next(db, stmt, err) : -err->code;

	if (r < 0)
		return r;
	count = (int32_t)db_int(stmt, 0);
	snprintf(set_count, sizeof(set_count), "PRAGMA application_id=%d",
		 count < INT32_MAX ? count + 1 : 1);
	return db_exec(db, set_count, err);
}

int db_end(struct db *db, int r, struct err *err)
{
	struct err ignored = { 0 };
	int done;

	done = r < 0 ? r : count_transaction(db, err);
	if (done == 0)
		done = db_exec(db, "COMMIT", err);
	if (done < 0) {
		/* SQLite may have rolled back on its own already. */
		(void)db_exec(db, "ROLLBACK", &ignored);
		return done;
	}
	if (db->lazy)
		return r;
	/* Not possible while somebody reads: then the next one does it, and
	 * until then a glance gives up and opens the database in full. */
	(void)sqlite3_wal_checkpoint_v2(db->handle, NULL,
					SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	return r;
}

int db_set_lazy(struct db *db, bool lazily, struct err *err)
{
	int r;

	if (db->lazy == lazily)
		return 0;
	r = db_exec(db,
		    lazily ? "PRAGMA synchronous=NORMAL" :
			     "PRAGMA synchronous=FULL",
		    err);
	if (r < 0)
		return r;
	db->lazy = lazily;
	return 0;
}

const char *db_text(struct sqlite3_stmt *stmt, int column)
{
	return (const char *)sqlite3_column_text(stmt, column);
}

int64_t db_int(struct sqlite3_stmt *stmt, int column)
{
	return sqlite3_column_int64(stmt, column);
}
