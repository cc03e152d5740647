/* images/import.c - see import.h */
#include "images/import.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "images/changes.h"
#include "images/manifest.h"
#include "images/ref.h"
#include "images/stage.h"
#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int parse_name(const char *name, struct ref *out, struct err *err)
{
	int r = ref_parse(name, out, err);

	if (r == 0 && out->digest)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "cannot import digest reference");
	if (r == 0)
		ref_tag_latest(out);
	return r;
}

/* The document of the new image; its config is there already. */
static void describe(struct image_doc *doc, const struct layer *layer,
		     const char *message, struct buf *out)
{
	struct image_step *step = image_doc_add_step(doc);

	doc->created_ns = now_ns();
	doc->comment = mem_str(message ? message : "Imported from -");
	strs_add(&doc->diffs, layer->diff);
	step->created_ns = doc->created_ns;
	step->comment = mem_str(doc->comment);
	image_doc_write(doc, out);
}

static int enter(struct store *store, const struct buf *config,
		 const struct ref *name, char out_id[DIGEST_SIZE],
		 struct err *err)
{
	char id[DIGEST_SIZE];
	int r = store_begin(store, err);

	if (r < 0)
		return r;
	r = store_add_image(store, config->data, config->len, NULL, id, err);
	if (r == 0 && name->path)
		r = store_set_tag(store, name, id, err);
	r = store_end(store, r, err);
	if (r < 0)
		return r;
	memcpy(out_id, id, DIGEST_SIZE);
	if (name->path) {
		OWN_FREE char *shown = ref_familiar(name);

		store_note_event(store, "tag", id, shown);
	}
	store_note_event(store, "import", id, id);
	return 0;
}

/* Its one layer and its document, put where the store has them. */
static int make_image(struct stage *stage, int fd, struct image_doc *doc,
		      const char *message, struct buf *out_config,
		      struct err *err)
{
	char digest[DIGEST_SIZE];
	int place = stage_layer(stage, fd, NULL, err);
	int r;

	if (place < 0)
		return place;
	describe(doc, stage_layer_at(stage, place), message, out_config);
	r = stage_blob(stage, out_config->data, out_config->len, digest, err);
	return r < 0 ? r : stage_commit(stage, err);
}

int import_image(struct store *store, int fd,
		 const struct import_choice *choice, char out_id[DIGEST_SIZE],
		 struct err *err)
{
	OWN_DOC struct image_doc doc = { 0 };
	OWN_REF struct ref name = { 0 };
	OWN_BUF struct buf config = { 0 };
	struct stage *stage = NULL;
	struct err ignored = { 0 };
	int r = choice->name ? parse_name(choice->name, &name, err) : 0;

	image_doc_init(&doc);
	if (r == 0 && choice->changes)
		r = changes_apply_all(&doc.config, choice->changes, err);
	if (r == 0 && !store_db(store, err))
		r = -err->code;
	if (r == 0)
		r = stage_open(store_home(store), &stage, err);
	if (r == 0)
		r = make_image(stage, fd, &doc, choice->message, &config, err);
	if (r == 0)
		r = enter(store, &config, &name, out_id, err);
	stage_close(stage);
	/* What gave way to it, or was left by a failure. */
	if (r == 0 && name.path)
		(void)store_clear_away(store, &ignored);
	return r;
}
