/* images/commit.h - what a container wrote becomes a layer, and with it an image.
 *
 * Owns `commit`: the layer of what the container changed (none, where it changed
 * nothing), the config of the container laid over its image's, and one line of
 * history. Source: Docker 20.10, daemon/commit.go, image/image.go. */
#ifndef IMAGES_COMMIT_H
#define IMAGES_COMMIT_H

#include <stdbool.h>

#include "runtime/base/digest.h"

struct archive_watch;
struct err;
struct store;
struct strs;

/* Borrowed; NULL where not given.
 *
 * container  as the user named it
 * name       "repository[:tag]"
 * changes    Dockerfile instructions (changes.h)
 * message    the image's comment; author: who made it
 * pause      a container that runs stands still while its files are read; where
 *            that cannot be they are read as they are, as in Docker */
struct commit_choice {
	const char *container;
	const char *name;
	const struct strs *changes;
	const char *message;
	const char *author;
	bool pause;
	const struct archive_watch *watch;
};

/* What is wrong with name or changes is found before anything is written. */
int commit_container(struct store *store, const struct commit_choice *choice,
		     char out_id[DIGEST_SIZE], struct err *err);

#endif
