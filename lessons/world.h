/* lessons/world.h - a world of a lesson's own, and its start, kept for a reset.
 *
 * A world is a home (runtime/home.h) at lessons/worlds/NAME of the user's home:
 * its own containers, tags, volumes, and work/, the learner's folder; layers and
 * blobs are shared with the user's. Beside it lies NAME@start: a copy of what
 * was in the world when the step began. It has a store.db as well, so whoever
 * sweeps layers finds there what the start still needs. */
#ifndef LESSONS_WORLD_H
#define LESSONS_WORLD_H

#include <stdbool.h>

#include "runtime/home.h"

struct buf;
struct err;
struct store;

/* quick  what is kept need not outlive a power cut */
struct world {
	const struct home *base; /* borrowed */
	bool quick;
	char *name;
	struct home home;
	struct store *store;
};

/* *out must stay where it is until world_close. */
int world_open(const struct home *base, const char *name, struct world *out,
	       struct err *err);
void world_close(struct world *world);

/* Removes the world and its start: containers first, running ones killed. */
int world_remove(const struct home *base, const char *name, struct err *err);

/* Empties the world to what a new one has. Its store is opened anew. */
int world_begin_again(struct world *world, struct err *err);

/* Keeps the world as it is now as its start, in place of an earlier one. */
int world_keep(struct world *world, struct err *err);

/* Brings the start back: containers that came since are killed and removed,
 * those that were there are as they were, running ones run again. */
int world_restore(struct world *world, struct err *err);

/* A line per thing that can be told apart: containers with their state and
 * changes, tags, files of the learner. Two worlds with the same text are the
 * same to a goal. */
int world_print(const struct world *world, struct buf *out, struct err *err);

/* A number that differs once something in the world has changed. *busy: a
 * container runs, so that changes need not show. */
unsigned long long world_stamp(const struct world *world, bool *out_busy);

/* work/, the learner's folder; opened. */
int world_work(const struct world *world, struct err *err);

#endif
