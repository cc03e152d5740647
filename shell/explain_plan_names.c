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
#include "runtime/network.h"
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

int plan_network_remove(struct shell *shell, const struct args *args,
			struct explain *plan, struct err *err)
{
	for (int i = 0; i < args->count; i++) {
		OWN_NETWORK struct network network = { 0 };
		int r = network_find(shell->home, args->words[i], &network,
				     err);

		if (r < 0)
			return r;
		plan_bridge_gone(shell, &network, plan);
		plan_add(plan, TRACE_PARENT, TRACE_FORGET_NETWORK,
			 "unlinkat(networks/%.12s)", network.id);
	}
	return 0;
}

/* To look for a built-in network would make all three, where they are not yet. */
static int find_network(struct shell *shell, char *name, struct err *err)
{
	OWN_NETWORK struct network network = { 0 };
	const struct network named = { .name = name };

	if (!fs_exists(shell->home->fd, "networks") &&
	    network_is_built_in(&named))
		return 0;
	return network_find(shell->home, name, &network, err);
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

/* The monitor of a container that runs is told to look at its record; of one that does
 * not, the record is all. */
static int plan_coming(struct shell *shell, const struct args *args, bool comes,
		       struct explain *plan, struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	int r = find_network(shell, args->words[0], err);

	if (r == 0)
		r = container_find(shell->home, args->words[1], &c, err);
	if (r < 0)
		return r;
	if (comes && is_on(&c, args->words[0])) {
		OWN_FREE char *why = mem_fmt(
			"endpoint with name %s already exists in network %s",
			c.spec.name, args->words[0]);

		plan_refuse(plan, "network ls", why);
		return 0;
	}
	if (!container_has_monitor(&c)) {
		plan_add(plan, TRACE_PARENT, TRACE_LOOK_UP,
			 _("%s does not run: its record is changed, and its next start does the rest"),
			 c.spec.name);
		return 0;
	}
	if (comes)
		plan_net_bridge(shell, args->words[0], plan);
	plan_add(plan, TRACE_MONITOR, TRACE_VETH, "sendto(NETLINK_ROUTE, {%s})",
		 comes ? "RTM_NEWLINK" : "RTM_DELLINK");
	if (comes)
		plan_add(plan, TRACE_MONITOR, TRACE_PIN,
			 "sendto(NETLINK_ROUTE, {RTM_NEWNEIGH})");
	plan_add(plan, TRACE_MONITOR, TRACE_HELPER_FORK,
		 "clone3({exit_signal=SIGCHLD})");
	plan_add(plan, TRACE_HELPER, TRACE_JOIN,
		 "setns(PIDFD of %d, CLONE_NEWNET)", c.pid);
	plan_add(plan, TRACE_HELPER, TRACE_ADDRESS,
		 "sendto(NETLINK_ROUTE, {RTM_NEWADDR, RTM_NEWROUTE})");
	/* Two that know each other by name need somebody to ask. */
	if (comes && (strcmp(args->words[0], "bridge") != 0 ||
		      dns_helper_is_wanted(&c.spec))) {
		plan_add(plan, TRACE_PARENT, TRACE_NAMES, "fork()");
		plan_names(plan);
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
