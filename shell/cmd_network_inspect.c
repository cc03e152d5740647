/* shell/cmd_network_inspect.c - network inspect: all that is known of networks. */
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/network.h"
#include "shell/cmd.h"
#include "shell/inspect.h"
#include "shell/network_view.h"

struct inspect_opts {
	const char *format;
	bool verbose;
};

#define AT(member) offsetof(struct inspect_opts, member)

static const struct opt opts[] = {
	{ "format", 'f', OPT_TEXT, "string",
	  N_("Only what a template asks for, one line each"), NULL, AT(format),
	  0 },
	{ "verbose", 'v', OPT_FLAG, NULL,
	  N_("What swarm knows of them, too: here nothing more"), NULL,
	  AT(verbose), 0 },
	{ 0 },
};

static int find(struct shell *shell, const char *name, void *arg, json_t **out,
		struct err *err)
{
	OWN_NETWORK struct network network = { 0 };
	int r = network_view_find(shell, name, &network, err);

	(void)arg;
	return r < 0 ? r : inspect_network(shell, &network, out, err);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct inspect_opts *o = args->opts;
	const struct inspect_how how = { o->format, find, NULL };

	return inspect_run(shell, args, &how, err);
}

static const char *const examples[] = {
	"network inspect bridge",
	"network inspect -f '{{json .IPAM.Config}}' bridge",
	NULL,
};

const struct cmd cmd_network_inspect = {
	.name = "network inspect",
	.group = N_("Networks"),
	.synopsis = "[OPTIONS] NETWORK [NETWORK...]",
	.summary = N_("Show all that is known of networks, and who is on them"),
	.docker_summary =
		"Display detailed information on one or more networks",
	.min_args = 1,
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct inspect_opts),
	.examples = examples,
	.lesson = "ports",
	.run = run,
	.pages = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_NETWORKS,
	.rest = COMPLETE_NETWORKS,
	.shows = true,
};
