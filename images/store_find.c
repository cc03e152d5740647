/* images/store_find.c - images by name, by id, and all of them. */
#include "images/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "images/base.h"
#include "images/ref.h"
#include "images/store_private.h"
#include "runtime/base/buf.h"
#include "runtime/base/db.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/home.h"

void image_done(struct image *image)
{
	free(image->id);
	free(image->parent);
	free(image->note);
	strs_done(&image->tags);
	strs_done(&image->digests);
	strs_done(&image->layers);
	strs_done(&image->chains);
	strs_done(&image->links);
	image_config_done(&image->config);
	*image = (struct image){ 0 };
}

void image_list_done(struct image_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		image_done(&list->items[i]);
	free(list->items);
	*list = (struct image_list){ 0 };
}

/* ---- from a name to an id ---- */

static int no_such(const struct ref *ref, struct err *err)
{
	OWN_FREE char *name = ref_familiar(ref);
	bool bare = ref->path && !ref->tag && !ref->digest;

	return err_docker(err, ERR_DAEMON, ENOENT, "No such image: %s%s", name,
			  bare ? ":latest" : "");
}

static int by_tag(struct db *db, const struct ref *ref,
		  char out_id[DIGEST_SIZE], char **out_note, struct err *err)
{
	OWN_STMT struct sqlite3_stmt *stmt = NULL;
	OWN_FREE char *name = ref_full_name(ref);
	OWN_FREE char *full = NULL;
	int r;

	/* A digest says it better than a tag. */
	if (ref->digest)
		full = mem_fmt("%s@%s", name, ref->digest);
	else
		full = mem_fmt("%s:%s", name, ref->tag ? ref->tag : "latest");
	stmt = db_query(db, err, "SELECT image, note FROM tags WHERE name = ?",
			"s", full);
	r = stmt ? db_next(db, stmt, err) : -err->code;
	if (r == 1) {
		memcpy(out_id, db_text(stmt, 0), DIGEST_SIZE);
		if (out_note)
			*out_note = mem_str(db_text(stmt, 1));
	}
	return r;
}

/* A prefix counts if it fits only one, with "sha256:" in front or not. */
static int by_id(struct db *db, const char *text, char out_id[DIGEST_SIZE],
		 struct err *err)
{
	OWN_STMT struct sqlite3_stmt *stmt = NULL;
	OWN_FREE char *first = NULL;
	OWN_FREE char *end = NULL;
	int r;

	if (strncmp(text, "sha256:", 7) == 0)
		text += 7;
	if (!*text || strspn(text, "0123456789abcdef") != strlen(text))
		return 0;
	first = mem_fmt("sha256:%s", text);
	end = mem_fmt("%sg", first); /* behind every further digit */
	stmt = db_query(db, err,
			"SELECT id FROM images WHERE id >= ? AND id < ? LIMIT 2",
			"ss", first, end);
	r = stmt ? db_next(db, stmt, err) : -err->code;
	if (r == 1) {
		memcpy(out_id, db_text(stmt, 0), DIGEST_SIZE);
		r = db_next(db, stmt, err);
		return r < 0 ? r : r == 0;
	}
	return r;
}

int store_resolve(struct db *db, const char *name, char out_id[DIGEST_SIZE],
		  char **out_note, struct err *err)
{
	OWN_REF struct ref ref = { 0 };
	int r = ref_parse_any(name, &ref, err);

	if (r < 0) {
		err->voice = ERR_DAEMON;
		return r;
	}
	r = ref.path ? by_tag(db, &ref, out_id, out_note, err) : 0;
	if (r == 0)
		r = by_id(db, name, out_id, err);
	if (r == 0)
		return no_such(&ref, err);
	return r < 0 ? r : 0;
}

/* ---- from an id to an image ---- */

static int load_config(struct sqlite3_stmt *stmt, int column,
		       struct image *image, struct err *err)
{
	OWN_DOC struct image_doc doc = { 0 };
	const char *text = db_text(stmt, column);
	int r = image_doc_read(text ? text : "", text ? strlen(text) : 0, &doc,
			       err);

	if (r < 0)
		return r;
	image->config = doc.config;
	doc.config = (struct image_config){ 0 };
	return 0;
}

static int load_row(struct db *db, const char *id, struct image *image,
		    struct err *err)
{
	OWN_STMT struct sqlite3_stmt *stmt = db_query(
		db, err,
		"SELECT parent, created_ns, size_bytes, bundled, config, tagged_ns"
		" FROM images WHERE id = ?",
		"s", id);
	int r = stmt ? db_next(db, stmt, err) : -err->code;

	if (r < 0)
		return r;
	if (r == 0)
		return err_docker(err, ERR_DAEMON, ENOENT, "No such image: %s",
				  id);
	image->id = mem_str(id);
	image->parent = mem_str(db_text(stmt, 0));
	image->created_ns = db_int(stmt, 1);
	image->size_bytes = db_int(stmt, 2);
	image->bundled = db_int(stmt, 3);
	image->tagged_ns = db_int(stmt, 5);
	return load_config(stmt, 4, image, err);
}

static int load_tags(struct db *db, struct image *image, struct err *err)
{
	OWN_STRS struct strs names = { 0 };
	int r = store_column(db,
			     "SELECT name FROM tags WHERE image = ? ORDER BY name",
			     image->id, &names, err);

	for (size_t i = 0; i < names.count && r == 0; i++) {
		OWN_REF struct ref ref = { 0 };

		r = ref_parse(names.items[i], &ref, err);
		if (r == 0)
			strs_take(ref.digest ? &image->digests : &image->tags,
				  ref_familiar(&ref));
	}
	return r;
}

static int load_layers(struct db *db, struct image *image, struct err *err)
{
	OWN_STMT struct sqlite3_stmt *stmt = db_query(
		db, err,
		"SELECT l.diff, l.chain, l.link FROM image_layers i"
		" JOIN layers l ON l.chain = i.chain"
		" WHERE i.image = ? ORDER BY i.place",
		"s", image->id);
	OWN_STRS struct strs links = { 0 };
	int r;

	if (!stmt)
		return -err->code;
	while ((r = db_next(db, stmt, err)) == 1) {
		strs_add(&image->layers, db_text(stmt, 0));
		strs_add(&image->chains, db_text(stmt, 1));
		strs_add(&links, db_text(stmt, 2));
	}
	for (size_t i = links.count; i-- > 0;)
		strs_add(&image->links, links.items[i]);
	return r;
}

bool store_was_run(const struct store *store, const struct image *image)
{
	OWN_FREE char *path = NULL;

	if (image->chains.count == 0)
		return false;
	path = mem_fmt("layers/%s/init",
		       digest_hex(image->chains.items[image->chains.count - 1]));
	return faccessat(store->home->fd, path, F_OK, 0) == 0;
}

int store_load(struct store *store, struct db *db, const char *id,
	       struct image *out, struct err *err)
{
	OWN_IMAGE struct image image = { 0 };

	if (load_row(db, id, &image, err) < 0 ||
	    load_tags(db, &image, err) < 0 || load_layers(db, &image, err) < 0)
		return -err->code;
	image.bundled = image.bundled && !store_was_run(store, &image);
	*out = image;
	image = (struct image){ 0 };
	return 0;
}

int image_find(struct store *store, const char *name, struct image *out,
	       struct err *err)
{
	struct db *db = store_db(store, err);
	char id[DIGEST_SIZE];
	OWN_FREE char *note = NULL;
	int r;

	if (!db)
		return -err->code;
	r = store_resolve(db, name, id, &note, err);
	if (r == -ENOENT && base_find_again(store, err) == 0) {
		*err = (struct err){ 0 }; /* it is no longer so */
		r = store_resolve(db, name, id, &note, err);
	}
	if (r == -ENOENT)
		r = -err->code;
	if (r == 0)
		r = store_load(store, db, id, out, err);
	if (r == 0)
		out->note = own_give_ptr(&note);
	return r;
}

/* ---- the way of run ---- */

/* One query, by name alone: 1 if it is there. */
static int read_for_run(struct db *db, const char *full, struct image *out,
			struct err *err)
{
	OWN_STMT struct sqlite3_stmt *stmt = db_query(
		db, err,
		"SELECT i.id, i.config, i.bundled, t.note, l.link FROM tags t"
		" JOIN images i ON i.id = t.image"
		" LEFT JOIN image_layers s ON s.image = i.id"
		" LEFT JOIN layers l ON l.chain = s.chain"
		" WHERE t.name = ? ORDER BY s.place DESC",
		"s", full);
	OWN_IMAGE struct image image = { 0 };
	int r;

	if (!stmt)
		return -err->code;
	while ((r = db_next(db, stmt, err)) == 1) {
		if (!image.id) {
			image.id = mem_str(db_text(stmt, 0));
			image.bundled = db_int(stmt, 2);
			image.note = mem_str(db_text(stmt, 3));
			if (load_config(stmt, 1, &image, err) < 0)
				return -err->code;
		}
		if (db_text(stmt, 4))
			strs_add(&image.links, db_text(stmt, 4));
	}
	if (r < 0)
		return r;
	r = image.id != NULL;
	if (r) {
		*out = image;
		image = (struct image){ 0 };
	}
	return r;
}

/* Returns 1 if the glance found it and counts. */
static int glance(struct store *store, const struct ref *ref,
		  struct image *out)
{
	OWN_FREE char *full = ref_full(ref);
	struct db *db = NULL;
	struct err ignored = { 0 };
	int version = 0;
	int r;

	if (db_glance(store->path, &db, &ignored) < 0)
		return 0;
	r = db_version(db, &version, &ignored);
	if (r == 0 && version == STORE_VERSION)
		r = read_for_run(db, full, out, &ignored);
	/* Whatever went wrong: the slow way finds out what it was. */
	if (r == 1 && !db_glance_held(db)) {
		image_done(out);
		r = 0;
	}
	db_close(db);
	return r == 1;
}

static void tell_found(const char *name, const struct image *image)
{
	trace_step(TRACE_LOOK_UP, "%s -> %.19s", name, image->id);
}

int image_find_for_run(struct store *store, const char *name,
		       struct image *out, struct err *err)
{
	OWN_REF struct ref ref = { 0 };
	int r = ref_parse_any(name, &ref, err);

	if (r < 0)
		return r;
	ref_tag_latest(&ref);
	if (!store->db && ref.path && !ref.digest && glance(store, &ref, out)) {
		tell_found(name, out);
		return 0;
	}
	r = image_find(store, name, out, err);
	if (r == 0)
		tell_found(name, out);
	return r;
}

/* ---- all of them ---- */

int image_list(struct store *store, bool all, struct image_list *out,
	       struct err *err)
{
	struct db *db = store_db(store, err);
	OWN_STRS struct strs ids = { 0 };
	struct image_list list = { 0 };
	int r;

	if (!db)
		return -err->code;
	r = store_column(db,
			 all ? "SELECT id FROM images ORDER BY created_ns DESC" :
			       "SELECT id FROM images i WHERE"
			       " EXISTS (SELECT 1 FROM tags WHERE image = i.id)"
			       " OR NOT EXISTS"
			       " (SELECT 1 FROM images WHERE parent = i.id)"
			       " ORDER BY created_ns DESC",
			 NULL, &ids, err);
	if (r == 0 && ids.count)
		list.items = mem_zero(ids.count, sizeof(*list.items));
	for (size_t i = 0; i < ids.count && r == 0; i++) {
		r = store_load(store, db, ids.items[i], &list.items[i], err);
		list.count += r == 0;
	}
	if (r < 0) {
		image_list_done(&list);
		return r;
	}
	*out = list;
	return 0;
}

char *image_shown_as(struct store *store, const char *given, const char *id)
{
	struct err ignored = { 0 };
	struct db *db = store_db(store, &ignored);
	char found[DIGEST_SIZE];

	if (db && given && *given &&
	    store_resolve(db, given, found, NULL, &ignored) == 0 &&
	    strcmp(found, id) == 0)
		return mem_str(given);
	return mem_fmt("%.12s", digest_is_valid(id) ? digest_hex(id) : id);
}

int store_config(struct store *store, const char *id, struct buf *out,
		 struct err *err)
{
	struct db *db = store_db(store, err);
	OWN_STRS struct strs text = { 0 };
	int r = db ? store_column(db, "SELECT config FROM images WHERE id = ?",
				  id, &text, err) :
		     -err->code;

	if (r == 0 && text.count == 0)
		return err_docker(err, ERR_DAEMON, ENOENT, "No such image: %s",
				  id);
	if (r == 0)
		buf_str(out, text.items[0]);
	return r;
}
