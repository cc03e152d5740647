/* images/tar_out.h - a tar that is written piece by piece.
 *
 * Owns the form of what `save` writes: plain files, folders and links with the
 * names and times that they are told, all of them root's. What is packed from a
 * folder on disk is pack.h's. */
#ifndef IMAGES_TAR_OUT_H
#define IMAGES_TAR_OUT_H

#include <stddef.h>
#include <stdint.h>

struct archive_watch;
struct err;
struct tar_out;

/* fd     where it goes, a file, pipe or socket; borrowed
 * watch  told of what went over; borrowed; may be NULL */
int tar_out_open(int fd, const struct archive_watch *watch,
		 struct tar_out **out, struct err *err);

/* One entry. A name with '/' at its end is a folder's.
 *
 * link     a symbolic link's target, or NULL
 * mode     permissions; 0: 0644 of files, 0755 of folders
 * size     of a file: that many bytes are to follow
 * mtime_s  seconds since 1970 */
struct tar_item {
	const char *name;
	const char *link;
	unsigned mode;
	int64_t size;
	int64_t mtime_s;
};

int tar_out_item(struct tar_out *out, const struct tar_item *item,
		 struct err *err);

/* The bytes of the file that was announced. */
int tar_out_bytes(struct tar_out *out, const void *bytes, size_t len,
		  struct err *err);

/* A file, whole. */
int tar_out_text(struct tar_out *out, const char *name, const void *bytes,
		 size_t len, int64_t mtime_s, struct err *err);

/* Writes the tar's end. -EPIPE: nobody reads any more; -EINTR after Ctrl-C (here
 * and in all of the above). */
int tar_out_end(struct tar_out *out, struct err *err);
void tar_out_close(struct tar_out *out); /* NULL is fine */

#endif
