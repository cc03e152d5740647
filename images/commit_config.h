/* images/commit_config.h - the document of an image made from a container.
 *
 * See commit.h, which is the only caller. */
#ifndef IMAGES_COMMIT_CONFIG_H
#define IMAGES_COMMIT_CONFIG_H

#include <stdbool.h>

struct commit_choice;
struct err;
struct image_doc;
struct spec;

/* Turns the document of the container's image into the new one's: the container's
 * settings over the image's, then the changes. */
int commit_config_fill(struct image_doc *doc, const struct spec *spec,
		       const struct commit_choice *choice, struct err *err);

/* Adds the line of history, and the time. */
void commit_config_step(struct image_doc *doc,
			const struct commit_choice *choice, bool empty_layer);

#endif
