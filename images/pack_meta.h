/* images/pack_meta.h - owner, mode, time and attributes of a file, into its entry.
 *
 * See pack.h and build_copy.h, which are its only callers. */
#ifndef IMAGES_PACK_META_H
#define IMAGES_PACK_META_H

#include <stdbool.h>

struct archive_entry;
struct stat;

/* Name, kind, mode, ids, whole seconds, size and device number. */
void pack_meta_fill(struct archive_entry *entry, const char *as,
		    const struct stat *st);

/* The attributes that go along: a file's capabilities and its user.*, without
 * those of overlayfs and of ours. */
void pack_meta_attributes(struct archive_entry *entry, int fd);

/* The capabilities of a program's file alone. */
void pack_meta_capabilities(struct archive_entry *entry, int fd);

/* The owner that was noted on the file, if one was. */
void pack_meta_owner(struct archive_entry *entry, int fd);

/* The same, into what stat(2) said; where this account has not all ids. */
void pack_meta_true_owner(struct stat *st, int fd);

/* Whether overlayfs hides what the layers below have in this folder. */
bool pack_meta_is_opaque(int fd);

#endif
