/* runtime/net_bridge.c - see net_bridge.h
 *
 * It is made by the first container that needs it, and goes when none has needed any for
 * a while (net_keeper.h), or with its network. */
#include "runtime/net_bridge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/home.h"
#include "runtime/names.h"
#include "runtime/net_machine.h"
#include "runtime/net_place.h"
#include "runtime/net_range.h"
#include "runtime/net_rules.h"
#include "runtime/net_way_out.h"
#include "runtime/netlink.h"
#include "runtime/network.h"
#include "runtime/network_parts.h"
#include "runtime/subnet.h"
#include "runtime/userns.h"

void net_bridge_name(const struct network *network, char out[NET_BRIDGE_NAME])
{
	snprintf(out, NET_BRIDGE_NAME, NET_BRIDGE_PREFIX "%.11s", network->id);
}

void net_bridge_prepare_namespace(void)
{
	OWN_NETLINK struct netlink talk = { 0 };
	struct err ignored = { 0 };
	OWN_FD int fd = netlink_open(&ignored);

	/* The kernel copies the machine's setting to a new namespace. */
	(void)net_machine_set_forward(false);
	netlink_raise(&talk, 1, false); /* lo is always the first */
	if (fd >= 0)
		(void)netlink_send(fd, &talk);
}

/* ---- making one ---- */

/* An address for Ethernet that no card of the machine has: 02 says "given by hand", the
 * rest is the network's. */
static void choose_mac(const struct network *network,
		       unsigned char mac[NETLINK_MAC])
{
	unsigned long number = strtoul(network->id + ID_LEN - 8, NULL, 16);

	mac[0] = 0x02;
	mac[1] = 0x42;
	for (int i = 2; i < NETLINK_MAC; i++, number >>= 8)
		mac[i] = (unsigned char)number;
}

/* The gateway is the bridge's own address. */
static int gateway_of(const char *subnet, const char *gateway,
		      struct subnet *out)
{
	if (!subnet || !gateway || !subnet_parse(subnet, out) ||
	    !address_parse(gateway, &out->base))
		return -ENOENT;
	return 0;
}

static int build(int fd, const struct network *network, const char *alias,
		 struct err *err)
{
	OWN_NETLINK struct netlink talk = { .told = true,
					    .step = TRACE_BRIDGE };
	char name[NET_BRIDGE_NAME];
	unsigned char mac[NETLINK_MAC];
	struct subnet address;
	int index;
	int r;

	net_bridge_name(network, name);
	choose_mac(network, mac);
	netlink_add_bridge(&talk, name, mac);
	r = netlink_send(fd, &talk);
	if (r < 0 && r != -EEXIST) {
		errno = -r;
		return err_errno(err, "make the bridge %s", name);
	}
	index = netlink_index(fd, name);
	netlink_set_up(&talk, name, alias);
	if (gateway_of(network->subnet, network->gateway, &address) == 0)
		netlink_add_address(&talk, index, &address);
	if (gateway_of(network->subnet6, network->gateway6, &address) == 0)
		netlink_add_address(&talk, index, &address);
	trace_note("%s", network->gateway ? network->gateway : "");
	r = index < 0 ? index : netlink_send(fd, &talk);
	if (r < 0) {
		errno = -r;
		err_errno(err, "set up the bridge %s", name);
		net_bridge_remove(network);
		return -err->code;
	}
	return index;
}

/* ---- among others ---- */

static bool is_idle(const struct net_machine_bridge *bridge, int *out_held)
{
	bool missing = false;

	return net_place_hold_idle(bridge->owner, out_held, &missing) ||
	       (missing && net_machine_is_orphan(bridge));
}

/* Another home's bridge has the range, and nobody is on it. Taking it down would take
 * long: it is put aside, where it routes nothing and its home does not find it, until
 * a keeper takes down what is left. */
static bool make_room(int fd, const struct home *home,
		      const struct net_machine *machine, int index)
{
	OWN_NETLINK struct netlink talk = { .told = true,
					    .step = TRACE_NO_BRIDGE };
	OWN_FD int held = -1;
	char name[NET_BRIDGE_NAME];

	for (size_t i = 0; i < machine->count; i++) {
		const struct net_machine_bridge *one = &machine->items[i];

		if (one->index != index || net_machine_is_own(one, home) ||
		    !is_idle(one, &held))
			continue;
		net_rules_remove(one->name);
		snprintf(name, sizeof(name), NET_BRIDGE_PREFIX "%d", index);
		netlink_put_away(&talk, index, name);
		return netlink_send(fd, &talk) == 0;
	}
	return false;
}

/* Sees that the range is free; the built-in network takes the first that is. */
static int find_range(const struct home *home, int fd,
		      const struct net_machine *machine,
		      struct network *network, struct err *err)
{
	int holder = 0;
	int r;

	if (network_is_built_in(network)) {
		network_set_range(network, "172.17.0.0/16");
		network->chosen = true;
	}
	r = net_range_is_free(fd, network, &holder, err);
	if (r == 0 && make_room(fd, home, machine, holder))
		r = net_range_is_free(fd, network, &holder, err);
	if (r != 0)
		return r < 0 ? r : 0;
	if (network->chosen)
		return net_range_choose(home, fd, network, err);
	err_set(err, EADDRINUSE, _("the network %s has the range %s, which this machine uses for something else by now"),
		network->name, network->subnet);
	return err_hint(err, _("'ip route' shows who has it; docker network rm %s, and create it with another --subnet"),
			network->name);
}

static int build_in_machine(const struct home *home, int fd,
			    struct network *network, struct err *err)
{
	OWN_NET_MACHINE struct net_machine machine = { 0 };
	OWN_FREE char *before = NULL;
	OWN_FD int lock = net_machine_lock();
	bool forwards = net_machine_forwards();
	char alias[NET_ALIAS];
	char name[NET_BRIDGE_NAME];
	int index;
	int r = net_machine_look(fd, &machine, err);

	(void)lock; /* until the end of this */
	if (r < 0)
		return r;
	before = mem_str(network->subnet);
	r = find_range(home, fd, &machine, network, err);
	if (r == 0 && before && strcmp(before, network->subnet) != 0)
		r = network_write(home, network, err);
	if (r < 0)
		return r;
	/* What the first of us found is what the last one puts back. */
	for (size_t i = 0; i < machine.count; i++)
		forwards = forwards && machine.items[i].forward_before;
	net_machine_alias(home, forwards, alias);
	index = build(fd, network, alias, err);
	if (index < 0)
		return index;
	net_bridge_name(network, name);
	r = net_rules_add(name, network, err);
	if (r == 0 && !network->internal && !net_machine_forwards() &&
	    net_machine_set_forward(true) < 0)
		r = 0; /* read-only /proc: then there is no way out, no more */
	if (r < 0) {
		net_bridge_remove(network);
		return r;
	}
	return index;
}

int net_bridge_ensure(const struct home *home, int fd, struct network *network,
		      struct err *err)
{
	char name[NET_BRIDGE_NAME];
	OWN_FD int lock = -1;
	int index;

	net_bridge_name(network, name);
	index = netlink_index(fd, name);
	if (index >= 0)
		return index;
	lock = network_lock(home, err);
	if (lock < 0)
		return lock;
	index = netlink_index(fd, name); /* somebody was quicker */
	if (index >= 0)
		return index;
	if (userns_kind() == USERNS_NONE)
		return build_in_machine(home, fd, network, err);
	index = build(fd, network, NULL, err);
	if (index >= 0 && way_out_is_there(fd) &&
	    net_rules_add(name, network, err) < 0)
		return -err->code;
	return index;
}

/* ---- the end ---- */

void net_bridge_remove_all(const struct home *home)
{
	OWN_NET_MACHINE struct net_machine machine = { 0 };
	struct err ignored = { 0 };
	OWN_FD int lock = net_machine_lock();
	OWN_FD int fd = netlink_open(&ignored);

	(void)lock; /* until the end of this */
	if (fd < 0 || net_machine_look(fd, &machine, &ignored) < 0)
		return;
	net_machine_remove(fd, &machine, home);
}

void net_bridge_remove(const struct network *network)
{
	OWN_NETLINK struct netlink talk = { .told = true,
					    .step = TRACE_NO_BRIDGE };
	struct err ignored = { 0 };
	OWN_FD int fd = netlink_open(&ignored);
	char name[NET_BRIDGE_NAME];
	int index;

	net_bridge_name(network, name);
	index = fd < 0 ? -1 : netlink_index(fd, name);
	if (index < 0)
		return;
	net_rules_remove(name);
	netlink_delete(&talk, index);
	(void)netlink_send(fd, &talk);
}
