/* shell/union_place.h - NAME:/path, a place in the layers of a container or an image. */
#ifndef SHELL_UNION_PLACE_H
#define SHELL_UNION_PLACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/base/list.h"

struct err;
struct shell;

/* name       of the container, or the image as it was given
 * path       absolute and clean
 * folders    the layers, below the home, the highest first
 * labels     what each is called: "rw" (a container's own), "init" (the mount points
 *            that all containers of the image share), then numbers down to "1"
 * mounted    the mount of the container that the path lies in ("/data"), or NULL:
 *            there no layer is asked
 * id         the container's, or NULL */
struct union_place {
	char *name;
	char *path;
	char *mounted;
	char *id;
	struct strs folders;
	struct strs labels;
};

void union_place_done(struct union_place *place);
#define OWN_UNION_PLACE __attribute__((cleanup(union_place_done)))

/* Containers first, then images, as `inspect` looks. -EINVAL: not NAME:/path. */
int union_place_find(struct shell *shell, const char *text,
		     struct union_place *out, struct err *err);

#endif
