/* shell/cmd_kill.c - kill: a signal to a container's process 1. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
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
#include "shell/jobs.h"

struct kill_opts {
	const char *signal;
};

/* number  where it is none that the kernel has: what was asked for, else 0 */
struct wanted {
	int signal;
	int64_t number;
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
	const struct wanted *wanted = arg;
	OWN_CONTAINER struct container c = { 0 };
	int r = wanted->number ?
			container_find(shell->home, name, &c, err) :
			container_kill(shell->home, name, wanted->signal, err);

	if (r == 0 && wanted->number)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Cannot kill container: %s: The linux daemon does not support signal %" PRIu64,
				  name, (uint64_t)wanted->number);
	if (r == -ENOENT) {
		OWN_FREE char *why = mem_str(err->msg);

		return err_docker(err, ERR_DAEMON, ENOENT,
				  "Cannot kill container: %s: %s", name, why);
	}
	return r;
}

/* %1 is no container: it is a job of the prompt, as in any shell. */
static int kill_jobs(struct shell *shell, const struct args *args,
		     int signal, struct err *err)
{
	for (int i = 0; i < args->count; i++) {
		int64_t number = 0;

		if (args->words[i][0] != '%' ||
		    parse_int(args->words[i] + 1, 1, INT_MAX, &number, err) < 0)
			return err_set(err, EINVAL,
				       _("'%s' is no job: jobs (%%1) and containers are ended apart"),
				       args->words[i]);
		if (jobs_signal(shell->jobs, (int)number, signal, err) < 0)
			return -err->code;
	}
	return 0;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct kill_opts *o = args->opts;
	struct wanted wanted = { .signal = SIGKILL };
	struct err ignored = { 0 };
	struct err why = { 0 };
	int r = o->signal && *o->signal ?
			parse_signal(o->signal, &wanted.signal, &why) :
			0;

	/* A number is looked at only where the container is. */
	if (r < 0 &&
	    (parse_int(o->signal, INT64_MIN, INT64_MAX, &wanted.number,
		       &ignored) < 0 ||
	     !wanted.number)) {
		*err = why;
		return err_status(err, 1);
	}
	if (shell->jobs && args->words[0][0] == '%')
		return kill_jobs(shell, args,
				 o->signal && *o->signal ? wanted.signal :
							   SIGTERM,
				 err);
	return each_container(shell, args, kill_one, &wanted, true, NULL);
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
	.lesson = "pid1",
	.run = run,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_RUNNING,
	.rest = COMPLETE_RUNNING,
};
