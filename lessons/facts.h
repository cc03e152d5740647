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

#include "images/store.h"
#include "runtime/base/list.h"
#include "runtime/container.h"

struct buf;
struct err;

enum facts_where { FACTS_CONTAINER, FACTS_IMAGE };

/* `path` in the container or image `name`. */
struct facts_path {
	enum facts_where where;
	const char *name;
	const char *path;
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

/* All questions return 0, or -errno with *err filled in; what is looked for
 * and is not there is -ENOENT.
 *
 * containers  newest first; borrowed, until the facts are closed
 * image       *out is given (image_done)
 * file        *out is given (facts_file_done)
 * log         both streams, at most FACTS_FILE_MAX bytes, added to *out
 * processes   command lines of all that run in a container, process 1 first
 * upper       the folder of a container's writable layer, absolute; given
 *
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
	int (*log)(void *ctx, const char *container, struct buf *out,
		   struct err *err);
	int (*processes)(void *ctx, const struct container *container,
			 struct strs *out, struct err *err);
	int (*upper)(void *ctx, const char *container, char **out,
		     struct err *err);
	const json_t *answers;
	const struct strs *seen;
	const struct strs *typed;
};

/* The facts of a real home (opened by its path; nothing is kept of the
 * caller's store, so a child may do this). */
int facts_open(const char *home_path, struct facts *out, struct err *err);
void facts_close(struct facts *facts);

void facts_file_done(struct facts_file *file);

/* The container of that name or id prefix among facts->containers, or NULL.
 * Borrowed. */
const struct container *facts_container(const struct facts *facts,
					const char *name);

/* "web, db and 2 more": the names of the containers, "" where there is none. */
void facts_container_names(const struct facts *facts, struct buf *out);

#endif
