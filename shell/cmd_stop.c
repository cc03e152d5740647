/* shell/cmd_stop.c - stop: ask a container's process 1 to end, then make it. */
#include <errno.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "shell/cmd.h"
#include "shell/report.h"
#include "shell/stop_time.h"

struct stop_opts {
	struct opt_number time;
};

static const struct opt opts[] = {
	{ "time", 't', OPT_COUNT, "int",
	  N_("Seconds to wait before killing it (10)"), NULL,
	  offsetof(struct stop_opts, time), 0 },
	{ 0 },
};

/* One that is being stopped. */
struct stopping {
	int fd; /* its end is told here; -1: it has ended */
	struct buf in;
	struct err err;
};

static void begin(struct shell *shell, const char *name, int seconds,
		  struct stopping *one)
{
	int fd = container_stop_begin(shell->home, name, seconds, &one->in,
				      &one->err);

	if (fd == -ESRCH)
		one->err = (struct err){ 0 };
	one->fd = fd < 0 ? -1 : fd;
}

/* Waits for one and says so. Returns 0, 1 for a failure, -EINTR. */
static int finish(struct shell *shell, const char *name, struct stopping *one)
{
	if (one->fd >= 0)
		(void)container_stop_wait(one->fd, &one->in, &one->err);
	if (one->err.code == 0) {
		fprintf(shell->out, "%s\n", name);
		fflush(shell->out);
		return 0;
	}
	if (one->err.code == EINTR)
		return -EINTR;
	if (one->err.voice == ERR_CLIENT)
		one->err.voice = ERR_DAEMON;
	report_failure(shell, NULL, NULL, &one->err);
	return 1;
}

/* All are asked before the first is waited for: ten seconds of grace are ten
 * seconds for however many. */
static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct stop_opts *o = args->opts;
	size_t count = (size_t)args->count;
	OWN_FREE struct stopping *all = mem_zero(count, sizeof(*all));
	int failed = 0;
	int r = 0;

	for (size_t i = 0; i < count; i++)
		begin(shell, args->words[i], stop_time(&o->time), &all[i]);
	for (size_t i = 0; i < count && r >= 0; i++) {
		r = finish(shell, args->words[i], &all[i]);
		failed += r > 0;
	}
	for (size_t i = 0; i < count; i++) {
		own_close_fd(&all[i].fd);
		buf_done(&all[i].in);
	}
	return r < 0 ? interrupt_err(err) : failed ? 1 : 0;
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
	.docker_summary = "Stop one or more running containers",
	.min_args = 1,
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct stop_opts),
	.examples = examples,
	.lesson = "life",
	.run = run,
	.job = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_RUNNING,
	.rest = COMPLETE_RUNNING,
};
