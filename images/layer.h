/* images/layer.h - one layer: a tar of differences, unpacked.
 *
 * Owns what a layer is on disk and what is known of it. How several layers and
 * blobs become real at once is stage.h's; which images use it is store.h's.
 *
 *   layers/<chain id>/diff/         the files
 *   layers/<chain id>/layer.json    the facts below, so that the database can be
 *                                   made anew from what lies there
 *   layers/<chain id>/owners        see unpack.h; only where needed
 *   layers/<chain id>/init/         mount points, the runtime's work
 *   l/<5 digits>                    link to the files: mount(2) gets short names
 *   blobs/sha256/<digest>           the tar it came from, compressed */
#ifndef IMAGES_LAYER_H
#define IMAGES_LAYER_H

#include <stdint.h>

#include "runtime/base/digest.h"

struct buf;
struct err;

/* diff        digest of the tar
 * chain       digest of this layer and all below it; names the folder
 * parent      chain id of the layers below; "" for the lowest
 * blob        digest of the tar as it is kept; blob_type: how it is compressed
 * size_bytes  the sum of the files' lengths, as Docker counts
 * link        "l/3f2a9"; "" until it has one */
struct layer {
	char diff[DIGEST_SIZE];
	char chain[DIGEST_SIZE];
	char parent[DIGEST_SIZE];
	char blob[DIGEST_SIZE];
	char blob_type[8];
	char link[16];
	int64_t size_bytes;
	int64_t tar_bytes;
	int64_t blob_bytes;
};

/* Unpacks an archive in a child process that is root among this account's ids
 * and whose / is the layer's folder.
 *
 * fd      the archive; borrowed, read to its end
 * dir_fd  the layer's folder, empty: gets diff/ and, where needed, owners
 * blob_fd what comes is written here, compressed; -1: nowhere
 * out     diff, blob, blob_type and the sizes are filled in, nothing else
 *
 * Failures are archive.h's and unpack.h's. dir_fd is then left half filled. */
int layer_unpack(int fd, int dir_fd, int blob_fd, struct layer *out,
		 struct err *err);

/* layer.json */
void layer_write(const struct layer *layer, struct buf *out);
int layer_read(int dir_fd, struct layer *out, struct err *err);

#endif
