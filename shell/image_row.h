/* shell/image_row.h - an image as rows of `images` and of `system df -v`. */
#ifndef SHELL_IMAGE_ROW_H
#define SHELL_IMAGE_ROW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "shell/format.h"

struct err;
struct image;

/* The fields and columns of `images`, without and with --digests. */
extern const struct format_kind image_kind;
extern const struct format_kind image_kind_digests;

/* How the rows are to look.
 *
 * in_full  ids uncut
 * digests  a row for each digest */
struct image_look {
	bool in_full;
	bool digests;
	int64_t now_ns;
};

/* Adds a row for each name of the image, or one of <none>. */
int image_rows(struct format *format, const struct image *image,
	       const struct image_look *look, struct err *err);

/* What `system df -v` adds: how many containers use it, and how many of its bytes
 * are in other images too. */
struct image_share {
	int64_t shared_bytes;
	int containers;
};

/* One row, for the image's first name; given. `share` may be NULL. */
json_t *image_row(const struct image *image, const struct image_look *look,
		  const struct image_share *share);

#endif
