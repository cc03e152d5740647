/* images/stage.h - what is half made, and how it becomes real all at once.
 *
 * Owns the order in which layers and blobs reach the disk, and the lock between
 * those who add and those who clear away.
 *
 *   unpack      layers/tmp-*, blobs/sha256/tmp-*   a kill leaves these: swept
 *   syncfs      all of their content is on the disk
 *   rename      to the names that are digests
 *   fsync       of the folders: the names are on the disk
 *   database    (the caller) now something speaks of them
 *   unlock
 *
 * Killed or cut off at any point, the store has either nothing new or something
 * whole that nobody speaks of yet. */
#ifndef IMAGES_STAGE_H
#define IMAGES_STAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "images/layer.h"

struct err;
struct home;
struct stage;

/* Opens a stage: from now until stage_close nothing is cleared away in this store
 * or in those that share its layers. What others left half made is removed
 * first, if nobody is at work. */
int stage_open(const struct home *home, struct stage **out, struct err *err);

/* Unpacks a layer onto the layers that end with chain id `parent` (NULL: onto
 * nothing). fd is borrowed and read to its end. Returns the layer's place in the
 * stage, from 0. */
int stage_layer(struct stage *stage, int fd, const char *parent,
		struct err *err);

/* Takes files that are a layer as they lie there, with the marks of overlayfs that a
 * layer has. Nothing is copied, and no blob is kept: the tar can be made again.
 *
 * folder  below the home; it is gone then
 * facts   diff, tar_bytes and size_bytes; its parent's chain id, "" for none
 *
 * Where the folder cannot be moved, it and the stage are as before. */
int stage_take(struct stage *stage, const char *folder,
	       const struct layer *facts, struct err *err);

/* Adds a blob. */
int stage_blob(struct stage *stage, const void *bytes, size_t len,
	       char out_digest[DIGEST_SIZE], struct err *err);

/* Makes all of it real. */
int stage_commit(struct stage *stage, struct err *err);

/* The same without waiting for the disk: for images that are noted as unsynced
 * (store.h), which a power cut may take. */
int stage_commit_unsynced(struct stage *stage, struct err *err);

/* A layer: complete, with its link, once committed. Borrowed. */
const struct layer *stage_layer_at(const struct stage *stage, int place);

/* Where the files of a layer lie that is not committed, below the home:
 * "layers/tmp-.../diff". Given. */
char *stage_layer_folder(const struct stage *stage, int place);

/* Removes what was not committed and lets the lock go. NULL is fine. */
void stage_close(struct stage *stage);

/* Finds or makes the link of a layer that is in its place, and writes its name to
 * layer->link. */
int stage_link(const struct home *home, struct layer *layer, struct err *err);

/* The lock for those who clear away: -EAGAIN while somebody is at work. Returns a
 * descriptor (given); closing it unlocks. */
int stage_lock_all(const struct home *home, struct err *err);

/* Removes what was left half made. Needs stage_lock_all's lock. */
void stage_sweep(const struct home *home);

#endif
