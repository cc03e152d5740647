/* shell/cmd_ps.c - ps: which containers there are. */
#include "images/store.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "shell/cmd.h"
#include "shell/container_filter.h"
#include "shell/container_row.h"
#include "shell/format.h"

struct ps_opts {
	bool all;
	bool quiet;
	bool latest;
	bool no_trunc;
	bool size;
	struct opt_number last;
	struct strs filter;
	const char *format;
};

#define AT(member) offsetof(struct ps_opts, member)

static const struct opt opts[] = {
	{ "all", 'a', OPT_FLAG, NULL, N_("Those that do not run, too"), NULL,
	  AT(all), 0 },
	{ "filter", 'f', OPT_LIST, "filter",
	  N_("Only those that fit: name=web, status=exited, label=x ..."), NULL,
	  AT(filter), OPT_FILTER },
	{ "format", 0, OPT_TEXT, "string",
	  N_("How a row looks: a template, 'table TEMPLATE' or 'json'"), NULL,
	  AT(format), 0 },
	{ "last", 'n', OPT_COUNT, "int",
	  N_("Only the newest of this number, running or not"), NULL, AT(last),
	  0 },
	{ "latest", 'l', OPT_FLAG, NULL, N_("Only the newest, running or not"),
	  NULL, AT(latest), 0 },
	{ "no-trunc", 0, OPT_FLAG, NULL, N_("Ids and commands in full length"),
	  NULL, AT(no_trunc), 0 },
	{ "quiet", 'q', OPT_FLAG, NULL, N_("Only their ids"), NULL, AT(quiet),
	  0 },
	{ "size", 's', OPT_FLAG, NULL,
	  N_("How much each wrote, and with its image"), NULL, AT(size), 0 },
	{ 0 },
};

/* How many at most; 0: all that run. */
static long long most_of(const struct ps_opts *o)
{
	if (o->last.given && o->last.value >= 0)
		return o->last.value;
	return o->latest ? 1 : 0;
}

static int add_rows(struct shell *shell, const struct ps_opts *o,
		    struct format *format, struct err *err)
{
	OWN_CONTAINER_FILTER struct container_filter filter = { 0 };
	OWN_CONTAINERS struct containers all = { 0 };
	const struct container_look look = {
		.linking = o->no_trunc ? &all : NULL,
		.in_full = o->no_trunc,
		.size = o->size || format_wants(format, "Size"),
		.with_image = true,
		.now_ns = container_now(),
	};
	long long most = most_of(o);
	long long rows = 0;
	int r = container_list(shell->home, &all, err);

	if (r == 0)
		r = container_filter_read(&filter, &o->filter, shell, &all,
					  err);
	for (size_t i = 0; i < all.count && r == 0; i++) {
		const struct container *c = &all.items[i];

		if (most > 0 && rows == most)
			break;
		if (!container_is_up(c) && !o->all && !filter.all && most <= 0)
			continue;
		if (!container_filter_fits(&filter, &all, i))
			continue;
		r = format_row(format, container_row(shell, c, &look), err);
		rows++;
	}
	return r;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct ps_opts *o = args->opts;
	OWN_FORMAT struct format format = { 0 };
	int r = format_open(&format,
			    o->size ? &container_kind_sized : &container_kind,
			    format_text(shell, o->format), o->quiet,
			    err);

	if (r == 0)
		r = add_rows(shell, o, &format, err);
	return r < 0 ? r : format_end(&format, shell->out, err);
}

static const char *const examples[] = { "ps", "ps -a", NULL };
static const char *const aliases[] = { "container ls", "container list",
				       "container ps", NULL };

const struct cmd cmd_ps = {
	.name = "ps",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "[OPTIONS]",
	.summary = N_("List containers"),
	.min_args = 0,
	.max_args = 0,
	.opts = opts,
	.opts_size = sizeof(struct ps_opts),
	.examples = examples,
	.lesson = "life",
	.run = run,
	.pages = true,
	.filter_keys = container_filter_keys,
	.rows = &container_kind,
};
