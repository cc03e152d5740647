/* shell/cmd_unpause.c - unpause: what stands still goes on. */
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/container_control.h"
#include "shell/cmd.h"
#include "shell/each.h"

static int unpause_one(struct shell *shell, const char *name, void *arg,
		       struct err *err)
{
	(void)arg;
	return container_unpause(shell->home, name, err);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	(void)err;
	return each_container(shell, args, unpause_one, NULL, true, NULL);
}

static const char *const examples[] = {
	"run -d --name web busybox sleep 1000; pause web",
	"unpause web",
	NULL,
};
static const char *const aliases[] = { "container unpause", NULL };

const struct cmd cmd_unpause = {
	.name = "unpause",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "CONTAINER [CONTAINER...]",
	.summary = N_("Let paused containers go on"),
	.docker_summary = "Unpause all processes within one or more containers",
	.min_args = 1,
	.max_args = -1,
	.examples = examples,
	.lesson = "life",
	.run = run,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_RUNNING,
	.rest = COMPLETE_RUNNING,
};
