/* runtime/lab.h - a folder for an experiment with overlay mounts.
 *
 * It lies below the home, on the very disk that containers write to, and goes with the
 * experiment. One that a killed program left is removed by the next. Mounts are made in
 * children that have a mount namespace of their own (userns_call), so nothing stays
 * mounted. */
#ifndef RUNTIME_LAB_H
#define RUNTIME_LAB_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct err;
struct home;

/* home  borrowed
 * name  below the home: "run/lab.1234"
 * path  absolute; owned */
struct lab {
	const struct home *home;
	char name[32];
	char *path;
};
#define LAB_NONE ((struct lab){ 0 })

int lab_begin(const struct home *home, struct lab *out, struct err *err);
void lab_end(struct lab *lab);
#define OWN_LAB __attribute__((cleanup(lab_end)))

/* Bytes that may be written where the lab is; -1: unknown. */
int64_t lab_free_bytes(const struct lab *lab);

/* Whether a copy on its file system can share the disk's blocks (FICLONE: btrfs, xfs),
 * so that it costs no reading and writing. */
bool lab_shares_blocks(const struct lab *lab);

/* ---- in a child with its own mount namespace, in the lab's folder ---- */

int lab_enter(const struct lab *lab, struct err *err);

/* Mounts an overlay on `where`. lower: names with colons between, the highest first;
 * upper NULL: read-only, then there are two lower ones or more. What it was mounted
 * with is added to `options` (may be NULL). */
struct lab_overlay {
	const char *lower;
	const char *upper;
	const char *work;
	const char *where;
};
int lab_mount(const struct lab_overlay *overlay, struct buf *options,
	      struct err *err);
void lab_unmount(const char *where);

/* Removes upper and work, and makes them anew. */
int lab_fresh_upper(const char *upper, const char *work, struct err *err);

#endif
