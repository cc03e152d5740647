/* images/copy_private.h - what COPY and ADD know of their sources; for build_copy.c
 * and copy_*.c alone. */
#ifndef IMAGES_COPY_PRIVATE_H
#define IMAGES_COPY_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "images/build_copy.h"
#include "runtime/base/list.h"

struct buf;
struct ignore;

/* What is at the root of the sources.
 *
 * root_fd   -1: nothing
 * ignore    what of it is not to be seen, or NULL
 * of_image  owners are part of the files
 * late      sums are made when the layer is: nothing is read for them now */
struct copy_root {
	int root_fd;
	const struct ignore *ignore;
	bool of_image;
	bool late;
};

/* A file that is copied.
 *
 * path   beneath the root, "a/b"
 * sum    its checksum, NULL until it is known
 * mtime  whole seconds
 * changed_ns, device, inode  as what it is known again when it is read once more
 * implied  a folder that is left out, but not all that is in it */
struct copy_item {
	char *path;
	char *sum;
	mode_t mode;
	int64_t size;
	int64_t mtime;
	int64_t changed_ns;
	dev_t device;
	ino_t inode;
	bool implied;
};

/* FOLDER   its items are all that is in it, and before them the folder itself,
 *          unless it is the root
 * FILE     one item
 * TEXT     a heredoc: one item without a file
 * FETCHED  by its URL: one item, its content is fd */
enum copy_kind { COPY_FOLDER, COPY_FILE, COPY_TEXT, COPY_FETCHED };

/* One source, found.
 *
 * name   its last word as it was asked for: what it is called in a folder; "" for
 *        a URL that gives none
 * path   where it leads, beneath the root; "" is the root
 * sum    "file:<hex>" or "dir:<hex>"; NULL until it is known
 * first, count  its items
 * text   of a heredoc; borrowed */
struct copy_source {
	enum copy_kind kind;
	char *name;
	char *path;
	char *sum;
	size_t first;
	size_t count;
	const char *text;
	int fd;
};

struct copy_found {
	struct copy_request request;
	struct copy_item *items;
	size_t item_count;
	size_t item_room;
	struct copy_source *sources;
	size_t source_count;
	struct copy_file *files;
	size_t file_count;
	char *checksum;
	int fetched;
};

/* "COPY" or "ADD", as messages have it. */
const char *copy_verb(const struct copy_request *request);

struct copy_item *copy_add_item(struct copy_found *found, const char *path,
				const struct stat *st);
struct copy_source *copy_add_source(struct copy_found *found,
				    enum copy_kind kind, const char *name);

/* ---- copy_walk.c: files and their sums ---- */

/* Adds the item for what lies at `path`, with its sum. -EFBIG for what no layer
 * could hold, -ESTALE for a file that changes meanwhile. */
int copy_walk_file(struct copy_found *found, const struct copy_root *root,
		   const char *path, struct err *err);

/* Adds a folder and all that is in it, in order; of the root ("") what is in it. */
int copy_walk_folder(struct copy_found *found, const struct copy_root *root,
		     const char *path, struct err *err);

/* Adds to `out` the paths of all that a pattern matches, in the order of a walk. */
int copy_walk_match(const struct copy_root *root, const char *pattern,
		    struct strs *out, struct err *err);

/* Begins a file's sum: all but its content. fd: open on it, or -1. */
struct digest;
struct digest *copy_sum_begin(const struct copy_root *root, const char *path,
			      const struct stat *st, int fd,
			      const char *target);

/* Ends it. Given. */
char *copy_sum_end(struct digest *digest);

/* "x changed while it was being read". */
int copy_changed(const char *path, struct err *err);

/* ---- copy_content.c: what is no file ---- */

struct heredoc;
struct home;
int copy_add_heredoc(struct copy_found *found, const struct heredoc *heredoc);

/* Fetches it. "cannot determine filename for source ..." */
int copy_add_url(struct copy_found *found, const struct home *home,
		 const char *url, struct err *err);

/* ---- copy_find.c: sources ---- */

/* Finds one source as it was written and adds it. */
int copy_find_source(struct copy_found *found, const struct copy_root *root,
		     const char *source, struct err *err);

/* The sums of the sources and of all, once those of the items are known. */
void copy_sum_up(struct copy_found *found);

/* What was found in a child, as bytes and back. */
void copy_found_write(const struct copy_found *found, struct buf *out);
int copy_found_read(struct copy_found *found, const struct buf *from,
		    struct err *err);

#endif
