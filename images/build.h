/* images/build.h - from a Dockerfile to an image.
 *
 * Owns the order of a build, as Docker's classic builder has it: every instruction
 * makes an image of its own upon the one before, or finds it in the cache.
 *
 *   build_plan      stages, and how many steps there are
 *   build_args      which ARG is seen where
 *   build_stage     FROM
 *   build_dispatch  one instruction; those that change the config alone are
 *                   changes.h's
 *   build_run       RUN: a container, and what it wrote
 *   build_mounts    RUN --mount; build_prune what it keeps
 *   build_files     COPY and ADD (the work is build_copy.h's), WORKDIR
 *   build_image     the image of one step: config, history, layer
 *   build_cache     has this step been built before; and if not, why not
 *   build_cache_from  or elsewhere, in an image that --cache-from names
 *
 * The text is dockerfile.h's, the files around it are context.h's. Source: Docker
 * 20.10, builder/dockerfile; what only its successor BuildKit knows (heredocs, RUN
 * --mount, COPY --chmod) is as there. */
#ifndef IMAGES_BUILD_H
#define IMAGES_BUILD_H

#include <stdbool.h>
#include <stdio.h>

#include "runtime/base/digest.h"

struct context;
struct dockerfile;
struct err;
struct spec;
struct store;
struct strs;

/* What the user asked for. Borrowed; NULL where not given.
 *
 * args        --build-arg: "NAME=value", or "NAME": the caller's own value
 * labels      "name=value"
 * tags        "repository[:tag]", checked before (build_check_tag)
 * target      the stage to end at, a name or a number
 * no_cache    nothing is taken from the cache
 * cache_from  images: nothing but their steps is taken from it
 * keep        --rm=false: the containers of the steps stay
 * force_remove  also that of a step that failed goes
 * place       where the Dockerfile lies, absolute; NULL: it came by a pipe
 * platform    --platform; checked by the caller
 * out         what Docker shows; the steps' programs write to it as well
 * notes       why a step was not found in the cache; NULL: nobody is told
 * explain     --explain: all that was compared, for each step
 * prepare     fills what every container of a RUN gets (limits, network ...) into
 *             its spec */
struct build_choice {
	struct context *context;
	const struct dockerfile *file;
	const struct strs *args;
	const struct strs *labels;
	const struct strs *tags;
	const struct strs *cache_from;
	const char *place;
	const char *target;
	bool no_cache;
	bool keep;
	bool force_remove;
	bool explain;
	FILE *out;
	FILE *notes;
	int (*prepare)(void *arg, struct spec *spec, struct err *err);
	void *arg;
};

/* Builds. Whatever happens, the steps that were finished are whole images, and on
 * the disk.
 *
 * Failures are Docker's sentences. Of a RUN that failed, err->status is its exit
 * status, and the hint says how to look into the last good image. -EINTR after
 * Ctrl-C. */
int build_run(struct store *store, const struct build_choice *choice,
	      char out_id[DIGEST_SIZE], struct err *err);

/* Whether a name can be given to what is built: Docker's reason, without voice. */
int build_check_tag(const char *tag, struct err *err);

/* ---- builder prune ---- */

/* What `builder prune` removes: the folders that RUN --mount=type=cache keeps. Each
 * one that went is a line of out_ids; out_bytes: what they held. */
int build_prune(struct store *store, struct strs *out_ids, long long *out_bytes,
		struct err *err);

#endif
