/* shell/cmd_wait.c - wait: until containers end, and how they ended. */
#include <errno.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/container.h"
#include "shell/cmd.h"
#include "shell/report.h"

static const struct opt opts[] = { { 0 } };

static int run(struct shell *shell, struct args *args, struct err *err)
{
	int failed = 0;

	for (int i = 0; i < args->count; i++) {
		struct err one = { 0 };
		int code = 0;

		if (container_wait(shell->home, args->words[i], &code, &one) ==
		    0) {
			fprintf(shell->out, "%d\n", code);
			fflush(shell->out);
			continue;
		}
		if (one.code == EINTR) {
			*err = one;
			return -EINTR;
		}
		if (one.voice == ERR_CLIENT)
			one.voice = ERR_DAEMON;
		report_failure(shell, NULL, NULL, &one);
		failed++;
	}
	return failed ? 1 : 0;
}

static const char *const examples[] = {
	"run -d --name job busybox sh -c 'sleep 1; exit 3'",
	"wait job",
	NULL,
};
static const char *const aliases[] = { "container wait", NULL };

const struct cmd cmd_wait = {
	.name = "wait",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "CONTAINER [CONTAINER...]",
	.summary = N_("Wait until containers end and print their exit codes"),
	.docker_summary =
		"Block until one or more containers stop, then print their exit codes",
	.min_args = 1,
	.max_args = -1,
	.opts = opts,
	.examples = examples,
	.lesson = "life",
	.run = run,
	.job = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_CONTAINERS,
	.rest = COMPLETE_CONTAINERS,
};
