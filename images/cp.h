/* images/cp.h - files from a container to the machine and back.
 *
 * Owns what `cp` does, by Docker's rules: both ways are a tar, made on one side by
 * pack.h and unpacked on the other by extract.h. The container's side is a child
 * of view.h's, so that nothing of the machine is read or written but what the
 * caller named. Source: Docker 20.10, cli/command/container/cp.go, daemon/archive.go
 *
 * From a container files become the caller's, to a container its root's. With
 * keep_owner their owners go along, as far as the account may give them.
 *
 * Messages are Docker's where it has them: "No such container:path: c:/x", "lstat
 * /x: no such file or directory", "invalid output path: ...", "cannot copy
 * directory", "container rootfs is marked read-only" ... */
#ifndef IMAGES_CP_H
#define IMAGES_CP_H

#include <stdbool.h>

struct archive_watch;
struct err;
struct home;

/* container  as the user named it
 * inside     the path in there; a relative one begins at /
 * outside    the path out here, as it was typed */
struct cp_choice {
	const char *container;
	const char *inside;
	const char *outside;
	bool follow_link;
	bool keep_owner;
	const struct archive_watch *watch;
};

int cp_from(const struct home *home, const struct cp_choice *choice,
	    struct err *err);
int cp_to(const struct home *home, const struct cp_choice *choice,
	  struct err *err);

/* The same with a tar on a descriptor (borrowed) in place of `outside`; one that
 * is read may be compressed. */
int cp_from_as_tar(const struct home *home, const struct cp_choice *choice,
		   int out_fd, struct err *err);
int cp_to_as_tar(const struct home *home, const struct cp_choice *choice,
		 int in_fd, struct err *err);

#endif
