/* images/build_copy.h - COPY and ADD: from sources to a layer.
 *
 * Owns what the two instructions do, in two steps with the cache between them:
 *
 *   copy_find    which files the sources mean, and a checksum of them
 *   copy_layer   their layer, as a tar that is made while it is unpacked
 *
 * The image is not copied and nothing is written into it: where the destination
 * leads is looked up among its files, and what is to be there goes into the tar.
 * Source: Docker 20.10, builder/dockerfile/copy.go, pkg/tarsum. */
#ifndef IMAGES_BUILD_COPY_H
#define IMAGES_BUILD_COPY_H

#include <stdbool.h>
#include <stddef.h>

struct archive_watch;
struct context;
struct copy_found;
struct err;
struct heredoc;
struct image;
struct stage;
struct store;
struct strs;

/* One instruction, its words expanded. Borrowed, until copy_free.
 *
 * add        ADD: archives are unpacked, URLs are fetched
 * sources    paths, patterns and URLs as written, without heredocs and without the
 *            destination
 * dest       as written
 * heredocs   sources that stand in the Dockerfile itself, their bodies as they are to
 *            be (variables put in, tabs taken off); in order after `sources`
 * chown      "user[:group]", or NULL
 * chmod      octal, or NULL
 * cwd        WORKDIR of the image so far; NULL or "" is /
 * context    where sources lie; NULL: there is no context
 * from       --from: the image whose files they are, or NULL
 * late       nobody asks the cache (--no-cache, or a step before has missed): the
 *            files are read only once, for the layer, and the checksums are known
 *            after copy_layer and not before
 * watch      told how much of a URL came; may be NULL */
struct copy_request {
	bool add;
	const struct strs *sources;
	const char *dest;
	const struct heredoc *heredocs;
	size_t heredoc_count;
	const char *chown;
	const char *chmod;
	const char *cwd;
	struct context *context;
	const struct image *from;
	bool late;
	const struct archive_watch *watch;
};

/* Finds the sources and, unless it is `late`, reads them once for the checksum. Failures are Docker's
 * sentences, complete: "COPY failed: file not found in build context or excluded by
 * .dockerignore: stat x: file does not exist", "COPY failed: no source files were
 * specified", "When using COPY with more than one source file, the destination must
 * be a directory and end with a /". -EINTR after Ctrl-C. */
int copy_find(struct store *store, const struct copy_request *request,
	      struct copy_found **out, struct err *err);
void copy_free(struct copy_found *found); /* NULL is fine */

/* "file:<hex>", "dir:<hex>", "multi:<hex>": as it stands in the image's history.
 * It depends on names, contents, modes and link targets, not on times; of files of
 * an image also on their owners. Borrowed; NULL while it is not known (`late`). */
const char *copy_checksum(const struct copy_found *found);

/* How many URLs were fetched: Docker says an empty line after each. */
int copy_fetched(const struct copy_found *found);

/* Each file that went into it, for "why did the cache miss": by path, in order.
 * Borrowed. */
struct copy_file {
	char *path;
	char *sum; /* 64 hex digits */
};
const struct copy_file *copy_files(struct copy_found *found, size_t *out_count);

/* Makes the layer that goes onto the image `on` (NULL: onto nothing) in the stage.
 * *out_place: its place there, or -1 where nothing changes and so there is no
 * layer. The files are read again: one that changed since copy_find is refused. */
int copy_layer(struct store *store, struct copy_found *found,
	       const struct image *on, struct stage *stage, int *out_place,
	       struct err *err);

#endif
