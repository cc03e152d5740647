/* images/recipe_parts.h - the files of a recipe, as they are gathered; see
 * recipe.h. */
#ifndef IMAGES_RECIPE_PARTS_H
#define IMAGES_RECIPE_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/list.h"

struct err;

/* A file that may be ELF and has not been looked at. must: what it needs has to be
 * there; a module of a library folder may stay without. */
struct gather_file {
	char *path;
	bool must;
};

/* seen   a tsearch(3) tree of the paths
 * paths  the same, in the order in which they came
 * files  those that are plain files */
struct gather {
	void *seen;
	struct strs paths;
	struct gather_file *files;
	size_t file_count;
};

void gather_done(struct gather *gather);

/* Takes what lies at an absolute path: every folder and link on the way to it, and
 * itself. out_real (may be NULL): where it really lies; given. */
int gather_take(struct gather *gather, const char *path, bool must,
		char **out_real, struct err *err);

/* Takes all of a folder but what has one of these names (fnmatch(3) patterns, ends
 * with NULL). */
int gather_take_tree(struct gather *gather, const char *folder,
		     const char *const *without, struct err *err);

#endif
