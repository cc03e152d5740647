/* shell/cmd_restart.c - restart: stop, and start again at once. */
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/container.h"
#include "shell/cmd.h"
#include "shell/each.h"
#include "shell/stop_time.h"

struct restart_opts {
	struct opt_number time;
};

static const struct opt opts[] = {
	{ "time", 't', OPT_COUNT, "int",
	  N_("Seconds to wait before killing it (10)"), NULL,
	  offsetof(struct restart_opts, time), 0 },
	{ 0 },
};

static int restart_one(struct shell *shell, const char *name, void *arg,
		       struct err *err)
{
	const struct restart_opts *o = arg;

	return container_restart(shell->home, name, stop_time(&o->time), err);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	(void)err;
	return each_container(shell, args, restart_one, args->opts, true, NULL);
}

static const char *const examples[] = {
	"run -d --name web busybox sleep 1000",
	"restart -t 1 web",
	NULL,
};
static const char *const aliases[] = { "container restart", NULL };

const struct cmd cmd_restart = {
	.name = "restart",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "[OPTIONS] CONTAINER [CONTAINER...]",
	.summary = N_("Stop containers and start them again"),
	.docker_summary = "Restart one or more containers",
	.min_args = 1,
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct restart_opts),
	.examples = examples,
	.lesson = "life",
	.run = run,
	.job = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_CONTAINERS,
	.rest = COMPLETE_CONTAINERS,
};
