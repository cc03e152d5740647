/* images/build_private.h - what the files of the builder know of each other.
 *
 * See build.h for who owns what. Nobody else includes this. */
#ifndef IMAGES_BUILD_PRIVATE_H
#define IMAGES_BUILD_PRIVATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "images/build.h"
#include "images/dockerfile.h"
#include "images/manifest.h"
#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"

struct build_sources;
struct copy_found;
struct stage; /* of the store: stage.h */

/* ---- build_plan.c ---- */

/* One stage of the Dockerfile.
 *
 * name         as behind AS, lower-case; NULL where there is none
 * first, end   its instructions in the file, FROM included, `end` excluded */
struct build_stage {
	const struct instruction *from;
	char *name;
	size_t first;
	size_t end;
};

/* globals  how many instructions stand before the first FROM (ARGs)
 * steps    how many there will be, --label's included */
struct build_plan {
	struct build_stage *stages;
	size_t count;
	size_t globals;
	size_t steps;
};

/* Cuts the file into stages, up to `target`. -EINVAL: "failed to reach build target
 * x in Dockerfile", "no build stage in current context". */
int build_plan_make(const struct build_choice *choice, struct build_plan *out,
		    struct err *err);
void build_plan_done(struct build_plan *plan);

/* The stage of that name or number among the first `count`, or -1. */
int build_plan_find(const struct build_plan *plan, size_t count,
		    const char *name);

/* ---- build_args.c ---- */

/* given       --build-arg, "NAME=value"; bare: those without a value
 * global      of the ARGs before the first FROM, "NAME=value"
 * declared    names with ARG in this stage; values: their defaults, in step, NULL
 *             where there is none
 * referenced  every name that an ARG had so far */
struct build_args {
	struct strs given;
	struct strs bare;
	struct strs global;
	struct strs global_names;
	struct strs declared;
	char **values;
	struct strs referenced;
};

void build_args_init(struct build_args *args, const struct strs *given);
void build_args_done(struct build_args *args);

/* A new stage: nothing is declared. */
void build_args_begin(struct build_args *args);

/* An ARG of the stage, or one before the first FROM. value NULL: no default. */
void build_args_declare(struct build_args *args, const char *name,
			const char *value);
void build_args_declare_global(struct build_args *args, const char *name,
			       const char *value);

/* "NAME=value" of all that count now, less those that env has: what RUN gets, and
 * what words are expanded with besides. */
void build_args_list(const struct build_args *args, const struct strs *env,
		     struct strs *out);

/* The same for FROM, which sees the global ones alone. */
void build_args_list_global(const struct build_args *args, struct strs *out);

/* Whether it counts in the cache and in the history: HTTP_PROXY and the like do so
 * only where an ARG names them. */
bool build_args_counts(const struct build_args *args, const char *pair);

/* Those of --build-arg that no ARG named. */
void build_args_unused(const struct build_args *args, struct strs *out);

/* ---- the build ---- */

/* image_id    of the step before; NULL: FROM scratch, and nothing on it yet
 * base        what FROM was given, for hints
 * config      as of now: the last image's, and what has been changed since
 * author      MAINTAINER
 * cmd_given   CMD was set in this stage
 * missed      one step of the stage was not in the cache, so the rest is not either
 * step        the number of the one under way
 * good_id     the last image that was finished, for the hint after a failure
 * stage_ids   images of the stages that are done ("" for an empty one)
 * leftovers   containers of the step under way that are to go, short ids
 * found       what the COPY under way copies, for the cache to keep
 * why         what build_why keeps of the steps so far, or NULL
 * sources     the images of --cache-from; NULL where it was not given
 * past, made  images of the last build of this Dockerfile (NULL: not read yet), and of
 *             this one, for build_past */
struct build {
	struct store *store;
	const struct build_choice *choice;
	FILE *out;
	struct build_plan plan;
	struct build_args args;
	struct image_config config;
	bool cmd_given;
	char *image_id;
	char *base;
	char *author;
	bool from_seen;
	bool missed;
	size_t step;
	size_t stage;
	char *good_id;
	struct strs stage_ids;
	struct strs leftovers;
	struct copy_found *found;
	json_t *why;
	json_t *past;
	struct strs made;
	struct build_sources *sources;
	json_t *note;
	int64_t note_ms;
};

/* build_note.c: what a lesson may ask later; nothing where nobody will. */
void build_note_begin(struct build *build);
void build_note_step(struct build *build, const char *text);
void build_note_hit(const struct build *build);
void build_note_image(const struct build *build);
void build_note_end(struct build *build, bool ok);

/* build_dispatch.c: one instruction, after its line was shown; and the change that it
 * makes to the config, with what the history says of it. */
int build_dispatch(struct build *build, const struct instruction *instruction,
		   struct err *err);
int build_change(struct build *build, const struct instruction *instruction,
		 struct buf *comment, struct err *err);

/* build_stage.c: FROM, with the triggers of its image. */
int build_begin_stage(struct build *build, const struct build_stage *stage,
		      struct err *err);

/* Puts variables into a word of the stage. Given. */
int build_expand(struct build *build, const char *word, char **out,
		 struct err *err);

/* The image of the stage `name` (a name or a number), or of the store. Fills what
 * FROM and --from want to know. */
int build_find_image(struct build *build, const char *name, struct image *out,
		     struct err *err);

/* ---- build_run.c, build_files.c ---- */

/* Fills a spec for the container of a step upon the present image; init and done
 * are the caller's. */
int build_fill_spec(struct build *build, const struct image_config *step,
		    struct spec *spec, struct err *err);

/* The container of a step that runs nothing. Only --rm=false makes it; otherwise it
 * has an id and that is all. *out_id is given. */
int build_make_container(struct build *build, const struct image_config *step,
			 char **out_id, struct err *err);

int build_run_step(struct build *build, const struct instruction *instruction,
		   struct err *err);
int build_copy_step(struct build *build, const struct instruction *instruction,
		    struct err *err);
int build_workdir_step(struct build *build,
		       const struct instruction *instruction, struct err *err);

/* ---- build_mounts.c ---- */

/* Where a heredoc that is a program ("#!...") is seen while it runs. */
#define BUILD_SCRIPTS "/dev/pipes"

/* The --mount flags of a RUN.
 *
 * key      what of them counts in the cache, and is seen in the history
 * mounts,
 * tmpfs    as spec.h has them
 * stage    holds what bind mounts show, until the step is over; NULL for none
 * locks    of the cache folders in use */
struct build_mounts {
	struct strs key;
	struct strs mounts;
	struct strs tmpfs;
	struct stage *stage;
	int *locks;
	size_t lock_count;
};

int build_mounts_read(struct build *build,
		      const struct instruction *instruction,
		      struct build_mounts *out, struct err *err);
void build_mounts_done(struct build_mounts *mounts);

/* ---- build_cache.c, build_explain.c ---- */

/* Looks for the image that this step made before: 1, shown and gone on from; 0: it
 * is to be built; or -errno. step: the config of its container. */
int build_cache_use(struct build *build, const struct image_config *step,
		    struct err *err);

/* The image that was made here, upon the present one, in such a container: its id, or
 * out_id stays as it is. */
int build_cache_find(struct build *build, const struct image_config *step,
		     char out_id[DIGEST_SIZE], struct err *err);

/* The images upon the present one, newest first, until `each` returns false. */
struct build_cached {
	char id[DIGEST_SIZE];
	struct image_config config; /* of the container it was made in; borrowed */
};
typedef bool build_each_cached(struct build_cached *cached, void *arg);
int build_cache_each(struct build *build, build_each_cached *each, void *arg,
		     struct err *err);

/* Tells the one who waits why a step is built, or with --explain what was
 * compared. */
void build_explain(struct build *build, const struct image_config *step,
		   bool found);

/* Keeps the checksums of what a COPY copied with its image; within a transaction. */
int build_explain_keep(struct build *build, const char *id, struct err *err);

/* ---- build_cache_from.c ---- */

/* Reads the images that --cache-from names. One that is not here is told of, and left
 * out. */
int build_sources_open(struct build *build, struct err *err);
void build_sources_free(struct build_sources *sources);

/* A new stage: all of them are asked. */
void build_sources_begin(struct build_sources *sources);

/* As build_cache_find, where there are sources; makes the image where one of them has
 * its line in the history, and its layer. */
int build_sources_find(struct build *build, const struct image_config *step,
		       char out_id[DIGEST_SIZE], struct err *err);

/* The name of the one that has the step which was found last; NULL: none was asked. */
const char *build_sources_giver(const struct build_sources *sources);

/* Why none has the step. */
void build_sources_explain(struct build *build, const struct image_config *step,
			   struct buf *out);

/* ---- build_past.c: which images the last build of the same Dockerfile left ---- */

/* Whether it was built here before, as far as is known; whether the image is of that
 * build. True of every image where the Dockerfile has no place (it came by a pipe). */
bool build_past_known(struct build *build);
bool build_past_has(struct build *build, const char *id);

/* The present image is one of this build. */
void build_past_note(struct build *build);
void build_past_write(struct build *build, bool ok);
void build_past_done(struct build *build);

/* ---- build_why.c ---- */

void build_why_note(struct build *build, const struct image_config *step,
		    bool found, const char *reason);

/* The build has ended with r and, where that is negative, *err. */
void build_why_write(struct build *build, int r, const struct err *err);

/* ---- build_image.c ---- */

/* The config of a step's container: build->config, with "#(nop) " and the comment
 * as its command. glued: both in one word, as COPY and WORKDIR have them. */
void build_nop(const struct build *build, const char *comment, bool glued,
	       struct image_config *out);

/* What the image of a step is made of.
 *
 * step       its container's config
 * container  id of the container, or NULL
 * stage      holds the layer; NULL where there is none
 * layer      its place there, -1 for none */
struct build_result {
	const struct image_config *step;
	const char *container;
	struct stage *stage;
	int layer;
};

/* The document of the present image; where there is none, one without steps. */
int build_read_parent(struct build *build, struct image_doc *out,
		      struct err *err);

/* Enters the image that `doc` describes, upon the present one. layer: holds its
 * newest layer; NULL where all of them are there. */
int build_enter(struct build *build, const struct image_doc *doc,
		struct stage *layer, char out_id[DIGEST_SIZE], struct err *err);

/* Makes the image and goes on from it. */
int build_finish(struct build *build, const struct build_result *result,
		 struct err *err);

/* A step that changes the config alone: from the cache, or a new image. */
int build_finish_config(struct build *build, const char *comment,
			struct err *err);

/* The chain id of the present image's layers, "" where it has none. */
int build_chain(struct build *build, char out[DIGEST_SIZE], struct err *err);

/* Shows "Running in", and remembers to remove. */
void build_show_container(struct build *build, const char *id);

#endif
