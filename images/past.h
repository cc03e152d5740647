/* images/past.h - how an image came to be, step by step.
 *
 * Owns what `history` tells: the steps that an image's document lists, newest
 * first, each with the bytes of the layer it made, and with the id of the image
 * that it was, as far as such images are here. The builder keeps the image of
 * every step; an image that came from elsewhere brings its steps' lines along and
 * not their images.
 *
 *   document   step 1    step 2 (empty)   step 3
 *   layers     layer 1                    layer 2
 *   images     parent's  <- parent        <- the image
 *              parent
 *
 * Source: Docker 20.10, daemon/images/image_history.go. */
#ifndef IMAGES_PAST_H
#define IMAGES_PAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct store;

/* id          "sha256:...", or NULL where no image of that step is here
 * created_ns  0: the document does not say
 * created_by, comment  never NULL
 * empty       it made no layer; size_bytes is 0 then, and may be 0 otherwise */
struct past_step {
	char *id;
	char *created_by;
	char *comment;
	int64_t created_ns;
	int64_t size_bytes;
	bool empty;
};

struct past {
	struct past_step *steps;
	size_t count;
};

void past_done(struct past *past);
#define OWN_PAST __attribute__((cleanup(past_done)))

/* Newest first. -ENOENT: "No such image: x:latest"; -EBADMSG for a document that
 * tells of more layers than the image has. */
int past_read(struct store *store, const char *name, struct past *out,
	      struct err *err);

#endif
