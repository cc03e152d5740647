/* images/unpack.h - one entry of a foreign tar becomes a file of a layer.
 *
 * Owns what an entry may do. The archive is taken to be hostile: every path is
 * resolved beneath a descriptor of the layer's root (openat2(2),
 * RESOLVE_IN_ROOT), so that neither "../", nor an absolute name, nor a link that
 * an earlier entry made leads out of it.
 *
 *   NAME                   in the layer's folder
 *   .wh.NAME               character device 0:0: overlayfs hides NAME below
 *   .wh..wh..opq           xattr overlay.opaque on the folder: hides all below
 *
 * Source: OCI image-spec layer.md, "Whiteouts" and "Opaque Whiteout"; kernel
 * filesystems/overlayfs.rst, "whiteouts and opaque directories". */
#ifndef IMAGES_UNPACK_H
#define IMAGES_UNPACK_H

#include <stdbool.h>

struct archive_entry;
struct err;
struct tar_in;
struct unpack;

/* How owners and marks are kept; see userns.h.
 *
 * single     there is one id: other owners are noted in the xattr
 *            user.dockershell.owner of files and folders and, for what cannot
 *            carry one, in the file `owners`, as are device nodes that the
 *            kernel refuses (they become empty files):
 *              TYPE UID GID MODE MAJOR MINOR PATH NUL
 *              TYPE: l (link) c b (devices) p (fifo), MODE in octal
 * userxattr  overlayfs' marks are user.overlay.* */
struct unpack_rules {
	bool single;
	bool userxattr;
};

/* root_fd    the layer's folder, empty; borrowed
 * owners_fd  the file `owners`, open to be written; borrowed */
struct unpack *unpack_new(int root_fd, int owners_fd, struct unpack_rules rules);
void unpack_free(struct unpack *unpack); /* NULL is fine */

/* Makes what the entry describes; `in` gives its content. -EINVAL for what is
 * refused: a path out of the root, a root that is no folder, a device 0:0 (a
 * whiteout in disguise), a whiteout of "", "." or "..", a hard link to nothing;
 * -EFBIG for a path that is too long or too deep. */
int unpack_entry(struct unpack *unpack, struct archive_entry *entry,
		 struct tar_in *in, struct err *err);

/* Sets the folders' times, last of all, since each file made in one changes
 * them. */
int unpack_end(struct unpack *unpack, struct err *err);

#endif
