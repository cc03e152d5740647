/* images/store.h - images by name and by id.
 *
 * Owns store.db (tags, images, layers) and the blobs. An image's id is the
 * SHA-256 of its OCI config document, as in Docker; a layer is known by its diff
 * id (SHA-256 of its tar) and, in a stack, by its chain id. Unpacked layers are
 * layer.h's; names are ref.h's; config documents are manifest.h's. */
#ifndef IMAGES_STORE_H
#define IMAGES_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "images/manifest.h"
#include "runtime/base/digest.h"
#include "runtime/base/list.h"

struct err;
struct home;
struct store; /* one open store.db and the home around it */

/* Opens the store of `home` (borrowed; it must outlive the store), making and
 * migrating store.db where needed; a new one gets the images that come with the
 * program (base.h), a new world's those of the home around it. The database
 * itself is opened only when something else than image_find_for_run is asked, so
 * that `run` costs no lock and no fsync. */
int store_open(const struct home *home, struct store **out, struct err *err);
void store_close(struct store *store);

/* Closes the database until something asks for it again: before a fork(2), for
 * SQLite forbids a child to go on with the connection of its parent. Source:
 * sqlite.org/howtocorrupt.html, 2.6. NULL is fine. */
void store_rest(struct store *store);

/* An image, looked up.
 *
 * id        "sha256:<64 hex>"
 * parent    the image that it was made from here, or NULL
 * tags      "busybox:latest", as Docker shows them; empty for dangling ones
 * created_ns  nanoseconds since 1970; tagged_ns: when it last got a name, or 0
 * size_bytes  the sum of its layers' sizes
 * layers    diff ids, lowest first
 * chains    chain ids, lowest first
 * links     names below the home for mount(2): "l/XXXXXX", HIGHEST first, as
 *           overlayfs wants them
 * bundled   came with the program and nothing has used it yet
 * digests   "busybox@sha256:...", where a registry gave it one
 * note      what is to be said of the name it was found by (English, marked for
 *           gettext where it was written), or NULL */
struct image {
	char *id;
	char *parent;
	struct strs tags;
	int64_t created_ns;
	int64_t tagged_ns;
	int64_t size_bytes;
	struct strs layers;
	struct strs chains;
	struct strs links;
	struct image_config config;
	bool bundled;
	struct strs digests;
	char *note;
};

void image_done(struct image *image);
#define OWN_IMAGE __attribute__((cleanup(image_done)))

/* Finds by name ("busybox", "busybox:latest", "docker.io/library/busybox"), by
 * id, or by a prefix of the id, in Docker's order. *out is filled, to be
 * released by image_done. Returns -ENOENT with "No such image: x" (with ":latest"
 * added where Docker adds it), -EINVAL for what is no reference. */
int image_find(struct store *store, const char *name, struct image *out,
	       struct err *err);

/* What `run` needs and nothing more: id, links, config; the image counts as
 * used from now on. One read of the database, one of the config. */
int image_find_for_run(struct store *store, const char *name,
		       struct image *out, struct err *err);

/* The names of all images as Docker shows them ("busybox:latest"), for who only wants
 * to offer them: nothing is made, migrated, written or waited for. Where there is no
 * store yet (`home` NULL, too) they are those of the images that come with the
 * program. What cannot be read is left out. */
void image_names(const struct home *home, struct strs *out);

struct image_list {
	struct image *items;
	size_t count;
};

/* All images, newest first; `all` adds those that only other images were made
 * from (intermediate ones). */
int image_list(struct store *store, bool all, struct image_list *out,
	       struct err *err);
void image_list_done(struct image_list *list);

/* Gives `target` ("repo:tag") to the image that `source` finds. A bundled image
 * that nothing has used and that loses a tag by this is removed. Messages are
 * Docker's: "No such image: x:latest", "Error parsing reference: ... is not a
 * valid repository/tag: ...". */
int image_tag(struct store *store, const char *source, const char *target,
	      struct err *err);

/* Takes a name away, or an image by its id, by Docker's rules (conflicts with
 * containers and children, several tags). Adds a line for each thing done:
 * "Untagged: busybox:latest", "Deleted: sha256:...".
 *
 * force     -f: also when stopped containers or several tags use it
 * no_prune  untagged parents stay
 *
 * -ENOENT: "No such image: x"; -EBUSY: Docker's conflict, word for word. */
int image_remove(struct store *store, const char *name, bool force,
		 bool no_prune, struct strs *out_lines, struct err *err);

/* Around many removals in a row: what is left over is cleared away, and the disk waited
 * for, once, at the end. Between the two each outlives a kill; after a power cut some
 * may not have happened. The end follows whatever went wrong between. */
void image_removals_begin(struct store *store);
int image_removals_end(struct store *store, struct err *err);

/* ---- for those who make images ----
 *
 * A transaction around what belongs together. The layers and blobs were made real
 * before (stage.h), and the stage is closed only after store_end:
 *
 *	r = store_begin(store, err);
 *	if (r == 0)
 *		r = store_end(store, put_it_there(store, err), err); */
int store_begin(struct store *store, struct err *err);
int store_end(struct store *store, int r, struct err *err);

/* Many images in a row without waiting for the disk, as a build makes them
 * (store_sync.c). Between begin and end each outlives a kill; the end makes them
 * outlive a power cut, and `within` (may be NULL) is done in its transaction: what
 * gives them names. A begin without an end, after a kill, is made up for by the next
 * end, or after a power cut by taking these images out. */
int store_begin_unsynced(struct store *store, struct err *err);
int store_note_unsynced(struct store *store, const char *id, struct err *err);
typedef int store_within(void *arg, struct err *err);
int store_end_unsynced(struct store *store, store_within *within, void *arg,
		       struct err *err);

/* Enters an image by its config document, already a blob; its layers are already
 * in layers/. One that is there already is fine.
 *
 * parent  the image that it was made from here, or NULL */
int store_add_image(struct store *store, const char *config, size_t len,
		    const char *parent, char out_id[DIGEST_SIZE],
		    struct err *err);

/* A layer as it lies on disk, by its chain id; -ENOENT where it does not. */
struct layer;
int store_layer(struct store *store, const char *chain, struct layer *out,
		struct err *err);

/* Notes from which image another was made. Both are there. */
int store_set_parent(struct store *store, const char *id, const char *parent,
		     struct err *err);

/* Which image has the name `ref` (with its tag): 1, or 0 where none has, or one
 * that came with the program and that would give way. */
struct ref;
int store_tagged(struct store *store, const struct ref *ref,
		 char out_id[DIGEST_SIZE], struct err *err);

/* Gives the image `id` the name `ref` (with its tag), taking it from another. */
int store_set_tag(struct store *store, const struct ref *ref, const char *id,
		  struct err *err);

/* The config document, byte by byte as it came. */
struct buf;
int store_config(struct store *store, const char *id, struct buf *out,
		 struct err *err);

/* Enters images of the home around a world into the world's store, with all their
 * tags, as if they had come with the program. Those that really did are there
 * from the first store_open on. Names are the user's ("node:20"). */
int store_add_to_world(struct store *base, struct store *world,
		       const struct strs *names, struct err *err);

/* Removes layers and blobs that no image and no container of this home or of any
 * that shares its layers speaks of. Does nothing while somebody is at work. */
int store_clear_away(struct store *store, struct err *err);

/* The database and the home, for other modules' tables. Borrowed. */
struct db;
struct db *store_db(struct store *store, struct err *err);
const struct home *store_home(const struct store *store);

/* Notes that something happened to an image ("tag", "import" ...), for `events`,
 * with its labels; name: what it is called there. */
void store_note_event(struct store *store, const char *action, const char *id,
		      const char *name);

/* The familiar name under which `docker ps` shows an image that was given as
 * `given`, if it still has that tag, else its 12-digit id. Given, to be freed. */
char *image_shown_as(struct store *store, const char *given, const char *id);

#endif
