/* images/bundle.h - an archive or a folder of images, as files by name.
 *
 * Owns how `load` gets at what somebody else packed. A folder is read where it
 * lies; of a tar, which may come through a pipe and in any order, every file is
 * first put down in the store under a number. No name of it ever becomes a path on
 * this machine, and its links lead from name to name within it or nowhere:
 *
 *   tar  manifest.json            layers/tmp-<random>/0
 *        1a2b.../layer.tar        layers/tmp-<random>/1
 *        3c4d.../layer.tar  -> ../1a2b.../layer.tar    (kept as a name) */
#ifndef IMAGES_BUNDLE_H
#define IMAGES_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>

struct archive_watch;
struct buf;
struct bundle;
struct err;
struct home;

/* What no honest archive of images comes near. */
enum {
	BUNDLE_MAX_FILES = 65536,
	BUNDLE_MAX_TEXT = 4 << 20, /* bytes of a document */
	BUNDLE_MAX_LINKS = 8,	   /* from name to name */
};

/* fd     a folder, or an archive as archive.h takes it, from where it stands;
 *        borrowed, an archive is read to its end
 * watch  told of the bytes that came; may be NULL
 *
 * The caller holds a stage (stage.h) meanwhile, or what was put down would be
 * swept. -EINVAL for what is no tar, or has names that lead out of it; -EFBIG
 * for a bound passed. */
int bundle_open(const struct home *home, int fd,
		const struct archive_watch *watch, struct bundle **out,
		struct err *err);
void bundle_close(struct bundle *bundle); /* NULL is fine */

bool bundle_has(const struct bundle *bundle, const char *name);

/* A file, to be read from its beginning; returns a descriptor (given). -ENOENT
 * where there is none of that name, -EINVAL for what is no plain file. */
int bundle_file(const struct bundle *bundle, const char *name,
		struct err *err);

/* A whole document of at most BUNDLE_MAX_TEXT bytes; added to out. */
int bundle_text(const struct bundle *bundle, const char *name, struct buf *out,
		struct err *err);

#endif
