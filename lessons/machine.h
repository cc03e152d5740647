/* lessons/machine.h - what this machine can show, in the words that lessons use.
 *
 * Owns the list of those words and what each stands on:
 *
 *   ids       more than one user id in a container (root, or subordinate ids)
 *   memory    a container's memory can be limited (cgroups), and so for
 *   pids      its processes,
 *   cpu       its share of the processor
 *   network   networks between containers, published ports
 *   way-out   a container reaches the network outside
 *   low-ports ports below 1024 of this machine may be published
 *   image:X   the user has an image X ("image:node": of any tag)
 *
 * What was found is kept as "word=value"; an image's value is its whole name
 * ("image:node=node:20-slim"), of the others it is "yes". */
#ifndef LESSONS_MACHINE_H
#define LESSONS_MACHINE_H

#include <stdbool.h>

#include "runtime/base/list.h"

struct err;
struct store;


/* Whether it is one of these words at all; whether it is "image:X". */
bool machine_knows(const char *word);
bool machine_is_image(const char *word);

/* CGROUP_BIT of the controllers that these words stand on. */
unsigned machine_controllers(const struct strs *words);

/* Finds out which of `words` hold. The machine is tried (some 50 ms) only where
 * one of them is no image. home_path, store: of the user's own home. */
int machine_look(const char *home_path, struct store *store,
		 const struct strs *words, struct strs *out_can,
		 struct err *err);

/* All names that the user's images have for "image:X": "node:20", "node:20-slim". */
int machine_images(struct store *store, const char *word, struct strs *out,
		   struct err *err);

/* The value, or NULL: it cannot. */
const char *machine_can(const struct strs *can, const char *word);

/* Among a learner's values it is kept with this in front; all of it, without. */
#define MACHINE_PREFIX "machine."
void machine_remembered(const struct strs *vars, struct strs *out_can);

/* What is missing, as half a sentence: "its memory cannot be limited". Given. */
char *machine_lacks(const char *word);

#endif
