/* shell/cmd_exit.c - `exit`: leave. */
#include <errno.h>
#include <stdlib.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "shell/cmd.h"

static int run(struct shell *shell, struct args *args, struct err *err)
{
	long status = shell->last_status;
	char *end = NULL;

	if (args->count == 1) {
		status = strtol(args->words[0], &end, 10);
		if (*end || end == args->words[0])
			return err_set(err, EINVAL,
				       _("exit: '%s' is no number"),
				       args->words[0]);
	}
	shell->want_exit = true;
	return (int)(status & 255);
}

static const char *const examples[] = { "exit", "exit 3", NULL };
static const char *const aliases[] = { "quit", NULL };

const struct cmd cmd_exit = {
	.name = "exit",
	.aliases = aliases,
	.group = N_("Shell"),
	.synopsis = "[STATUS]",
	.summary = N_("Leave; detached containers run on"),
	.max_args = 1,
	.examples = examples,
	.run = run,
	.ours = true,
	.inside_only = true,
	.needs = CMD_NEEDS_NOTHING,
	.first = COMPLETE_NOTHING,
};
