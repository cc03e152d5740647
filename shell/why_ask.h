/* shell/why_ask.h - which thing is meant where none is named, or a number is. */
#ifndef SHELL_WHY_ASK_H
#define SHELL_WHY_ASK_H

struct err;
struct shell;
struct view_opts;
struct why;

/* Each fills in what is known and returns 1, 0 where there is nothing to be asked, or
 * -errno. */

/* The last failure: of this shell at the prompt, else of this home. */
int why_ask_last(struct why *why, struct err *err);

/* The goal that is open in the lesson under way. */
int why_ask_goal(struct why *why);

/* An exit status: in general, and of the last container that ended so. A layer, where
 * `layers` was looked at since. */
int why_ask_status(struct why *why, int status, struct err *err);

/* The last container that 'stop' was asked of. */
int why_ask_stop(struct why *why, struct err *err);

/* "web 6": a layer by its number, counted from the lowest, 1. */
int why_ask_layer(struct why *why, const char *name, const char *number,
		  struct err *err);

/* Nothing failed: says so, and what can be asked. Returns 0. */
int why_nothing_failed(struct shell *shell, const struct view_opts *opts);

/* `layers NAME` was shown: "why 6" means that one's layer from now on. */
void why_note_layers(struct shell *shell, const char *name);

#endif
