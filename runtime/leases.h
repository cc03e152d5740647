/* runtime/leases.h - who has which address of a network.
 *
 * Owns networks/<id>.addresses. The file is empty: an address is one byte of it, by
 * number, and whoever has that byte locked has the address. So an address that is
 * taken cannot be taken twice, and the kernel gives it back when the monitor that has
 * it ends, by whatever end.
 *
 *      byte 0   1          2            3            4
 *      network  gateway    .0.2: web    .0.3: free   .0.4: db ...
 *
 * The locks are fcntl(2)'s record locks: they belong to the process, not to its
 * children, and are gone once the process closes any descriptor of the file. So there
 * is one descriptor of it in a process, and it stays open.
 * Source: fcntl(2), "Advisory record locking". */
#ifndef RUNTIME_LEASES_H
#define RUNTIME_LEASES_H

#include <stdbool.h>

struct address;
struct err;
struct home;
struct network;

/* Opens the file of a network. Returns a descriptor (given). */
int leases_open(const struct home *home, const struct network *network,
		struct err *err);

/* Takes a free address of the network for this process: the one asked for, or with
 * `wish` NULL the lowest. Docker's errors: -EADDRINUSE "Address already in use",
 * -EINVAL outside of the subnet, -ENOSPC none is left. family AF_INET, AF_INET6. */
int leases_take(int fd, const struct network *network, int family,
		const char *wish, struct address *out, struct err *err);

/* Whether anybody but this process has one. */
bool leases_any(int fd);

#endif
