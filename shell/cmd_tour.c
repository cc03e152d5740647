/* shell/cmd_tour.c - `tour`: five minutes through the best. */
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "shell/cmd.h"
#include "shell/player.h"

static int run(struct shell *shell, struct args *args, struct err *err)
{
	struct player_opts opts = { .tour = true,
				    .speed = 100,
				    .first_step = 1 };

	(void)args;
	return player_run(shell, "tour", &opts, err);
}

static const char *const examples[] = { "tour", "demo", NULL };

const struct cmd cmd_tour = {
	.name = "tour",
	.group = N_("Lessons"),
	.synopsis = "",
	.summary = N_("Five minutes through the best: press Enter, and look"),
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
};
