/* images/disk.h - what a home really takes on the disk, and whose it is.
 *
 * `images` and `system df` count lengths of files, as Docker does. The disk counts
 * blocks: of each file once, whatever its names, and of folders too, as du(1). Here each
 * block of the home belongs to one thing:
 *
 *   layers/<chain>, and the blob it came from   the images that stand on it
 *   containers/<id>                             that container
 *   volumes/<name>                              that volume
 *   blobs/sha256/<config>                       that image
 *   all else                                    the program's own records */
#ifndef IMAGES_DISK_H
#define IMAGES_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/list.h"

struct err;
struct store;

enum disk_kind {
	DISK_IMAGE,
	DISK_CONTAINER,
	DISK_VOLUME,
	DISK_SHARED, /* layers of several images, as one */
	DISK_LEFT,   /* layers that only containers stand on, or nobody */
	DISK_STEPS,  /* records of the builder's intermediate images */
	DISK_OWN,    /* database, events, locks, lessons */
};
enum { DISK_KINDS = DISK_OWN + 1 };

/* name    as `images`, `ps` and `volume ls` have it; "" for those of which there is one
 * own     bytes that go when it goes
 * shared  of an image: bytes of layers that others stand on, too
 * frees   what removing it now gives back; less than own where something needs it:
 * users   the containers that do
 * usual   what `images`, `ps -s` or `system df` says of it: lengths */
struct disk_thing {
	enum disk_kind kind;
	char *name;
	int64_t own;
	int64_t shared;
	int64_t frees;
	int64_t usual;
	struct strs users;
};

/* total   the sum of all things' own: what `du -s` of the home says
 * refused    parts of it are open to root among this account's ids alone: du(1), run by
 *            the account itself, does not see them
 * elsewhere  the layers lie in another home (a lesson's world): they are not in it */
struct disk {
	struct disk_thing *things;
	size_t count;
	int64_t total;
	int64_t sums[DISK_KINDS];
	bool refused;
	bool elsewhere;
};

void disk_done(struct disk *disk);
#define OWN_DISK __attribute__((cleanup(disk_done)))

int disk_read(struct store *store, struct disk *out, struct err *err);

#endif
