/* shell/cmd_network_prune.c - network prune: networks that no container is on. */
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/events.h"
#include "shell/cmd.h"
#include "shell/prune.h"

struct prune_opts {
	bool force;
	struct strs filter;
};

#define AT(member) offsetof(struct prune_opts, member)

static const struct opt opts[] = {
	{ "filter", 0, OPT_LIST, "filter",
	  N_("Only those that fit: until=24h, label=x ..."), NULL, AT(filter),
	  OPT_FILTER },
	{ "force", 'f', OPT_FLAG, NULL, N_("Do not ask first"), NULL,
	  AT(force), 0 },
	{ 0 },
};

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct prune_opts *o = args->opts;
	const struct prune_command command = {
		.filter = &o->filter,
		.keys = prune_keys,
		.force = o->force,
		.warning = "This will remove all custom networks not used by at least one container.",
		.prune = prune_networks,
	};
	OWN_STRS struct strs pairs = { 0 };
	int64_t bytes = 0;
	int r = prune_command(shell, &command, &bytes, err);

	if (r <= 0)
		return r;
	strs_add(&pairs, "reclaimed=0");
	events_note(shell->home, "network", "prune", "", &pairs);
	return 0;
}

static const char *const examples[] = {
	"network prune -f",
	"network prune -f --filter until=24h",
	NULL,
};

const struct cmd cmd_network_prune = {
	.name = "network prune",
	.group = N_("Networks"),
	.synopsis = "[OPTIONS]",
	.summary = N_("Remove all networks that no container is on"),
	.docker_summary = "Remove all unused networks",
	.max_args = 0,
	.opts = opts,
	.opts_size = sizeof(struct prune_opts),
	.examples = examples,
	.lesson = "ports",
	.run = run,
	.needs = CMD_NEEDS_HOME,
	.filter_keys = prune_keys,
};
