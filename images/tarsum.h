/* images/tarsum.h - Docker's checksum of one file, for the cache of COPY and ADD.
 *
 * Owns what makes a file the same file: name, mode with its kind, owner, length,
 * link target, device, capabilities, content. Its times are not among it, so that
 * a fresh clone of the same sources hits the cache.
 *
 *   name a.txt mode 33188 uid 0 gid 0 size 6 typeflag 0 linkname  uname  gname
 *   devmajor 0 devminor 0 CONTENT              (all in one, without the blanks)
 *
 * Source: moby, pkg/tarsum, version 1 - bug for bug, so that history shows the very
 * checksums that Docker shows. Files of an image carry the name "root" where they
 * are root's; those of a context are nobody's. */
#ifndef IMAGES_TARSUM_H
#define IMAGES_TARSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "runtime/base/digest.h"

struct digest;
struct strs;

/* name         relative to the root; a folder's gets its '/' here
 * st           uid and gid count only with `of_image`
 * target       where a link leads, else NULL
 * capabilities the attribute security.capability, or NULL */
struct tarsum_file {
	const char *name;
	const struct stat *st;
	const char *target;
	const void *capabilities;
	size_t capabilities_len;
	bool of_image;
};

/* Begins a file's sum; its content is to be added (digest_add), and digest_end
 * ends it. */
struct digest *tarsum_begin(const struct tarsum_file *file);

/* "dir:<hex>" or "multi:<hex>": the sum of several sums in the order given. Given,
 * to be freed. */
char *tarsum_join(const char *kind, const struct strs *sums);

#endif
