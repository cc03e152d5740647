/* images/load_docker.c - manifest.json: Docker's own list of what is saved.
 *
 *   [{"Config":"<id>.json", "RepoTags":["busybox:latest"] or null,
 *     "Layers":["<x>/layer.tar", ...], "Parent":"sha256:..."}] */
#include "images/load_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "images/bundle.h"
#include "images/ref.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

static int bad(const char *member, struct err *err)
{
	return err_set(err, EINVAL,
		       _("manifest.json is of no use: '%s' is missing, or is not what it should be"),
		       member);
}

static int take_name(struct load_image *image, const char *text,
		     struct err *err)
{
	OWN_REF struct ref ref = { 0 };
	int r = ref_parse(text, &ref, err);

	if (r < 0) {
		err->voice = ERR_DAEMON;
		return r;
	}
	if (!ref.tag)
		return err_docker(err, ERR_DAEMON, EINVAL, "invalid tag \"%s\"",
				  text);
	free(ref.digest); /* the tag is what is set */
	ref.digest = NULL;
	strs_take(&image->names, ref_full(&ref));
	return 0;
}

static int take_names(struct load_image *image, json_t *tags, struct err *err)
{
	json_t *tag;
	size_t i;
	int r = 0;

	if (tags && !json_is_array(tags) && !json_is_null(tags))
		return bad("RepoTags", err);
	json_array_foreach(tags, i, tag) {
		if (!json_is_string(tag))
			return bad("RepoTags", err);
		if (r == 0)
			r = take_name(image, json_string_value(tag), err);
	}
	return r;
}

static int take_layers(struct load_image *image, json_t *layers,
		       struct err *err)
{
	json_t *layer;
	size_t i;

	if (layers && !json_is_array(layers) && !json_is_null(layers))
		return bad("Layers", err);
	json_array_foreach(layers, i, layer) {
		if (!json_is_string(layer))
			return bad("Layers", err);
		load_image_add_layer(image, json_string_value(layer), NULL, -1);
	}
	return 0;
}

/* A config's name says its digest: "<64 hex>.json", "blobs/sha256/<64 hex>",
 * "sha256:<64 hex>". One that says nothing is fine. */
static int check_config(const char *name, const struct buf *config,
			struct err *err)
{
	const char *slash = strrchr(name, '/');
	const char *last = slash ? slash + 1 : name;
	OWN_FREE char *said = NULL;
	char digest[DIGEST_SIZE];

	if (strncmp(last, "sha256:", 7) == 0)
		last += 7;
	said = mem_fmt("sha256:%.*s", DIGEST_HEX, last);
	last += strlen(said) - 7;
	if (!digest_is_valid(said) || (*last && strcmp(last, ".json") != 0))
		return 0;
	digest_of(buf_text(config), config->len, digest);
	return strcmp(said, digest) == 0 ?
		       0 :
		       err_set(err, EINVAL,
			       _("the config '%.100s' is damaged: its digest is %s"),
			       name, digest);
}

static int take_image(const struct bundle *bundle, json_t *entry,
		      struct load_image *image, struct err *err)
{
	json_t *config = json_object_get(entry, "Config");
	json_t *parent = json_object_get(entry, "Parent");
	int r;

	if (!json_is_string(config) || !json_string_length(config))
		return bad("Config", err);
	if (json_is_string(parent) &&
	    digest_is_valid(json_string_value(parent)))
		image->parent = mem_str(json_string_value(parent));
	r = bundle_text(bundle, json_string_value(config), &image->config, err);
	if (r == 0)
		r = check_config(json_string_value(config), &image->config,
				 err);
	if (r == 0)
		r = take_names(image, json_object_get(entry, "RepoTags"), err);
	if (r == 0)
		r = take_layers(image, json_object_get(entry, "Layers"), err);
	return r;
}

int load_docker(const struct bundle *bundle, struct load_list *out,
		struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	json_error_t problem;
	json_t *entry;
	json_t *list;
	size_t i;
	int r = bundle_text(bundle, "manifest.json", &text, err);

	if (r < 0)
		return r;
	list = json_loadb(buf_text(&text), text.len, JSON_REJECT_DUPLICATES,
			  &problem);
	if (!json_is_array(list))
		r = err_set(err, EINVAL, _("manifest.json is of no use: %s"),
			    list ? _("it is no list") : problem.text);
	else if (json_array_size(list) > LOAD_MAX_IMAGES)
		r = err_set(err, EFBIG,
			    _("the archive has more than %d images, the limit"),
			    LOAD_MAX_IMAGES);
	if (r == 0) {
		json_array_foreach(list, i, entry) {
			r = take_image(bundle, entry, load_list_add(out), err);
			if (r < 0)
				break;
		}
	}
	json_decref(list);
	return r;
}
