/* images/archive.h - reading an archive that somebody else made.
 *
 * Owns the way from the bytes of a file, a pipe or a network to the entries of a
 * tar: decompression (none, gzip, bzip2, xz, zstd), the digests of both forms,
 * and the bounds that keep a hostile archive from filling memory or disk. What
 * becomes of the entries is unpack.h's. All of it is done in this process, by
 * libarchive: no other program is ever started.
 *
 *   fd --> [ as it came ] --> decompress --> [ as a tar ] --> entries
 *             |                                 |
 *             +--> blob (if compressed)         +--> diff id
 *                                               +--> zstd --> blob (if it was
 *                                                             not compressed)
 *
 * The blob is kept so that the very same tar can be given out again (`save`,
 * `push`): from the unpacked files it could not be made anew, since a tar's order
 * and paddings are lost. It costs a layer's compressed size on disk. */
#ifndef IMAGES_ARCHIVE_H
#define IMAGES_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/base/digest.h"

struct archive_entry; /* libarchive's */
struct err;
struct tar_in; /* an archive being read */

/* What no honest layer comes near. Each is named when it is passed.
 *
 * A header (long names, extended attributes) is held to 1 MiB by libarchive. */
enum {
	TAR_MAX_ENTRIES = 600000,
	TAR_MAX_DEPTH = 256,	/* names in a path */
	TAR_MAX_RATIO = 200,	/* decompressed to compressed, from 1 GiB on */
	TAR_MAX_GIB = 32,	/* decompressed; also the sum of file lengths */
};

/* What is known once all was read.
 *
 * diff         digest of the tar: the layer's diff id
 * blob         digest of what was written to blob_fd
 * blob_type    "gzip", "zstd", "bzip2", "xz": how the blob is compressed */
struct tar_facts {
	char diff[DIGEST_SIZE];
	char blob[DIGEST_SIZE];
	char blob_type[8];
	int64_t tar_bytes;
	int64_t blob_bytes;
	int64_t entries;
};

/* Looks now for everything that a library might look for on disk: after chroot(2)
 * the disk is the archive's, or a container's, and what lies there in a library's
 * place is not to be opened. To be called before. */
void archive_prepare(void);

/* Who wants to know how far it is: called now and then with the bytes that went
 * over so far. */
struct archive_watch {
	void (*moved)(void *arg, int64_t bytes);
	void *arg;
};

/* fd       the archive, from where it stands; borrowed, read to its end
 * blob_fd  where the compressed form goes; borrowed; -1: nowhere;
 *          TAR_NO_DIGESTS: nowhere, and nobody asks for digests
 *
 * -EINVAL for what is no tar; -EINTR after Ctrl-C (here and in what follows). */
enum { TAR_NO_DIGESTS = -2 };
int tar_in_open(int fd, int blob_fd, struct tar_in **out, struct err *err);

void tar_in_watch(struct tar_in *in, const struct archive_watch *watch);

/* The next entry, borrowed until the next call. Returns 1, 0 at the end, or
 * -EFBIG for a bound passed, -EINVAL for a damaged archive. */
int tar_in_next(struct tar_in *in, struct archive_entry **out_entry,
		struct err *err);

/* Writes the entry's content into the empty file fd, holes as holes. */
int tar_in_copy(struct tar_in *in, int fd, struct err *err);

/* The same block by block: 1, or 0 at its end. The bytes are borrowed until the next
 * call; what lies between two blocks is a hole. */
int tar_in_block(struct tar_in *in, const void **out_bytes, size_t *out_len,
		 int64_t *out_offset, struct err *err);

/* Reads what is left behind the last entry. */
int tar_in_end(struct tar_in *in, struct tar_facts *out, struct err *err);

void tar_in_close(struct tar_in *in); /* NULL is fine */

#endif
