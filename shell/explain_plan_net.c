/* shell/explain_plan_net.c - the network of a container to come, told beforehand; see
 * explain_plan.h.
 *
 * What stands already is not made again: a keeper and a bridge stay for a while when the
 * last container has gone. */
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/dns_helper.h"
#include "runtime/home.h"
#include "runtime/net.h"
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
	if (shared && way_out_chosen())
		plan_add(plan, TRACE_MONITOR, TRACE_WAY_OUT, "execve(\"%s\")",
			 way_out_chosen());
}

/* The built-in network has no record yet: to look for it would make one. */
static bool is_unmade(struct shell *shell, const struct endpoint *e)
{
	return strcmp(e->network, "bridge") == 0 &&
	       !fs_exists(shell->home->fd, "networks/bridge.json");
}

static void plan_rules(struct explain *plan, const struct network *network)
{
	if (userns_kind() == USERNS_NONE || way_out())
		plan_add(
			plan, TRACE_MONITOR, TRACE_RULES,
			"sendto(NETLINK_NETFILTER, {NFT_MSG_NEWTABLE, NFT_MSG_NEWRULE}): %s",
			network->internal ?
				_("drop what comes in or goes out") :
				_("masquerade what goes out"));
	if (net_firewall_is_there())
		plan_add(plan, TRACE_MONITOR, TRACE_FIREWALL,
			 "execve(\"iptables\", -I FORWARD -i dsh-ID -j ACCEPT)");
}

static void plan_bridge(struct shell *shell, const struct endpoint *e,
			struct explain *plan)
{
	OWN_NETWORK struct network network = { 0 };
	struct err none = { 0 };

	if (is_unmade(shell, e))
		plan_add(plan, TRACE_MONITOR, TRACE_MAKE_NETWORK,
			 "write(networks/bridge.json)");
	else if (network_find_of(shell->home, e, &network, &none) == 0 &&
		 net_has_bridge(shell->home, &network))
		return;
	plan_add(plan, TRACE_MONITOR, TRACE_BRIDGE,
		 "sendto(NETLINK_ROUTE, {RTM_NEWLINK dsh-ID, RTM_NEWADDR})");
	plan_rules(plan, &network);
}

void plan_net_bridge(struct shell *shell, const char *name,
		     struct explain *plan)
{
	OWN_FREE char *network = mem_str(name);
	const struct endpoint e = { .network = network };

	plan_bridge(shell, &e, plan);
}

void plan_net_place(struct shell *shell, const struct spec *spec,
		    struct explain *plan)
{
	const bool kept = net_place_is_kept(shell->home);

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
			 way_out() ? "tap0" : _("none: `info` says why"));
	for (size_t i = 0; i < spec->networks.count; i++)
		plan_bridge(shell, &spec->networks.items[i], plan);
	if (!spec->networks.count)
		plan_net_bridge(shell, "bridge", plan);
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

/* Whether published ports lead in: a network without a way out has none. */
static bool leads_in(struct shell *shell, const struct spec *spec)
{
	bool leads = spec->networks.count == 0;

	for (size_t i = 0; i < spec->networks.count && !leads; i++) {
		const struct endpoint *e = &spec->networks.items[i];
		OWN_NETWORK struct network network = { 0 };
		struct err none = { 0 };

		leads = is_unmade(shell, e) ||
			(network_find_of(shell->home, e, &network, &none) ==
				 0 &&
			 !network.internal);
	}
	return leads;
}

void plan_network(struct shell *shell, const struct spec *spec,
		  struct explain *plan)
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
	if (publish_is_wanted(spec) && leads_in(shell, spec))
		plan_add(plan, TRACE_MONITOR, TRACE_FORWARD, "fork()");
}

void plan_bridge_gone(struct shell *shell, const struct network *network,
		      struct explain *plan)
{
	char name[NET_BRIDGE_NAME];

	net_bridge_name(network, name);
	plan_add(plan, TRACE_PARENT, TRACE_HELPER_FORK,
		 "clone3({exit_signal=SIGCHLD})");
	if (userns_kind() != USERNS_NONE && net_place_is_kept(shell->home))
		plan_add(plan, TRACE_HELPER, TRACE_SHARED_NET,
			 "setns(KEEPER, CLONE_NEWUSER|CLONE_NEWNET)");
	if (!net_has_bridge(shell->home, network))
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
