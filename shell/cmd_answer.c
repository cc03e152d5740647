/* shell/cmd_answer.c - `answer`: answers what the lesson asks. */
#include <errno.h>

#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_found.h"
#include "shell/lesson_view.h"

static int check(struct shell *shell, struct err *err)
{
	struct lesson_news news = { 0 };
	int r = lesson_check(shell->lesson, false, &news, err);

	if (r < 0)
		return r;
	lesson_found_show(shell, shell->out, &news, 0);
	lesson_news_done(&news);
	return 0;
}

/* What the question waits for may be on its way (a container that ends), or may have
 * come about in another window. A word on an older answer would come too late. */
static int look_first(struct shell *shell, struct err *err)
{
	struct lesson_news news = { 0 };
	int r = lesson_check(shell->lesson, true, &news, err);

	if (r < 0)
		return r;
	if (lesson_question(shell->lesson))
		lesson_found_ticks(shell, shell->out, &news);
	else
		lesson_found_show(shell, shell->out, &news, 0);
	lesson_news_done(&news);
	return 0;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	OWN_STRS struct strs words = { 0 };
	OWN_FREE char *value = NULL;
	int r = lesson_view_need(shell, err);

	for (int i = 0; i < args->count; i++)
		strs_add(&words, args->words[i]);
	value = strs_join(&words, " ");
	if (r == 0 && !lesson_question(shell->lesson))
		r = look_first(shell, err);
	if (r < 0)
		return r;
	r = lesson_answer(shell->lesson, value, err);
	if (r == -ENOENT)
		return err_hint(err, _("'goal' shows what is open"));
	return r < 0 ? r : check(shell, err);
}

static const char *const examples[] = {
	"learn diff",
	"answer 2",
	NULL,
};

const struct cmd cmd_answer = {
	.name = "answer",
	.group = N_("Lessons"),
	.synopsis = "ANSWER",
	.summary = N_("Answer what the lesson asks, or predict"),
	.min_args = 1,
	.max_args = -1,
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
	.first = COMPLETE_NOTHING,
	.rest = COMPLETE_NOTHING,
};
