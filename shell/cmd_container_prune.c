/* shell/cmd_container_prune.c - container prune: all that do not run, removed. */
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
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
		.warning = "This will remove all stopped containers.",
		.prune = prune_containers,
	};
	int64_t bytes = 0;
	int r = prune_command(shell, &command, &bytes, err);

	if (r < 0)
		return r;
	prune_print_total(shell, bytes);
	return 0;
}

static const char *const examples[] = {
	"container prune -f",
	"container prune -f --filter until=24h",
	NULL,
};

const struct cmd cmd_container_prune = {
	.name = "container prune",
	.group = N_("Containers"),
	.synopsis = "[OPTIONS]",
	.summary = N_("Remove all containers that do not run"),
	.docker_summary = "Remove all stopped containers",
	.max_args = 0,
	.opts = opts,
	.opts_size = sizeof(struct prune_opts),
	.examples = examples,
	.lesson = "life",
	.run = run,
	.filter_keys = prune_keys,
};
