/* shell/cmd_network_create.c - network create: a network of one's own. */
#include <errno.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/network.h"
#include "shell/cmd.h"
#include "shell/network_ranges.h"
#include "shell/network_view.h"
#include "shell/run_checks.h"

struct create_opts {
	bool attachable;
	bool internal;
	bool ipv6;
	const char *driver;
	const char *ipam_driver;
	const char *scope;
	struct strs aux;
	struct strs gateways;
	struct strs ranges;
	struct strs subnets;
	struct strs ipam_options;
	struct strs labels;
	struct strs options;
};

#define AT(member) offsetof(struct create_opts, member)
#define SWARM N_("it belongs to swarm, a cluster of machines; this program knows one machine")

static const struct opt opts[] = {
	{ "driver", 'd', OPT_TEXT, "string",
	  N_("What it is made with: bridge"), NULL, AT(driver), 0,
	  COMPLETE_NOTHING,
	  .values = "bridge" },
	{ "subnet", 0, OPT_LIST, "strings",
	  N_("Its addresses: 10.9.0.0/24 (else some that are free)"), N_("Addresses"),
	  AT(subnets), 0, COMPLETE_NOTHING },
	{ "gateway", 0, OPT_LIST, "strings",
	  N_("The address in it that leads out"), N_("Addresses"), AT(gateways), 0 },
	{ "ip-range", 0, OPT_LIST, "strings",
	  N_("Give containers only addresses of this part of it"), N_("Addresses"),
	  AT(ranges), 0 },
	{ "aux-address", 0, OPT_LIST, "map",
	  N_("An address that no container gets: name=10.9.0.9"), N_("Addresses"), AT(aux),
	  0, COMPLETE_DEFAULT, network_check_pair },
	{ "internal", 0, OPT_FLAG, NULL, N_("Nothing leads out of it"), NULL,
	  AT(internal), 0 },
	{ "ipv6", 0, OPT_FLAG, NULL,
	  N_("Addresses of IPv6 too (give a --subnet of them)"), N_("Addresses"), AT(ipv6),
	  0 },
	{ "label", 0, OPT_LIST, "list", N_("Note something on it: key=value"),
	  NULL, AT(labels), 0, COMPLETE_NOTHING, run_check_label },
	{ "opt", 'o', OPT_LIST, "map",
	  N_("A setting of the driver: com.docker.network.driver.mtu=1400"),
	  NULL, AT(options), 0 },
	{ "ipam-driver", 0, OPT_TEXT, "string",
	  N_("What gives out addresses: default"), N_("Addresses"), AT(ipam_driver), 0,
	  COMPLETE_NOTHING,
	  .values = "default" },
	{ "ipam-opt", 0, OPT_LIST, "map", N_("A setting of that"), N_("Addresses"),
	  AT(ipam_options), 0, COMPLETE_DEFAULT, network_check_pair },
	{ "attachable", 0, OPT_FLAG, NULL,
	  N_("Containers may be connected by hand (they always may)"), NULL,
	  AT(attachable), 0 },
	{ "scope", 0, OPT_TEXT, "string", N_("How far it reaches: local"), NULL,
	  AT(scope), 0, COMPLETE_NOTHING,
	  .values = "local" },
	{ "config-from", 0, OPT_TEXT, "string", SWARM, NULL, 0, OPT_REFUSED },
	{ "config-only", 0, OPT_FLAG, NULL, SWARM, NULL, 0, OPT_REFUSED },
	{ "ingress", 0, OPT_FLAG, NULL, SWARM, NULL, 0, OPT_REFUSED },
	{ 0 },
};

/* What Docker has drivers for and we have not, and what nobody has. */
static int check_driver(const char *driver, struct err *err)
{
	if (strcmp(driver, "bridge") == 0 || strcmp(driver, "host") == 0 ||
	    strcmp(driver, "null") == 0)
		return 0; /* the last two are refused by name, in Docker's words */
	if (strcmp(driver, "macvlan") == 0 || strcmp(driver, "ipvlan") == 0) {
		err_set(err, ENOTSUP,
			_("'%s' puts containers on the machine's own network card, which belongs to others"),
			driver);
		return err_hint(err, _("'bridge' gives them a network of their own"));
	}
	if (strcmp(driver, "overlay") == 0)
		return err_docker(
			err, ERR_DAEMON, EPERM,
			"This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.");
	return err_docker(err, ERR_DAEMON, ENOENT, "plugin \"%s\" not found",
			  driver);
}

static int check_ipam(const char *driver, struct err *err)
{
	if (!driver || !*driver || strcmp(driver, "default") == 0)
		return 0;
	return err_docker(err, ERR_DAEMON, ENOENT, "plugin \"%s\" not found",
			  driver);
}

static int check_scope(const char *scope, struct err *err)
{
	if (!scope || !*scope || strcmp(scope, "local") == 0)
		return 0;
	err_set(err, ENOTSUP,
		_("'--scope %s' is for swarm, a cluster of machines; this program knows one machine"),
		scope);
	return err_status(err, 1);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct create_opts *o = args->opts;
	const struct network_ranges ranges = { &o->subnets, &o->ranges,
					       &o->gateways, &o->aux };
	const char *driver = o->driver && *o->driver ? o->driver : "bridge";
	OWN_NETWORK struct network wish = {
		.name = mem_str(args->words[0]),
		.driver = mem_str(driver),
		.internal = o->internal,
		.ipv6 = o->ipv6,
		.attachable = o->attachable,
	};
	int r = network_ranges_fill(&ranges, &wish, err);

	strs_copy(&wish.options, &o->options);
	strs_copy(&wish.ipam_options, &o->ipam_options);
	strs_copy(&wish.labels, &o->labels);
	if (r == 0)
		r = check_driver(driver, err);
	if (r == 0)
		r = check_ipam(o->ipam_driver, err);
	if (r == 0)
		r = check_scope(o->scope, err);
	if (r == 0)
		r = network_create(shell->home, &wish, err);
	if (r < 0)
		return r;
	network_view_note(shell, &wish, "create", NULL);
	fprintf(shell->out, "%s\n", wish.id);
	return 0;
}

static const char *const examples[] = {
	"network create mynet",
	"network create --subnet 10.9.0.0/24 office",
	NULL,
};

const struct cmd cmd_network_create = {
	.name = "network create",
	.group = N_("Networks"),
	.synopsis = "[OPTIONS] NETWORK",
	.summary = N_("Make a network, on which containers find each other by name"),
	.docker_summary = "Create a network",
	.min_args = 1,
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct create_opts),
	.examples = examples,
	.lesson = "ports",
	.run = run,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_NOTHING,
};
