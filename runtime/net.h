/* runtime/net.h - a running container's networks, in the kernel.
 *
 * Owns bridges, veth pairs, addresses, the way out, and their end. Which networks
 * there are is network.h's, who has which address address.h's.
 *
 *            machine (root), or the user's shared namespace
 *   +------------------------------------------------------------+
 *   |  dsh-1f2e...  172.17.0.1/16      dsh-77ab... 172.18.0.1/16 |  bridges
 *   |   |        |                       |                       |
 *   |  veth    veth                     veth                     |
 *   +---|--------|-----------------------|-----------------------+
 *     eth0     eth0                     eth1
 *    172.17.0.2  172.17.0.3            172.18.0.2
 *
 * The monitor's part. From net_begin on, the monitor of a container on networks is
 * in the network namespace that holds the bridges (root: where it was anyway): it
 * reaches the container's addresses by connect(2). Sockets that are to listen or
 * speak in the machine's own namespace are opened before net_begin. */
#ifndef RUNTIME_NET_H
#define RUNTIME_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct err;
struct home;
struct spec;

/* addresses_fds  one a network, index as in spec->networks: its locks are this
 *                container's addresses (address.h)
 * socket_fd      netlink, in the namespace of the bridges, or -1
 * entered        this process is in the user's shared namespace */
struct net {
	int *address_fds;
	size_t count;
	int socket_fd;
	bool entered;
};

#endif
