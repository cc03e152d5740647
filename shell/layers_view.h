/* shell/layers_view.h - what `layers` knows and how it is shown.
 *
 *   layers_facts.c  gathers, beside the stack itself: mounts, sums, one thing to try
 *   layers_view.c   for eyes and for screen readers
 *   layers_json.c   for programs */
#ifndef SHELL_LAYERS_VIEW_H
#define SHELL_LAYERS_VIEW_H

#include <jansson.h>
#include <stdint.h>

#include "images/stack.h"

struct err;
struct shell;
struct view;

/* Something that lies over the layers at one place.
 *
 * type    "bind", "volume", "tmpfs"
 * source  a path of the machine, a volume's name, or ""
 * hides   what the layers have there and nobody sees */
struct layers_mount {
	char *type;
	char *source;
	char *target;
	bool readonly;
	struct stack_count hides;
};

/* shared_bytes  of layers that another image stands on
 * wasted_bytes  what the image's layers hide of each other
 * largest       indexes of the stack's hidings, the one with most bytes first
 * adds_up       what was counted in each layer is what the store has noted of it
 * try_path      a path worth asking `whose` about */
struct layers_facts {
	struct stack stack;
	struct layers_mount *mounts;
	size_t mount_count;
	int64_t shared_bytes;
	int64_t wasted_bytes;
	int64_t counted_bytes;
	bool adds_up;
	char *name; /* as it was given */
	const char *try_path;
	size_t *largest;
};

void layers_facts_done(struct layers_facts *facts);
#define OWN_LAYERS_FACTS __attribute__((cleanup(layers_facts_done)))

int layers_facts_read(struct shell *shell, const char *name,
		      struct layers_facts *out, struct err *err);

/* Prints all of it in the form that the view has. */
void layers_view(struct view *view, const struct layers_facts *facts);

/* Given. */
json_t *layers_json(const struct layers_facts *facts);

#endif
