/* images/blob_out.h - the compressed form of a layer, on its way to the disk.
 *
 * Owns compression and digest of what is kept of a layer (archive.h says why). It
 * costs as much as unpacking does, and neither needs the other: from a few hundred
 * kilobytes on it goes on beside it, in a thread of its own.
 *
 *   caller:  [block][block][block] --> thread: zstd --> SHA-256 --> file */
#ifndef IMAGES_BLOB_OUT_H
#define IMAGES_BLOB_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/digest.h"

struct blob_out;
struct err;

/* fd        empty; borrowed
 * compress  by zstd; else the bytes are kept as they come */
int blob_out_open(int fd, bool compress, struct blob_out **out,
		  struct err *err);

/* A failure of the other side comes with the next call. */
int blob_out_add(struct blob_out *blob, const void *bytes, size_t len,
		 struct err *err);

/* All is written now. */
int blob_out_end(struct blob_out *blob, char out_digest[DIGEST_SIZE],
		 int64_t *out_bytes, struct err *err);

/* Also half way, and after blob_out_end. NULL is fine. */
void blob_out_close(struct blob_out *blob);

#endif
