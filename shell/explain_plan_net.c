/* shell/explain_plan_net.c - the network of a container to come, told beforehand; see
 * explain_plan.h.
 *
 * What stands already is not made again: a keeper and a bridge stay for a while when the
 * last container has gone. A plain user's stand in a namespace that is not looked into:
 * where somebody keeps it, its bridges are taken to be there. */
#include <net/if.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/dns_helper.h"
#include "runtime/home.h"
#include "runtime/net_bridge.h"
#include "runtime/net_firewall.h"
#include "runtime/net_place.h"
#include "runtime/net_way_out.h"
#include "runtime/network.h"
#include "runtime/publish.h"
#include "runtime/spec.h"
#include "runtime/userns.h"
#include "shell/cmd.h"
#include "shell/explain_plan.h"

static const char *way_out(void)
{
	const char *why;

	return way_out_program(&why);
}

static void plan_keeper(struct explain *plan)
{
	const bool shared = userns_kind() != USERNS_NONE;

	plan_add(plan, TRACE_MONITOR, TRACE_NET_KEEPER, "clone3({flags=%s})",
		 shared ? "CLONE_NEWUSER|CLONE_NEWNET" : "0");
	if (userns_kind() == USERNS_RANGE) {
		plan_add(plan, TRACE_MONITOR, TRACE_UID_MAP,
			 "execve(\"/usr/bin/newuidmap\", KEEPER)");
		plan_add(plan, TRACE_MONITOR, TRACE_GID_MAP,
			 "execve(\"/usr/bin/newgidmap\", KEEPER)");
	}
	if (shared && way_out())
		plan_add(plan, TRACE_MONITOR, TRACE_WAY_OUT, "execve(\"%s\")",
			 way_out());
}

/* A built-in network that no record tells of yet is not looked for: that would make it.
 * Its bridge is not there either. */
static bool is_bridge_there(struct shell *shell, const struct endpoint *e,
			    bool kept)
{
	OWN_NETWORK struct network network = { 0 };
	struct err none = { 0 };
	char name[NET_BRIDGE_NAME];

	if (userns_kind() != USERNS_NONE)
		return kept;
	if (!fs_exists(shell->home->fd, "networks") ||
	    network_find(shell->home, e->network_id ? e->network_id : e->network,
			 &network, &none) < 0)
		return false;
	net_bridge_name(&network, name);
	return if_nametoindex(name) != 0;
}

static void plan_bridge(struct explain *plan)
{
	plan_add(plan, TRACE_MONITOR, TRACE_BRIDGE,
		 "sendto(NETLINK_ROUTE, {RTM_NEWLINK dsh-ID, RTM_NEWADDR})");
	if (userns_kind() == USERNS_NONE || way_out())
		plan_add(plan, TRACE_MONITOR, TRACE_RULES,
			 "sendto(NETLINK_NETFILTER, {NFT_MSG_NEWTABLE, NFT_MSG_NEWRULE}): masquerade what goes out");
	if (net_firewall_is_there())
		plan_add(plan, TRACE_MONITOR, TRACE_FIREWALL,
			 "execve(\"iptables\", -I FORWARD -i dsh-ID -j ACCEPT)");
}

void plan_net_bridge(struct shell *shell, char *name, struct explain *plan)
{
	const struct endpoint e = { .network = name };

	if (!is_bridge_there(shell, &e, net_place_is_kept(shell->home)))
		plan_bridge(plan);
}

void plan_net_place(struct shell *shell, const struct spec *spec,
		struct explain *plan)
{
	const bool kept = net_place_is_kept(shell->home);
	char name[] = "bridge";
	const struct endpoint by_itself = { .network = name };

	if (!spec_is_networked(spec))
		return;
	if (dns_helper_is_wanted(spec))
		plan_add(plan, TRACE_MONITOR, TRACE_NAMES, "fork()");
	if (!kept)
		plan_keeper(plan);
	if (userns_kind() != USERNS_NONE)
		plan_add(plan, TRACE_MONITOR, TRACE_SHARED_NET,
			 "setns(KEEPER, CLONE_NEWUSER|CLONE_NEWNET)");
	if (userns_kind() != USERNS_NONE && !kept)
		plan_add(plan, TRACE_MONITOR, TRACE_WAY_OUT, "%s",
			 way_out() ? "tap0" : "");
	for (size_t i = 0; i < spec->networks.count; i++)
		if (!is_bridge_there(shell, &spec->networks.items[i], kept))
			plan_bridge(plan);
	if (!spec->networks.count && !is_bridge_there(shell, &by_itself, kept))
		plan_bridge(plan);
}

/* The name server's process makes another, which goes into the container's network: the
 * sockets that it opens there are both's. */
void plan_names(struct explain *plan)
{
	plan_add(plan, TRACE_HELPER, TRACE_NAMES,
		 "clone3({flags=CLONE_FILES, exit_signal=SIGCHLD})");
	plan_add_by(plan, 1, TRACE_NAMES,
		    "setns(NETWORK, CLONE_NEWNET); bind(FD, 127.0.0.11:53)");
}

void plan_network(const struct spec *spec, struct explain *plan)
{
	if (!spec_is_networked(spec))
		return;
	plan_add(plan, TRACE_MONITOR, TRACE_VETH,
		 "sendto(NETLINK_ROUTE, {RTM_NEWLINK vethID}): %s",
		 spec->network_mode ? spec->network_mode : "bridge");
	plan_add(plan, TRACE_MONITOR, TRACE_PIN,
		 "sendto(NETLINK_ROUTE, {RTM_NEWNEIGH})");
	if (dns_helper_is_wanted(spec))
		plan_names(plan);
	if (publish_is_wanted(spec))
		plan_add(plan, TRACE_MONITOR, TRACE_FORWARD, "fork()");
}

/* As seen by who asks for it: the bridge of a network that goes with the network. */
void plan_bridge_gone(const struct network *network, struct explain *plan)
{
	char name[NET_BRIDGE_NAME];

	net_bridge_name(network, name);
	/* A plain user's is not seen from here. */
	if (if_nametoindex(name) == 0)
		return;
	if (net_firewall_is_there())
		plan_add(plan, TRACE_HELPER, TRACE_FIREWALL,
			 "execve(\"iptables\", -D FORWARD -i %s -j ACCEPT)",
			 name);
	plan_add(plan, TRACE_HELPER, TRACE_RULES,
		 "sendto(NETLINK_NETFILTER, {NFT_MSG_DELTABLE})");
	plan_add(plan, TRACE_HELPER, TRACE_NO_BRIDGE,
		 "sendto(NETLINK_ROUTE, {RTM_DELLINK}): %s", name);
}
