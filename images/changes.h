/* images/changes.h - Dockerfile instructions that change an image's config alone.
 *
 * Owns what `import -c` and `commit -c` take, and how each of these instructions
 * changes a config; the builder uses the same. Words are cut and variables put in
 * as in a Dockerfile: 'literal', "with $VARIABLES", \escapes, ${X:-default},
 * ${X:+other}. */
#ifndef IMAGES_CHANGES_H
#define IMAGES_CHANGES_H

#include <stdbool.h>

struct err;
struct image_config;
struct strs;

/* What has been seen so far: an ENTRYPOINT takes an inherited CMD away, but not
 * one that stands in the same text. */
struct changes_state {
	bool cmd_given;
};

/* One instruction: "CMD", "ENV" ... (in any case) and what stands behind it.
 * -EINVAL with Docker's sentence: "run is not a valid change command", "ENV must
 * have two arguments" ... *config may then be half changed. */
int changes_apply(struct image_config *config, struct changes_state *state,
		  const char *instruction, const char *rest, struct err *err);

/* Lines of instructions, as -c gives them. */
int changes_apply_all(struct image_config *config, const struct strs *changes,
		      struct err *err);

#endif
