/* runtime/lookup.h - how a name is found in a stack of layers, and what that costs.
 *
 * A union file system looks for a path one name at a time. Of each name it asks the
 * layers that have a part in the folder above, from the highest on, and stops at the
 * first that has a file of that name; folders of the same name are merged. This is
 * replayed here on the layers as they lie on disk; the cost is measured on a mount of
 * them.
 *
 * Source: kernel filesystems/overlayfs.rst, "Upper and Lower", "Directories",
 * "whiteouts and opaque directories". */
#ifndef RUNTIME_LOOKUP_H
#define RUNTIME_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/measure.h"

struct err;
struct home;
struct strs;

/* What one layer said of one name. */
enum lookup_answer {
	LOOKUP_NOT_ASKED = '-', /* and it has nothing of that name */
	LOOKUP_NO = 'n',
	LOOKUP_FILE = 'F',     /* a file, link, device: the search ends */
	LOOKUP_FOLDER = 'd',   /* goes on below, to be merged */
	LOOKUP_OPAQUE = 'o',   /* a folder that hides those below it */
	LOOKUP_WHITEOUT = 'w', /* "this name is deleted": the search ends */
	LOOKUP_HIDDEN = 'h',   /* not asked, though it has one */
};

enum lookup_end {
	LOOKUP_MERGED = 'm', /* a folder, of one layer or more */
	LOOKUP_FOUND = 'f',
	LOOKUP_LINK = 'l', /* a link on the way: the walk begins again there */
	LOOKUP_DELETED = 'w', /* by a whiteout */
	LOOKUP_MISSING = 'n',
};

/* One name of the path.
 *
 * name     "/" for the root
 * answers  one letter a layer, the highest first; a string
 * asked    how many were
 * target   of a link, else "". All owned */
struct lookup_step {
	char *name;
	char *answers;
	size_t asked;
	enum lookup_end end;
	char *target;
};

/* found     the last name is there: mode, size and owner (id as the container has it)
 * resolved  its path, links on the way followed
 * first     of the whole path in a mount that never saw it; again: the next time.
 *           count 0: this machine did not let us mount it, and why says why */
struct lookup {
	struct lookup_step *steps;
	size_t count;
	bool found;
	mode_t mode;
	int64_t bytes;
	uint32_t uid;
	char *resolved;
	struct measured first;
	struct measured again;
	char *why;
};
void lookup_done(struct lookup *lookup);
#define OWN_LOOKUP __attribute__((cleanup(lookup_done)))

/* layers  folders below the home, the highest first, one at least
 * path    absolute, clean
 *
 * A path that is not there is no failure. -ELOOP: too many links. */
int lookup_path(const struct home *home, const struct strs *layers,
		const char *path, struct lookup *out, struct err *err);

/* The number of the layer in which the last name was found, its index in `layers`;
 * -1: none. */
ssize_t lookup_layer(const struct lookup *lookup);

#endif
