/* shell/cmd_ps.c - ps: which containers there are. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/container.h"
#include "shell/cmd.h"
#include "shell/style.h"
#include "shell/table.h"

enum { COMMAND_WIDTH = 20, SHORT_ID = 12 };

struct ps_opts {
	bool all;
	bool quiet;
	bool latest;
	bool no_trunc;
	struct opt_number last;
};

#define AT(member) offsetof(struct ps_opts, member)

static const struct opt opts[] = {
	{ "all", 'a', OPT_FLAG, NULL,
	  N_("Those that do not run, too"), NULL, AT(all), 0 },
	{ "quiet", 'q', OPT_FLAG, NULL, N_("Only their ids"), NULL, AT(quiet),
	  0 },
	{ "latest", 'l', OPT_FLAG, NULL,
	  N_("Only the newest, running or not"), NULL, AT(latest), 0 },
	{ "last", 'n', OPT_COUNT, "int",
	  N_("Only the newest of this number, running or not"), NULL, AT(last),
	  0 },
	{ "no-trunc", 0, OPT_FLAG, NULL,
	  N_("Ids and commands in full length"), NULL, AT(no_trunc), 0 },
	{ 0 },
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* As Go's strconv.Quote: what is not to be seen is spelled out. */
static void add_quoted(struct buf *out, const char *text)
{
	buf_char(out, '"');
	for (const char *c = text; *c; c++) {
		if (*c == '"' || *c == '\\')
			buf_fmt(out, "\\%c", *c);
		else if (*c == '\n')
			buf_str(out, "\\n");
		else if (*c == '\t')
			buf_str(out, "\\t");
		else if (*c == '\r')
			buf_str(out, "\\r");
		else if ((unsigned char)*c < 0x20 || *c == 0x7f)
			buf_fmt(out, "\\x%02x", (unsigned char)*c);
		else
			buf_char(out, *c);
	}
	buf_char(out, '"');
}

/* An argument with a blank in it stands in single quotes; nothing else is
 * escaped, so this is for the eye and not for a shell. Docker's rule. */
static char *command_shown(const struct shell *shell, const struct spec *spec,
			   bool in_full)
{
	OWN_BUF struct buf line = { 0 };
	struct buf out = { 0 };

	for (size_t i = 0; i < spec->args.count; i++) {
		const char *arg = spec->args.items[i];
		bool quoted = i > 0 && strchr(arg, ' ');

		buf_fmt(&line, "%s%s%s%s", i ? " " : "", quoted ? "'" : "", arg,
			quoted ? "'" : "");
	}
	if (in_full) {
		add_quoted(&out, buf_text(&line));
	} else {
		OWN_FREE char *cut =
			style_cut(shell, buf_text(&line), COMMAND_WIDTH);

		add_quoted(&out, cut);
	}
	return buf_give(&out);
}

static void add_row(struct shell *shell, const struct ps_opts *o,
		    const struct container *c, struct table *table)
{
	OWN_FREE char *command = command_shown(shell, &c->spec, o->no_trunc);
	OWN_FREE char *status = container_status_text(c);
	OWN_FREE char *image = image_shown_as(shell->store, c->spec.image,
					      c->spec.image_id);
	char age[HUMAN_SIZE];

	table_cellf(table, "%.*s", o->no_trunc ? 64 : SHORT_ID, c->spec.id);
	table_cell(table, image);
	table_cell(table, command);
	table_cellf(table, "%s ago",
		    human_duration(age, now_ns() - c->created_ns));
	table_cell(table, status);
	table_cell(table, ""); /* ports come with the networks */
	table_cell(table, c->spec.name);
	table_end_row(table);
}

static bool wanted(const struct ps_opts *o, const struct container *c)
{
	return o->all || o->latest || o->last.given ||
	       c->status == CONTAINER_RUNNING ||
	       c->status == CONTAINER_PAUSED ||
	       c->status == CONTAINER_RESTARTING;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct ps_opts *o = args->opts;
	OWN_CONTAINERS struct containers all = { 0 };
	OWN_TABLE struct table table = { 0 };
	long long most = o->latest ? 1 : o->last.given ? o->last.value : -1;
	int r = container_list(shell->home, &all, err);

	if (r < 0)
		return r;
	table_cells(&table, "CONTAINER ID", "IMAGE", "COMMAND", "CREATED",
		    "STATUS", "PORTS", "NAMES", NULL);
	table_end_row(&table);
	for (size_t i = 0; i < all.count && most != 0; i++) {
		const struct container *c = &all.items[i];

		if (!wanted(o, c))
			continue;
		most -= most > 0;
		if (o->quiet)
			fprintf(shell->out, "%.*s\n",
				o->no_trunc ? 64 : SHORT_ID, c->spec.id);
		else
			add_row(shell, o, c, &table);
	}
	if (!o->quiet)
		table_print(&table, shell->out);
	return 0;
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
};
