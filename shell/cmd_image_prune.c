/* shell/cmd_image_prune.c - image prune: images that nobody has a name for. */
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "shell/cmd.h"
#include "shell/confirm.h"
#include "shell/filter.h"
#include "shell/progress.h"
#include "shell/prune.h"

struct prune_opts {
	bool all;
	bool force;
	struct strs filter;
};

#define AT(member) offsetof(struct prune_opts, member)

static const struct opt opts[] = {
	{ "all", 'a', OPT_FLAG, NULL,
	  N_("All that no container uses, not just nameless ones"), NULL,
	  AT(all), 0 },
	{ "filter", 0, OPT_LIST, "filter",
	  N_("Only those that fit: until=24h, label=x ..."), NULL, AT(filter),
	  OPT_FILTER },
	{ "force", 'f', OPT_FLAG, NULL, N_("Do not ask first"), NULL, AT(force),
	  0 },
	{ 0 },
};

#define ASK "\nAre you sure you want to continue?"

static const char *const keys[] = { "dangling", "label", "label!", "until",
				    NULL };

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct prune_opts *o = args->opts;
	OWN_FILTERS struct filters filters = { 0 };
	OWN_PRUNE struct prune_report report = { 0 };
	struct progress progress;
	bool dangling = !o->all;
	int r = filters_read(&filters, &o->filter, keys, err);

	if (r == 0)
		r = filters_bool(&filters, "dangling", &dangling, err);
	if (r < 0)
		return r;
	r = o->force
		    ? 1
		    : confirm(shell,
			      dangling
				      ? "WARNING! This will remove all dangling images." ASK
				      : "WARNING! This will remove all images without at least one container associated to them." ASK,
			      err);
	progress_begin(&progress, shell, "", false);
	if (r > 0)
		r = prune_images(shell, &filters, !dangling, &report, err);
	progress_end(&progress);
	prune_print(shell, &report);
	if (r < 0)
		return r;
	prune_print_total(shell, report.bytes);
	return 0;
}

static const char *const examples[] = { "image prune -f",
					"image prune -f --filter until=24h",
					NULL };

const struct cmd cmd_image_prune = {
	.name = "image prune",
	.group = N_("Images"),
	.synopsis = "[OPTIONS]",
	.summary = N_("Remove images that nothing has a name for"),
	.docker_summary = "Remove unused images",
	.max_args = 0,
	.opts = opts,
	.opts_size = sizeof(struct prune_opts),
	.examples = examples,
	.lesson = "intermediate",
	.run = run,
	.filter_keys = keys,
};
