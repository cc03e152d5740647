/* images/save.c - see save.h; which images, save_pick.c
 *
 * Everything but the layers is made in memory first: a manifest names the sizes
 * and digests of what it speaks of, and those are known from the store. */
#include "images/save.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "images/layer.h"
#include "images/layer_tar.h"
#include "images/manifest.h"
#include "images/ref.h"
#include "images/save_pick.h"
#include "images/tar_out.h"
#include "runtime/base/amount.h"
#include "runtime/base/buf.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"

#define OCI "application/vnd.oci.image."
#define ROOM_FOR_DOCUMENTS 65536

/* One save under way.
 *
 * done      digests of the blobs that are in the archive already
 * manifest, index, repositories  the documents at the top, as far as they are */
struct save {
	struct store *store;
	struct tar_out *out;
	struct strs done;
	struct buf manifest;
	struct buf index;
	struct buf repositories;
};

/* What is known of one image while it is written. layers: lowest first. */
struct one {
	const struct save_list *all;
	const struct save_image *item;
	struct buf config;
	struct layer *layers;
	size_t layer_count;
	int64_t mtime_s;
};

static void one_done(struct one *one)
{
	buf_done(&one->config);
	free(one->layers);
}

/* ---- blobs ---- */

static int put_blob(struct save *save, const char *digest,
		    const struct buf *bytes, int64_t mtime_s, struct err *err)
{
	OWN_FREE char *name = mem_fmt("blobs/sha256/%s", digest_hex(digest));

	if (strs_has(&save->done, digest))
		return 0;
	strs_add(&save->done, digest);
	return tar_out_text(save->out, name, buf_text(bytes), bytes->len,
			    mtime_s, err);
}

static int put_bytes(void *arg, const void *bytes, size_t len, struct err *err)
{
	return tar_out_bytes(arg, bytes, len, err);
}

static int put_layer(struct save *save, const struct layer *layer,
		     int64_t mtime_s, struct err *err)
{
	const struct layer_sink sink = { put_bytes, save->out };
	const char *hex = digest_hex(layer->diff);
	OWN_FREE char *name = mem_fmt("blobs/sha256/%s", hex);
	OWN_FREE char *folder = mem_fmt("%s/", hex);
	OWN_FREE char *link = mem_fmt("%s/layer.tar", hex);
	OWN_FREE char *target = mem_fmt("../%s", name);
	const struct tar_item items[] = {
		{ .name = name, .size = layer->tar_bytes, .mtime_s = mtime_s },
		{ .name = folder, .mtime_s = mtime_s },
		{ .name = link, .link = target, .mtime_s = mtime_s },
	};
	int r;

	if (strs_has(&save->done, layer->diff))
		return 0;
	strs_add(&save->done, layer->diff);
	trace_begin();
	r = tar_out_item(save->out, &items[0], err);
	if (r == 0)
		r = layer_tar_send(store_home(save->store), layer, &sink, err);
	if (r == 0)
		trace_step(TRACE_TAR, "layers/%.12s -> %s", digest_hex(layer->chain), name);
	if (r == 0)
		r = tar_out_item(save->out, &items[1], err);
	return r < 0 ? r : tar_out_item(save->out, &items[2], err);
}

/* ---- documents ---- */

static void add_blob(struct buf *out, const char *type, const char *digest,
		     int64_t size)
{
	buf_fmt(out,
		"{\"mediaType\":\"" OCI
		"%s\",\"digest\":\"%s\",\"size\":%" PRId64 "}",
		type, digest, size);
}

static void write_manifest(const struct one *one, struct buf *out)
{
	buf_str(out, "{\"schemaVersion\":2,\"mediaType\":\"" OCI
		     "manifest.v1+json\",\"config\":");
	add_blob(out, "config.v1+json", one->item->image.id,
		 (int64_t)one->config.len);
	buf_str(out, ",\"layers\":[");
	for (size_t i = 0; i < one->layer_count; i++) {
		buf_str(out, i ? "," : "");
		add_blob(out, "layer.v1.tar", one->layers[i].diff,
			 one->layers[i].tar_bytes);
	}
	buf_str(out, "]}");
}

/* The image's place in index.json: once a name, or once without any. */
static void add_to_index(struct save *save, const struct one *one,
			 const struct buf *manifest)
{
	const struct strs *names = &one->item->names;
	char digest[DIGEST_SIZE];

	digest_of(manifest->data, manifest->len, digest);
	for (size_t i = 0; i == 0 || i < names->count; i++) {
		const char *name = names->count ? names->items[i] : NULL;

		buf_fmt(&save->index,
			"%s{\"mediaType\":\"" OCI
			"manifest.v1+json\",\"digest\":\"%s\",\"size\":%zu",
			save->index.len ? "," : "", digest, manifest->len);
		if (name) {
			buf_str(&save->index,
				",\"annotations\":{\"io.containerd.image.name\":");
			manifest_add_string(&save->index, name);
			buf_str(&save->index,
				",\"org.opencontainers.image.ref.name\":");
			manifest_add_string(&save->index,
					    strrchr(name, ':') + 1);
			buf_str(&save->index, "}");
		}
		buf_str(&save->index, "}");
	}
}

static char *familiar(const char *full)
{
	OWN_REF struct ref ref = { 0 };
	struct err ignored = { 0 };

	if (ref_parse(full, &ref, &ignored) < 0)
		return mem_str(full); /* cannot be: the store took it */
	return ref_familiar(&ref);
}

/* The parent is named where it is in the same archive, as in Docker. */
static const char *parent_of(const struct one *one)
{
	const char *parent = one->item->image.parent;

	for (size_t i = 0; parent && i < one->all->count; i++)
		if (strcmp(one->all->items[i].image.id, parent) == 0)
			return parent;
	return NULL;
}

/* The image's place in manifest.json. */
static void add_to_manifest(struct save *save, const struct one *one)
{
	const struct strs *names = &one->item->names;
	struct buf *out = &save->manifest;
	const char *parent = parent_of(one);

	buf_fmt(out, "%s{\"Config\":\"blobs/sha256/%s\",\"RepoTags\":",
		out->len ? "," : "", digest_hex(one->item->image.id));
	buf_str(out, names->count ? "[" : "null");
	for (size_t i = 0; i < names->count; i++) {
		OWN_FREE char *name = familiar(names->items[i]);

		buf_str(out, i ? "," : "");
		manifest_add_string(out, name);
	}
	buf_str(out, names->count ? "],\"Layers\":[" : ",\"Layers\":[");
	for (size_t i = 0; i < one->layer_count; i++)
		buf_fmt(out, "%s\"blobs/sha256/%s\"", i ? "," : "",
			digest_hex(one->layers[i].diff));
	buf_str(out, "]");
	if (parent)
		buf_fmt(out, ",\"Parent\":\"%s\"", parent);
	buf_str(out, "}");
}

/* {"busybox":{"1":"<layer>","latest":"<layer>"}}: the image's names are sorted,
 * and those of one repository stand together. */
static void add_to_repositories(struct save *save, const struct one *one)
{
	struct buf *out = &save->repositories;
	OWN_FREE char *last = NULL;

	for (size_t i = 0; i < one->item->names.count && one->layer_count;
	     i++) {
		OWN_FREE char *name = familiar(one->item->names.items[i]);
		char *colon = strrchr(name, ':');

		*colon = '\0';
		if (last && strcmp(last, name) == 0) {
			out->len--; /* its closing brace */
			buf_str(out, ",");
		} else {
			buf_str(out, out->len ? "," : "");
			manifest_add_string(out, name);
			buf_str(out, ":{");
		}
		manifest_add_string(out, colon + 1);
		buf_fmt(out, ":\"%s\"}",
			digest_hex(one->layers[one->layer_count - 1].diff));
		free(last);
		last = mem_str(name);
	}
}

/* ---- one image ---- */

static int read_one(struct save *save, struct one *one, struct err *err)
{
	const struct image *image = &one->item->image;
	int r = store_config(save->store, image->id, &one->config, err);

	one->mtime_s = image->created_ns / 1000000000;
	one->layers = mem_zero(image->chains.count + 1, sizeof(*one->layers));
	for (size_t i = 0; i < image->chains.count && r == 0; i++) {
		r = store_layer(save->store, image->chains.items[i],
				&one->layers[i], err);
		one->layer_count += r == 0;
	}
	return r;
}

static int write_one(struct save *save, const struct one *one, struct err *err)
{
	const char *id = one->item->image.id;
	OWN_FREE char *link = mem_fmt("%s.json", digest_hex(id));
	OWN_FREE char *target = mem_fmt("blobs/sha256/%s", digest_hex(id));
	const struct tar_item item = { .name = link,
				       .link = target,
				       .mtime_s = one->mtime_s };
	OWN_BUF struct buf manifest = { 0 };
	char digest[DIGEST_SIZE];
	int r = put_blob(save, id, &one->config, one->mtime_s, err);

	write_manifest(one, &manifest);
	digest_of(manifest.data, manifest.len, digest);
	if (r == 0)
		r = put_blob(save, digest, &manifest, one->mtime_s, err);
	for (size_t i = 0; i < one->layer_count && r == 0; i++)
		r = put_layer(save, &one->layers[i], one->mtime_s, err);
	if (r == 0)
		r = tar_out_item(save->out, &item, err);
	if (r < 0)
		return r;
	add_to_index(save, one, &manifest);
	add_to_manifest(save, one);
	add_to_repositories(save, one);
	return 0;
}

static int write_images(struct save *save, const struct save_list *list,
			struct err *err)
{
	static const struct tar_item folders[] = { { .name = "blobs/" },
						   { .name = "blobs/sha256/" } };
	int r = tar_out_item(save->out, &folders[0], err);

	if (r == 0)
		r = tar_out_item(save->out, &folders[1], err);
	for (size_t i = 0; i < list->count && r == 0; i++) {
		struct one one = { .all = list, .item = &list->items[i] };

		r = read_one(save, &one, err);
		if (r == 0)
			r = write_one(save, &one, err);
		one_done(&one);
	}
	return r;
}

static int write_top(struct save *save, struct err *err)
{
	static const char layout[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
	OWN_BUF struct buf index = { 0 };
	OWN_BUF struct buf manifest = { 0 };
	OWN_BUF struct buf repositories = { 0 };
	int r;

	buf_fmt(&index,
		"{\"schemaVersion\":2,\"mediaType\":\"" OCI
		"index.v1+json\",\"manifests\":[%s]}",
		buf_text(&save->index));
	buf_fmt(&manifest, "[%s]\n", buf_text(&save->manifest));
	buf_fmt(&repositories, "{%s}\n", buf_text(&save->repositories));
	r = tar_out_text(save->out, "index.json", index.data, index.len, 0,
			 err);
	if (r == 0)
		r = tar_out_text(save->out, "manifest.json", manifest.data,
				 manifest.len, 0, err);
	if (r == 0)
		r = tar_out_text(save->out, "oci-layout", layout,
				 strlen(layout), 0, err);
	if (r == 0 && save->repositories.len)
		r = tar_out_text(save->out, "repositories", repositories.data,
				 repositories.len, 0, err);
	return r < 0 ? r : tar_out_end(save->out, err);
}

/* Those that images share come once. The documents beside them are small. */
static int64_t bytes_of_layers(struct store *store,
			       const struct save_list *list)
{
	OWN_STRS struct strs seen = { 0 };
	struct err ignored = { 0 };
	int64_t bytes = ROOM_FOR_DOCUMENTS;

	for (size_t i = 0; i < list->count; i++) {
		const struct strs *chains = &list->items[i].image.chains;

		for (size_t k = 0; k < chains->count; k++) {
			struct layer layer = { 0 };

			if (strs_has(&seen, chains->items[k]) ||
			    store_layer(store, chains->items[k], &layer,
					&ignored) < 0)
				continue;
			strs_add(&seen, chains->items[k]);
			bytes += layer.tar_bytes;
		}
	}
	return bytes;
}

int save_images(struct store *store, const struct strs *names, int out_fd,
		const struct archive_watch *watch, struct err *err)
{
	struct save save = { .store = store };
	struct save_list list = { 0 };
	int r = save_pick(store, names, &list, err);

	if (r == 0)
		r = tar_out_open(out_fd, watch, &save.out, err);
	amount_begin(N_("Saving - "), bytes_of_layers(store, &list));
	if (r == 0)
		r = write_images(&save, &list, err);
	if (r == 0)
		r = write_top(&save, err);
	amount_end();
	tar_out_close(save.out);
	for (size_t i = 0; i < list.count && r == 0; i++)
		store_note_event(store, "save", list.items[i].image.id,
				 list.items[i].image.id);
	save_list_done(&list);
	strs_done(&save.done);
	buf_done(&save.manifest);
	buf_done(&save.index);
	buf_done(&save.repositories);
	return r;
}
