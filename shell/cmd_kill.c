/* shell/cmd_kill.c - kill: a signal to a container's process 1. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/container.h"
#include "shell/cmd.h"
#include "shell/each.h"

struct kill_opts {
	const char *signal;
};

static const struct opt opts[] = {
	{ "signal", 's', OPT_TEXT, "string",
	  N_("The signal: KILL, SIGUSR1, 15 ... (KILL)"), NULL,
	  offsetof(struct kill_opts, signal), 0,
	  .complete = COMPLETE_SIGNALS },
	{ 0 },
};

/* Docker's daemon puts a failure to find it into the same words as a failure to
 * kill it. */
static int kill_one(struct shell *shell, const char *name, void *arg,
		    struct err *err)
{
	const int *signal = arg;
	int r = container_kill(shell->home, name, *signal, err);

	if (r == -ENOENT) {
		OWN_FREE char *why = mem_str(err->msg);

		return err_docker(err, ERR_DAEMON, ENOENT,
				  "Cannot kill container: %s: %s", name, why);
	}
	return r;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct kill_opts *o = args->opts;
	int signal = SIGKILL;
	int r = o->signal && *o->signal ?
			parse_signal(o->signal, &signal, err) :
			0;

	if (r < 0)
		return err_status(err, 1);
	return each_container(shell, args, kill_one, &signal, true, NULL);
}

static const char *const examples[] = {
	"run -d --name web busybox sleep 1000",
	"kill web",
	NULL,
};
static const char *const aliases[] = { "container kill", NULL };

const struct cmd cmd_kill = {
	.name = "kill",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "[OPTIONS] CONTAINER [CONTAINER...]",
	.summary = N_("Send a signal to the program of running containers"),
	.docker_summary = "Kill one or more running containers",
	.min_args = 1,
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct kill_opts),
	.examples = examples,
	.lesson = "life",
	.run = run,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_RUNNING,
	.rest = COMPLETE_RUNNING,
};
