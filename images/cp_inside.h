/* images/cp_inside.h - the container's side of `cp`: three questions and requests.
 *
 * Each is one child of view.h's. See cp.h, which is the only caller. */
#ifndef IMAGES_CP_INSIDE_H
#define IMAGES_CP_INSIDE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct err;
struct home;
struct userns_child;

/* What lies at a path; a link is not followed.
 *
 * target  where a link leads in the end, absolute; "" for what is none */
struct cp_stat {
	mode_t mode;
	char target[PATH_MAX];
};

/* -ENOENT: "No such container:path: c:/x". */
int cp_inside_stat(const struct home *home, const char *container,
		   const char *path, struct cp_stat *out, struct err *err);

/* Starts a child that packs what lies at `path` as `name` (NULL: its own) into
 * the socket that *out_fd (given) is the other end of. */
struct cp_read {
	const char *container;
	const char *path;
	const char *name;
};
int cp_inside_read(const struct home *home, const struct cp_read *read,
		   struct userns_child *out_child, int *out_fd,
		   struct err *err);

/* Starts one that extracts into the folder `path` what comes over the socket. */
struct cp_write {
	const char *container;
	const char *path;
	bool keep_owner;
};
int cp_inside_write(const struct home *home, const struct cp_write *write,
		    struct userns_child *out_child, int *out_fd,
		    struct err *err);

/* Turns the failure that something is not there into Docker's sentence, "No such
 * container:path: c:/x"; leaves others alone. Returns -err->code. */
int cp_inside_no_such(const char *container, const char *path,
		      struct err *err);

#endif
