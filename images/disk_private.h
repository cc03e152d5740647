/* images/disk_private.h - what disk.c and disk_walk.c know of each other. */
#ifndef IMAGES_DISK_PRIVATE_H
#define IMAGES_DISK_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct home;

/* A part of the home: "layers/<hex>", "blobs/sha256/<hex>", "containers/<id>",
 * "volumes/<name>", or "" for all else. */
struct disk_part {
	char *path;
	int64_t bytes;
};

struct disk_parts {
	struct disk_part *items;
	size_t count;
	bool refused; /* see disk.h */
};

void disk_parts_done(struct disk_parts *parts);

/* Measures all of them, each file once, however many names it has. */
int disk_walk(const struct home *home, struct disk_parts *out, struct err *err);

#endif
