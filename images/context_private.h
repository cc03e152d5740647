/* images/context_private.h - what a context is made of; for context*.c alone. */
#ifndef IMAGES_CONTEXT_PRIVATE_H
#define IMAGES_CONTEXT_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/buf.h"
#include "runtime/base/list.h"

struct archive_watch;
struct context_choice;
struct err;
struct home;
struct ignore;

/* root_fd     the folder; -1 while there is none
 * ignore      NULL where nothing is left out
 * dockerfile  its path in the context, or what messages call it
 * text        the Dockerfile, where it was read already (has_text)
 * lock_fd,    of a tar: the layers' folder, locked so that what lies in it under
 * tmp         the name `tmp` is swept by nobody while it is in use
 * from_tar    .dockerignore is then about the Dockerfile and itself alone */
struct context {
	const struct home *home;
	int root_fd;
	struct ignore *ignore;
	char *dockerfile;
	struct buf text;
	bool has_text;
	int64_t text_time;
	bool from_tar;
	int64_t bytes;
	struct strs warnings;
	int lock_fd;
	char *tmp;
};

/* "-": a tar, or a Dockerfile alone. */
int context_from_input(struct context *context,
		       const struct context_choice *choice, struct err *err);

/* "http://...": the same, from a server. A Git repository is refused by name. */
bool context_is_elsewhere(const char *path);
int context_from_url(struct context *context,
		     const struct context_choice *choice, struct err *err);

/* Removes what a tar became. */
void context_remove_files(struct context *context);

#endif
