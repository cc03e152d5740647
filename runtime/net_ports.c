/* runtime/net_ports.c - see net_ports.h and net.h
 *
 * What the kernel is asked in the namespace of the bridges, and in the container's. */
#include "runtime/net_ports.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/calls.h"
#include "runtime/net.h"
#include "runtime/net_bridge.h"
#include "runtime/net_place.h"
#include "runtime/netlink.h"
#include "runtime/network.h"
#include "runtime/sys.h"
#include "runtime/userns.h"

enum {
	LO = 1, /* in every namespace */
	FIRST_LOOK_US = 50,
	LONGEST_LOOK_US = 100000, /* some 0.1 s in all */
};

/* The address may have been another container's a moment ago, whose namespace the
 * kernel has not taken down yet: it would still answer. So what goes to this Ethernet
 * address is pinned to this port. */
static int pin(struct net *net, struct err *err)
{
	OWN_NETLINK struct netlink talk = { .told = true,
					    .step = TRACE_PIN };
	int r;

	for (size_t i = 0; i < net->count; i++) {
		struct net_port *port = &net->ports[i];
		int index = port->up ? 0 :
				       netlink_index(net->socket_fd,
						     port->outside);

		if (index > 0)
			netlink_pin(&talk, index, port->mac);
		if (index > 0 && port->apart)
			netlink_set_apart(&talk, index);
		port->up = true;
	}
	r = netlink_send(net->socket_fd, &talk);
	errno = -r;
	return r < 0 ? err_errno(err, "RTM_NEWNEIGH") : 0;
}

int net_attach(struct net *net, pid_t pid, struct err *err)
{
	OWN_NETLINK struct netlink talk = { .told = true,
					    .step = TRACE_VETH };
	int r;

	for (size_t i = 0; i < net->count; i++) {
		const struct net_port *port = &net->ports[i];
		const struct netlink_pair pair = {
			.outside = port->outside,
			.inside = port->device,
			.mac = port->mac,
			.bridge = port->bridge,
			.mtu = port->mtu,
			.pid = pid,
		};

		if (!port->up)
			netlink_add_pair(&talk, &pair);
	}
	if (!talk.count)
		return 0;
	r = netlink_send(net->socket_fd, &talk);
	if (r < 0) {
		errno = -r;
		return err_errno(err, "make a pair of veth for the container");
	}
	return pin(net, err);
}

/* ---- inside ---- */

static void note_addresses(const struct net *net)
{
	OWN_BUF struct buf text = { 0 };

	for (size_t i = 0; i < net->count && trace_is_on(); i++) {
		char address[SUBNET_TEXT];

		subnet_text(&net->ports[i].ip, address);
		buf_fmt(&text, "%s%s %s", i ? ", " : "", net->ports[i].device,
			address);
	}
	trace_note("%s", buf_text(&text));
}

static int raise_all(const struct net *net, int fd)
{
	OWN_NETLINK struct netlink talk = { .told = true,
					    .step = TRACE_ADDRESS };

	netlink_raise(&talk, LO, false);
	for (size_t i = 0; i < net->count; i++) {
		int index = netlink_index(fd, net->ports[i].device);

		if (index < 0)
			return index;
		netlink_raise(&talk, index, !net->ports[i].ip6.base.family);
	}
	return netlink_send(fd, &talk);
}

/* That both ends of a pair are up the kernel works in a moment later, from a queue
 * (net/core/link_watch.c). Until then the end outside drops what it is to send: the
 * answer to the first packet, which asks for an Ethernet address and is sent again after
 * a second only. ETHTOOL_GLINK has the kernel look at its queue now (Linux 6.8; before,
 * only what is plainly not running is waited for). The socket was opened outside: it
 * sees the namespace that it was made in, wherever its holder is. */
static void wait_until_it_runs(int fd, const char *device)
{
	struct ethtool_value link = { .cmd = ETHTOOL_GLINK };
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	for (useconds_t us = FIRST_LOOK_US; us < LONGEST_LOOK_US; us *= 2) {
		request.ifr_data = (char *)&link;
		if (ioctl(fd, SIOCETHTOOL, &request) < 0 ||
		    ioctl(fd, SIOCGIFFLAGS, &request) < 0 ||
		    (link.data && (request.ifr_flags & IFF_RUNNING)))
			return;
		(void)usleep(us);
	}
}

static int settle(const struct net *net, int fd, struct err *err)
{
	OWN_NETLINK struct netlink talk = { .told = true,
					    .step = TRACE_ADDRESS };
	int r = raise_all(net, fd);

	for (size_t i = 0; i < net->count && r >= 0; i++)
		wait_until_it_runs(net->socket_fd, net->ports[i].outside);
	for (size_t i = 0; i < net->count && r >= 0; i++) {
		const struct net_port *port = &net->ports[i];

		r = netlink_index(fd, port->device);
		if (r < 0)
			break;
		netlink_add_address(&talk, r, &port->ip);
		if (port->ip6.base.family)
			netlink_add_address(&talk, r, &port->ip6);
		if (port->is_default)
			netlink_add_default_route(&talk, r, &port->gateway);
		if (port->is_default6)
			netlink_add_default_route(&talk, r, &port->gateway6);
	}
	note_addresses(net);
	if (r >= 0)
		r = netlink_send(fd, &talk);
	errno = -r;
	return r < 0 ? err_errno(err, "set up the container's networks") : 0;
}

int net_settle(const struct net *net, struct err *err)
{
	int fd = netlink_open(err);

	return fd < 0 ? fd : settle(net, fd, err);
}

/* ---- from outside ---- */

struct visit {
	const struct net *net;
	int pidfd;
};

static int work_there(void *arg, struct buf *reply, struct err *err)
{
	const struct visit *visit = arg;
	OWN_FD int fd = -1;
	int flags = CLONE_NEWNET |
		    (userns_kind() == USERNS_NONE ? 0 : CLONE_NEWUSER);

	(void)reply;
	if (call_setns(TRACE_JOIN, visit->pidfd, flags) < 0)
		return err_errno(err, "setns(process 1, CLONE_NEWNET)");
	fd = netlink_open(err);
	if (fd < 0)
		return fd;
	return settle(visit->net, fd, err);
}

int net_ports_settle_there(const struct net *net, pid_t pid, struct err *err)
{
	struct visit visit = { net, -1 };
	struct userns_child child = { -1, -1 };
	OWN_FD int pidfd = sys_pidfd_open(pid);
	int r;

	if (pidfd < 0)
		return err_errno(err, "pidfd_open(%d)", pid);
	visit.pidfd = pidfd;
	r = userns_start(work_there, &visit, USERNS_HERE, &child, err);
	return r < 0 ? r : userns_finish(&child, NULL, err);
}

/* Both ends go at once. The one outside is ours to name, whatever is done inside. */
int net_ports_detach(const struct net *net, const struct net_port *port,
		     struct err *err)
{
	OWN_NETLINK struct netlink talk = { .told = true,
					    .step = TRACE_VETH };
	int index = netlink_index(net->socket_fd, port->outside);
	int r;

	if (index < 0)
		return 0;
	netlink_delete(&talk, index);
	r = netlink_send(net->socket_fd, &talk);
	errno = -r;
	return r < 0 ? err_errno(err, "remove %s", port->outside) : 0;
}

/* ---- a network's bridge ---- */

/* Work for a process that goes to where the bridges are. */
struct errand {
	const struct home *home;
	const struct network *network;
};

static int find_there(void *arg, struct buf *reply, struct err *err)
{
	const struct errand *errand = arg;
	char name[NET_BRIDGE_NAME];

	net_bridge_name(errand->network, name);
	if (net_place_visit(errand->home, err) > 0 && if_nametoindex(name) > 0)
		buf_str(reply, name);
	return 0;
}

static int remove_there(void *arg, struct buf *reply, struct err *err)
{
	const struct errand *errand = arg;
	int there = net_place_visit(errand->home, err);

	(void)reply;
	if (there > 0)
		net_bridge_remove(errand->network);
	return there < 0 ? there : 0;
}

bool net_has_bridge(const struct home *home, const struct network *network)
{
	struct errand errand = { home, network };
	struct userns_child child = { -1, -1 };
	OWN_BUF struct buf found = { 0 };
	struct err ignored = { 0 };

	return userns_start(find_there, &errand, USERNS_HERE, &child,
			    &ignored) == 0 &&
	       userns_finish(&child, &found, &ignored) == 0 && found.len > 0;
}

void net_forget(const struct home *home, const struct network *network)
{
	struct errand errand = { home, network };
	struct userns_child child = { -1, -1 };
	struct err ignored = { 0 };

	/* Where it cannot be done, the bridge goes with the others. */
	if (userns_start(remove_there, &errand, USERNS_HERE, &child, &ignored) ==
	    0)
		(void)userns_finish(&child, NULL, &ignored);
}
