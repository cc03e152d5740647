/* shell/image_filter.h - which images `images --filter` shows.
 *
 *   dangling label label! before since until reference
 *
 * Source: Docker's daemon/images/images.go. */
#ifndef SHELL_IMAGE_FILTER_H
#define SHELL_IMAGE_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "shell/filter.h"

struct err;
struct image;
struct shell;
struct strs;

/* after_ns, before_ns  bounds of an image's age; INT64_MIN, INT64_MAX: none */
struct image_filter {
	struct filters filters;
	int64_t after_ns;
	int64_t before_ns;
	bool dangling;
};

/* What the key may be. */
extern const char *const image_filter_keys[];

void image_filter_done(struct image_filter *filter);
#define OWN_IMAGE_FILTER __attribute__((cleanup(image_filter_done)))

/* Reads --filter; `reference`, the pattern of `images PATTERN`, may be NULL.
 * -EINVAL and -ENOENT with Docker's words. */
int image_filter_read(struct image_filter *filter, const struct strs *given,
		      const char *reference, struct shell *shell,
		      struct err *err);

/* Whether the image is shown. Names of it that no pattern fits are taken out. */
bool image_filter_fits(const struct image_filter *filter, struct image *image);

#endif
