/* images/unpack_meta.h - owner, mode, times and attributes of unpacked files.
 *
 * Owns what is set on a file after it was made, and what is noted elsewhere where
 * this account may not set it. See unpack.h, which is its only caller. */
#ifndef IMAGES_UNPACK_META_H
#define IMAGES_UNPACK_META_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "images/unpack.h"

struct archive_entry;
struct err;

/* folders  whose times are set at the end */
struct unpack_meta {
	struct unpack_rules rules;
	int owners_fd;
	struct unpack_folder {
		char *path;
		struct timespec mtime;
	} *folders;
	size_t count;
	size_t size;
};

void unpack_meta_done(struct unpack_meta *meta);

/* The entry's strings as bytes, whatever the tar says of their character set;
 * NULL where there is none. Borrowed from the entry. */
const char *unpack_meta_path(struct archive_entry *entry);
const char *unpack_meta_hardlink(struct archive_entry *entry);
const char *unpack_meta_symlink(struct archive_entry *entry);

/* Sets what the entry says on the file `name` in the folder fd; `path` is its
 * path in the layer. */
int unpack_meta_apply(struct unpack_meta *meta, int fd, const char *name,
		      const char *path, struct archive_entry *entry,
		      struct err *err);

/* Notes in the file `owners` what the entry says, for an empty file that stands
 * in a device's place. */
int unpack_meta_note(struct unpack_meta *meta, const char *path,
		     struct archive_entry *entry, struct err *err);

/* Marks a folder opaque. */
int unpack_meta_opaque(struct unpack_meta *meta, int fd, const char *name,
		       struct err *err);

int unpack_meta_end(struct unpack_meta *meta, int root_fd, struct err *err);

#endif
