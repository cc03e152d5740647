/* shell/cmd_card.c - `card`: what a lesson leaves behind, with Docker's commands. */
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_card.h"
#include "shell/lesson_view.h"
#include "shell/shown.h"

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const char *name = args->count > 0 ? args->words[0] : NULL;
	json_t *items = NULL;
	int r = lesson_card_find(shell, name, &items, err);

	if (r < 0)
		return r;
	if (shown_otherwise(shell)) {
		for (size_t i = 0; i < json_array_size(items); i++)
			shown_row(shell, json_incref(json_array_get(items, i)));
	} else if (json_array_size(items) > 0) {
		lesson_card_print_items(shell, shell->out, items);
	} else {
		lesson_view_line(shell->out, _("This lesson has no card."));
	}
	json_decref(items);
	return 0;
}

static const char *const examples[] = { "learn diff", "card", NULL };

const struct cmd cmd_card = {
	.name = "card",
	.group = N_("Lessons"),
	.synopsis = "[LESSON|NUMBER]",
	.summary = N_("Show the card of a lesson: each thing with its Docker command"),
	.max_args = 1,
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
	.pages = true,
	.shows = true,
	.first = COMPLETE_LESSONS,
};
