/* shell/cmd_volume_inspect.c - volume inspect: all that is known of volumes. */
#include "runtime/base/lang.h"
#include "shell/cmd.h"
#include "shell/inspect.h"
#include "shell/volume_row.h"

struct inspect_opts {
	const char *format;
};

static const struct opt opts[] = {
	{ "format", 'f', OPT_TEXT, "string",
	  N_("Only what a template asks for, one line each"), NULL,
	  offsetof(struct inspect_opts, format), 0 },
	{ 0 },
};

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct inspect_opts *o = args->opts;
	const struct inspect_how how = { o->format, volume_inspect, NULL };

	return inspect_run(shell, args, &how, err);
}

static const char *const examples[] = {
	"volume create data", "volume inspect -f '{{.Mountpoint}}' data", NULL
};

const struct cmd cmd_volume_inspect = {
	.name = "volume inspect",
	.group = N_("Volumes"),
	.synopsis = "[OPTIONS] VOLUME [VOLUME...]",
	.summary = N_("Show all that is known of volumes"),
	.docker_summary = "Display detailed information on one or more volumes",
	.min_args = 1,
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct inspect_opts),
	.examples = examples,
	.lesson = "volumes",
	.run = run,
	.pages = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_VOLUMES,
	.rest = COMPLETE_VOLUMES,
	.shows = true,
};
