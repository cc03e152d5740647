/* images/store_private.h - what the files of the store know of each other.
 *
 *   store.c        opening, the schema, transactions
 *   store_find.c   images by name and id
 *   store_names.c  names alone, at a glance
 *   store_write.c  images and tags entered
 *   store_remove.c rmi
 *   store_sync.c   images that wait for the disk together
 *   store_clear.c  layers and blobs that nobody speaks of
 *   store_world.c  a lesson's own store
 *
 * Tables; ids, chains and diffs are digests in text form:
 *
 *   images        one image: config document, parent, size
 *   tags          full name ("docker.io/library/busybox:latest") to image;
 *                 "name@sha256:..." for what a registry calls it
 *   layers        by chain id; what layers/<chain>/layer.json says too
 *   image_layers  the layers of an image, place 0 the lowest
 *   build_files   of an image that COPY made: the checksum of each file, for
 *                 build_explain.c
 *   unsynced      images that are not yet on the disk (store_sync.c)
 *   meta          unsynced_boot: in which boot they were made */
#ifndef IMAGES_STORE_PRIVATE_H
#define IMAGES_STORE_PRIVATE_H

#include "images/store.h"

struct db;
struct err;
struct home;
struct sqlite3_stmt;

/* db    NULL until somebody asks for more than `run` does
 * path  of store.db
 * removes_many  between image_removals_begin and its end; has_removed: something */
struct store {
	const struct home *home;
	struct db *db;
	char *path;
	bool removes_many;
	bool has_removed;
};

enum {
	STORE_VERSION = 2,
};

/* tags.bundled */
enum {
	TAG_OWN,      /* given by somebody */
	TAG_BUNDLED,  /* came with the program */
	TAG_ALIAS,    /* came with it, as a second name of the same image */
};

/* The id that a name or id or prefix means, in Docker's order. -ENOENT is Docker's
 * "No such image: x:latest". *out_note may be NULL. */
int store_resolve(struct db *db, const char *name, char out_id[DIGEST_SIZE],
		  char **out_note, struct err *err);

/* All of one image. */
int store_load(struct store *store, struct db *db, const char *id,
	       struct image *out, struct err *err);

/* Whether a container was ever started from the image: the runtime has made a
 * folder beside its highest layer then. */
bool store_was_run(const struct store *store, const struct image *image);

/* Takes the image out of the tables: its tags, its layers' uses, itself. */
int store_drop_image(struct store *store, const char *id, struct err *err);

/* The home that `home` shares its layers with: itself, or what they link to. */
int store_open_base(const struct home *home, struct home *out,
		    struct err *err);
bool store_is_world(const struct home *home);

/* The image's labels, which go along with its events; none where it is gone. */
void store_labels(struct store *store, const char *id, struct strs *out);

/* Enters into a new world's store what came with the program, as it is in the
 * store of the home that the world was made from. Within a transaction. */
struct stage;
int store_fill_world(struct store *world, struct stage **out_stage,
		     struct err *err);

/* Takes out what a power cut may have left half; at each opening. */
int store_recover(struct store *store, struct err *err);

/* What is given a name is on the disk first. Within a transaction. */
int store_sync_image(struct store *store, const char *id, struct err *err);

/* As store_clear_away, and what containers stand on goes as well. -EAGAIN while
 * somebody is at work. */
int store_clear_unsynced(struct store *store, struct err *err);

/* Digests of the first column. */
int store_column(struct db *db, const char *sql, const char *argument,
		 struct strs *out, struct err *err);

#endif
