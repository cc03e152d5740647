/* images/store_names.c - see store.h: names alone, at a glance
 *
 * The Tab key asks for them: it may neither wait for a build that writes nor make
 * a store where there is none. */
#include "images/store.h"

#include <string.h>
#include <unistd.h>

#include "images/base.h"
#include "images/ref.h"
#include "images/store_private.h"
#include "runtime/base/buf.h"
#include "runtime/base/db.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/home.h"

static void add_familiar(const struct strs *full, struct strs *out)
{
	for (size_t i = 0; i < full->count; i++) {
		OWN_REF struct ref ref = { 0 };
		struct err ignored = { 0 };

		if (ref_parse(full->items[i], &ref, &ignored) == 0 &&
		    !ref.digest)
			strs_take(out, ref_familiar(&ref));
	}
}

static int read_names(struct db *db, struct strs *out)
{
	struct err ignored = { 0 };
	int version = 0;
	int r = db_version(db, &version, &ignored);

	if (r == 0 && version == STORE_VERSION)
		r = store_column(db, "SELECT name FROM tags", NULL, out,
				 &ignored);
	return r;
}

/* Where a glance does not do, there is a log to be read as well: a reader of it
 * waits for nobody. */
static void read_store(const char *path, struct strs *out)
{
	struct db *db = NULL;
	struct err ignored = { 0 };
	bool held;

	if (db_glance(path, &db, &ignored) == 0) {
		held = read_names(db, out) == 0 && db_glance_held(db);
		db_close(db);
		if (held)
			return;
		strs_clear(out);
	}
	if (db_open(path, &db, &ignored) < 0)
		return;
	(void)read_names(db, out); /* what could be read is offered */
	db_close(db);
}

void image_names(const struct home *home, struct strs *out)
{
	OWN_FREE char *path = home ? mem_fmt("%s/store.db", home->path) : NULL;
	OWN_STRS struct strs full = { 0 };

	if (path && access(path, R_OK) == 0)
		read_store(path, &full);
	else
		base_names(&full);
	add_familiar(&full, out);
}
