/* shell/cmd_create.c - create: a new container that does not run yet. */
#include <errno.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/container.h"
#include "runtime/spec.h"
#include "shell/cidfile.h"
#include "shell/cmd.h"
#include "shell/run_fill.h"

/* What its client finds wrong, Docker says as `run` does, with status 125; what
 * the daemon says comes as with any other command. */
static int failed(struct err *err)
{
	if (err->voice == ERR_DAEMON || err->voice == ERR_OURS)
		return err_status(err, 1);
	return -err->code;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct run_opts *o = args->opts;
	OWN_SPEC struct spec spec;
	struct err ignored = { 0 };
	int cidfile = -1;
	int r;

	spec_init(&spec);
	r = run_fill(shell, args, &spec, err);
	if (r < 0)
		return failed(err);
	cidfile = cidfile_open(o->cidfile, err);
	if (cidfile < 0 && err->code)
		return err_status(err, 1);
	r = container_create(shell->home, &spec, err);
	if (r < 0) {
		(void)cidfile_close(cidfile, o->cidfile, NULL, &ignored);
		return failed(err);
	}
	fprintf(shell->out, "%s\n", spec.id);
	return cidfile_close(cidfile, o->cidfile, spec.id, err);
}

static const char *const examples[] = {
	"create --name later busybox echo later",
	"start -a later",
	NULL,
};
static const char *const aliases[] = { "container create", NULL };

const struct cmd cmd_create = {
	.name = "create",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "[OPTIONS] IMAGE [COMMAND] [ARG...]",
	.summary = N_("Make a new container without starting it"),
	.docker_summary = "Create a new container",
	.min_args = 1,
	.max_args = -1,
	.opts = run_options + RUN_ONLY_OPTIONS,
	.opts_size = sizeof(struct run_opts),
	.stop_at_first_word = true,
	.own_failure_is_125 = true,
	.examples = examples,
	.lesson = "image-container",
	.run = run,
	.first = COMPLETE_IMAGES,
	.rest = COMPLETE_PROGRAMS,
};
