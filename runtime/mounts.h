/* runtime/mounts.h - what is mounted onto a container's root.
 *
 * Owns the table of /proc, /dev, /sys and what hides parts of them. Runs in the
 * new mount namespace, before pivot_root: the machine's own /dev and /proc are
 * still to be named. Source: OCI runtime-spec config-linux.md, "Default
 * Filesystems" and "Masked Paths"; Docker's oci/defaults.go. */
#ifndef RUNTIME_MOUNTS_H
#define RUNTIME_MOUNTS_H

#include <sys/ioctl.h>

struct err;
struct spec;

/* A pseudo-terminal made in the container's own /dev/pts. */
struct mounts_tty {
	int master; /* for the monitor */
	int slave;  /* for the program */
};

/* Mounts everything beneath root_fd; `folder` is the path of containers/<id>, as
 * the old root knows it. The root is the current folder at the end. With spec->tty, makes the terminal and its /dev/console; `size` is its first one. */
int mounts_make(int root_fd, const struct spec *spec, const char *folder,
		const struct winsize *size, struct mounts_tty *tty,
		struct err *err);

#endif
