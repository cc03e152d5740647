/* shell/cmd_stop.c - stop: ask a container's process 1 to end, then make it. */
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/container.h"
#include "shell/cmd.h"
#include "shell/each.h"

struct stop_opts {
	struct opt_number time;
};

static const struct opt opts[] = {
	{ "time", 't', OPT_COUNT, "int",
	  N_("Seconds to wait before killing it (10)"), NULL,
	  offsetof(struct stop_opts, time), 0 },
	{ 0 },
};

static int stop_one(struct shell *shell, const char *name, void *arg,
		    struct err *err)
{
	const struct stop_opts *o = arg;

	return container_stop(shell->home, name,
			      o->time.given ? (int)o->time.value : -1, err);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	(void)err;
	return each_container(shell, args, stop_one, args->opts, true, NULL);
}

static const char *const examples[] = {
	"run -d --name web busybox sleep 1000",
	"stop -t 1 web",
	NULL,
};
static const char *const aliases[] = { "container stop", NULL };

const struct cmd cmd_stop = {
	.name = "stop",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "[OPTIONS] CONTAINER [CONTAINER...]",
	.summary = N_("Ask running containers to end, kill those that do not"),
	.min_args = 1,
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct stop_opts),
	.examples = examples,
	.lesson = "life",
	.run = run,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_RUNNING,
	.rest = COMPLETE_RUNNING,
};
