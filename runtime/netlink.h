/* runtime/netlink.h - links, addresses and routes: what is said to the kernel.
 *
 * Owns the messages of rtnetlink, built with libnl. Several go out in one write and
 * are done in their order; only the last is answered where all went well, so a whole
 * setting up costs two system calls. Source: rtnetlink(7), netlink(7). */
#ifndef RUNTIME_NETLINK_H
#define RUNTIME_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "runtime/base/buf.h"
#include "runtime/base/trace.h"

struct address;
struct err;
struct subnet;

enum { NETLINK_MAC = 6 };

/* A socket of the calling process's network namespace. Given. */
int netlink_open(struct err *err);

/* The number of a link by its name, or -errno (-ENODEV: there is none). */
int netlink_index(int fd, const char *name);

/* Messages on their way; { 0 } is none. told: their sending is a step (trace.h). */
struct netlink {
	struct buf bytes;
	unsigned count;
	bool told;
	enum trace_step step;
};
void netlink_done(struct netlink *talk);
#define OWN_NETLINK __attribute__((cleanup(netlink_done)))

/* Sends what was added, and waits until the kernel has done it. Returns 0, or -errno of
 * the first that was refused. What was added is dropped. */
int netlink_send(int fd, struct netlink *talk);

/* For messages of other families (net_rules.c): adds one, which is freed, and sends with
 * the answer asked of message `last`. Returns at the first refusal: the socket is not to
 * be used any more then. */
struct nl_msg;
void netlink_add(struct netlink *talk, struct nl_msg *msg);
int netlink_send_batch(int fd, struct netlink *talk, unsigned last);

/* A bridge with an address of its own for Ethernet. */
void netlink_add_bridge(struct netlink *talk, const char *name,
			const unsigned char mac[NETLINK_MAC]);

/* Its alias, which `ip link` shows; and up. */
void netlink_set_up(struct netlink *talk, const char *name, const char *alias);

/* The same for a link that is known by number. quiet: no address of IPv6 is made
 * up for it. */
void netlink_raise(struct netlink *talk, int index, bool quiet);

/* Down, and another name: down first, for the name of a link that is up stays. */
void netlink_put_away(struct netlink *talk, int index, const char *name);

void netlink_add_address(struct netlink *talk, int index,
			 const struct subnet *address);
void netlink_add_default_route(struct netlink *talk, int index,
			       const struct address *gateway);
void netlink_delete(struct netlink *talk, int index);

/* A pair: `outside` is up and a port of the bridge; `inside` lies down in the network
 * namespace of process pid (a pid as the caller counts). mtu: the most bytes of a packet,
 * 0: the kernel's 1500. */
struct netlink_pair {
	const char *outside;
	const char *inside;
	const unsigned char *mac; /* of inside */
	int bridge;
	int mtu;
	pid_t pid;
};
void netlink_add_pair(struct netlink *talk, const struct netlink_pair *pair);

/* What goes to this Ethernet address goes out at this port of its bridge, whoever
 * else may say to have it. */
void netlink_pin(struct netlink *talk, int port,
		 const unsigned char mac[NETLINK_MAC]);

/* This port of its bridge reaches the bridge and no other port that is set apart. */
void netlink_set_apart(struct netlink *talk, int port);

/* ---- what is there ---- */

/* Every bridge with an alias. */
typedef void netlink_see_bridge(void *arg, int index, const char *name,
				const char *alias);
int netlink_bridges(int fd, netlink_see_bridge *see, void *arg,
		    struct err *err);

/* Every route, with where it goes; a default route has prefix 0. */
typedef void netlink_see_route(void *arg, const struct subnet *to, int index);
int netlink_routes(int fd, netlink_see_route *see, void *arg, struct err *err);

#endif
