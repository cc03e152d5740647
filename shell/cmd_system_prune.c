/* shell/cmd_system_prune.c - system prune: all that nobody uses. */
#include <errno.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/confirm.h"
#include "shell/filter.h"
#include "shell/progress.h"
#include "shell/prune.h"

struct prune_opts {
	bool all;
	bool force;
	bool volumes;
	struct strs filter;
};

#define AT(member) offsetof(struct prune_opts, member)

static const struct opt opts[] = {
	{ "all", 'a', OPT_FLAG, NULL,
	  N_("All images that no container uses, not just nameless ones"), NULL,
	  AT(all), 0 },
	{ "filter", 0, OPT_LIST, "filter",
	  N_("Only those that fit: until=24h, label=x ..."), NULL, AT(filter),
	  OPT_FILTER },
	{ "force", 'f', OPT_FLAG, NULL, N_("Do not ask first"), NULL, AT(force),
	  0 },
	{ "volumes", 0, OPT_FLAG, NULL,
	  N_("Volumes that no container uses, too"), NULL, AT(volumes), 0 },
	{ 0 },
};

static char *question(const struct prune_opts *o)
{
	struct buf text = { 0 };

	buf_str(&text, "WARNING! This will remove:\n"
		       "  - all stopped containers\n"
		       "  - all networks not used by at least one container\n");
	if (o->volumes)
		buf_str(&text,
			"  - all volumes not used by at least one container\n");
	buf_str(&text,
		o->all ? "  - all images without at least one container associated to them\n"
			 "  - all build cache\n"
		       : "  - all dangling images\n  - all dangling build cache\n");
	if (o->filter.count) {
		buf_str(&text,
			"\n  Items to be pruned will be filtered with:\n");
		for (size_t i = 0; i < o->filter.count; i++)
			buf_fmt(&text, "  - %s\n", o->filter.items[i]);
	}
	buf_str(&text, "\nAre you sure you want to continue?");
	return buf_give(&text);
}

/* Containers first: what they used is free then. */
static int prune(struct shell *shell, const struct prune_opts *o,
		 const struct filters *filters, struct err *err)
{
	OWN_PRUNE struct prune_report containers = { 0 };
	OWN_PRUNE struct prune_report networks = { 0 };
	OWN_PRUNE struct prune_report volumes = { 0 };
	OWN_PRUNE struct prune_report images = { 0 };
	int r = prune_containers(shell, filters, &containers, err);

	prune_print(shell, &containers);
	if (r == 0) {
		r = prune_networks(shell, filters, &networks, err);
		prune_print(shell, &networks);
	}
	if (r == 0 && o->volumes) {
		r = prune_volumes(shell, filters, &volumes, err);
		prune_print(shell, &volumes);
	}
	if (r == 0) {
		r = prune_images(shell, filters, o->all, &images, err);
		prune_print(shell, &images);
	}
	if (r < 0)
		return r;
	prune_print_total(shell,
			  containers.bytes + volumes.bytes + images.bytes);
	return 0;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct prune_opts *o = args->opts;
	OWN_FILTERS struct filters filters = { 0 };
	OWN_FREE char *text = NULL;
	struct progress progress;
	int r = filters_read(&filters, &o->filter, prune_keys, err);

	if (r == 0 && o->volumes && filters_has(&filters, "until")) {
		err_docker(
			err, ERR_BARE, EINVAL,
			"ERROR: The \"until\" filter is not supported with \"--volumes\"");
		r = err_status(err, 1);
	}
	if (r < 0)
		return r;
	if (!o->force) {
		text = question(o);
		r = confirm(shell, text, err);
		if (r <= 0)
			return r;
	}
	progress_begin(&progress, shell, "", false);
	r = prune(shell, o, &filters, err);
	progress_end(&progress);
	return r;
}

static const char *const examples[] = { "system prune -f",
					"system prune -f --filter label=old",
					NULL };

const struct cmd cmd_system_prune = {
	.name = "system prune",
	.group = N_("Shell"),
	.synopsis = "[OPTIONS]",
	.summary = N_("Remove all that nobody uses"),
	.docker_summary = "Remove unused data",
	.max_args = 0,
	.opts = opts,
	.opts_size = sizeof(struct prune_opts),
	.examples = examples,
	.lesson = "waste",
	.run = run,
	.filter_keys = prune_keys,
};
