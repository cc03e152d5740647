/* images/ld_cache.h - where this machine's loader finds a library.
 *
 * Owns the reading of /etc/ld.so.cache, in which ldconfig(8) keeps what libraries
 * there are, and the folders that are looked in where the cache says nothing.
 * Nothing is run for it: `ldd` would start the program.
 *
 *   "glibc-ld.so.cache1.1" | count | length of the texts | ...
 *   flags, offset of "libc.so.6", offset of "/lib/.../libc.so.6", ..., hwcap
 *
 * Source: glibc, sysdeps/generic/dl-cache.h; ld.so(8). */
#ifndef IMAGES_LD_CACHE_H
#define IMAGES_LD_CACHE_H

#include "runtime/base/buf.h"

struct elf;
struct strs;

/* text  the whole file, "" where there is none (musl has no such file) */
struct ld_cache {
	struct buf text;
};

void ld_cache_done(struct ld_cache *cache);

/* A cache that cannot be read is an empty one: the folders are left. */
void ld_cache_read(struct ld_cache *cache);

/* The path of the library `name` that `asks` can be run with: first in `folders`
 * (its run path, already resolved), then in the cache, then in the folders that
 * every loader knows. Given, or NULL where there is none. */
char *ld_cache_find(const struct ld_cache *cache, const char *name,
		    const struct elf *asks, const struct strs *folders);

#endif
