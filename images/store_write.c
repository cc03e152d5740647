/* images/store_write.c - images and tags entered into the store. */
#include "images/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "images/layer.h"
#include "images/ref.h"
#include "images/stage.h"
#include "images/store_private.h"
#include "runtime/base/buf.h"
#include "runtime/base/db.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/events.h"
#include "runtime/home.h"

/* ---- images ---- */

/* One that is in the tables is on the disk, for some image stands on it. */
static int find_known(struct store *store, const char *chain,
		      struct layer *out, struct err *err)
{
	OWN_STMT struct sqlite3_stmt *stmt =
		db_query(store->db, err,
			 "SELECT size_bytes FROM layers WHERE chain = ?", "s",
			 chain);
	int r = stmt ? db_next(store->db, stmt, err) : -err->code;

	if (r == 1) {
		snprintf(out->chain, sizeof(out->chain), "%s", chain);
		out->size_bytes = db_int(stmt, 0);
	}
	return r;
}

int store_layer(struct store *store, const char *chain, struct layer *out,
		struct err *err)
{
	OWN_FREE char *path = mem_fmt("layers/%s", digest_hex(chain));
	OWN_FD int fd = fs_open_dir(store->home->fd, path, err);

	if (fd < 0)
		return fd;
	if (layer_read(fd, out, err) < 0)
		return err_wrap(err, "%s", path);
	return stage_link(store->home, out, err);
}

static int enter_layer(struct store *store, const struct layer *layer,
		       struct err *err)
{
	return db_run(store->db, err,
		      "INSERT OR IGNORE INTO layers(chain, diff, link, blob, size_bytes)"
		      " VALUES(?, ?, ?, ?, ?)",
		      "ssssi", layer->chain, layer->diff, layer->link,
		      layer->blob, layer->size_bytes);
}

static int add_layer(struct store *store, const char *id, int64_t place,
		     const char *chain, int64_t *size_bytes, struct err *err)
{
	struct layer layer = { 0 };
	int r = find_known(store, chain, &layer, err);

	if (r == 0) {
		r = store_layer(store, chain, &layer, err);
		if (r == 0)
			r = enter_layer(store, &layer, err);
	}
	*size_bytes += layer.size_bytes;
	if (r >= 0)
		r = db_run(store->db, err,
			   "INSERT INTO image_layers(image, place, chain) VALUES(?, ?, ?)",
			   "sis", id, place, layer.chain);
	return r < 0 ? r : 0;
}

static int add_layers(struct store *store, const char *id,
		      const struct image_doc *doc, struct err *err)
{
	char chain[DIGEST_SIZE] = "";
	int64_t size_bytes = 0;
	int r = 0;

	for (size_t i = 0; i < doc->diffs.count && r == 0; i++) {
		char next[DIGEST_SIZE];

		digest_chain(i ? chain : NULL, doc->diffs.items[i], next);
		memcpy(chain, next, DIGEST_SIZE);
		r = add_layer(store, id, (int64_t)i, chain, &size_bytes, err);
	}
	if (r == 0)
		r = db_run(store->db, err,
			   "UPDATE images SET size_bytes = ? WHERE id = ?",
			   "is", size_bytes, id);
	return r < 0 ? r : 0;
}

int store_add_image(struct store *store, const char *config, size_t len,
		    const char *parent, char out_id[DIGEST_SIZE],
		    struct err *err)
{
	OWN_DOC struct image_doc doc = { 0 };
	char id[DIGEST_SIZE];
	int r = image_doc_read(config, len, &doc, err);

	if (r < 0)
		return r;
	digest_of(config, len, id);
	r = db_run(store->db, err,
		   "INSERT OR IGNORE INTO images(id, parent, created_ns, size_bytes, bundled, config)"
		   " VALUES(?, ?, ?, 0, 0, ?)",
		   "ssib", id, parent, doc.created_ns, config, len);
	if (r > 0)
		r = add_layers(store, id, &doc, err);
	if (r < 0)
		return r;
	memcpy(out_id, id, DIGEST_SIZE);
	return 0;
}

int store_set_parent(struct store *store, const char *id, const char *parent,
		     struct err *err)
{
	int r = db_run(store->db, err,
		       "UPDATE images SET parent = ? WHERE id = ?", "ss",
		       parent, id);

	return r < 0 ? r : 0;
}

int store_drop_image(struct store *store, const char *id, struct err *err)
{
	trace_begin();
	if (db_run(store->db, err, "DELETE FROM tags WHERE image = ?", "s",
		   id) < 0 ||
	    db_run(store->db, err, "DELETE FROM image_layers WHERE image = ?",
		   "s", id) < 0 ||
	    db_run(store->db, err, "DELETE FROM build_files WHERE image = ?",
		   "s", id) < 0 ||
	    db_run(store->db, err, "DELETE FROM unsynced WHERE image = ?", "s",
		   id) < 0 ||
	    db_run(store->db, err,
		   "UPDATE images SET parent = NULL WHERE parent = ?", "s",
		   id) < 0 ||
	    db_run(store->db, err, "DELETE FROM images WHERE id = ?", "s",
		   id) < 0 ||
	    db_run(store->db, err,
		   "DELETE FROM layers WHERE chain NOT IN"
		   " (SELECT chain FROM image_layers)",
		   "") < 0)
		return -err->code;
	trace_step(TRACE_IMAGE_GONE, "DELETE FROM images: %.19s", id);
	return 0;
}

/* ---- tags ---- */

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* An image that came with the program and that nobody touched goes when its own
 * name goes to another image: to a learner it was never there. When only an
 * alias of it goes, it stays. */
static int give_way(struct store *store, const char *full, const char *id,
		    struct err *err)
{
	OWN_STRS struct strs before = { 0 };
	OWN_STRS struct strs reasons = { 0 };
	OWN_IMAGE struct image image = { 0 };
	int r = store_column(store->db,
			     "SELECT image FROM tags WHERE name = ? AND bundled = 1",
			     full, &before, err);

	if (r < 0 || before.count == 0 || strcmp(before.items[0], id) == 0)
		return r;
	r = store_load(store, store->db, before.items[0], &image, err);
	if (r == 0)
		r = store_column(store->db,
				 "SELECT name FROM tags WHERE image = ?1 AND bundled = 0"
				 " UNION SELECT id FROM images WHERE parent = ?1",
				 before.items[0], &reasons, err);
	if (r < 0 || !image.bundled || reasons.count)
		return r;
	return store_drop_image(store, before.items[0], err);
}

int store_tagged(struct store *store, const struct ref *ref,
		 char out_id[DIGEST_SIZE], struct err *err)
{
	OWN_FREE char *full = ref_full(ref);
	OWN_STRS struct strs ids = { 0 };
	struct db *db = store_db(store, err);
	int r = db ? store_column(db,
				  "SELECT image FROM tags WHERE name = ? AND bundled = 0",
				  full, &ids, err) :
		     -err->code;

	if (r < 0 || ids.count == 0)
		return r;
	memcpy(out_id, ids.items[0], DIGEST_SIZE);
	return 1;
}

int store_set_tag(struct store *store, const struct ref *ref, const char *id,
		  struct err *err)
{
	OWN_FREE char *full = ref_full(ref);
	OWN_FREE char *familiar = ref_familiar_name(ref);
	int r;

	/* "sha256:x" is to be read as a digest everywhere. */
	if (familiar && strcmp(familiar, "sha256") == 0)
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"refusing to create an ambiguous tag using digest algorithm as name");
	r = store_sync_image(store, id, err);
	if (r == 0)
		r = give_way(store, full, id, err);
	trace_begin();
	if (r == 0)
		r = db_run(store->db, err,
			   "INSERT OR REPLACE INTO tags(name, image, bundled, note)"
			   " VALUES(?, ?, 0, NULL)",
			   "ss", full, id);
	if (r >= 0)
		r = db_run(store->db, err,
			   "UPDATE images SET tagged_ns = ? WHERE id = ?",
			   "is", now_ns(), id);
	if (r < 0)
		return r;
	trace_step(TRACE_TAG, "INSERT INTO tags: %s -> %.19s", full, id);
	return 0;
}

/* What Docker's client looks at before it asks anybody. */
static int check_reference(const char *text, struct ref *out, bool is_target,
			   struct err *err)
{
	struct err inner = { 0 };
	int r = is_target ? ref_parse(text, out, &inner) :
			    ref_parse_any(text, out, &inner);

	if (r < 0)
		return err_docker(err, ERR_BARE, EINVAL,
				  "Error parsing reference: \"%s\" is not a valid repository/tag: %s",
				  text, inner.msg);
	if (is_target && out->digest)
		return err_docker(err, ERR_BARE, EINVAL,
				  "refusing to create a tag with a digest reference");
	return 0;
}

void store_labels(struct store *store, const char *id, struct strs *out)
{
	OWN_IMAGE struct image image = { 0 };
	struct err ignored = { 0 };
	struct db *db = store_db(store, &ignored);

	if (db && store_load(store, db, id, &image, &ignored) == 0)
		strs_copy(out, &image.config.labels);
}

void store_note_event(struct store *store, const char *action, const char *id,
		      const char *name)
{
	OWN_STRS struct strs pairs = { 0 };

	store_labels(store, id, &pairs);
	strs_addf(&pairs, "name=%s", name);
	events_note(store_home(store), "image", action, id, &pairs);
}

int image_tag(struct store *store, const char *source, const char *target,
	      struct err *err)
{
	OWN_REF struct ref from = { 0 };
	OWN_REF struct ref to = { 0 };
	OWN_IMAGE struct image image = { 0 };
	int r = check_reference(source, &from, false, err);

	if (r == 0)
		r = check_reference(target, &to, true, err);
	if (r == 0)
		r = image_find(store, source, &image, err);
	if (r == 0)
		r = store_begin(store, err);
	if (r != 0)
		return r;
	ref_tag_latest(&to);
	r = store_end(store, store_set_tag(store, &to, image.id, err), err);
	if (r == 0) {
		OWN_FREE char *shown = ref_familiar(&to);

		store_note_event(store, "tag", image.id, shown);
		r = store_clear_away(store, err);
	}
	return r;
}
