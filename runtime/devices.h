/* runtime/devices.h - device nodes of the machine in a container.
 *
 * Owns --device and what --privileged adds to /dev. A node is the machine's own,
 * mounted: what may be done with it is what its mode lets the account do. */
#ifndef RUNTIME_DEVICES_H
#define RUNTIME_DEVICES_H

struct err;
struct spec;

/* Mounts spec's devices beneath the root; with --privileged all of /dev's. */
int devices_mount(int root_fd, const struct spec *spec, struct err *err);

/* The same nodes in the same order, each with its place inside; none is mounted. */
typedef int device_found(void *arg, const char *from, const char *to,
			 struct err *err);
int devices_each(const struct spec *spec, device_found *found, void *arg,
		 struct err *err);

#endif
