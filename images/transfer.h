/* images/transfer.h - a tar on its way between a child and its caller.
 *
 * Owns what both ends of the socket between them have in common. */
#ifndef IMAGES_TRANSFER_H
#define IMAGES_TRANSFER_H

#include <stdbool.h>

#include "runtime/userns.h"

struct archive_watch;
struct err;

/* What the child does and where (userns.h), and where in `arg` the two ends of the
 * socket are put before it is born: the child closes ours. */
struct transfer_work {
	userns_work *work;
	void *arg;
	enum userns_where where;
	int *childs;
	int *ours;
};

/* Makes the socket and starts the child. What transfer_end ends is *work->ours. */
int transfer_start(const struct transfer_work *work,
		   struct userns_child *out, struct err *err);

/* Copies until from_fd ends. -EINTR after Ctrl-C. */
int transfer_pump(int from_fd, int to_fd, const struct archive_watch *watch,
		  struct err *err);

/* Closes fd, our end, waits for the child, and says which of two failures is the
 * true one: where the side that writes stops, the other has half an archive; where
 * the side that reads does, the other has a broken pipe.
 *
 * child_writes  which of the two the child is
 * ours          how our side ended, its code 0 where well */
int transfer_end(struct userns_child *child, int fd, bool child_writes,
		 const struct err *ours, struct err *err);

/* The same for a child that writes, with its answer (userns_finish). */
struct buf;
int transfer_end_reply(struct userns_child *child, int fd,
		       const struct err *ours, struct buf *reply,
		       struct err *err);

#endif
