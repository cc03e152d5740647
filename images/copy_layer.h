/* images/copy_layer.h - what goes where in the layer of COPY and ADD.
 *
 * Runs in the child that sees the image; see build_copy.c, the only caller. */
#ifndef IMAGES_COPY_LAYER_H
#define IMAGES_COPY_LAYER_H

#include <stdbool.h>
#include <sys/types.h>

#include "images/copy_private.h"
#include "images/copy_tar.h"
#include "runtime/base/hardlinks.h"

struct err;
struct owners;

/* dest        absolute, with the '/' at its end if it had one
 * root        where the files lie
 * owners      what was noted of those of an image, or NULL
 * owner       whose they become; not with keep_owner
 * chmod       with has_chmod
 * sums        of the items, where they are made on the way; else NULL
 * links       names of one file within one source stay so
 * in_folder, block  while it works */
struct copy_layering {
	const struct copy_found *found;
	const char *dest;
	struct copy_root root;
	struct owners *owners;
	struct copy_tar *tar;
	struct copy_tar_owner owner;
	bool keep_owner;
	bool has_chmod;
	mode_t chmod;
	char **sums;
	struct hardlinks links;
	bool in_folder;
	char *block;
};

/* Writes the whole tar; nothing at all where the layer has no entry. */
int copy_layer_write(struct copy_layering *layering, struct err *err);

#endif
