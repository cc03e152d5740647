/* shell/cmd_rename.c - rename: another name for a container. */
#include <errno.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/container.h"
#include "shell/cmd.h"
#include "shell/report.h"

static const struct opt opts[] = { { 0 } };

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const char *old_name = args->words[0];
	const char *new_name = args->words[1];
	struct err why = { 0 };

	if (!*old_name || !*new_name)
		return err_docker(err, ERR_CLIENT, EINVAL,
				  "Neither old nor new names may be empty");
	if (container_rename(shell->home, old_name, new_name, &why) == 0)
		return 0;
	if (why.voice == ERR_CLIENT)
		why.voice = ERR_DAEMON;
	report_failure(shell, NULL, NULL, &why);
	/* Docker's client has a sentence of its own beneath the daemon's. */
	return err_docker(err, ERR_CLIENT, why.code,
			  "failed to rename container named %s", old_name);
}

static const char *const examples[] = {
	"run --name hoge busybox true",
	"rename hoge fuga",
	NULL,
};
static const char *const aliases[] = { "container rename", NULL };

const struct cmd cmd_rename = {
	.name = "rename",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "CONTAINER NEW_NAME",
	.summary = N_("Give a container another name"),
	.docker_summary = "Rename a container",
	.min_args = 2,
	.max_args = 2,
	.opts = opts,
	.examples = examples,
	.lesson = "life",
	.run = run,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_CONTAINERS,
	.rest = COMPLETE_NOTHING,
};
