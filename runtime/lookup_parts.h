/* runtime/lookup_parts.h - what the files of a look-up share (lookup.h). */
#ifndef RUNTIME_LOOKUP_PARTS_H
#define RUNTIME_LOOKUP_PARTS_H

#include <stddef.h>

struct buf;
struct err;
struct home;
struct strs;

/* Runs in the child that sees the layers. What it found is added to `reply`, a line
 * each; *out_resolved is the path behind all links. */
int lookup_walk(const struct home *home, const struct strs *layers,
		const char *path, struct buf *reply, char **out_resolved,
		struct err *err);

#endif
