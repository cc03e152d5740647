/* runtime/outlook.h - what can be seen of a machine from where a process stands.
 *
 * The same questions, asked twice: here, and from inside of a container. Where the
 * answers differ, a namespace (or a cgroup) stands between. Only looks; the one thing
 * that needs a visit, the devices of a network, is done in a child that joins. */
#ifndef RUNTIME_OUTLOOK_H
#define RUNTIME_OUTLOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/base/list.h"

struct container;
struct err;
struct home;

enum { OUTLOOK_TEXT = 256 };

/* host       the host name; "" where it could not be read
 * kernel     the release of the kernel
 * devices    "eth0 172.17.0.2", one an address; a device without: its name alone
 * networked  devices could be read
 * mounts     how many file systems are mounted
 * root_kind  of the one at /: "overlay", "ext4" ...
 * cgroup     its path, as seen from here
 * processes  how many it sees
 * memory     bytes: what the machine has, or the container's limit
 * limited    memory is a limit */
struct outlook {
	char host[OUTLOOK_TEXT];
	char kernel[OUTLOOK_TEXT];
	char root_kind[OUTLOOK_TEXT];
	char cgroup[OUTLOOK_TEXT];
	struct strs devices;
	bool networked;
	size_t mounts;
	size_t processes;
	uint64_t memory;
	bool limited;
};
void outlook_done(struct outlook *outlook);
#define OWN_OUTLOOK __attribute__((cleanup(outlook_done)))

/* From here. */
void outlook_here(struct outlook *out);

/* From process 1 of a container that runs. -ESRCH: it has just ended. */
int outlook_inside(const struct home *home, const struct container *container,
		   struct outlook *out, struct err *err);

#endif
