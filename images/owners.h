/* images/owners.h - owners and devices that could not be, read back.
 *
 * Owns the file `owners` beside a layer, as unpack.h describes it, for whoever
 * packs what was unpacked: links, devices and fifos that belong to users this
 * account has not, devices that the kernel refused it. */
#ifndef IMAGES_OWNERS_H
#define IMAGES_OWNERS_H

struct archive_entry;
struct err;
struct home;
struct owners;
struct strs;

/* Reads the notes of a stack of layers (names below the home, highest first) under
 * the writable layer `upper` (likewise). *out is NULL where there is no note. */
int owners_read(const struct home *home, const char *upper,
		const struct strs *layers, struct owners **out,
		struct err *err);
void owners_free(struct owners *owners); /* NULL is fine */

/* Sets what was noted of `path` ("dev/null") on its entry, if the tree still shows
 * what the note was made for. */
void owners_apply(struct owners *owners, const char *path,
		  struct archive_entry *entry);

#endif
