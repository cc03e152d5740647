/* shell/cmd_volume_prune.c - volume prune: those that no container mounts, removed. */
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "shell/cmd.h"
#include "shell/prune.h"

struct prune_opts {
	bool all;
	bool force;
	struct strs filter;
};

#define AT(member) offsetof(struct prune_opts, member)

static const struct opt opts[] = {
	{ "all", 'a', OPT_FLAG, NULL,
	  N_("Those with a name, too: as in Docker 20.10, so it is anyway"),
	  NULL, AT(all), 0 },
	{ "filter", 0, OPT_LIST, "filter",
	  N_("Only those that fit: label=x, label!=x"), NULL, AT(filter),
	  OPT_FILTER },
	{ "force", 'f', OPT_FLAG, NULL, N_("Do not ask first"), NULL, AT(force),
	  0 },
	{ 0 },
};

static const char *const keys[] = { "label", "label!", NULL };

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct prune_opts *o = args->opts;
	const struct prune_command command = {
		.filter = &o->filter,
		.keys = keys,
		.force = o->force,
		.warning = "This will remove all local volumes not used by at least one container.",
		.prune = prune_volumes,
	};
	int64_t bytes = 0;
	int r = prune_command(shell, &command, &bytes, err);

	if (r < 0)
		return r;
	prune_print_total(shell, bytes);
	return 0;
}

static const char *const examples[] = { "volume prune -f",
					"volume prune -f --filter label=old",
					NULL };

const struct cmd cmd_volume_prune = {
	.name = "volume prune",
	.group = N_("Volumes"),
	.synopsis = "[OPTIONS]",
	.summary = N_("Remove all volumes that no container mounts"),
	.docker_summary = "Remove all unused local volumes",
	.max_args = 0,
	.opts = opts,
	.opts_size = sizeof(struct prune_opts),
	.examples = examples,
	.lesson = "volumes",
	.run = run,
	.needs = CMD_NEEDS_HOME,
	.filter_keys = keys,
};
