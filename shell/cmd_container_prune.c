/* shell/cmd_container_prune.c - container prune: all that do not run, removed. */
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "shell/cmd.h"
#include "shell/confirm.h"
#include "shell/filter.h"
#include "shell/progress.h"
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
	OWN_FILTERS struct filters filters = { 0 };
	OWN_PRUNE struct prune_report report = { 0 };
	struct progress progress;
	int r = filters_read(&filters, &o->filter, prune_keys, err);

	if (r < 0)
		return r;
	r = o->force ? 1 :
		       confirm(shell,
			       "WARNING! This will remove all stopped containers.\nAre you sure you want to continue?",
			       err);
	progress_begin(&progress, shell, "", false);
	if (r > 0)
		r = prune_containers(shell, &filters, &report, err);
	progress_end(&progress);
	prune_print(shell, &report);
	if (r < 0)
		return r;
	prune_print_total(shell, report.bytes);
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
