/* shell/cmd_volume_create.c - volume create: a folder that outlives containers. */
#include <errno.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/volume.h"
#include "shell/cmd.h"
#include "shell/run_checks.h"
#include "shell/volume_row.h"

struct create_opts {
	const char *driver;
	const char *name;
	struct strs labels;
	struct strs options;
};

#define AT(member) offsetof(struct create_opts, member)

static const struct opt opts[] = {
	{ "driver", 'd', OPT_TEXT, "string",
	  N_("Who keeps the volume; there is 'local'"), NULL, AT(driver), 0,
	  COMPLETE_NOTHING,
	  .values = "local" },
	{ "label", 0, OPT_LIST, "list", N_("A note on it: name=value"), NULL,
	  AT(labels), 0, COMPLETE_NOTHING, run_check_label },
	{ "name", 0, OPT_TEXT, "string", N_("Its name"), NULL, AT(name),
	  OPT_HIDDEN },
	{ "opt", 'o', OPT_LIST, "map",
	  N_("What it is, where it is no plain folder: type=tmpfs, device=tmpfs, o=size=1m"),
	  NULL, AT(options), 0,
	  .values = "type= device= o=" },
	{ 0 },
};

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct create_opts *o = args->opts;
	const char *name = args->count ? args->words[0] : o->name;
	OWN_VOLUME struct volume wish = { 0 };
	int r;

	if (args->count && o->name && *o->name) {
		err_docker(
			err, ERR_BARE, EINVAL,
			"conflicting options: either specify --name or provide positional arg, not both");
		return err_status(err, 1);
	}
	wish.name = mem_str(name ? name : "");
	volume_pairs(&o->labels, &wish.labels);
	volume_pairs(&o->options, &wish.options);
	r = volume_check_driver(wish.name, o->driver, err);
	if (r == 0)
		r = volume_make(shell->home, &wish, err);
	if (r == 0)
		fprintf(shell->out, "%s\n", wish.name);
	return r;
}

static const char *const examples[] = {
	"volume create --label course=docker data",
	"run --rm -v data:/data busybox touch /data/file", NULL
};

const struct cmd cmd_volume_create = {
	.name = "volume create",
	.group = N_("Volumes"),
	.synopsis = "[OPTIONS] [VOLUME]",
	.summary = N_("Make a folder that outlives containers"),
	.docker_summary = "Create a volume",
	.min_args = 0,
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct create_opts),
	.examples = examples,
	.lesson = "volumes",
	.run = run,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_NOTHING,
};
