/* shell/player.h - a lesson played: its solution is typed and run for real.
 *
 * For a room (`demo`) it types at a human pace and waits for keys; on a way through
 * the best (`tour`) it puts each line into the prompt and waits for Enter. It plays
 * in a world that is gone afterwards (lessons/scene.h): the learner's own world and
 * progress are as they were. What is not a terminal gets all of it at once. */
#ifndef SHELL_PLAYER_H
#define SHELL_PLAYER_H

#include <stdbool.h>

struct err;
struct shell;

/* big         wide margins, bold letters, few lines at once
 * automatic   goes on by itself, after wait_ms at each stop
 * speed       of typing, in per cent
 * tour        a tour: texts instead of a checklist; a step that cannot be shown here
 *             is left out
 * first_step  from 1 */
struct player_opts {
	bool big;
	bool automatic;
	bool tour;
	int wait_ms;
	int speed;
	int first_step;
};

/* Returns 0, also when it was left early, or -errno: no such lesson, no such step,
 * or its solution does not work on this machine. */
int player_run(struct shell *shell, const char *lesson,
	       const struct player_opts *opts, struct err *err);

#endif
