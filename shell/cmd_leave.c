/* shell/cmd_leave.c - `leave`: out of the lesson, back to one's own containers.
 * The place in the lesson is kept. */
#include "lessons/progress.h"
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_path.h"
#include "shell/lesson_view.h"

/* What is done has no place to go on at. */
static char *say_left(struct shell *shell)
{
	const char *id = lesson_of(shell->lesson)->id;
	OWN_FREE char *next = NULL;
	struct err none = { 0 };
	struct lesson_at at;

	lesson_where(shell->lesson, &at);
	if (!at.finished)
		return mem_fmt(_("Your place is kept: 'learn %s' goes on "
				 "there."),
			       id);
	if (lesson_path_next(shell, &next, &none) < 0)
		return mem_fmt(_("Lesson '%s' is done. 'lessons' shows what "
				 "there is."),
			       id);
	return mem_fmt(_("Lesson '%s' is done. 'learn %s' begins the next one "
			 "of your path."),
		       id, next);
}

/* A lesson that cannot be opened any more can be left all the same. */
static int leave_lost(struct shell *shell, int code, struct err *err)
{
	OWN_FREE char *text = NULL;
	OWN_FREE char *id = NULL;
	struct err none = { 0 };

	if (!shell->base_home ||
	    progress_current(shell->base_home, &id, &none) < 0 || !id)
		return code;
	if (progress_set_current(shell->base_home, NULL, &none) < 0)
		return code;
	*err = none;
	text = mem_fmt(_("Your place is kept: 'learn %s' goes on there."), id);
	lesson_view_line(shell->out, text);
	return 0;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	OWN_FREE char *text = NULL;
	int r = lesson_view_need(shell, err);

	(void)args;
	if (r < 0)
		return leave_lost(shell, r, err);
	text = say_left(shell);
	lesson_view_leave(shell, 1);
	lesson_view_line(shell->out, text);
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
