/* shell/cmd_goal.c - `goal`: the task once more, and what of it is done. */
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_facts.h"
#include "shell/lesson_view.h"
#include "shell/shown.h"

static int run(struct shell *shell, struct args *args, struct err *err)
{
	int r = lesson_view_need(shell, err);

	(void)args;
	if (r < 0)
		return r;
	if (shown_otherwise(shell))
		shown_object(shell, lesson_facts(shell, NULL));
	else
		lesson_view_page(shell, shell->out);
	return 0;
}

static const char *const examples[] = {
	"learn diff",
	"goal",
	NULL,
};

const struct cmd cmd_goal = {
	.name = "goal",
	.group = N_("Lessons"),
	.synopsis = "",
	.summary = N_("Show the task of this step and what of it is done"),
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
	.shows = true,
};
