/* shell/cmd_demo.c - `demo`: plays a lesson for a room. */
#include <errno.h>
#include <stdlib.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/player.h"

#define WAIT_S 3

struct demo_opts {
	bool big;
	bool automatic;
	struct opt_number wait;
	struct opt_number speed;
};

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct demo_opts *opts = args->opts;
	struct player_opts player = {
		.big = opts->big,
		.automatic = opts->automatic || opts->wait.given,
		.wait_ms = 1000 * (opts->wait.given ? (int)opts->wait.value
						    : WAIT_S),
		.speed = opts->speed.given ? (int)opts->speed.value : 100,
		.first_step = 1,
	};
	char *end = NULL;

	if (opts->wait.given &&
	    (opts->wait.value < 0 || opts->wait.value > 600))
		return err_set(err, EINVAL, _("--wait: from 0 to 600 seconds"));
	if (player.speed < 10 || player.speed > 1000)
		return err_set(err, EINVAL, _("--speed: from 10 to 1000 per cent"));
	if (args->count > 1) {
		player.first_step = (int)strtol(args->words[1], &end, 10);
		if (*end || end == args->words[1])
			return err_set(err, EINVAL,
				       _("'%s' is no number of a step"),
				       args->words[1]);
	}
	return player_run(shell, args->words[0], &player, err);
}

static const struct opt opts[] = {
	{ .name = "big",
	  .kind = OPT_FLAG,
	  .help = N_("For the back row: wide margins, bold, few lines at once"),
	  .offset = offsetof(struct demo_opts, big) },
	{ .name = "auto",
	  .kind = OPT_FLAG,
	  .help = N_("Go on without keys, after a pause at each stop"),
	  .offset = offsetof(struct demo_opts, automatic) },
	{ .name = "wait",
	  .kind = OPT_COUNT,
	  .placeholder = "seconds",
	  .help = N_("How long --auto pauses (default 3)"),
	  .offset = offsetof(struct demo_opts, wait) },
	{ .name = "speed",
	  .kind = OPT_COUNT,
	  .placeholder = "percent",
	  .help = N_("How fast it types (default 100)"),
	  .offset = offsetof(struct demo_opts, speed) },
	{ .name = NULL },
};

static const char *const examples[] = { "demo --auto --wait 0 --speed 1000 diff",
					"demo --big --auto --wait 0 --speed 1000 diff 4",
					NULL };

const struct cmd cmd_demo = {
	.name = "demo",
	.group = N_("Lessons"),
	.synopsis = "[OPTIONS] LESSON [STEP]",
	.summary = N_("Play a lesson for a room: its commands, for real"),
	.min_args = 1,
	.max_args = 2,
	.opts = opts,
	.opts_size = sizeof(struct demo_opts),
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
	.first = COMPLETE_LESSONS,
	.rest = COMPLETE_NOTHING,
};
