/* shell/cmd_pwd.c - `pwd`: in which folder of this machine we are. */
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/shown.h"
#include "shell/stack_view.h"

static int run(struct shell *shell, struct args *args, struct err *err)
{
	OWN_FREE char *here = getcwd(NULL, 0);

	(void)args;
	if (!here)
		return err_errno(err, "getcwd");
	if (shell->json)
		shown_object(shell, json_pack("{s:o}", "folder", stack_view_text(here)));
	else
		fprintf(shell->out, "%s\n", here);
	return 0;
}

static const char *const examples[] = {
	"pwd",
	"cd; pwd",
	NULL,
};

const struct cmd cmd_pwd = {
	.name = "pwd",
	.group = N_("Shell"),
	.synopsis = "",
	.summary = N_("Show in which folder of this machine you are"),
	.max_args = 0,
	.examples = examples,
	.run = run,
	.ours = true,
	.inside_only = true,
	.needs = CMD_NEEDS_NOTHING,
	.shows = true,
};
