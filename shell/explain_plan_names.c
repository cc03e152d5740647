/* shell/explain_plan_names.c - what is done to networks, volumes and names, told
 * beforehand; see explain_plan.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/dns_helper.h"
#include "runtime/endpoint.h"
#include "runtime/network.h"
#include "runtime/publish.h"
#include "runtime/volume.h"
#include "shell/cmd.h"
#include "shell/explain_plan.h"

/* ---- networks ---- */

int plan_network_create(struct shell *shell, const struct args *args,
			struct explain *plan, struct err *err)
{
	OWN_NETWORK struct network network = { 0 };
	struct err none = { 0 };

	/* To look for one would make those that are always there. */
	if (fs_exists(shell->home->fd, "networks") &&
	    network_find(shell->home, args->words[0], &network, &none) == 0)
		return err_docker(err, ERR_DAEMON, EEXIST,
				  "network with name %s already exists",
				  args->words[0]);
	plan_add(plan, TRACE_PARENT, TRACE_MAKE_NETWORK,
		 "write(networks/ID.json): %s", args->words[0]);
	return 0;
}

static bool is_used_by(const struct network *network, const struct container *c)
{
	const struct endpoints *on = &c->spec.networks;

	for (size_t i = 0; i < on->count && container_has_monitor(c); i++)
		if (network_has(network, &on->items[i]) &&
		    endpoint_is_up(&on->items[i]))
			return true;
	return false;
}

/* What is in use stays, and so do the built-in ones: in Docker's words, given. NULL: it
 * goes. */
static char *why_it_stays(struct shell *shell, const struct network *network)
{
	OWN_CONTAINERS struct containers all = { 0 };
	struct err none = { 0 };

	if (network_is_built_in(network))
		return mem_fmt("%s is a pre-defined network and cannot be removed",
			       network->name);
	(void)container_list(shell->home, &all, &none);
	for (size_t i = 0; i < all.count; i++)
		if (is_used_by(network, &all.items[i]))
			return mem_fmt(
				"error while removing network: network %s id %s has active endpoints",
				network->name, network->id);
	return NULL;
}

int plan_network_remove(struct shell *shell, const struct args *args,
			struct explain *plan, struct err *err)
{
	for (int i = 0; i < args->count; i++) {
		OWN_NETWORK struct network network = { 0 };
		OWN_FREE char *why = NULL;
		int r = network_find(shell->home, args->words[i], &network,
				     err);

		if (r < 0)
			return r;
		why = why_it_stays(shell, &network);
		if (why) {
			plan_refuse(plan, "network ls", why);
			continue;
		}
		plan_bridge_gone(shell, &network, plan);
		plan_add(plan, TRACE_PARENT, TRACE_FORGET_NETWORK,
			 "unlinkat(networks/%.12s)", network.id);
	}
	return 0;
}

/* To look for a built-in network would make all three, where they are not yet. */
static int find_network(struct shell *shell, char *name, struct network *out,
			struct err *err)
{
	const struct network named = { .name = name };

	if (!fs_exists(shell->home->fd, "networks") &&
	    network_is_built_in(&named))
		return 0;
	return network_find(shell->home, name, out, err);
}

static bool is_on(const struct container *c, const char *network)
{
	for (size_t i = 0; i < c->spec.networks.count; i++) {
		const char *name = c->spec.networks.items[i].network;

		if (name && strcmp(name, network) == 0)
			return true;
	}
	return false;
}

/* By the container's monitor, and by whoever asked for it. */
static void plan_device(struct shell *shell, const struct network *network,
			bool comes, const struct container *c,
			struct explain *plan)
{
	const bool usual = !network->name || network_is_built_in(network);

	if (comes)
		plan_net_bridge(shell, usual ? "bridge" : network->name, plan);
	plan_add(plan, TRACE_MONITOR, TRACE_VETH, "sendto(NETLINK_ROUTE, {%s})",
		 comes ? "RTM_NEWLINK" : "RTM_DELLINK");
	if (comes)
		plan_add(plan, TRACE_MONITOR, TRACE_PIN,
			 "sendto(NETLINK_ROUTE, {RTM_NEWNEIGH})");
	plan_add(plan, TRACE_MONITOR, TRACE_HELPER_FORK,
		 "clone3({exit_signal=SIGCHLD})");
	plan_add(plan, TRACE_HELPER, TRACE_JOIN,
		 "setns(PIDFD of %d, CLONE_NEWNET)", c->pid);
	plan_add(plan, TRACE_HELPER, TRACE_ADDRESS,
		 "sendto(NETLINK_ROUTE, {RTM_NEWADDR, RTM_NEWROUTE})");
	/* Its first network that leads out: its ports lead in by it. */
	if (comes && !network->internal && !c->published.count &&
	    publish_is_wanted(&c->spec))
		plan_add(plan, TRACE_MONITOR, TRACE_FORWARD, "fork()");
	/* Two that know each other by name need somebody to ask. */
	if (comes && (!usual || dns_helper_is_wanted(&c->spec))) {
		plan_add(plan, TRACE_PARENT, TRACE_NAMES, "fork()");
		plan_names(plan);
	}
}

/* The monitor of a container that runs is told to look at its record; of one that does
 * not, the record is all. */
static int plan_coming(struct shell *shell, const struct args *args, bool comes,
		       struct explain *plan, struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	OWN_NETWORK struct network network = { 0 };
	int r = find_network(shell, args->words[0], &network, err);

	if (r == 0)
		r = container_find(shell->home, args->words[1], &c, err);
	if (r < 0)
		return r;
	if (comes && is_on(&c, args->words[0])) {
		OWN_FREE char *why = mem_fmt(
			"endpoint with name %s already exists in network %s",
			c.spec.name, args->words[0]);

		plan_refuse(plan, "network ls", why);
	} else if (!container_has_monitor(&c)) {
		plan_add(plan, TRACE_PARENT, TRACE_LOOK_UP,
			 _("%s does not run: its record is changed, and its next start does the rest"),
			 c.spec.name);
	} else {
		plan_device(shell, &network, comes, &c, plan);
	}
	return 0;
}

int plan_network_connect(struct shell *shell, const struct args *args,
			 struct explain *plan, struct err *err)
{
	return plan_coming(shell, args, true, plan, err);
}

int plan_network_disconnect(struct shell *shell, const struct args *args,
			    struct explain *plan, struct err *err)
{
	return plan_coming(shell, args, false, plan, err);
}

/* ---- volumes ---- */

int plan_volume_create(struct shell *shell, const struct args *args,
		       struct explain *plan, struct err *err)
{
	OWN_VOLUME struct volume volume = { 0 };
	struct err none = { 0 };
	const char *name = args->count ? args->words[0] : "ID";

	(void)err;
	if (args->count &&
	    volume_find(shell->home, name, &volume, &none) == 0) {
		plan_add(plan, TRACE_PARENT, TRACE_LOOK_UP,
			 _("the volume %s is there already: nothing to do"),
			 name);
		return 0;
	}
	plan_add(plan, TRACE_PARENT, TRACE_VOLUME,
		 "mkdirat(volumes/.new/_data); renameat2(volumes/%s, RENAME_NOREPLACE)",
		 name);
	return 0;
}

int plan_volume_remove(struct shell *shell, const struct args *args,
		       struct explain *plan, struct err *err)
{
	int r = 0;

	for (int i = 0; i < args->count && r == 0; i++) {
		OWN_VOLUME struct volume volume = { 0 };

		r = volume_find(shell->home, args->words[i], &volume, err);
		if (r == 0)
			plan_add(plan, TRACE_PARENT, TRACE_VOLUME_GONE,
				 "renameat(volumes/%s, volumes/.old); unlinkat",
				 args->words[i]);
	}
	return r;
}

/* ---- names ---- */

int plan_tag(struct shell *shell, const struct args *args, struct explain *plan,
	     struct err *err)
{
	OWN_IMAGE struct image image = { 0 };
	int r = image_find(shell->store, args->words[0], &image, err);

	if (r == 0)
		plan_add(plan, TRACE_PARENT, TRACE_TAG,
			 "INSERT INTO tags: %s -> %.19s", args->words[1],
			 image.id);
	if (r == 0)
		plan_commit_store(plan);
	return r;
}

int plan_rmi(struct shell *shell, const struct args *args, struct explain *plan,
	     struct err *err)
{
	for (int i = 0; i < args->count; i++) {
		OWN_IMAGE struct image image = { 0 };
		int r = image_find(shell->store, args->words[i], &image, err);

		if (r < 0)
			return r;
		plan_add(plan, TRACE_PARENT, TRACE_UNTAG,
			 "DELETE FROM tags: %s -> %.19s", args->words[i],
			 image.id);
		if (image.tags.count <= 1)
			plan_add(
				plan, TRACE_PARENT, TRACE_IMAGE_GONE,
				_("only if no container and no image upon it needs it: DELETE FROM images: %.19s"),
				image.id);
		plan_commit_store(plan);
	}
	return 0;
}

int plan_rename(struct shell *shell, const struct args *args,
		struct explain *plan, struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	OWN_CONTAINER struct container holder = { 0 };
	struct err none = { 0 };
	int r = container_find(shell->home, args->words[0], &c, err);

	if (r < 0)
		return r;
	if (container_find(shell->home, args->words[1], &holder, &none) == 0 &&
	    strcmp(holder.spec.name, args->words[1]) == 0) {
		OWN_FREE char *why = mem_fmt(
			"Error when allocating new name: Conflict. The container name \"/%s\" is already in use by container \"%s\".",
			args->words[1], holder.spec.id);

		plan_add(plan, TRACE_PARENT, TRACE_NAME,
			 "symlinkat(\"../%.12s\", \"containers/by-name/%s\") = -1 EEXIST",
			 c.spec.id, args->words[1]);
		plan_refuse(plan, "ps -a", why);
		return 0;
	}
	plan_add(plan, TRACE_PARENT, TRACE_NAME,
		 "symlinkat(\"../%.12s\", \"containers/by-name/%s\")",
		 c.spec.id, args->words[1]);
	plan_add(plan, TRACE_PARENT, TRACE_NAME,
		 "unlinkat(\"containers/by-name/%s\")", c.spec.name);
	return 0;
}
