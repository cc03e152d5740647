/* images/run_spec.h - an image and what the user asked for become a spec.
 *
 * Owns the rules by which `run` and `create` lay the user's words over an image's
 * config: which command runs (ENTRYPOINT and CMD), which environment, user,
 * folder, labels and stop signal count, and which layers are mounted. */
#ifndef IMAGES_RUN_SPEC_H
#define IMAGES_RUN_SPEC_H

#include <stdbool.h>

#include "images/store.h"
#include "runtime/base/list.h"

struct err;
struct spec;

/* What the user gave. Everything is borrowed; NULL means "not given".
 *
 * image             the name as given ("busybox"), for `ps` to show
 * args              the words behind the image
 * entrypoint_given  --entrypoint was there; entrypoint "" takes the image's
 *                   away
 * env               "NAME=value", or "NAME" alone: the caller's own value, and
 *                   nothing where the caller has none
 * labels            "name=value" or "name"
 * stop_signal       "TERM", "15" */
struct run_choice {
	const char *image;
	const struct strs *args;
	const char *entrypoint;
	bool entrypoint_given;
	const struct strs *env;
	const struct strs *labels;
	const char *user;
	const char *cwd;
	const char *stop_signal;
};

/* Fills spec's image, image_id, layers, args, env, user, cwd, labels and
 * stop_signal, health_..., exposed (spec_init was called; the rest of it is left
 * alone). Copies.
 *
 * Returns 0, or -EINVAL with Docker's sentence: "No command specified", "Invalid
 * signal: x", "the working directory 'x' is invalid, it needs to be an absolute
 * path". *spec may then be half filled.
 *
 * Health checks and exposed ports that spec already has are the user's; the
 * image's fill up what is missing there.
 *
 * Env is as Docker merges it: the user's first, then those of the image that the
 * user did not name; PATH's default, HOSTNAME, TERM and HOME are the runtime's. */
int run_spec_fill(struct spec *spec, const struct image *image,
		  const struct run_choice *choice, struct err *err);

#endif
