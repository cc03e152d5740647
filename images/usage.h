/* images/usage.h - how much room images take, counted layer by layer.
 *
 * A layer lies on disk once, however many images stand on it: so the sum of the
 * images' sizes is more than what they take. */
#ifndef IMAGES_USAGE_H
#define IMAGES_USAGE_H

#include <stdint.h>

struct err;
struct store;

/* Bytes of all layers, each once. */
int image_usage_total(struct store *store, int64_t *out, struct err *err);

/* What of the image's size lies in layers that another image stands on, too;
 * images from which only others were made do not count. */
int image_usage_shared(struct store *store, const char *id, int64_t *out,
		       struct err *err);

/* Bytes of one layer by its chain id, 0 where there is none of that id. */
int image_usage_layer(struct store *store, const char *chain, int64_t *out,
		      struct err *err);

#endif
