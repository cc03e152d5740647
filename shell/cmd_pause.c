/* shell/cmd_pause.c - pause: everything in a container stands still. */
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/container_control.h"
#include "shell/cmd.h"
#include "shell/each.h"

static int pause_one(struct shell *shell, const char *name, void *arg,
		     struct err *err)
{
	(void)arg;
	return container_pause(shell->home, name, err);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	(void)err;
	return each_container(shell, args, pause_one, NULL, true, NULL);
}

static const char *const examples[] = {
	"run -d --name web busybox sleep 1000",
	"pause web",
	NULL,
};
static const char *const aliases[] = { "container pause", NULL };

const struct cmd cmd_pause = {
	.name = "pause",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "CONTAINER [CONTAINER...]",
	.summary = N_("Let all processes of running containers stand still"),
	.docker_summary = "Pause all processes within one or more containers",
	.min_args = 1,
	.max_args = -1,
	.examples = examples,
	.lesson = "life",
	.run = run,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_RUNNING,
	.rest = COMPLETE_RUNNING,
};
