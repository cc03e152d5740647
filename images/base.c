/* images/base.c - see base.h */
#include "images/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "images/manifest.h"
#include "images/ref.h"
#include "images/stage.h"
#include "images/store_private.h"
#include "runtime/base/buf.h"
#include "runtime/base/db.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/base/share.h"

enum {
	MAX_LIST = 1 << 20,
};

/* config  the image's document, once prepared
 * tags    the first is its own name, the others are aliases */
struct base_image {
	struct strs tags;
	char *note;
	struct buf config;
};

struct base_images {
	struct stage *stage;
	struct base_image *items;
	size_t count;
	char *only; /* its full name, or NULL */
};

/* ---- base.json ---- */

static int read_list(json_t **out, struct err *err)
{
	OWN_FREE char *path = share_file("base/base.json");
	OWN_BUF struct buf text = { 0 };
	json_error_t problem;
	json_t *root;
	int r = fs_read(AT_FDCWD, path, MAX_LIST, &text, err);

	if (r < 0)
		return r;
	root = json_loadb(buf_text(&text), text.len, 0, &problem);
	if (!json_is_array(json_object_get(root, "images"))) {
		json_decref(root);
		return err_set(err, EINVAL, _("%s is damaged: %s"), path,
			       problem.text);
	}
	*out = root;
	return 0;
}

/* "ubuntu" to "docker.io/library/ubuntu:latest"; NULL for what is no name. */
static char *full_name(const char *name)
{
	OWN_REF struct ref ref = { 0 };
	struct err ignored = { 0 };

	if (ref_parse(name, &ref, &ignored) < 0)
		return NULL;
	ref_tag_latest(&ref);
	return ref_full(&ref);
}

static bool has_tag(json_t *entry, const char *full)
{
	json_t *tag;
	size_t i;

	json_array_foreach(json_object_get(entry, "tags"), i, tag) {
		OWN_FREE char *name = json_is_string(tag) ?
					      full_name(json_string_value(tag)) :
					      NULL;

		if (name && strcmp(name, full) == 0)
			return true;
	}
	return false;
}

int base_has(const char *name)
{
	OWN_FREE char *full = full_name(name);
	struct err ignored = { 0 };
	json_t *root = NULL;
	json_t *entry;
	size_t i;
	int found = 0;

	if (!full || read_list(&root, &ignored) < 0)
		return 0;
	json_array_foreach(json_object_get(root, "images"), i, entry)
		found |= has_tag(entry, full);
	json_decref(root);
	return found;
}

void base_names(struct strs *out)
{
	struct err ignored = { 0 };
	json_t *root = NULL;
	json_t *entry;
	json_t *tag;
	size_t i;
	size_t t;

	if (read_list(&root, &ignored) < 0)
		return;
	json_array_foreach(json_object_get(root, "images"), i, entry)
		json_array_foreach(json_object_get(entry, "tags"), t, tag) {
			char *full = json_is_string(tag)
					     ? full_name(json_string_value(tag))
					     : NULL;

			if (full)
				strs_take(out, full);
		}
	json_decref(root);
}

/* ---- preparing ---- */

static void add_strings(json_t *list, struct strs *out)
{
	json_t *value;
	size_t i;

	json_array_foreach(list, i, value)
		if (json_is_string(value))
			strs_add(out, json_string_value(value));
}

static void describe(json_t *entry, const struct layer *layer,
		     struct buf *out_config)
{
	OWN_DOC struct image_doc doc = { 0 };
	const char *created =
		json_string_value(json_object_get(entry, "created"));
	struct err ignored = { 0 };
	struct image_step *step;

	image_doc_init(&doc);
	if (created)
		(void)parse_time(created, &doc.created_ns, &ignored);
	add_strings(json_object_get(entry, "cmd"), &doc.config.cmd);
	doc.config.has_cmd = doc.config.cmd.count > 0;
	strs_add(&doc.config.env,
		 "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	strs_add(&doc.diffs, layer->diff);
	step = image_doc_add_step(&doc);
	step->created_ns = doc.created_ns;
	step->comment = mem_str("comes with dockershell");
	image_doc_write(&doc, out_config);
}

static int unpack_entry_of(struct base_images *base, json_t *entry,
			   struct err *err)
{
	const char *file = json_string_value(json_object_get(entry, "file"));
	struct base_image *image;
	OWN_FREE char *path = NULL;
	OWN_FD int fd = -1;
	char digest[DIGEST_SIZE];
	int place;

	if (!file || strchr(file, '/'))
		return err_set(err, EINVAL, _("base.json is damaged: no file is named"));
	path = mem_fmt("%s/base/%s", share_path(), file);
	fd = fs_open(AT_FDCWD, path, O_RDONLY, 0, err);
	if (fd < 0)
		return fd;
	base->items = mem_grow(base->items, base->count + 1,
			       sizeof(*base->items));
	image = &base->items[base->count++];
	*image = (struct base_image){ 0 };
	add_strings(json_object_get(entry, "tags"), &image->tags);
	image->note = mem_str(json_string_value(json_object_get(entry, "note")));
	place = stage_layer(base->stage, fd, NULL, err);
	if (place < 0)
		return err_wrap(err, "%s", path);
	describe(entry, stage_layer_at(base->stage, place), &image->config);
	return stage_blob(base->stage, image->config.data, image->config.len,
			  digest, err);
}

static int prepare_all(struct base_images *base, json_t *root, struct err *err)
{
	json_t *entry;
	size_t i;
	int r = 0;

	json_array_foreach(json_object_get(root, "images"), i, entry) {
		if (r == 0 && (!base->only || has_tag(entry, base->only)))
			r = unpack_entry_of(base, entry, err);
	}
	if (r == 0 && base->count == 0)
		return err_set(err, ENOENT, _("no image of that name comes with the program"));
	return r < 0 ? r : stage_commit(base->stage, err);
}

int base_prepare(struct store *store, const char *only,
		 struct base_images **out, struct err *err)
{
	struct base_images *base;
	json_t *root = NULL;
	int r = read_list(&root, err);

	if (r < 0)
		return r;
	base = mem_zero(1, sizeof(*base));
	if (only) {
		base->only = full_name(only);
		if (!base->only)
			base->only = mem_str(only);
	}
	r = stage_open(store_home(store), &base->stage, err);
	if (r == 0)
		r = prepare_all(base, root, err);
	json_decref(root);
	if (r < 0)
		base_done(base);
	else
		*out = base;
	return r;
}

void base_done(struct base_images *base)
{
	if (!base)
		return;
	stage_close(base->stage);
	for (size_t i = 0; i < base->count; i++) {
		strs_done(&base->items[i].tags);
		free(base->items[i].note);
		buf_done(&base->items[i].config);
	}
	free(base->items);
	free(base->only);
	free(base);
}

/* ---- entering ---- */

/* 1 if the name was set, 0 if it is somebody else's. */
static int enter_tag(struct db *db, const struct base_images *base,
		     const struct base_image *image, size_t i, const char *id,
		     struct err *err)
{
	OWN_FREE char *full = full_name(image->tags.items[i]);
	bool asked = full && base->only && strcmp(full, base->only) == 0;

	if (!full)
		return err_set(err, EINVAL, _("base.json is damaged: '%s' is no name"),
			       image->tags.items[i]);
	return db_run(db, err,
		      asked ? "INSERT OR REPLACE INTO tags(name, image, bundled, note) VALUES(?, ?, ?, ?)" :
			      "INSERT OR IGNORE INTO tags(name, image, bundled, note) VALUES(?, ?, ?, ?)",
		      "ssis", full, id,
		      (int64_t)(i == 0 ? TAG_BUNDLED : TAG_ALIAS),
		      i == 0 ? NULL : image->note);
}

int base_enter(struct store *store, struct base_images *base,
	       struct strs *out_names, struct err *err)
{
	struct db *db = store_db(store, err);

	for (size_t n = 0; n < base->count; n++) {
		const struct base_image *image = &base->items[n];
		char id[DIGEST_SIZE];

		if (store_add_image(store, image->config.data,
				    image->config.len, NULL, id, err) < 0 ||
		    db_run(db, err,
			   "UPDATE images SET bundled = 1 WHERE id = ?", "s",
			   id) < 0)
			return -err->code;
		for (size_t i = 0; i < image->tags.count; i++) {
			int r = enter_tag(db, base, image, i, id, err);

			if (r < 0)
				return r;
			if (r > 0 && out_names)
				strs_add(out_names, image->tags.items[i]);
		}
	}
	if (!base->only)
		return db_run(db, err,
			      "INSERT OR REPLACE INTO meta VALUES('base', '1')",
			      "") < 0 ? -err->code : 0;
	return 0;
}

int base_restore(struct store *store, const char *only, struct strs *out_names,
		 struct err *err)
{
	struct base_images *base = NULL;
	int r = store_db(store, err) ? 0 : -err->code;

	if (r == 0)
		r = base_prepare(store, only, &base, err);
	if (r == 0)
		r = store_begin(store, err);
	if (r == 0)
		r = store_end(store, base_enter(store, base, out_names, err),
			      err);
	base_done(base);
	return r;
}

int base_find_again(struct store *store, struct err *err)
{
	OWN_STRS struct strs done = { 0 };
	struct err problem = { 0 };
	struct db *db = store_db(store, &problem);
	int r;

	if (!db || store_column(db, "SELECT value FROM meta WHERE key = 'base'",
				NULL, &done, &problem) < 0 || done.count)
		return -ENOENT;
	r = base_restore(store, NULL, NULL, &problem);
	if (r == -ENOENT)
		return r;
	if (r < 0)
		*err = problem;
	return r;
}
