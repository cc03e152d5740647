/* shell/cmd_solution.c - `solution`: the lines that do it. After the step, or when
 * asked for twice: whoever wants to see it, may. */
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_view.h"
#include "shell/shown.h"
#include "shell/style.h"

static int run(struct shell *shell, struct args *args, struct err *err)
{
	OWN_STRS struct strs lines = { 0 };
	struct lesson_at at;
	int r = lesson_view_need(shell, err);

	(void)args;
	if (r < 0)
		return r;
	if (!lesson_may_see_solution(shell->lesson)) {
		if (shell->json) {
			shown_object(shell, json_pack("{s:b}", "ask_again", 1));
			return 0;
		}
		lesson_view_line(shell->out,
				 _("'hint' may be enough. Type 'solution' once "
				   "more to see the lines."));
		return 0;
	}
	lesson_where(shell->lesson, &at);
	r = lesson_solution(shell->lesson, (size_t)at.step, 0, &lines, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < lines.count && shell->json; i++)
		shown_row(shell, json_pack("{s:s}", "line", lines.items[i]));
	for (size_t i = 0; i < lines.count && !shell->json; i++)
		fprintf(shell->out, "    %s%s%s\n", style_on(shell, STYLE_NAME),
			lines.items[i], style_off(shell));
	return 0;
}

static const char *const examples[] = {
	"learn diff",
	"solution",
	NULL,
};

const struct cmd cmd_solution = {
	.name = "solution",
	.group = N_("Lessons"),
	.synopsis = "",
	.summary = N_("Show lines that do this step (ask twice)"),
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
	.shows = true,
};
