/* images/extract.h - a tar becomes files in a folder that is there already.
 *
 * Owns what `cp` does to the folder: Docker's rules of what may replace what. A
 * folder joins a folder, anything else gives way to a new file, but a folder and a
 * file never replace each other. How layers are unpacked, which is another matter
 * (whiteouts), is unpack.h's.
 *
 * The folder may be changed by somebody meanwhile: every parent is opened by
 * openat2(2), what was made is given its owner and mode by its descriptor, and a
 * file comes to its name by rename(2), whole. */
#ifndef IMAGES_EXTRACT_H
#define IMAGES_EXTRACT_H

#include <stdbool.h>

struct archive_watch;
struct err;

/* Whose the files become: root's, the archive's, the caller's own. */
enum extract_owner { EXTRACT_ROOT, EXTRACT_KEEP, EXTRACT_MINE };

/* base_fd   the folder; borrowed
 * base      its path, absolute, for messages and for root_fd
 * root_fd   links on the way are followed beneath this root, from `base` in it;
 *           -1: no link is followed
 * owner     EXTRACT_MINE also leaves out the setuid and setgid bits and file
 *           capabilities: they would be another user's rights now
 * daemon    failures that Docker has are its daemon's */
struct extract_rules {
	int base_fd;
	const char *base;
	int root_fd;
	enum extract_owner owner;
	bool daemon;
	const struct archive_watch *watch;
};

/* fd  the archive, as archive.h takes it; borrowed, read to its end.
 *
 * -EISDIR, -ENOTDIR in Docker's words ("cannot overwrite directory ..."), -EINVAL
 * for an entry that leads out of the folder, and archive.h's. What was whole by
 * then stays. */
int extract(int fd, const struct extract_rules *rules, struct err *err);

#endif
