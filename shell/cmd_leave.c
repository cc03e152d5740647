/* shell/cmd_leave.c - `leave`: out of the lesson, back to one's own containers.
 * The place in the lesson is kept. */
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_view.h"

static int run(struct shell *shell, struct args *args, struct err *err)
{
	OWN_FREE char *id = NULL;
	int r = lesson_view_need(shell, err);

	(void)args;
	if (r < 0)
		return r;
	id = mem_str(lesson_of(shell->lesson)->id);
	lesson_view_leave(shell, 1);
	fprintf(shell->out, _("Your place is kept: 'learn %s' goes on there."),
		id);
	fputc('\n', shell->out);
	return 0;
}

static const char *const examples[] = {
	"learn diff",
	"leave",
	NULL,
};

const struct cmd cmd_leave = {
	.name = "leave",
	.group = N_("Lessons"),
	.synopsis = "",
	.summary = N_("Leave the lesson; the place in it is kept"),
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
};
