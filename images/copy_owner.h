/* images/copy_owner.h - --chown: names to numbers.
 *
 * By the /etc/passwd and /etc/group of the image, opened beneath its root. The
 * rules are not those of USER (user.h): a number counts as it is and needs no line,
 * and no group means the group that is called as the user is.
 *
 * Source: Docker 20.10, builder/dockerfile/internals_linux.go. */
#ifndef IMAGES_COPY_OWNER_H
#define IMAGES_COPY_OWNER_H

#include <sys/types.h>

struct err;

/* text     "user", "user:group", numbers or names
 * root_fd  the image's root, borrowed; -1: it has no files */
int copy_owner(const char *text, int root_fd, uid_t *out_uid, gid_t *out_gid,
	       struct err *err);

#endif
