/* runtime/net.c - see net.h; what is done in the kernel is net_ports.c's.
 *
 *   monitor                                    child
 *   net_begin: which networks, where the
 *     bridges are, which addresses
 *   clone3 ----------------------------------> mounts its root ...
 *   net_attach: veth pairs, one end on the
 *     bridge, the other in the child's
 *     namespace
 *   "networks are there" --------------------> net_settle: addresses, route, up
 *                                              drops rights, exec
 */
#include "runtime/net.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/endpoint.h"
#include "runtime/home.h"
#include "runtime/leases.h"
#include "runtime/names.h"
#include "runtime/namespaces.h"
#include "runtime/net_bridge.h"
#include "runtime/net_place.h"
#include "runtime/net_ports.h"
#include "runtime/net_way_out.h"
#include "runtime/netlink.h"
#include "runtime/network.h"
#include "runtime/spec.h"
#include "runtime/userns.h"

/* ---- addresses ---- */

static char *text_of(const struct address *address)
{
	char text[SUBNET_TEXT];

	address_text(address, text);
	return mem_str(text);
}

/* "02:42:ac:11:00:02" */
static bool read_mac(const char *text, unsigned char mac[NETLINK_MAC])
{
	unsigned byte[NETLINK_MAC];
	char end;

	/* NOLINTNEXTLINE(cert-err34-c): two digits each, and looked at whole */
	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &byte[0], &byte[1],
		   &byte[2], &byte[3], &byte[4], &byte[5], &end) != 6)
		return false;
	for (int i = 0; i < NETLINK_MAC; i++)
		mac[i] = (unsigned char)byte[i];
	return true;
}

/* Docker's: 02:42, then the address of IPv4. */
static void choose_mac(struct net_port *port, struct endpoint *e)
{
	if (!e->want_mac || !read_mac(e->want_mac, port->mac)) {
		port->mac[0] = 0x02;
		port->mac[1] = 0x42;
		memcpy(port->mac + 2, port->ip.base.bytes, 4);
	}
	e->mac = mem_fmt("%02x:%02x:%02x:%02x:%02x:%02x", port->mac[0],
			 port->mac[1], port->mac[2], port->mac[3], port->mac[4],
			 port->mac[5]);
}

static int take_ip(const struct network *network, struct net_port *port,
		   struct endpoint *e, struct err *err)
{
	int r = leases_take(port->addresses_fd, network, AF_INET, e->want_ip,
			    &port->ip.base, err);
	struct subnet range;

	if (r < 0)
		return r;
	(void)subnet_parse(network->subnet, &range);
	port->ip.prefix = range.prefix;
	e->ip = text_of(&port->ip.base);
	e->prefix = range.prefix;
	if (network->gateway &&
	    address_parse(network->gateway, &port->gateway))
		e->gateway = mem_str(network->gateway);
	return 0;
}

static int take_ip6(const struct network *network, struct net_port *port,
		    struct endpoint *e, struct err *err)
{
	struct subnet range;
	int r;

	if (!network->subnet6 || !subnet_parse(network->subnet6, &range))
		return 0;
	r = leases_take(port->addresses_fd, network, AF_INET6, e->want_ip6,
			&port->ip6.base, err);
	if (r < 0)
		return r;
	port->ip6.prefix = range.prefix;
	e->ip6 = text_of(&port->ip6.base);
	e->prefix6 = range.prefix;
	if (network->gateway6 &&
	    address_parse(network->gateway6, &port->gateway6))
		e->gateway6 = mem_str(network->gateway6);
	return 0;
}

static int check_wish(const struct network *network, const struct endpoint *e,
		      struct err *err)
{
	if (!e->want_ip && !e->want_ip6)
		return 0;
	if (network_is_built_in(network))
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"user specified IP address is supported on user defined networks only");
	if (network->chosen)
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"user specified IP address is supported only when connecting to networks with user configured subnets");
	return 0;
}

/* ---- ports ---- */

static void close_port(struct net_port *port)
{
	if (port->addresses_fd >= 0)
		close(port->addresses_fd);
}

static void drop_port(struct net *net, size_t at)
{
	close_port(&net->ports[at]);
	memmove(&net->ports[at], &net->ports[at + 1],
		(net->count - at - 1) * sizeof(*net->ports));
	net->count--;
}

static int fill_port(const struct home *home, struct network *network,
		     struct net_port *port, struct endpoint *e, struct err *err)
{
	char id[ID_LEN + 1];
	int r = check_wish(network, e, err);

	if (r == 0)
		r = port->addresses_fd = leases_open(home, network, err);
	if (r >= 0)
		r = take_ip(network, port, e, err);
	if (r == 0)
		r = take_ip6(network, port, e, err);
	if (r == 0)
		r = names_random_id(id, err);
	if (r < 0)
		return r;
	port->mtu = network_mtu(network);
	port->apart = !network_setting(network, NETWORK_TALK, true);
	port->internal = network->internal;
	choose_mac(port, e);
	e->id = mem_str(id);
	e->device = mem_str(port->device);
	free(e->network_id);
	e->network_id = mem_str(network->id);
	if (!e->network)
		e->network = mem_str(network->name);
	snprintf(port->network_id, sizeof(port->network_id), "%s", network->id);
	snprintf(port->outside, sizeof(port->outside), "veth%.7s", id);
	return 0;
}

/* One network of the spec: bridge, addresses. On failure nothing is left of it. */
static int add_port(struct net *net, const struct home *home,
		    struct endpoint *e, struct err *err)
{
	OWN_NETWORK struct network network = { 0 };
	struct net_port port = { .addresses_fd = -1 };
	int r = network_find_of(home, e, &network, err);

	if (r < 0)
		return r;
	/* While `host` or `none` is no network to be on, Docker lets it be named. */
	if (strcmp(network.driver, "bridge") != 0)
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"container cannot be connected to host network or disconnected from host network");
	snprintf(port.device, sizeof(port.device), "eth%d", net->named);
	endpoint_clear(e);
	r = port.bridge =
		net_bridge_ensure(home, net->socket_fd, &network, err);
	if (r >= 0)
		r = fill_port(home, &network, &port, e, err);
	if (r < 0) {
		close_port(&port);
		endpoint_clear(e);
		return r;
	}
	net->ports = mem_grow(net->ports, net->count + 1, sizeof(*net->ports));
	net->ports[net->count++] = port;
	net->named++;
	return 0;
}

static int go_there(struct net *net, const struct home *home, struct err *err)
{
	int r;

	if (net->lock_fd < 0) {
		r = net_place_enter(home, err);
		if (r < 0)
			return r;
		net->lock_fd = r;
	}
	if (net->socket_fd < 0)
		net->socket_fd = netlink_open(err);
	return net->socket_fd < 0 ? -err->code : 0;
}

static const char *name_of(const struct net_port *port, const struct spec *spec)
{
	const struct endpoint *e =
		endpoints_find(&spec->networks, port->network_id);

	return e && e->network ? e->network : "";
}

/* Docker's order: networks with a way out before internal ones, and these by name. */
static bool is_before(const struct net_port *a, const struct net_port *b,
		      const struct spec *spec)
{
	if (a->internal != b->internal)
		return b->internal;
	return strcmp(name_of(a, spec), name_of(b, spec)) < 0;
}

/* Of several gateways one counts. An internal network's is one too: what goes there does
 * not get further than the machine (net_rules.h), without a word. A plain user's
 * without a way out leads nowhere: without a route to it, a program is told at once that
 * the world is not to be reached, and need not wait for an answer. */
static void choose_gateways(struct net *net, const struct spec *spec)
{
	struct net_port *best = NULL;
	struct net_port *best6 = NULL;
	bool leads = userns_kind() == USERNS_NONE ||
		     way_out_is_there(net->socket_fd);

	for (size_t i = 0; i < net->count; i++) {
		struct net_port *port = &net->ports[i];

		port->is_default = port->is_default6 = false;
		if (port->gateway.family &&
		    (!best || is_before(port, best, spec)))
			best = port;
		if (port->gateway6.family &&
		    (!best6 || is_before(port, best6, spec)))
			best6 = port;
	}
	if (best)
		best->is_default = leads || best->internal;
	if (best6)
		best6->is_default6 = true;
}

/* What a machine says that does not let its users have networks. */
static bool is_refusal(int r)
{
	return r == -EPERM || r == -EACCES || r == -ENOSPC || r == -EUSERS ||
	       r == -EOPNOTSUPP || r == -EAFNOSUPPORT || r == -ENOSYS ||
	       r == -EPROTONOSUPPORT || r == -EROFS;
}

/* Nobody asked for a network: then none is better than no container. */
static bool is_by_default(const struct spec *spec)
{
	return (!spec->network_mode ||
		strcmp(spec->network_mode, "default") == 0) &&
	       spec->networks.count <= 1;
}

int net_refused(struct net *net, struct spec *spec, struct err *err)
{
	int r = -err->code;

	if (!is_refusal(r) || err->voice != ERR_OURS || !is_by_default(spec))
		return r;
	snprintf(net->why, sizeof(net->why), "%.500s", err->msg);
	net_end(net, spec);
	*err = (struct err){ 0 };
	return 0;
}

/* A container that shares another one's views lives among that one's ids. Those of a
 * plain user's container on a network lie within the shared namespace's; of any other
 * they do not, and no network can be brought there. */
static int check_donors(const struct home *home, const struct spec *spec,
			struct err *err)
{
	const char *const modes[] = { spec->pid_mode, spec->ipc_mode,
				      spec->uts_mode };

	for (size_t i = 0; userns_kind() != USERNS_NONE && i < 3; i++) {
		const char *donor = namespaces_donor(modes[i]);
		OWN_CONTAINER struct container c = { 0 };
		struct err ignored = { 0 };

		if (!donor || container_find(home, donor, &c, &ignored) < 0 ||
		    (c.spec.networks.count &&
		     endpoint_is_up(&c.spec.networks.items[0])))
			continue;
		err_set(err, EPERM, _("the container %.12s, whose views it shares, is on no network, and has ids of its own to which none can be brought"),
			donor);
		return err_hint(err, _("start that one on a network too, or this one with --network none"));
	}
	return 0;
}

/* The network of --network is eth0, whenever the others were connected. */
static int add_ports(struct net *net, const struct home *home,
		     struct spec *spec, struct err *err)
{
	const struct endpoint *first =
		endpoints_find(&spec->networks, network_of_mode(spec));
	size_t at = first ? (size_t)(first - spec->networks.items) : 0;
	int r = add_port(net, home, &spec->networks.items[at], err);

	for (size_t i = 0; i < spec->networks.count && r >= 0; i++)
		if (i != at)
			r = add_port(net, home, &spec->networks.items[i], err);
	return r;
}

int net_begin(struct net *net, const struct home *home, struct spec *spec,
	      struct err *err)
{
	struct err why = { 0 };
	int r;

	net->why[0] = '\0';
	if (!spec_is_networked(spec))
		return 0;
	if (!spec->networks.count && spec->parted)
		return 0;
	if (!spec->networks.count)
		endpoints_add(&spec->networks, network_of_mode(spec));
	r = check_donors(home, spec, &why);
	if (r == 0)
		r = go_there(net, home, &why);
	if (r >= 0)
		r = add_ports(net, home, spec, &why);
	if (r >= 0) {
		choose_gateways(net, spec);
		return 0;
	}
	r = net_refused(net, spec, &why);
	if (r < 0) {
		net_end(net, spec);
		*err = why;
	}
	return r;
}

void net_end(struct net *net, struct spec *spec)
{
	for (size_t i = 0; i < net->count; i++)
		close_port(&net->ports[i]);
	free(net->ports);
	net->ports = NULL;
	net->count = 0;
	net->named = 0;
	for (size_t i = 0; i < spec->networks.count; i++)
		endpoint_clear(&spec->networks.items[i]);
}

/* ---- while it runs ---- */

static bool has_port(const struct net *net, const struct endpoint *e)
{
	for (size_t i = 0; i < net->count; i++)
		if (e->network_id &&
		    strcmp(net->ports[i].network_id, e->network_id) == 0)
			return true;
	return false;
}

static int take_off(struct net *net, const struct spec *spec, struct err *err)
{
	for (size_t i = net->count; i-- > 0;) {
		int r;

		if (endpoints_find(&spec->networks, net->ports[i].network_id))
			continue;
		r = net_ports_detach(net, &net->ports[i], err);
		if (r < 0)
			return r;
		drop_port(net, i);
	}
	return 0;
}

int net_adjust(struct net *net, const struct home *home, struct spec *spec,
	       pid_t pid, struct err *err)
{
	size_t before;
	int r = take_off(net, spec, err);

	if (r == 0)
		r = go_there(net, home, err);
	before = net->count;
	for (size_t i = 0; i < spec->networks.count && r >= 0; i++)
		if (!has_port(net, &spec->networks.items[i]))
			r = add_port(net, home, &spec->networks.items[i], err);
	if (r >= 0) {
		choose_gateways(net, spec);
		r = net_attach(net, pid, err);
	}
	if (r >= 0)
		r = net_ports_settle_there(net, pid, err);
	if (r >= 0)
		return 0;
	while (net->count > before) {
		const struct net_port *last = &net->ports[net->count - 1];
		struct err ignored = { 0 };
		struct endpoint *e =
			endpoints_find(&spec->networks, last->network_id);

		(void)net_ports_detach(net, last, &ignored);
		drop_port(net, net->count - 1);
		if (e)
			endpoint_clear(e);
	}
	return r;
}

void net_sweep(const struct home *home)
{
	net_place_sweep(home);
}

const char *net_way_out(const char **out_why)
{
	return userns_kind() == USERNS_NONE ? "nftables" :
					      way_out_program(out_why);
}
