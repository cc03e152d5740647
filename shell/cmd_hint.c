/* shell/cmd_hint.c - `hint`: help with what is open, one level more each time:
 * a nudge, where to look, nearly the answer. */
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_view.h"
#include "shell/shown.h"

static int run(struct shell *shell, struct args *args, struct err *err)
{
	OWN_FREE char *text = NULL;
	struct lesson_at at;
	int level = 0;
	int r = lesson_view_need(shell, err);

	(void)args;
	if (r == 0)
		r = lesson_hint(shell->lesson, &text, &level, err);
	if (r < 0 && shell->lesson) {
		lesson_where(shell->lesson, &at);
		return at.step_done ? err_hint(err, _("This step is done: 'next' goes on.")) : r;
	}
	if (r < 0)
		return r;
	if (shell->json) {
		shown_object(shell, json_pack("{s:i, s:i, s:s}", "hint", level,
					      "of", 3, "text", text));
		return 0;
	}
	fprintf(shell->out, _("Hint %d of 3\n\n"), level);
	lesson_view_text(shell, shell->out, text);
	return 0;
}

static const char *const examples[] = {
	"learn diff",
	"hint",
	NULL,
};

const struct cmd cmd_hint = {
	.name = "hint",
	.group = N_("Lessons"),
	.synopsis = "",
	.summary = N_("Help with what is open; ask again for more"),
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
	.shows = true,
};
