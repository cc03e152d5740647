/* shell/cmd_next.c - `next`: the next step of the lesson. */
#include <errno.h>

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
	if (r < 0)
		return r;
	r = lesson_next(shell->lesson, err);
	if (r == -EBUSY)
		return err_hint(err, _("'goal' shows what is open, 'hint' "
				       "helps, 'solution' shows a way"));
	if (r == -ENOENT)
		return err_hint(err, _("'leave' goes back to your own "
				       "containers, 'lessons' shows what there "
				       "is"));
	if (r < 0)
		return r;
	lesson_view_page(shell, shell->out);
	return 0;
}

static const char *const examples[] = {
	"learn diff",
	"next",
	NULL,
};

const struct cmd cmd_next = {
	.name = "next",
	.group = N_("Lessons"),
	.synopsis = "",
	.summary = N_("Go to the next step of the lesson"),
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
};
