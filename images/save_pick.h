/* images/save_pick.h - which images `save` was asked for, and under which names.
 *
 * See save.h, whose files are the only callers. */
#ifndef IMAGES_SAVE_PICK_H
#define IMAGES_SAVE_PICK_H

#include <stddef.h>

#include "images/store.h"

struct err;
struct strs;

/* One image, each once. names: full ones, with their tags. */
struct save_image {
	struct image image;
	struct strs names;
};

struct save_list {
	struct save_image *items;
	size_t count;
};

void save_list_done(struct save_list *list);

/* In the order in which they were asked for. */
int save_pick(struct store *store, const struct strs *names,
	      struct save_list *out, struct err *err);

#endif
