/* runtime/net_bridge.h - one bridge for each network.
 *
 * Owns the bridges of a home in the network namespace that the caller is in: their
 * names, addresses and rules. */
#ifndef RUNTIME_NET_BRIDGE_H
#define RUNTIME_NET_BRIDGE_H

struct err;
struct home;
struct network;

enum { NET_BRIDGE_NAME = 16 };

/* "dsh-" and eleven digits of the network's id: so that it is known for ours, and a
 * Docker beside has other names. */
void net_bridge_name(const struct network *network, char out[NET_BRIDGE_NAME]);

/* The number of a network's bridge, which is made if it is not there. fd: a netlink
 * socket. A network whose range was chosen here may get another one meanwhile, where
 * the machine has come to use it. */
int net_bridge_ensure(const struct home *home, int fd, struct network *network,
		      struct err *err);

/* A new namespace: lo up, nothing passed on between networks. */
void net_bridge_prepare_namespace(void);

/* Removes those of a home in the machine's namespace, with their rules; the machine
 * passes packets on as it did before. Nobody uses them. And what others have left. */
void net_bridge_remove_all(const struct home *home);

/* Removes one, in the namespace that the caller is in. */
void net_bridge_remove(const struct network *network);

#endif
