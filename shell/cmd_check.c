/* shell/cmd_check.c - `check`: each goal now: what is expected, what is there,
 * where to look. */
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_facts.h"
#include "shell/lesson_found.h"
#include "shell/lesson_view.h"
#include "shell/shown.h"

static int run(struct shell *shell, struct args *args, struct err *err)
{
	struct lesson_news news = { 0 };
	struct lesson_at at;
	int r = lesson_view_need(shell, err);

	(void)args;
	if (r == 0)
		r = lesson_check(shell->lesson, true, &news, err);
	if (r < 0)
		return r;
	if (shown_otherwise(shell))
		shown_object(shell, lesson_facts(shell, &news));
	else
		lesson_found_show(shell, shell->out, &news, 1);
	if (!shown_otherwise(shell))
		lesson_view_outside(shell, shell->out);
	lesson_news_done(&news);
	lesson_where(shell->lesson, &at);
	return at.step_done ? 0 : 1;
}

static const char *const examples[] = {
	"learn diff",
	"check",
	NULL,
};

const struct cmd cmd_check = {
	.name = "check",
	.group = N_("Lessons"),
	.synopsis = "",
	.summary = N_("Judge this step: what is expected, what is there"),
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
	.shows = true,
};
