/* images/import.h - an archive of files becomes an image of one layer.
 *
 * Source: Docker 20.10, `docker import`. */
#ifndef IMAGES_IMPORT_H
#define IMAGES_IMPORT_H

#include "runtime/base/digest.h"

struct err;
struct store;
struct strs;

/* What it gets besides its files. Borrowed.
 *
 * name     "repository[:tag]", or NULL for a nameless image
 * changes  Dockerfile instructions (changes.h), or NULL
 * message  its comment; NULL: "Imported from -" */
struct import_choice {
	const char *name;
	const struct strs *changes;
	const char *message;
};

/* fd  the archive, a file or a pipe; borrowed, read to its end. What is wrong with
 *     name or changes is found before anything is read. */
int import_image(struct store *store, int fd,
		 const struct import_choice *choice, char out_id[DIGEST_SIZE],
		 struct err *err);

#endif
