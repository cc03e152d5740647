/* images/load.c - see load.h */
#include "images/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/bundle.h"
#include "images/layer.h"
#include "images/load_parts.h"
#include "images/manifest.h"
#include "images/ref.h"
#include "images/stage.h"
#include "images/store.h"
#include "runtime/base/amount.h"
#include "runtime/base/buf.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

/* ---- the list ---- */

void load_list_done(struct load_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct load_image *image = &list->items[i];

		for (size_t n = 0; n < image->layer_count; n++) {
			free(image->layers[n].path);
			free(image->layers[n].digest);
		}
		free(image->layers);
		free(image->parent);
		strs_done(&image->names);
		buf_done(&image->config);
	}
	free(list->items);
	*list = (struct load_list){ 0 };
}

struct load_image *load_list_add(struct load_list *list)
{
	list->items = mem_grow(list->items, list->count + 1,
			       sizeof(*list->items));
	list->items[list->count] = (struct load_image){ 0 };
	return &list->items[list->count++];
}

void load_image_add_layer(struct load_image *image, const char *path,
			  const char *digest, int64_t size)
{
	image->layers = mem_grow(image->layers, image->layer_count + 1,
				 sizeof(*image->layers));
	image->layers[image->layer_count++] =
		(struct load_layer){ mem_str(path), mem_str(digest), size };
}

/* ---- staging ---- */

/* One load under way. staged: chain ids of the layers that this load makes. */
struct load {
	struct store *store;
	struct bundle *bundle;
	struct stage *stage;
	struct strs staged;
	struct load_list list;
};

static bool is_there(const struct load *load, const char *chain)
{
	struct layer layer = { 0 };
	struct err ignored = { 0 };

	return strs_has(&load->staged, chain) ||
	       store_layer(load->store, chain, &layer, &ignored) == 0;
}

static int check_size(int fd, const struct load_layer *layer, struct err *err)
{
	struct stat st;

	if (layer->size < 0)
		return 0;
	if (fstat(fd, &st) < 0)
		return err_errno(err, "stat %s", layer->path);
	if (st.st_size != layer->size)
		return err_set(err, EINVAL,
			       _("the layer '%.100s' is damaged: it has %lld bytes, %lld were announced"),
			       layer->path, (long long)st.st_size,
			       (long long)layer->size);
	return 0;
}

/* The blob is as it came where it came compressed; else its digest is the tar's. */
static int check_digests(const struct layer *made,
			 const struct load_layer *layer, const char *diff,
			 size_t place, struct err *err)
{
	if (strcmp(made->diff, diff) != 0)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "invalid diffID for layer %zu: expected \"%s\", got \"%s\"",
				  place, diff, made->diff);
	if (layer->digest && strcmp(made->blob, layer->digest) != 0 &&
	    strcmp(made->diff, layer->digest) != 0)
		return err_set(err, EINVAL,
			       _("the layer %.19s is damaged: its digest is %.19s"),
			       layer->digest, made->blob);
	return 0;
}

/* 0: it is none, or nobody knows. */
static int64_t bytes_of_file(int fd)
{
	struct stat st;
	off_t at = lseek(fd, 0, SEEK_CUR);

	return at >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)
		       ? st.st_size - at
		       : 0;
}

static int stage_one(struct load *load, const struct load_layer *layer,
		     const char *below, struct err *err)
{
	OWN_FD int fd = bundle_file(load->bundle, layer->path, err);
	int r;

	if (fd < 0)
		return fd;
	r = check_size(fd, layer, err);
	amount_begin(N_("Unpacking the layers - "), bytes_of_file(fd));
	if (r == 0)
		r = stage_layer(load->stage, fd, below, err);
	amount_end();
	if (r < 0 && r != -EINTR)
		return err_wrap(err, _("the layer '%.100s'"), layer->path);
	return r;
}

static int stage_layers(struct load *load, const struct load_image *image,
			const struct strs *diffs, struct err *err)
{
	char below[DIGEST_SIZE] = "";

	for (size_t i = 0; i < diffs->count; i++) {
		const struct load_layer *layer = &image->layers[i];
		const char *diff = diffs->items[i];
		char chain[DIGEST_SIZE];
		int r = 0;

		digest_chain(i ? below : NULL, diff, chain);
		if (!is_there(load, chain)) {
			r = stage_one(load, layer, i ? below : NULL, err);
			if (r >= 0)
				r = check_digests(stage_layer_at(load->stage, r),
						  layer, diff, i, err);
			strs_add(&load->staged, chain);
		}
		if (r < 0)
			return r;
		memcpy(below, chain, DIGEST_SIZE);
	}
	return 0;
}

static int check_doc(const struct load_image *image,
		     const struct image_doc *doc, struct err *err)
{
	if (doc->os && strcmp(doc->os, "linux") != 0)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "cannot load %s image on linux", doc->os);
	if (image->layer_count != doc->diffs.count)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "invalid manifest, layers length mismatch: expected %zu, got %zu",
				  image->layer_count, doc->diffs.count);
	if (doc->diffs.count > LOAD_MAX_LAYERS)
		return err_set(err, EFBIG,
			       _("the image has %zu layers, %d are the limit"),
			       doc->diffs.count, LOAD_MAX_LAYERS);
	return 0;
}

static int stage_image(struct load *load, const struct load_image *image,
		       struct err *err)
{
	OWN_DOC struct image_doc doc = { 0 };
	char id[DIGEST_SIZE];
	int r = image_doc_read(buf_text(&image->config), image->config.len,
			       &doc, err);

	if (r == 0)
		r = check_doc(image, &doc, err);
	if (r == 0)
		r = stage_layers(load, image, &doc.diffs, err);
	if (r == 0)
		r = stage_blob(load->stage, image->config.data,
			       image->config.len, id, err);
	return r;
}

/* ---- entering ---- */

/* Docker's own words, of which "empty string" means no name. */
static int enter_name(struct load *load, const char *full, const char *id,
		      struct strs *lines, struct err *err)
{
	OWN_REF struct ref ref = { 0 };
	OWN_FREE char *shown = NULL;
	char before[DIGEST_SIZE];
	int r = ref_parse(full, &ref, err);

	if (r == 0)
		r = store_tagged(load->store, &ref, before, err);
	if (r < 0)
		return r;
	shown = ref_familiar(&ref);
	if (r == 1 && strcmp(before, id) != 0)
		strs_addf(lines,
			  "The image %s already exists, renaming the old one with ID %s to empty string",
			  shown, before);
	strs_addf(lines, "Loaded image: %s", shown);
	return store_set_tag(load->store, &ref, id, err);
}

static int enter_image(struct load *load, const struct load_image *image,
		       struct strs *lines, struct err *err)
{
	char id[DIGEST_SIZE];
	int r = store_add_image(load->store, image->config.data,
				image->config.len, NULL, id, err);

	for (size_t i = 0; i < image->names.count && r == 0; i++)
		r = enter_name(load, image->names.items[i], id, lines, err);
	if (r == 0 && image->names.count == 0)
		strs_addf(lines, "Loaded image ID: %s", id);
	return r;
}

/* A parent's steps are the child's without the last one. */
static bool is_parent(const struct image_doc *child,
		      const struct image_doc *parent)
{
	return child->step_count == parent->step_count + 1 &&
	       image_doc_same_steps(child, parent, parent->step_count);
}

static const struct load_image *image_of(const struct load_list *list,
					 const char *id)
{
	for (size_t i = 0; i < list->count; i++) {
		char own[DIGEST_SIZE];

		digest_of(list->items[i].config.data, list->items[i].config.len,
			  own);
		if (strcmp(own, id) == 0)
			return &list->items[i];
	}
	return NULL;
}

/* A parent counts if it is in the same archive, as in Docker. */
static int enter_parent(struct load *load, const struct load_image *image,
			struct err *err)
{
	const struct load_image *parent =
		image->parent ? image_of(&load->list, image->parent) : NULL;
	OWN_DOC struct image_doc doc = { 0 };
	OWN_DOC struct image_doc above = { 0 };
	char id[DIGEST_SIZE];
	int r;

	if (!parent)
		return 0;
	digest_of(image->config.data, image->config.len, id);
	r = image_doc_read(image->config.data, image->config.len, &doc, err);
	if (r == 0)
		r = image_doc_read(parent->config.data, parent->config.len,
				   &above, err);
	if (r < 0)
		return r;
	if (!is_parent(&doc, &above))
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "image %s is not a valid parent for %s",
				  image->parent, id);
	return store_set_parent(load->store, id, image->parent, err);
}

static int enter_all(struct load *load, struct strs *lines, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < load->list.count && r == 0; i++)
		r = enter_image(load, &load->list.items[i], lines, err);
	for (size_t i = 0; i < load->list.count && r == 0; i++)
		r = enter_parent(load, &load->list.items[i], err);
	return r;
}

/* ---- all of it ---- */

static int find_images(struct load *load, struct err *err)
{
	if (bundle_has(load->bundle, "manifest.json"))
		return load_docker(load->bundle, &load->list, err);
	if (bundle_has(load->bundle, "index.json"))
		return load_oci(load->bundle, &load->list, err);
	if (bundle_has(load->bundle, "repositories")) {
		err_set(err, EINVAL,
			_("the archive is of the form that Docker had before 1.10: images without a config"));
		return err_hint(err, _("load it with a Docker of 1.10 or later, and save it again"));
	}
	err_set(err, EINVAL,
		_("this is no archive of images: it has no manifest.json and no index.json"));
	return err_hint(err, _("an archive of files becomes an image with 'import'"));
}

static int stage_all(struct load *load, int fd,
		     const struct archive_watch *watch, struct err *err)
{
	const struct home *home = store_home(load->store);
	int r = stage_open(home, &load->stage, err);

	amount_begin(N_("Loading - "), bytes_of_file(fd));
	if (r == 0)
		r = bundle_open(home, fd, watch, &load->bundle, err);
	amount_end();
	if (r == 0)
		r = find_images(load, err);
	for (size_t i = 0; i < load->list.count && r == 0; i++)
		r = stage_image(load, &load->list.items[i], err);
	/* What was put down goes before everything is written to the disk. */
	bundle_close(own_give_ptr(&load->bundle));
	return r < 0 ? r : stage_commit(load->stage, err);
}

static void note_events(const struct load *load)
{
	for (size_t i = 0; i < load->list.count; i++) {
		const struct buf *config = &load->list.items[i].config;
		char id[DIGEST_SIZE];

		digest_of(config->data, config->len, id);
		store_note_event(load->store, "load", id, id);
	}
}

int load_images(struct store *store, int fd, const struct archive_watch *watch,
		struct strs *out_lines, struct err *err)
{
	struct load load = { .store = store };
	OWN_STRS struct strs lines = { 0 };
	struct err ignored = { 0 };
	int r = store_db(store, err) ? 0 : -err->code;

	if (r == 0)
		r = stage_all(&load, fd, watch, err);
	if (r == 0)
		r = store_begin(store, err);
	if (r == 0)
		r = store_end(store, enter_all(&load, &lines, err), err);
	stage_close(load.stage);
	if (r == 0)
		note_events(&load);
	/* What gave way, or was left by a failure. */
	(void)store_clear_away(store, &ignored);
	load_list_done(&load.list);
	strs_done(&load.staged);
	if (r == 0)
		strs_copy(out_lines, &lines);
	return r;
}
