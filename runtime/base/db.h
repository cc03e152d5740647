/* runtime/base/db.h - the store's database (SQLite).
 *
 * Owns how store.db is opened, brought to the present shape, and changed:
 * write-ahead log, so that readers never wait; synchronous FULL, so that what
 * was committed outlives a power cut. What is in it is said by those who use it
 * (images/store.h and others), in plain SQL.
 *
 * SQLite does not live through a fork(2): a child must not touch a struct db of
 * its parent's, not even to close it. */
#ifndef RUNTIME_BASE_DB_H
#define RUNTIME_BASE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct db;      /* one connection */
struct sqlite3_stmt;

/* Opens `path` to be read and written, making it where needed (mode 0600). */
int db_open(const char *path, struct db **out, struct err *err);

/* Opens it for a glance: no lock, no log, no shared memory, no fsync; a tenth of
 * the system calls. What was read counts only if db_glance_held says so in the
 * end; otherwise somebody was writing, and db_open has to do.
 *
 * Returns 0, -ENOENT where there is no such file, -EAGAIN where a glance would
 * not see everything. `path` is absolute. */
int db_glance(const char *path, struct db **out, struct err *err);
bool db_glance_held(struct db *db);

/* The first bytes of the file, which differ after each transaction that has
 * reached it. false: could not be read, or there are not yet as many. A file that
 * may be open is never read by a descriptor of one's own: closing that would give
 * up the locks this process has on it. */
enum {
	DB_HEADER_SIZE = 100,
};
bool db_header(struct db *db, char header[DB_HEADER_SIZE]);

void db_close(struct db *db); /* NULL is fine */

/* The number that the last migration left (PRAGMA user_version); 0 in a new
 * file. */
int db_version(struct db *db, int *out, struct err *err);

/* Brings the schema from its version to `count`, one script each, all within the
 * transaction under way. -EPROTO where the file is newer than this program. */
int db_migrate(struct db *db, const char *const *scripts, int count,
	       struct err *err);

/* A transaction that writes. db_begin waits (up to ten seconds) for another
 * program's. db_end commits where *r is 0 and takes everything back otherwise;
 * a commit that fails is put into *r and *err:
 *
 *	r = db_begin(db, err);
 *	if (r < 0)
 *		return r;
 *	r = change_this(db, err);
 *	return db_end(db, r, err); */
int db_begin(struct db *db, struct err *err);
int db_end(struct db *db, int r, struct err *err);

/* With `lazily`, what db_end commits is whole at any moment, for other programs
 * too, and outlives a kill of this one, but not yet a power cut: that comes with
 * the first transaction after it was said again with `lazily` false. Many small
 * transactions in a row cost no fsync so. */
int db_set_lazy(struct db *db, bool lazily, struct err *err);

/* Runs SQL that gives no rows and has no parameters. */
int db_exec(struct db *db, const char *sql, struct err *err);

/* One statement with parameters. `types` has a letter for each '?': s (const
 * char *, NULL gives SQL's NULL), i (int64_t), b (const void *, size_t: a blob).
 * The text is borrowed until db_done.
 *
 * db_query prepares; db_next fetches a row (1), finds the end (0) or fails;
 * db_done lets it go (also on NULL). db_run does all three for a statement
 * without rows and returns how many rows it changed. */
struct sqlite3_stmt *db_query(struct db *db, struct err *err, const char *sql,
			      const char *types, ...);
int db_next(struct db *db, struct sqlite3_stmt *stmt, struct err *err);
void db_done(struct sqlite3_stmt *stmt);
int db_run(struct db *db, struct err *err, const char *sql, const char *types,
	   ...);

static inline void db_done_ptr(struct sqlite3_stmt **stmt)
{
	db_done(*stmt);
}
#define OWN_STMT __attribute__((cleanup(db_done_ptr)))

/* Columns of the row that db_next fetched. Text is borrowed until the next
 * db_next or db_done; SQL's NULL gives NULL. */
const char *db_text(struct sqlite3_stmt *stmt, int column);
int64_t db_int(struct sqlite3_stmt *stmt, int column);

#endif
