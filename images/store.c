/* images/store.c - see store.h and store_private.h */
#include "images/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/base.h"
#include "images/stage.h"
#include "images/store_private.h"
#include "runtime/base/buf.h"
#include "runtime/base/db.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/home.h"

/* One script for each version. A script that was released is never changed. */
static const char *const schema[STORE_VERSION] = {
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
	"CREATE TABLE images("
	" id TEXT PRIMARY KEY, parent TEXT, created_ns INTEGER NOT NULL,"
	" size_bytes INTEGER NOT NULL, bundled INTEGER NOT NULL,"
	" tagged_ns INTEGER, config BLOB NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX images_parent ON images(parent);"
	"CREATE TABLE tags("
	" name TEXT PRIMARY KEY, image TEXT NOT NULL REFERENCES images(id),"
	" bundled INTEGER NOT NULL, note TEXT) WITHOUT ROWID;"
	"CREATE INDEX tags_image ON tags(image);"
	"CREATE TABLE layers("
	" chain TEXT PRIMARY KEY, diff TEXT NOT NULL, link TEXT NOT NULL,"
	" blob TEXT NOT NULL, size_bytes INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE image_layers("
	" image TEXT NOT NULL REFERENCES images(id), place INTEGER NOT NULL,"
	" chain TEXT NOT NULL REFERENCES layers(chain),"
	" PRIMARY KEY(image, place)) WITHOUT ROWID;"
	"CREATE INDEX image_layers_chain ON image_layers(chain);",
	"CREATE TABLE build_files("
	" image TEXT PRIMARY KEY, files TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE unsynced(image TEXT PRIMARY KEY) WITHOUT ROWID;",
};

/* Makes the tables, and enters the images that come with the program (in a world:
 * those of the home around it) in the same transaction: a first start that is
 * killed is a first start again. Another program that starts meanwhile waits in
 * db_begin.
 *
 * Without the images the store is of use all the same: whoever asks for one gets
 * to know why it is not there (base_find_again). */
static int bring_up_to_date(struct store *store, struct err *err)
{
	struct base_images *base = NULL;
	struct stage *stage = NULL;
	struct err no_base = { 0 };
	int version = 0;
	int r = db_begin(store->db, err);

	if (r < 0)
		return r;
	r = db_version(store->db, &version, err);
	if (r == 0)
		r = db_migrate(store->db, schema, STORE_VERSION, err);
	if (r == 0 && version == 0 && store_is_world(store->home))
		r = store_fill_world(store, &stage, err);
	else if (r == 0 && version == 0 &&
		 base_prepare(store, NULL, &base, &no_base) == 0)
		r = base_enter(store, base, NULL, err);
	r = db_end(store->db, r, err);
	base_done(base);
	stage_close(stage);
	return r;
}

struct db *store_db(struct store *store, struct err *err)
{
	int version = 0;
	int r;

	if (store->db)
		return store->db;
	r = db_open(store->path, &store->db, err);
	if (r == 0)
		r = db_version(store->db, &version, err);
	if (r == 0 && version != STORE_VERSION)
		r = bring_up_to_date(store, err);
	if (r == 0)
		r = store_recover(store, err);
	if (r < 0) {
		db_close(store->db);
		store->db = NULL;
	}
	return store->db;
}

const struct home *store_home(const struct store *store)
{
	return store->home;
}

int store_open(const struct home *home, struct store **out, struct err *err)
{
	struct store *store = mem_zero(1, sizeof(*store));

	store->home = home;
	store->path = mem_fmt("%s/store.db", home->path);
	/* The images that come along are there from the first start on. Where that
	 * one was killed, whoever needs the database next makes up for it. */
	if (home->made && !store_db(store, err)) {
		store_close(store);
		return -err->code;
	}
	*out = store;
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	db_close(store->db);
	free(store->path);
	free(store);
}

void store_rest(struct store *store)
{
	if (!store)
		return;
	db_close(store->db);
	store->db = NULL;
}

int store_begin(struct store *store, struct err *err)
{
	struct db *db = store_db(store, err);

	return db ? db_begin(db, err) : -err->code;
}

int store_end(struct store *store, int r, struct err *err)
{
	trace_begin();
	r = db_end(store->db, r, err);
	if (r == 0)
		trace_step(TRACE_STORE, "COMMIT: store.db");
	return r;
}

int store_column(struct db *db, const char *sql, const char *argument,
		 struct strs *out, struct err *err)
{
	OWN_STMT struct sqlite3_stmt *stmt =
		db_query(db, err, sql, argument ? "s" : "", argument);
	int r;

	if (!stmt)
		return -err->code;
	while ((r = db_next(db, stmt, err)) == 1)
		strs_add(out, db_text(stmt, 0));
	return r;
}
