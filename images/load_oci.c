/* images/load_oci.c - index.json: OCI's way to what is saved.
 *
 *   index.json --> manifest --> config, layers
 *             \--> index --> manifest for this machine
 *                       \--> manifest for another one: passed over
 *
 * What an index lists side by side at the top are images; what it lists in an
 * index below are the same image for several machines. */
#include "images/load_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "images/bundle.h"
#include "images/manifest.h"
#include "images/oci_docs.h"
#include "images/ref.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

enum { MAX_DEPTH = 4 };

/* seen   the machines that were passed over: "linux/arm64"
 * steps  blobs followed so far: indexes may name each other's blobs over and over
 * taken  manifests so far */
struct walk {
	const struct bundle *bundle;
	struct load_list *out;
	struct strs seen;
	size_t steps;
	size_t taken;
};

static int read_blob(const struct bundle *bundle, const struct oci_blob *blob,
		     struct buf *out, struct err *err)
{
	OWN_FREE char *path =
		mem_fmt("blobs/sha256/%s", digest_hex(blob->digest));
	char digest[DIGEST_SIZE];
	int r = bundle_text(bundle, path, out, err);

	if (r < 0)
		return r;
	digest_of(buf_text(out), out->len, digest);
	if (strcmp(digest, blob->digest) != 0 ||
	    (int64_t)out->len != blob->size)
		return err_set(err, EINVAL,
			       _("the blob %.19s is damaged: its digest is %.19s"),
			       blob->digest, digest);
	return 0;
}

/* "docker.io/library/busybox:1" or "busybox:1"; a word alone is a tag, as OCI
 * means it, of a name that nobody says. */
static void take_name(struct load_image *image, const char *text)
{
	OWN_REF struct ref ref = { 0 };
	struct err ignored = { 0 };

	if (!text || !text[strcspn(text, ":/")] ||
	    ref_parse(text, &ref, &ignored) < 0)
		return;
	if (ref.digest && !ref.tag)
		return;
	free(ref.digest);
	ref.digest = NULL;
	ref_tag_latest(&ref);
	strs_take(&image->names, ref_full(&ref));
}

static bool is_image_config(const char *type)
{
	return !type ||
	       strcmp(type, "application/vnd.oci.image.config.v1+json") == 0 ||
	       strcmp(type,
		      "application/vnd.docker.container.image.v1+json") == 0;
}

/* One image may stand in the index once for each of its names. */
static struct load_image *image_for(struct load_list *list,
				    const struct buf *config)
{
	for (size_t i = 0; i < list->count; i++) {
		struct load_image *image = &list->items[i];

		if (image->config.len == config->len &&
		    memcmp(image->config.data, config->data, config->len) == 0)
			return image;
	}
	return NULL;
}

static int take_manifest(struct walk *walk, const struct oci_doc *doc,
			 const char *name, struct err *err)
{
	OWN_BUF struct buf config = { 0 };
	struct load_image *image;
	int r;

	if (!is_image_config(doc->config.type))
		return err_set(err, EINVAL,
			       _("what the archive has is no image but '%.100s'"),
			       doc->config.type);
	r = read_blob(walk->bundle, &doc->config, &config, err);
	if (r < 0)
		return r;
	image = config.len ? image_for(walk->out, &config) : NULL;
	if (!image) {
		image = load_list_add(walk->out);
		image->config = config;
		config = (struct buf){ 0 };
		for (size_t i = 0; i < doc->count; i++) {
			const struct oci_blob *layer = &doc->blobs[i];
			OWN_FREE char *path = mem_fmt(
				"blobs/sha256/%s", digest_hex(layer->digest));

			load_image_add_layer(image, path, layer->digest,
					     layer->size);
		}
	}
	take_name(image, name);
	walk->taken++;
	return 0;
}

static int take_blob(struct walk *walk, const struct oci_blob *blob,
		     const char *name, int depth, struct err *err);

/* At the top all that fit; below, the first one. */
static int take_index(struct walk *walk, const struct oci_doc *doc,
		      const char *name, int depth, struct err *err)
{
	int r = 0;

	if (depth > MAX_DEPTH)
		return err_set(err, ELOOP,
			       _("an index within an index, more than %d deep, the limit"),
			       MAX_DEPTH);
	for (size_t i = 0; i < doc->count && r == 0; i++) {
		const struct oci_blob *blob = &doc->blobs[i];
		size_t before = walk->taken;

		if (blob->attached)
			continue;
		if (!oci_blob_fits(blob)) {
			strs_addf(&walk->seen, "%s/%s",
				  blob->os ? blob->os : "linux",
				  blob->arch ? blob->arch : "?");
			continue;
		}
		if (++walk->steps > LOAD_MAX_IMAGES)
			return err_set(err, EFBIG,
				       _("the archive has more than %d images, the limit"),
				       LOAD_MAX_IMAGES);
		r = take_blob(walk, blob, blob->name ? blob->name : name,
			      depth, err);
		if (depth && walk->taken > before)
			break;
	}
	return r;
}

static int take_blob(struct walk *walk, const struct oci_blob *blob,
		     const char *name, int depth, struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	OWN_OCI_DOC struct oci_doc doc = { 0 };
	int r = read_blob(walk->bundle, blob, &text, err);

	if (r == 0)
		r = oci_doc_read(buf_text(&text), text.len, blob->type, &doc,
				 err);
	if (r < 0)
		return r;
	return doc.is_index ? take_index(walk, &doc, name, depth + 1, err) :
			      take_manifest(walk, &doc, name, err);
}

static int for_others_only(const struct walk *walk, struct err *err)
{
	OWN_DOC struct image_doc mine = { 0 };
	OWN_FREE char *others = strs_join(&walk->seen, ", ");

	image_doc_init(&mine);
	if (walk->seen.count == 0)
		return err_set(err, ENOENT,
			       _("there is no image in the archive: its index is empty"));
	return err_set(err, ENOENT,
		       _("there is no image for %s/%s in the archive, only for %.500s"),
		       mine.os, mine.architecture, others);
}

int load_oci(const struct bundle *bundle, struct load_list *out,
	     struct err *err)
{
	struct walk walk = { .bundle = bundle, .out = out };
	OWN_BUF struct buf text = { 0 };
	OWN_OCI_DOC struct oci_doc doc = { 0 };
	int r = bundle_text(bundle, "index.json", &text, err);

	if (r == 0)
		r = oci_doc_read(buf_text(&text), text.len, NULL, &doc, err);
	if (r == 0 && !doc.is_index)
		r = err_set(err, EINVAL, _("index.json is no index"));
	if (r == 0)
		r = take_index(&walk, &doc, NULL, 0, err);
	if (r == 0 && walk.taken == 0)
		r = for_others_only(&walk, err);
	strs_done(&walk.seen);
	return r;
}
