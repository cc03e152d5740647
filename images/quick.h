/* images/quick.h - what `run` asks of the store, in one small file.
 *
 * Opening the database costs more than all the rest of finding an image. So the
 * names, with what a start needs of each, are also kept in run/images, which is
 * made from the database when it is missing and gone before any change of the
 * database is committed: it is never older than the database, at no moment and
 * after no crash. It belongs to this boot's run/ and may be removed at any time.
 *
 *   reader   open, read, close. That is all.
 *   maker    lock run/ (shared); read the database; write the file; unlock
 *   changer  lock run/ (exclusive); unlink the file; COMMIT; unlock */
#ifndef IMAGES_QUICK_H
#define IMAGES_QUICK_H

#include <stddef.h>

#include "runtime/base/buf.h"

struct err;
struct home;
struct image;

/* Looks up a full name ("docker.io/library/busybox:latest"). Returns 0 with id,
 * links and config filled in, or -ENOENT where the file is missing or does not
 * have it (*err untouched: the database is to be asked). */
int quick_find(const struct home *home, const char *name, struct image *out);

/* To be called between BEGIN and COMMIT: takes the file away. Returns a lock
 * (given) to be closed after the COMMIT, or -errno. */
int quick_forget(const struct home *home, struct err *err);

/* Locks for making the file: returns a lock (given) to be closed when it is
 * written, -EAGAIN while somebody changes the database, or another -errno. */
int quick_lock(const struct home *home);

/* Adds one name to the text of the file. `json` is the image's config document;
 * one that is very long is left to the database. */
void quick_add(struct buf *text, const char *name, const char *id,
	       const char *links, const char *json, size_t len);

/* Writes the file, under quick_lock. A failure only means that there is none. */
void quick_write(const struct home *home, const struct buf *text);

#endif
