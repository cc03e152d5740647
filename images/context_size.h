/* images/context_size.h - how long the tar is that Docker's client would make.
 *
 * Docker packs the whole context before it builds and says how much it sent. Here
 * no file is packed: names and lengths say how long that tar would be. See
 * context.h, which is the only caller. */
#ifndef IMAGES_CONTEXT_SIZE_H
#define IMAGES_CONTEXT_SIZE_H

#include <stdint.h>

struct context_seen;
struct err;
struct ignore;
struct strs;

enum { TAR_BLOCK = 512, TAR_END = 2 * TAR_BLOCK };

/* One entry, with its header: in pax form where ustar has no room, as Go's
 * archive/tar decides it. name: with a '/' behind it for a folder. */
int64_t context_size_entry(const char *name, const char *target, int64_t size);

/* fd    of the folder
 * path  the folder's, for messages
 * seen  told of each file; may be NULL */
struct context_folder {
	int fd;
	const char *path;
	const struct ignore *ignore;
	const struct context_seen *seen;
};

/* All that is in the folder but for what is ignored. Every file is asked whether
 * it may be read.
 *
 * warnings  gets a line for each file that the client would leave out
 *
 * -EACCES in Docker's words, "error checking context: no permission to read from
 * '/x/y'"; -ELOOP for a tree that is too deep; -EINTR after Ctrl-C. */
int context_size(const struct context_folder *folder, struct strs *warnings,
		 int64_t *out_bytes, struct err *err);

#endif
