/* shell/cmd_network_connect.c - network connect: a container on one more network. */
#include <errno.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/dns_helper.h"
#include "runtime/endpoint.h"
#include "runtime/network.h"
#include "shell/cmd.h"
#include "shell/container_row.h"
#include "shell/network_view.h"
#include "shell/run_checks.h"
#include "shell/run_net.h"

struct connect_opts {
	const char *ip;
	const char *ip6;
	struct strs aliases;
	struct strs links;
	struct strs driver_opts;
};

#define AT(member) offsetof(struct connect_opts, member)

static const struct opt opts[] = {
	{ "alias", 0, OPT_LIST, "strings",
	  N_("One more name for it on this network"), NULL, AT(aliases), 0 },
	{ "ip", 0, OPT_TEXT, "string",
	  N_("The address it is to have: 172.30.100.104"), NULL, AT(ip), 0 },
	{ "ip6", 0, OPT_TEXT, "string",
	  N_("The IPv6 address it is to have: 2001:db8::33"), NULL, AT(ip6),
	  0 },
	{ "link", 0, OPT_LIST, "list",
	  N_("A name of its own for another container: NAME:ALIAS"), NULL,
	  AT(links), 0, COMPLETE_CONTAINERS, run_check_link },
	{ "driver-opt", 0, OPT_LIST, "strings",
	  N_("A setting of the driver: key=value"), NULL, AT(driver_opts), 0 },
	{ "link-local-ip", 0, OPT_LIST, "strings",
	  N_("the kernel gives an interface its link-local address by itself"),
	  NULL, 0, OPT_REFUSED },
	{ 0 },
};

static int check_driver_opts(const struct strs *given, struct err *err)
{
	for (size_t i = 0; i < given->count; i++) {
		const char *item = given->items[i];

		if (item[strcspn(item, "=")] && item[0] != '=')
			continue;
		return err_docker(
			err, ERR_BARE, EINVAL,
			"invalid key/value pair format in driver options");
	}
	return 0;
}

/* One that runs is there now: that is noted, and it gets the name server that only
 * networks of one's own have. */
static int settle(struct shell *shell, const char *name, const char *container,
		  struct err *err)
{
	OWN_NETWORK struct network network = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	int r = network_find(shell->home, name, &network, err);

	if (r == 0)
		r = container_find(shell->home, container, &c, err);
	if (r < 0 || !container_is_up(&c))
		return r;
	network_view_note(shell, &network, "connect", c.spec.id);
	return dns_helper_is_wanted(&c.spec) ?
		       dns_helper_attach(shell->home, c.spec.id, c.pid, err) :
		       0;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct connect_opts *o = args->opts;
	struct endpoint wish = { 0 };
	int r = check_driver_opts(&o->driver_opts, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < o->aliases.count; i++)
		strs_split(&wish.aliases, o->aliases.items[i], ',');
	for (size_t i = 0; i < o->links.count; i++)
		run_add_link(o->links.items[i], &wish.links);
	wish.want_ip = mem_str(o->ip && *o->ip ? o->ip : NULL);
	wish.want_ip6 = mem_str(o->ip6 && *o->ip6 ? o->ip6 : NULL);
	r = network_connect(shell->home, args->words[0], args->words[1], &wish,
			    err);
	endpoint_done(&wish);
	if (r == 0)
		r = settle(shell, args->words[0], args->words[1], err);
	/* Docker's daemon says both: no such container, no such network. */
	if (r == -ENOENT && err->voice == ERR_CLIENT)
		err->voice = ERR_DAEMON;
	return r;
}

static const char *const examples[] = {
	"network create mynet; run -d --name web busybox sleep 60",
	"network connect --alias www mynet web",
	NULL,
};

const struct cmd cmd_network_connect = {
	.name = "network connect",
	.group = N_("Networks"),
	.synopsis = "[OPTIONS] NETWORK CONTAINER",
	.summary = N_("Put a container on one more network"),
	.docker_summary = "Connect a container to a network",
	.min_args = 2,
	.max_args = 2,
	.opts = opts,
	.opts_size = sizeof(struct connect_opts),
	.examples = examples,
	.lesson = "ports",
	.run = run,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_NETWORKS,
	.rest = COMPLETE_CONTAINERS,
};
