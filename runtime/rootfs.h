/* runtime/rootfs.h - many layers become one /.
 *
 * Owns the overlay mount, the mount-point layer and pivot_root. Runs inside the
 * new mount namespace; what is mounted onto the root afterwards is mounts.h's.
 *
 *   containers/<id>/upper    read and write, this container's own
 *   l/TOP/../init            mount points (/proc, /etc/hosts ...) of all
 *                            containers of the image: made once, at its first
 *                            start, so that `diff` never shows them
 *   l/TOP ... l/BOTTOM       the image, read only; l/none, an empty folder, where
 *                            it has no layer */
#ifndef RUNTIME_ROOTFS_H
#define RUNTIME_ROOTFS_H

#include <stdbool.h>

struct err;
struct home;
struct spec;

/* What stands for the layers of an image that has none: layers/none/diff, with the
 * link l/none. It stays when it is used no longer. */
#define ROOTFS_NO_LAYER "none"

/* Gives the spec that one where it has no layers, and makes it where it is not. */
int rootfs_need_layer(const struct home *home, struct spec *spec,
		      struct err *err);

/* What stands last among the options of each overlay with a writable layer:
 * ",userxattr", or ",index=off,redirect_dir=off,metacopy=off". Borrowed. */
const char *rootfs_flavour(void);

/* Mounts the container's root on run/root, makes it the current folder and
 * returns an O_PATH descriptor of it (given). `again`: it was mounted before, so
 * the mark that a volatile mount leaves is removed first. */
int rootfs_mount(const struct home *home, const struct spec *spec, bool again,
		 struct err *err);

/* As rootfs_mount, for looking only: read-only, with the mount-point layer where
 * that is asked for. */
int rootfs_mount_to_read(const struct home *home, const struct spec *spec,
			 bool mount_points, struct err *err);

/* The files of an image alone, read-only: its layers (links as in spec.h, highest
 * first), mounted on run/root where there are several. Returns an O_PATH descriptor
 * (given), which stays good when more is mounted there. The current folder moves. */
struct strs;
int rootfs_mount_image(const struct home *home, const struct strs *layers,
		       struct err *err);

/* The current folder becomes /; the old / goes away. */
int rootfs_pivot(struct err *err);

/* Opens, O_PATH, what lies at `path` beneath the root; makes it, and its missing
 * parents, where it is not there, also where links lead that lead nowhere yet. No link
 * is followed for /proc, /dev and /sys
 * (`plain`): an image that has one there is refused. */
int rootfs_target(int root_fd, const char *path, bool folder, bool plain,
		  struct err *err);

/* The mount points in the extra layer, "etc/hosts" ..., NULL at the end. `diff`
 * and `commit` leave them out. */
extern const char *const rootfs_mount_points[];

#endif
