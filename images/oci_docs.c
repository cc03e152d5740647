/* images/oci_docs.c - see oci_docs.h */
#include "images/oci_docs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "images/manifest.h"
#include "runtime/base/buf.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"

enum { MAX_BLOBS = 1000 };

static void blob_done(struct oci_blob *blob)
{
	free(blob->type);
	free(blob->digest);
	free(blob->os);
	free(blob->arch);
	free(blob->variant);
	free(blob->name);
}

void oci_doc_done(struct oci_doc *doc)
{
	blob_done(&doc->config);
	for (size_t i = 0; i < doc->count; i++)
		blob_done(&doc->blobs[i]);
	free(doc->blobs);
	*doc = (struct oci_doc){ 0 };
}

static int bad(const char *member, struct err *err)
{
	return err_set(err, EINVAL,
		       _("the image's manifest is of no use: '%s' is missing, or is not what it should be"),
		       member);
}

static char *text_of(json_t *object, const char *name)
{
	return mem_str(json_string_value(json_object_get(object, name)));
}

static int read_blob(json_t *json, struct oci_blob *out, struct err *err)
{
	json_t *size = json_object_get(json, "size");
	json_t *platform = json_object_get(json, "platform");
	json_t *notes = json_object_get(json, "annotations");

	out->type = text_of(json, "mediaType");
	out->digest = text_of(json, "digest");
	out->os = text_of(platform, "os");
	out->arch = text_of(platform, "architecture");
	out->variant = text_of(platform, "variant");
	out->name = text_of(notes, "io.containerd.image.name");
	if (!out->name)
		out->name = text_of(notes, "org.opencontainers.image.ref.name");
	out->attached =
		json_object_get(notes, "vnd.docker.reference.type") != NULL;
	if (!out->digest)
		return bad("digest", err);
	if (!digest_is_valid(out->digest))
		return err_set(err, EINVAL,
			       _("'%.100s' is no digest that can be checked here: only SHA-256 is"),
			       out->digest);
	if (!json_is_integer(size) || json_integer_value(size) < 0)
		return bad("size", err);
	out->size = json_integer_value(size);
	return 0;
}

static int read_blobs(json_t *list, const char *member, struct oci_doc *out,
		      struct err *err)
{
	json_t *entry;
	size_t i;
	int r = 0;

	if (!json_is_array(list))
		return bad(member, err);
	if (json_array_size(list) > MAX_BLOBS)
		return err_set(err, EFBIG,
			       _("the image's manifest names more than %d blobs, the limit"),
			       MAX_BLOBS);
	out->blobs = mem_zero(json_array_size(list) + 1, sizeof(*out->blobs));
	json_array_foreach(list, i, entry) {
		out->count++;
		r = read_blob(entry, &out->blobs[i], err);
		if (r < 0)
			break;
	}
	return r;
}

/* Type names: OCI's and Docker's. */
static bool names_index(const char *type)
{
	return strcmp(type, "application/vnd.oci.image.index.v1+json") == 0 ||
	       strcmp(type,
		      "application/vnd.docker.distribution.manifest.list.v2+json") ==
		       0;
}

static bool names_manifest(const char *type)
{
	return strcmp(type, "application/vnd.oci.image.manifest.v1+json") == 0 ||
	       strcmp(type,
		      "application/vnd.docker.distribution.manifest.v2+json") ==
		       0;
}

/* The document's kind by its members; `type` and its own mediaType must agree. */
static int check_kind(json_t *root, const char *type, bool *out_is_index,
		      struct err *err)
{
	const char *own = json_string_value(json_object_get(root, "mediaType"));
	bool is_index = json_object_get(root, "manifests") != NULL;
	bool is_manifest = json_object_get(root, "layers") != NULL ||
			   json_object_get(root, "config") != NULL;

	if (is_index && is_manifest)
		return err_set(err, EINVAL,
			       _("a document is manifest and index at once: it is not trusted"));
	if (own && type && strcmp(own, type) != 0)
		return err_set(err, EINVAL,
			       _("a document calls itself '%.100s' and was announced as '%.100s'"),
			       own, type);
	type = type ? type : own;
	if (type && !names_index(type) && !names_manifest(type))
		return err_set(err, EINVAL, _("'%.100s' is no kind of image"),
			       type);
	if (!is_index && !is_manifest)
		return bad("layers", err);
	if (type && names_index(type) != is_index)
		return err_set(err, EINVAL,
			       _("a document is not the '%.100s' that it is called"),
			       type);
	*out_is_index = is_index;
	return 0;
}

static int read_doc(json_t *root, const char *type, struct oci_doc *out,
		    struct err *err)
{
	int r = check_kind(root, type, &out->is_index, err);

	if (r < 0)
		return r;
	if (out->is_index)
		return read_blobs(json_object_get(root, "manifests"),
				  "manifests", out, err);
	r = read_blob(json_object_get(root, "config"), &out->config, err);
	return r < 0 ? r :
		       read_blobs(json_object_get(root, "layers"), "layers",
				  out, err);
}

int oci_doc_read(const char *json, size_t len, const char *type,
		 struct oci_doc *out, struct err *err)
{
	OWN_OCI_DOC struct oci_doc doc = { 0 };
	json_error_t problem;
	json_t *root = json_loadb(json, len, JSON_REJECT_DUPLICATES, &problem);
	int r;

	if (json_is_object(root))
		r = read_doc(root, type, &doc, err);
	else
		r = err_set(err, EINVAL, _("a manifest is no JSON object: %s"),
			    root ? "" : problem.text);
	json_decref(root);
	if (r < 0)
		return r;
	*out = doc;
	doc = (struct oci_doc){ 0 };
	return 0;
}

/* Of machines with variants (arm) the exact one is not asked for: what a newer one
 * runs, and what not, only the program itself shows. */
bool oci_blob_fits(const struct oci_blob *blob)
{
	OWN_DOC struct image_doc mine = { 0 };

	image_doc_init(&mine);
	return (!blob->os || strcmp(blob->os, mine.os) == 0) &&
	       (!blob->arch || strcmp(blob->arch, mine.architecture) == 0);
}
