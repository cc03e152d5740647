/* runtime/mounts.h - what is mounted onto a container's root.
 *
 * Owns the table of /proc, /dev, /sys and what hides parts of them. Runs in the
 * new mount namespace, before pivot_root: the machine's own /dev and /proc are
 * still to be named. Source: OCI runtime-spec config-linux.md, "Default
 * Filesystems" and "Masked Paths"; Docker's oci/defaults.go. */
#ifndef RUNTIME_MOUNTS_H
#define RUNTIME_MOUNTS_H

#include <sys/ioctl.h>

struct binds;
struct cgroup;
struct err;
struct namespaces;
struct spec;

/* What is wished for. folder: the path of containers/<id>, as the old root knows
 * it; size: of the terminal; binds: what the user mounts, which goes before what
 * we would mount on the same place; joined: the views of other containers. */
struct mounts_wish {
	const struct spec *spec;
	const char *folder;
	const struct winsize *size;
	struct binds *binds;
	const struct namespaces *joined;
	const struct cgroup *cgroup;
};

/* A pseudo-terminal made in the container's own /dev/pts. */
struct mounts_tty {
	int master; /* for the monitor */
	int slave;  /* for the program */
};

/* Mounts everything beneath root_fd. The root is the current folder at the end.
 * With a terminal asked for, makes it and its /dev/console. */
int mounts_make(int root_fd, const struct mounts_wish *wish,
		struct mounts_tty *tty, struct err *err);

#endif
