/* runtime/upper_watch.h - what happens in a container's writable layer, as it happens.
 *
 * A child that is root among this account's ids looks through the layer again and again
 * and compares with what it saw before: what a program writes through an overlay makes
 * no inotify(7) event in the folder below it. So what lives for a shorter time than lies
 * between two looks is not seen. */
#ifndef RUNTIME_UPPER_WATCH_H
#define RUNTIME_UPPER_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"
#include "runtime/userns.h"

struct container;
struct err;
struct home;

/* More than that is not followed; upper_watch.more says so. */
enum { UPPER_WATCH_MOST = 50000 };

enum upper_change {
	UPPER_ADDED = 'A', /* the image has nothing of that name */
	UPPER_COPIED =
		'C', /* the image has it: this is the container's own copy */
	UPPER_WRITTEN =
		'W',        /* it was here before, and its size or time moved */
	UPPER_HIDDEN = 'D', /* a whiteout: what the image has is hidden */
	UPPER_GONE = 'G',   /* it was here, and is no more */
};

/* before  bytes it had before, of UPPER_WRITTEN and UPPER_GONE */
struct upper_event {
	enum upper_change change;
	bool folder;
	int64_t bytes;
	int64_t before;
	const char *path; /* printable; borrowed until the next call */
};

/* fd     readable when something happened; -1: over
 * count  things in the layer at the first look, and their bytes */
struct upper_watch {
	struct userns_child child;
	int fd;
	struct buf text;
	size_t at;
	uint64_t count;
	uint64_t bytes;
	bool more;
};
#define UPPER_WATCH_NONE ((struct upper_watch){ .child = { -1, -1 }, .fd = -1 })

/* Returns once the first look is done. interval_ms: between two looks; a layer that
 * takes long to look through is looked at more seldom. */
int upper_watch_begin(const struct home *home,
		      const struct container *container, int interval_ms,
		      struct upper_watch *out, struct err *err);

/* The next thing that happened. 1, or 0 where nothing has yet; never waits. */
int upper_watch_next(struct upper_watch *watch, struct upper_event *out);

void upper_watch_end(struct upper_watch *watch);
#define OWN_UPPER_WATCH __attribute__((cleanup(upper_watch_end)))

#endif
