/* shell/cmd_next.c - `next`: the next step of the lesson, what is known at its end, or
 * the next lesson of the path. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/commands.h"
#include "shell/lesson_end.h"
#include "shell/lesson_path.h"
#include "shell/lesson_view.h"

/* As if `learn` had been typed. */
static int next_lesson(struct shell *shell, struct err *err)
{
	OWN_FREE char *id = NULL;
	char *words[2] = { NULL, NULL };
	struct args args = { .count = 1, .words = words, .called = "learn" };
	void *opts;
	int r = lesson_path_next(shell, &id, err);

	if (r < 0)
		return r;
	words[0] = id;
	opts = mem_zero(1, cmd_learn.opts_size);
	args.opts = opts;
	r = cmd_learn.run(shell, &args, err);
	free(opts);
	return r;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	struct lesson_at at;
	int r;

	if (args->count > 0 && strcmp(args->words[0], "lesson") == 0)
		return next_lesson(shell, err);
	if (args->count > 0) {
		err_set(err, EINVAL, _("next: what is '%s'?"), args->words[0]);
		return err_hint(err, _("'next' goes to the next step, 'next "
				       "lesson' to the next lesson"));
	}
	r = lesson_view_need(shell, err);
	if (r < 0)
		return r;
	lesson_where(shell->lesson, &at);
	if (at.finished) {
		lesson_end_page(shell, shell->out);
		return 0;
	}
	r = lesson_next(shell->lesson, err);
	if (r == -EBUSY)
		return err_hint(err, _("'goal' shows what is open, 'hint' "
				       "helps, 'solution' shows a way"));
	if (r < 0)
		return r;
	lesson_view_begin(shell, shell->out);
	return 0;
}

static const char *const examples[] = { "next", "next lesson", NULL };

const struct cmd cmd_next = {
	.name = "next",
	.group = N_("Lessons"),
	.synopsis = "[lesson]",
	.summary = N_("Go to the next step, or to the next lesson of your path"),
	.max_args = 1,
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
	.first = COMPLETE_NOTHING,
};
