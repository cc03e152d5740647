/* images/copy_archive.h - ADD of an archive: what is in it goes into the layer.
 *
 * Owns what an entry of a foreign archive may do there. Names are followed through
 * what the layer and its image have, but never out of the destination; ids, modes
 * and times are the archive's. */
#ifndef IMAGES_COPY_ARCHIVE_H
#define IMAGES_COPY_ARCHIVE_H

struct copy_tar;
struct err;

/* fd    the file, at its beginning; borrowed
 * dest  where it is unpacked ("a/b"); made if it is not there
 *
 * Returns 1, or 0 where the file is no archive and nothing was done. */
int copy_archive(struct copy_tar *tar, int fd, const char *dest,
		 struct err *err);

#endif
