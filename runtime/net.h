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

#include "runtime/subnet.h"

struct err;
struct home;
struct network;
struct spec;

/* One network of the container: what its end of the pair gets.
 *
 * network_id    of the record; device "eth0", outside "veth1a2b3c4"
 * addresses_fd  its locks are the container's addresses (leases.h)
 * bridge        number of the link
 * ip, ip6       with the prefix of the network; family 0: none
 * gateway, gateway6   family 0: none; is_default: the container's default route
 * mtu           0: the kernel's own; apart: it does not reach the network's others
 * internal      nothing leads out of the network
 * up            it is attached */
struct net_port {
	char network_id[65];
	char device[16];
	char outside[16];
	unsigned char mac[6];
	int addresses_fd;
	int bridge;
	int mtu;
	bool apart;
	bool internal;
	struct subnet ip;
	struct subnet ip6;
	struct address gateway;
	struct address gateway6;
	bool is_default;
	bool is_default6;
	bool up;
};

/* lock_fd  this process is counted as a user of the bridges (net_place.h), or -1
 * named    how many devices were named so far: no name is given twice
 * why      what the kernel did not let be had: the container has only lo; or "" */
struct net {
	struct net_port *ports;
	size_t count;
	int named;
	int lock_fd;
	int socket_fd;
	char why[512];
};
#define NET_NONE ((struct net){ .lock_fd = -1, .socket_fd = -1 })

/* Finds the container's networks, goes to where the bridges are, makes those that are
 * missing, and takes addresses: spec->networks says which. A container without networks
 * (none, host, another's) costs nothing. Where the kernel refuses and nobody asked for
 * a network by name, it has none and net->why says why.
 *
 * Fails in Docker's words: -ENOENT network not found, -EADDRINUSE ... */
int net_begin(struct net *net, const struct home *home, struct spec *spec,
	      struct err *err);

/* Gives process `pid` of the container its ends. */
int net_attach(struct net *net, pid_t pid, struct err *err);

/* The kernel refused (*err): where the spec leaves the choice, the container goes on
 * with lo only and net->why says so. Returns 0 then, else -err->code. */
int net_refused(struct net *net, struct spec *spec, struct err *err);

/* The container's process, in its own namespace, before it gives up its rights: lo up,
 * and what net_attach gave. */
int net_settle(const struct net *net, struct err *err);

/* The container has ended: its addresses are free. The pairs go with its namespace. */
void net_end(struct net *net, struct spec *spec);

/* spec->networks has changed while the container runs: attaches what is new, takes off
 * what is gone. pidfd: its process 1, `pid`. What could not be attached is an error and
 * is not in spec->networks any more. */
int net_adjust(struct net *net, const struct home *home, struct spec *spec,
	       pid_t pid, struct err *err);

/* The network goes: so does its bridge, if it has one. */
void net_forget(const struct home *home, const struct network *network);

/* Whether the network has a bridge now. For who only wants to know. */
bool net_has_bridge(const struct home *home, const struct network *network);

/* Removes what was left by a kill -9. For commands that look at everything. */
void net_sweep(const struct home *home);

/* Whether this account's containers have a way out, and by what: "nftables",
 * "pasta", "slirp4netns", or NULL and *out_why (borrowed, translated). For `info`. */
const char *net_way_out(const char **out_why);

#endif
