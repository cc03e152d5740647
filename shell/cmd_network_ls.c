/* shell/cmd_network_ls.c - network ls: which networks there are. */
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/container.h"
#include "runtime/network.h"
#include "shell/cmd.h"
#include "shell/network_row.h"

struct ls_opts {
	bool quiet;
	bool no_trunc;
	struct strs filter;
	const char *format;
};

#define AT(member) offsetof(struct ls_opts, member)

static const struct opt opts[] = {
	{ "filter", 'f', OPT_LIST, "filter",
	  N_("Only those that fit: driver=bridge, dangling=true, label=x ..."),
	  NULL, AT(filter), OPT_FILTER },
	{ "format", 0, OPT_TEXT, "string",
	  N_("How a row looks: a template, 'table TEMPLATE' or 'json'"), NULL,
	  AT(format), 0 },
	{ "no-trunc", 0, OPT_FLAG, NULL, N_("Ids in full length"), NULL,
	  AT(no_trunc), 0 },
	{ "quiet", 'q', OPT_FLAG, NULL, N_("Only their ids"), NULL, AT(quiet),
	  0 },
	{ 0 },
};

static int add_networks(struct shell *shell, const struct ls_opts *o,
			struct format *format, struct err *err)
{
	OWN_FILTERS struct filters filters = { 0 };
	OWN_CONTAINERS struct containers containers = { 0 };
	OWN_NETWORKS struct networks networks = { 0 };
	int r = filters_read(&filters, &o->filter, network_keys, err);

	if (r == 0)
		r = network_filters_check(&filters, err);
	if (r == 0 && filters_has(&filters, "dangling"))
		r = container_list(shell->home, &containers, err);
	if (r == 0)
		r = network_list(shell->home, &networks, err);
	for (size_t i = 0; i < networks.count && r == 0; i++)
		if (network_fits(&filters, &networks.items[i], &containers))
			r = format_row(format,
				       network_row(&networks.items[i],
						   o->no_trunc),
				       err);
	return r;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct ls_opts *o = args->opts;
	OWN_FORMAT struct format format = { 0 };
	int r = format_open(&format, &network_kind, format_text(shell, o->format), o->quiet,
			    err);

	if (r == 0)
		r = add_networks(shell, o, &format, err);
	return r < 0 ? r : format_end(&format, shell->out, err);
}

static const char *const examples[] = { "network ls",
					"network ls --filter type=custom",
					NULL };
static const char *const aliases[] = { "network list", NULL };

const struct cmd cmd_network_ls = {
	.name = "network ls",
	.aliases = aliases,
	.group = N_("Networks"),
	.synopsis = "[OPTIONS]",
	.summary = N_("List networks"),
	.max_args = 0,
	.opts = opts,
	.opts_size = sizeof(struct ls_opts),
	.examples = examples,
	.lesson = "ports",
	.run = run,
	.pages = true,
	.needs = CMD_NEEDS_HOME,
	.filter_keys = network_keys,
	.rows = &network_kind,
};
