/* runtime/binds.h - what the user mounts: folders of the machine, volumes, tmpfs.
 *
 * Owns the way of a tree from outside into the container. A source is opened as a
 * tree of its own (open_tree), a target is resolved beneath the root's descriptor
 * and made where it is missing; then one is moved onto the other by descriptor
 * (move_mount). No path is looked up a second time, so nothing inside can put a
 * link in its way. What lies higher is mounted first.
 *
 * Root in a container may make device nodes, and without a list of the devices that
 * are allowed (Docker has one, in a cgroup) a node in a volume would open a disk of
 * the machine: nothing that is mounted here opens any. */
#ifndef RUNTIME_BINDS_H
#define RUNTIME_BINDS_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/mount_spec.h"

struct err;
struct home;
struct spec;

/* One mount.
 *
 * options  of --tmpfs, NULL for what --mount made; or those of file_system
 * file_system  a type of mount(2) with `source` as its device: what a volume's
 *          options ask for; NULL: none
 * tree     opened early, or -1
 * done     it is mounted */
struct bind {
	struct mount_spec mount;
	char *options;
	char *file_system;
	char *source; /* a path on the machine */
	int tree;
	bool done;
};

/* devices: nodes in what is mounted may be opened (--privileged) */
struct binds {
	struct bind *items;
	size_t count;
	bool devices;
};

/* Reads spec's mounts and tmpfs, in the order in which they are to be mounted. A
 * source that is to hear of the machine's later mounts (propagation) is opened
 * here: afterwards this namespace's mounts are private. Frees nothing: the child
 * that runs this is about to exec. */
int binds_read(const struct home *home, const struct spec *spec,
	       struct binds *out, struct err *err);

/* Whether something is to be mounted on just this path. */
bool binds_has(const struct binds *binds, const char *target);

/* Mounts that one now. */
int binds_mount_at(struct binds *binds, int root_fd, const char *target,
		   struct err *err);

/* Mounts all that are left. */
int binds_mount(struct binds *binds, int root_fd, struct err *err);

/* Mounts one tree (a descriptor of open_tree) on `target` beneath the root. */
int binds_attach(int tree, int root_fd, const char *target, bool folder,
		 struct err *err);

/* open_tree of a path of the machine, or of the descriptor `fd` where path is
 * "". Returns a descriptor or -errno. */
int binds_open_tree(int fd, const char *path, bool recursive, struct err *err);

#endif
