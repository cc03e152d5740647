/* shell/compare_view.h - what `compare` knows of images side by side, and shows.
 *
 *   compare_facts.c  where each image's bytes come from, what they share
 *   compare_view.c   how that is shown */
#ifndef SHELL_COMPARE_VIEW_H
#define SHELL_COMPARE_VIEW_H

#include <stdint.h>

#include "images/stack.h"
#include "runtime/base/list.h"

struct err;
struct shell;
struct view;

enum { COMPARE_MOST = 6 };

/* Each byte of an image belongs to one of these. */
enum compare_cause {
	COMPARE_BASE,	  /* layers that are an image of their own, or the lowest */
	COMPARE_RUN,	  /* made by commands: packages, what was built */
	COMPARE_COPY,	  /* put in by COPY and ADD: own files */
	COMPARE_OTHER,	  /* commits, and what nothing is said of */
	COMPARE_WRITABLE, /* of a container: what it wrote */
	COMPARE_WASTE,	  /* of any layer, hidden by a higher one */
};
enum { COMPARE_CAUSES = COMPARE_WASTE + 1 };

/* A path that is seen in some of them only, or of another size. */
struct compare_file {
	const char *path;
	int64_t sizes[COMPARE_MOST]; /* -1: it has none */
	int64_t weight;		     /* the largest of the sizes */
};

/* base    the image that its base is, or NULL
 * total   the sum of its causes: its size, with what a container wrote
 * adds_up the total is what the store has noted */
struct compare_side {
	struct stack stack;
	char *base;
	int64_t causes[COMPARE_CAUSES];
	int64_t total;
	bool adds_up;
};

/* shared_layers  that at least two of them stand on; shared_bytes of these, each once
 * disk_bytes     all their layers, each once
 * twins, twin_bytes  layers with the same content that lie on other layers below, so
 *                that they are stored once for each
 * files          sorted: the heaviest first */
struct compare {
	struct compare_side sides[COMPARE_MOST];
	size_t count;
	size_t shared_layers;
	int64_t shared_bytes;
	int64_t disk_bytes;
	size_t twins;
	int64_t twin_bytes;
	struct compare_file *files;
	size_t file_count;
};

void compare_done(struct compare *compare);
#define OWN_COMPARE __attribute__((cleanup(compare_done)))

int compare_read(struct shell *shell, char *const *names, size_t count,
		 struct compare *out, struct err *err);

/* Fills `files`. */
void compare_files(struct compare *compare);

/* "base", "run" ...: for programs. */
const char *compare_cause_name(enum compare_cause cause);

void compare_view(struct view *view, const struct compare *compare,
		  bool files);

#endif
