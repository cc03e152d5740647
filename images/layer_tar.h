/* images/layer_tar.h - the very tar whose digest is a layer's diff id.
 *
 * Owns how a layer's bytes are had back: out of the blob that was kept when the
 * layer came (layer.h), or, where there is none, packed anew from its files by
 * the rules by which layers are made here. Either way the digest decides: other
 * bytes than those that the image names are a failure, never another layer. */
#ifndef IMAGES_LAYER_TAR_H
#define IMAGES_LAYER_TAR_H

#include <stddef.h>

struct err;
struct home;
struct layer;

/* Who gets the bytes, in order. Returns 0 or -errno with *err filled in, which
 * ends it. */
struct layer_sink {
	int (*put)(void *arg, const void *bytes, size_t len, struct err *err);
	void *arg;
};

/* Gives all of the layer's tar. The digest is known only at the end: the sink has
 * had everything by the time of a -EIO for a layer that is damaged on disk. */
int layer_tar_send(const struct home *home, const struct layer *layer,
		   const struct layer_sink *sink, struct err *err);

#endif
