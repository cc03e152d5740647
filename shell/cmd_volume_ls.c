/* shell/cmd_volume_ls.c - volume ls: which volumes there are. */
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/volume.h"
#include "shell/cmd.h"
#include "shell/filter.h"
#include "shell/format.h"
#include "shell/volume_row.h"

struct ls_opts {
	bool quiet;
	struct strs filter;
	const char *format;
};

#define AT(member) offsetof(struct ls_opts, member)

static const struct opt opts[] = {
	{ "filter", 'f', OPT_LIST, "filter",
	  N_("Only those that fit: name=data, label=x, dangling=true ..."),
	  NULL, AT(filter), OPT_FILTER },
	{ "format", 0, OPT_TEXT, "string",
	  N_("How a row looks: a template, 'table TEMPLATE' or 'json'"), NULL,
	  AT(format), 0 },
	{ "quiet", 'q', OPT_FLAG, NULL, N_("Only their names"), NULL, AT(quiet),
	  0 },
	{ 0 },
};

static const char *const keys[] = { "dangling", "driver", "label", "name",
				    NULL };

/* Whether no container mounts it. */
static bool dangles(const struct containers *containers, const char *name)
{
	OWN_STRS struct strs ids = { 0 };

	volume_users(containers, name, &ids);
	return ids.count == 0;
}

static int add_rows(struct shell *shell, const struct filters *filters,
		    struct format *format, struct err *err)
{
	static const struct volume_use not_asked = { -1, -1 };
	OWN_VOLUMES struct volumes all = { 0 };
	OWN_CONTAINERS struct containers containers = { 0 };
	bool wanted = false;
	int r = filters_bool(filters, "dangling", &wanted, err);

	/* First: a container that is gone may take volumes along. */
	if (r == 0)
		r = container_list(shell->home, &containers, err);
	if (r == 0)
		r = volume_list(shell->home, &all, err);
	for (size_t i = 0; i < all.count && r == 0; i++) {
		const struct volume *v = &all.items[i];

		if (!filters_exact(filters, "driver", "local") ||
		    !filters_match(filters, "name", v->name) ||
		    !filters_labels(filters, &v->labels) ||
		    (filters_has(filters, "dangling") &&
		     dangles(&containers, v->name) != wanted))
			continue;
		r = format_row(format,
			       volume_row(shell->home, v, &not_asked), err);
	}
	return r;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct ls_opts *o = args->opts;
	OWN_FILTERS struct filters filters = { 0 };
	OWN_FORMAT struct format format = { 0 };
	int r = filters_read(&filters, &o->filter, keys, err);

	if (r == 0)
		r = format_open(&format, &volume_kind_of_ls,
				format_text(shell, o->format),
				o->quiet, err);
	if (r == 0)
		r = add_rows(shell, &filters, &format, err);
	return r < 0 ? r : format_end(&format, shell->out, err);
}

static const char *const examples[] = { "volume ls",
					"volume ls -q --filter dangling=true",
					NULL };
static const char *const aliases[] = { "volume list", NULL };

const struct cmd cmd_volume_ls = {
	.name = "volume ls",
	.aliases = aliases,
	.group = N_("Volumes"),
	.synopsis = "[OPTIONS]",
	.summary = N_("List volumes"),
	.max_args = 0,
	.opts = opts,
	.opts_size = sizeof(struct ls_opts),
	.examples = examples,
	.lesson = "volumes",
	.run = run,
	.pages = true,
	.needs = CMD_NEEDS_HOME,
	.filter_keys = keys,
	.rows = &volume_kind_of_ls,
};
