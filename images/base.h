/* images/base.h - the images that come with the program.
 *
 * Owns <share>/base/base.json and the archives that it names (made by
 * images/base/make): they are entered at the first start, and again by `image
 * restore`. One that nothing has used yet gives way when its name is given to
 * another image. */
#ifndef IMAGES_BASE_H
#define IMAGES_BASE_H

struct base_images;
struct err;
struct store;
struct strs;

/* Unpacks and makes them real, without entering them.
 *
 * only  a name or an alias of the one wanted ("ubuntu"), or NULL for all
 *
 * -ENOENT: none comes with this program, or not `only`. */
int base_prepare(struct store *store, const char *only,
		 struct base_images **out, struct err *err);

/* Enters them and their names within the transaction under way; a name that is
 * somebody else's now stays so, unless it was asked for as `only`. The names that
 * were set are added to out_names (may be NULL). */
int base_enter(struct store *store, struct base_images *base,
	       struct strs *out_names, struct err *err);

void base_done(struct base_images *base); /* NULL is fine */

/* prepare, enter and done in a transaction of its own. */
int base_restore(struct store *store, const char *only, struct strs *out_names,
		 struct err *err);

/* After an image was not found: if the images of the program could not be entered
 * at the first start, tries again. 0 if they are there now; -ENOENT, *err
 * untouched, if they had been; else why they cannot be entered. */
int base_find_again(struct store *store, struct err *err);

/* Whether `name` is one that comes with the program: `rmi` says how to get it
 * back. */
int base_has(const char *name);

/* Adds the names of all that come with the program, in full:
 * "docker.io/library/busybox:latest". */
void base_names(struct strs *out);

#endif
