/* lessons/files.h - a folder's files, one after the other, in one order.
 *
 * Owns the walk: each folder is opened by its parent's descriptor, no link is
 * followed, names come sorted by their bytes, so that whoever reads a folder twice
 * reads the same. Bounds hold for all of it. */
#ifndef LESSONS_FILES_H
#define LESSONS_FILES_H

#include <sys/stat.h>

#include "runtime/base/digest.h"

struct err;

enum {
	FILES_MOST = 10000, /* entries */
	FILES_MOST_DEPTH = 32,
	FILES_MOST_PATH = 1024,
	FILES_MOST_BYTES = 64 << 20, /* of all files */
};

/* path  in the folder: "site/Dockerfile"
 *
 * file    fd is open for reading; borrowed
 * folder  before what is in it; may be NULL
 * other   a link, a socket, a device ...; `what` says which, in words; may be NULL.
 * Each returns 0, 1 (of a folder: what is in it is left out) or -errno */
struct files_each {
	void *ctx;
	int (*file)(void *ctx, int fd, const char *path, const struct stat *st,
		    struct err *err);
	int (*folder)(void *ctx, const char *path, struct err *err);
	int (*other)(void *ctx, const char *path, const char *what,
		     struct err *err);
};

/* -EFBIG: a bound is passed, by name. */
int files_walk(int dir_fd, const struct files_each *each, struct err *err);

/* "a link", "a device" ...: what is neither file nor folder. */
const char *files_what(mode_t mode);

/* One digest of all: names, whether they may be executed, contents. What is neither
 * file nor folder counts by its name, or not at all. */
enum files_digest_of { FILES_ALL, FILES_PLAIN };
int files_digest(int dir_fd, enum files_digest_of which,
		 char out[DIGEST_SIZE], struct err *err);

/* Writes a file beneath root_fd, making folders above it; what is there in its place
 * goes. No link leads out of the root. */
struct files_put {
	const char *path;
	int from_fd; /* its content, from where it stands */
	mode_t mode;
};
int files_put(int root_fd, const struct files_put *put, struct err *err);
int files_remove(int root_fd, const char *path, struct err *err);

/* Whether that is a path of names alone: none of them "." or "..", not absolute,
 * within the bounds. */
int files_check_path(const char *path, struct err *err);

#endif
