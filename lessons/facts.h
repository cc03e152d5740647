/* lessons/facts.h - what is so in a world: all that a goal may look at.
 *
 * A struct facts is a set of questions. facts_open answers them from a real
 * home; a test fills in its own. Each question may be asked many times: the
 * list of containers is read once. */
#ifndef LESSONS_FACTS_H
#define LESSONS_FACTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "images/past.h"
#include "images/store.h"
#include "runtime/base/list.h"
#include "runtime/container.h"
#include "runtime/network.h"
#include "runtime/volume.h"

struct buf;
struct ending;
struct err;

enum facts_where {
	FACTS_CONTAINER,
	FACTS_IMAGE,
	FACTS_VOLUME,
	FACTS_LAYER,
	FACTS_WORK,
};

/* `path` in the container, image or volume `name`; FACTS_LAYER: in one layer of
 * the image, the lowest being 1; FACTS_WORK: in the learner's folder. */
struct facts_path {
	enum facts_where where;
	const char *name;
	const char *path;
	int layer;
};

/* A file as a container or an image shows it. kind: 'f' a file, 'd' a folder,
 * 'l' a link, 'o' anything else. text: of a file, up to FACTS_FILE_MAX bytes. */
#define FACTS_FILE_MAX (1 << 20)
struct facts_file {
	char kind;
	unsigned mode;
	long long size_bytes;
	char *text;
};

/* A text that is looked for in the files of an image's layers, from first_layer (1 is
 * the lowest) upwards. */
struct facts_text {
	const char *image;
	const char *text;
	int first_layer;
};

/* A program to be run for a look: in a container that runs, or in a new one of an
 * image (without a network, gone afterwards). user NULL: theirs. Borrowed. */
struct facts_run {
	enum facts_where where;
	const char *name;
	const struct strs *args;
	const char *user;
	int timeout_ms;
};

/* How it ended: its exit code, both streams, at most FACTS_OUTPUT_MAX bytes. late: it was ended
 * because its time was over. failed: it could not be started, and why (exit 126
 * or 127 then), else NULL. */
#define FACTS_OUTPUT_MAX (64 << 10)
struct facts_ran {
	int code;
	bool late;
	char *output;
	char *failed;
};

/* What an HTTP server said. body: at most FACTS_FILE_MAX bytes. */
struct facts_page {
	int status;
	char *body;
};

/* All questions return 0, or -errno with *err filled in; what is looked for
 * and is not there is -ENOENT.
 *
 * containers  newest first; borrowed, until the facts are closed
 * image       *out is given (image_done)
 * file        *out is given (facts_file_done)
 * search      "LAYER /PATH" for each file that holds the text, lowest layer first: what a
 *             later layer hides or deletes is found, too. May be NULL
 * log         both streams, at most FACTS_FILE_MAX bytes, added to *out
 * processes   command lines of all that run in a container, process 1 first
 * upper       the folder of a container's writable layer, absolute; given
 * past        the steps of an image, newest first (past_done)
 * volume      *out is given (volume_done)
 * networks    by name; borrowed, until the facts are closed
 * listens     "0.0.0.0:80", "127.0.0.1:8080", "[::]:80": where the programs of a
 *             container listen for TCP
 * page        by HTTP, as any program of this account would get it. -ECONNREFUSED,
 *             -ECONNRESET (nobody behind the door), -ETIMEDOUT
 * run         *out is given (facts_ran_done). -ENOENT, -ESRCH: no such container
 *             or image, or it does not run. NULL: nothing may be run
 * forget      what was read once is read anew from here on; may be NULL
 * note        notes/NAME.json (runtime/notes.h) or NULL; given
 *
 * wait_until_ms  until when (CLOCK_MONOTONIC) a check may wait for what is on its
 *             way; 0: not at all
 * builds_before  builds of this world that were before this step
 * lines       of this step, oldest first: [{"line":..,"status":0,"ms":12}];
 *             borrowed, may be NULL
 * answers     {"step/goal": "value"}; borrowed, may be NULL
 * seen        "container NAME", "image TAG" that were there during the lesson
 * typed       lines of this step, oldest first */
struct facts {
	void *ctx;
	int (*containers)(void *ctx, const struct containers **out,
			  struct err *err);
	int (*diff)(void *ctx, const char *container, struct changes *out,
		    struct err *err);
	int (*image)(void *ctx, const char *name, struct image *out,
		     struct err *err);
	int (*images)(void *ctx, struct image_list *out, struct err *err);
	int (*file)(void *ctx, const struct facts_path *path,
		    struct facts_file *out, struct err *err);
	int (*search)(void *ctx, const struct facts_text *wanted,
		      struct strs *out, struct err *err);
	int (*log)(void *ctx, const char *container, struct buf *out,
		   struct err *err);
	int (*processes)(void *ctx, const struct container *container,
			 struct strs *out, struct err *err);
	int (*upper)(void *ctx, const char *container, char **out,
		     struct err *err);
	int (*past)(void *ctx, const char *image, struct past *out,
		    struct err *err);
	int (*volume)(void *ctx, const char *name, struct volume *out,
		      struct err *err);
	int (*networks)(void *ctx, const struct networks **out,
			struct err *err);
	int (*listens)(void *ctx, const struct container *container,
		       struct strs *out, struct err *err);
	int (*ending)(void *ctx, const char *id, struct ending *out,
		      struct err *err);
	int (*page)(void *ctx, const char *url, int timeout_ms,
		    struct facts_page *out, struct err *err);
	void (*forget)(void *ctx);
	json_t *(*note)(void *ctx, const char *name);
	void *run_ctx;
	int (*run)(void *run_ctx, const struct facts_run *run,
		   struct facts_ran *out, struct err *err);
	int64_t wait_until_ms;
	long long builds_before;
	const json_t *lines;
	const json_t *answers;
	const struct strs *seen;
	const struct strs *typed;
};

/* The facts of a real home (opened by its path; nothing is kept of the
 * caller's store, so a child may do this). They end with the process. */
int facts_open(const char *home_path, struct facts *out, struct err *err);

void facts_file_done(struct facts_file *file);
void facts_ran_done(struct facts_ran *ran);
void facts_page_done(struct facts_page *page);

/* Whether a container is on a network: by its name or its id. */
bool facts_is_on(const struct container *container,
		 const struct network *network);

/* The network of that name, or NULL. Borrowed. */
const struct network *facts_network(const struct facts *facts,
				    const char *name);

/* The container of that name or id prefix among facts->containers, or NULL.
 * Borrowed. */
const struct container *facts_container(const struct facts *facts,
					const char *name);

/* Whether it was there during the lesson. kind: "container" or "image"; an image is
 * found without its ":latest", too. */
bool facts_saw(const struct facts *facts, const char *kind, const char *name);

/* "web, db and 2 more": the names of the containers, "" where there is none. */
void facts_container_names(const struct facts *facts, struct buf *out);

#endif
