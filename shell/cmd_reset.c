/* shell/cmd_reset.c - `reset`: this step as it was at its start. */
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_view.h"

static int run(struct shell *shell, struct args *args, struct err *err)
{
	int r = lesson_view_need(shell, err);

	(void)args;
	if (r == 0)
		r = lesson_reset(shell->lesson, err);
	if (r < 0)
		return r;
	fprintf(shell->out, "%s\n\n", _("The step is as it was at its start."));
	lesson_view_begin(shell, shell->out);
	return 0;
}

static const char *const examples[] = {
	"learn diff",
	"reset",
	NULL,
};

const struct cmd cmd_reset = {
	.name = "reset",
	.group = N_("Lessons"),
	.synopsis = "",
	.summary = N_("Bring this step back to its start, at once"),
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
};
