/* images/sent_private.h - what sent.c and sent_copy.c know of each other. */
#ifndef IMAGES_SENT_PRIVATE_H
#define IMAGES_SENT_PRIVATE_H

struct buf;
struct err;
struct sent;

/* What the instructions of the Dockerfile take of the files that were found. */
int sent_read_copies(struct sent *sent, const struct buf *dockerfile,
		     struct err *err);

#endif
