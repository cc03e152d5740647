/* images/usage.c - see usage.h */
#include "images/usage.h"

#include "images/store.h"
#include "runtime/base/db.h"
#include "runtime/base/err.h"

static int one_number(struct store *store, const char *sql, const char *text,
		      int64_t *out, struct err *err)
{
	struct db *db = store_db(store, err);
	OWN_STMT struct sqlite3_stmt *stmt =
		db ? db_query(db, err, sql, "s", text) : NULL;
	int r = stmt ? db_next(db, stmt, err) : -err->code;

	if (r < 0)
		return r;
	*out = r == 1 ? db_int(stmt, 0) : 0; /* a sum of nothing is NULL: 0 */
	return 0;
}

int image_usage_total(struct store *store, int64_t *out, struct err *err)
{
	return one_number(store,
			  "SELECT SUM(size_bytes) FROM layers WHERE chain <> ?",
			  "", out, err);
}

int image_usage_shared(struct store *store, const char *id, int64_t *out,
		       struct err *err)
{
	return one_number(
		store,
		"SELECT SUM(l.size_bytes) FROM image_layers i"
		" JOIN layers l ON l.chain = i.chain"
		" WHERE i.image = ?1 AND EXISTS"
		" (SELECT 1 FROM image_layers o"
		"  WHERE o.chain = i.chain AND o.image <> ?1 AND"
		"  (EXISTS (SELECT 1 FROM tags WHERE image = o.image) OR"
		"   NOT EXISTS (SELECT 1 FROM images WHERE parent = o.image)))",
		id, out, err);
}

int image_usage_layer(struct store *store, const char *chain, int64_t *out,
		      struct err *err)
{
	return one_number(store,
			  "SELECT size_bytes FROM layers WHERE chain = ?",
			  chain, out, err);
}
