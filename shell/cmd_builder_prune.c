/* shell/cmd_builder_prune.c - builder prune: what builds left and nothing needs. */
#include "images/build.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "shell/cmd.h"
#include "shell/confirm.h"
#include "shell/filter.h"
#include "shell/prune.h"

struct prune_opts {
	bool all;
	bool force;
	struct strs filter;
	const char *keep_storage;
};

#define AT(member) offsetof(struct prune_opts, member)

static const struct opt opts[] = {
	{ "all", 'a', OPT_FLAG, NULL,
	  N_("Also the images of builds that nothing has a name for"), NULL,
	  AT(all), 0 },
	{ "filter", 0, OPT_LIST, "filter",
	  N_("With -a: only images that fit, until=24h"), NULL, AT(filter),
	  OPT_FILTER },
	{ "force", 'f', OPT_FLAG, NULL, N_("Do not ask first"), NULL, AT(force),
	  0 },
	{ "keep-storage", 0, OPT_TEXT, "bytes",
	  N_("how old which part of a cache is, nobody counts here: it goes or stays as a whole"),
	  NULL, AT(keep_storage), OPT_REFUSED },
	{ 0 },
};

#define ASK " Are you sure you want to continue?"

static int prune_folders(struct shell *shell, struct prune_report *report,
			 struct err *err)
{
	OWN_STRS struct strs ids = { 0 };
	long long bytes = 0;
	int r = build_prune(shell->store, &ids, &bytes, err);

	report->bytes += bytes;
	if (ids.count)
		buf_str(&report->text, "Deleted build cache objects:\n");
	for (size_t i = 0; i < ids.count; i++)
		buf_fmt(&report->text, "%s\n", ids.items[i]);
	return r;
}

static const char *const keys[] = { "until", "label", "label!", NULL };

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct prune_opts *o = args->opts;
	OWN_FILTERS struct filters filters = { 0 };
	OWN_PRUNE struct prune_report report = { 0 };
	int r = filters_read(&filters, &o->filter, keys, err);

	if (r < 0)
		return r;
	r = o->force ?
		    1 :
		    confirm(shell,
			    o->all ?
				    "WARNING! This will remove all build cache." ASK :
				    "WARNING! This will remove all dangling build cache." ASK,
			    err);
	if (r > 0)
		r = prune_folders(shell, &report, err);
	if (r == 0 && o->all)
		r = prune_images(shell, &filters, false, &report, err);
	prune_print(shell, &report);
	if (r < 0)
		return r;
	prune_print_total(shell, report.bytes);
	return 0;
}

static const char *const examples[] = { "builder prune -f",
					"builder prune -a -f", NULL };

const struct cmd cmd_builder_prune = {
	.name = "builder prune",
	.group = N_("Images"),
	.synopsis = "[OPTIONS]",
	.summary = N_("Remove what RUN --mount=type=cache keeps"),
	.docker_summary = "Remove build cache",
	.max_args = 0,
	.opts = opts,
	.opts_size = sizeof(struct prune_opts),
	.examples = examples,
	.lesson = "cache",
	.run = run,
	.filter_keys = keys,
};
