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

/* mtime_s: seconds since 1970. */
int tar_out_folder(struct tar_out *out, const char *name, int64_t mtime_s,
		   struct err *err);
int tar_out_link(struct tar_out *out, const char *name, const char *target,
		 int64_t mtime_s, struct err *err);

/* A file, whole; or its beginning, then exactly `size` bytes. */
int tar_out_text(struct tar_out *out, const char *name, const void *bytes,
		 size_t len, int64_t mtime_s, struct err *err);
int tar_out_begin(struct tar_out *out, const char *name, int64_t size,
		  int64_t mtime_s, struct err *err);
int tar_out_bytes(struct tar_out *out, const void *bytes, size_t len,
		  struct err *err);

/* Writes the tar's end. -EPIPE: nobody reads any more; -EINTR after Ctrl-C (here
 * and in all of the above). */
int tar_out_end(struct tar_out *out, struct err *err);
void tar_out_close(struct tar_out *out); /* NULL is fine */

#endif
