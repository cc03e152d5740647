/* runtime/copy.h - a copy of a folder, exact enough to take its place.
 *
 * For the start of a step (world.h): modes, owners, times, extended attributes,
 * links and hard links, device nodes (an overlay's whiteouts are such) stay as
 * they are. Sockets are left out: nobody listens in a copy. File contents are
 * shared where the file system can (FICLONE). */
#ifndef RUNTIME_COPY_H
#define RUNTIME_COPY_H

struct err;

/* Copies the folder from_fd/from to to_fd/to, which is made. Files of
 * subordinate ids, and those that nobody may read, are copied by the root of a
 * user namespace (userns_call). Not there: nothing
 * is done. -ELOOP: deeper than COPY_MAX_DEPTH. A copy that failed is to be
 * removed by the caller. */
#define COPY_MAX_DEPTH 200
int copy_tree(int from_fd, const char *from, int to_fd, const char *to,
	      struct err *err);

/* The same for files that somebody gives away: whoever they belong to, the copies are
 * the caller's, who may change them. */
int copy_for_us(int from_fd, const char *from, int to_fd, const char *to,
		struct err *err);

/* Copies what is in a folder into a folder that is there, in the same way. */
int copy_inside(int from_fd, const char *from, int to_fd, const char *to,
		struct err *err);

#endif
