/* images/load_parts.h - what the files of `load` know of each other; see load.h.
 */
#ifndef IMAGES_LOAD_PARTS_H
#define IMAGES_LOAD_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"
#include "runtime/base/list.h"

struct bundle;
struct err;

/* What no honest archive comes near: mount(2) takes 500 layers. */
enum {
	LOAD_MAX_LAYERS = 500,
	LOAD_MAX_IMAGES = 1000,
};

/* path    its name in the bundle
 * digest  of the file as it lies there, or NULL where nobody says
 * size    in bytes, or -1 */
struct load_layer {
	char *path;
	char *digest;
	int64_t size;
};

/* One image that was found.
 *
 * names   full ones, with their tags
 * parent  the image in the same archive that it was made from, or NULL
 * layers  lowest first */
struct load_image {
	struct buf config;
	struct strs names;
	char *parent;
	struct load_layer *layers;
	size_t layer_count;
};

struct load_list {
	struct load_image *items;
	size_t count;
};

void load_list_done(struct load_list *list);

/* Adds an image; the caller fills it in. Borrowed until the next one. */
struct load_image *load_list_add(struct load_list *list);

/* Adds a layer; the text is copied. */
void load_image_add_layer(struct load_image *image, const char *path,
			  const char *digest, int64_t size);

/* Everything that manifest.json, or index.json, speaks of. */
int load_docker(const struct bundle *bundle, struct load_list *out,
		struct err *err);
int load_oci(const struct bundle *bundle, struct load_list *out,
	     struct err *err);

#endif
