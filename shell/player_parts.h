/* shell/player_parts.h - the inside of a player, for player*.c only. */
#ifndef SHELL_PLAYER_PARTS_H
#define SHELL_PLAYER_PARTS_H

#include <stdint.h>
#include <stdio.h>

#include "runtime/base/list.h"
#include "shell/frame.h"
#include "shell/keys.h"
#include "shell/player.h"

struct buf;
struct err;
struct lesson_host;
struct lesson_session;
struct shell;

/* What the one at the keys wants. Everything but PLAY_ON ends the solution under
 * way; player.c then begins where it is wanted. */
enum player_wish {
	PLAY_ON,
	PLAY_AGAIN, /* the last command, from what was before it */
	PLAY_BACK,  /* the step before */
	PLAY_QUIT,
};

/* at        lines and answers of this step's solution that were played
 * silent    those before are run, but not shown
 * unseen    so is the one that was played last
 * setting   a step is being set up: nothing of that is shown
 * gap       the last line on the screen is empty
 * eager     the next line is typed at once
 * votes     "step/goal=value": what the room said
 * terminal  out is one; keys: somebody can press some */
struct player {
	struct shell *shell;
	const struct player_opts *opts;
	struct lesson_session *session;
	struct frame frame;
	struct keys keys;
	enum player_wish wish;
	size_t at;
	size_t silent;
	bool unseen;
	bool setting;
	bool gap;
	bool eager;
	bool terminal;
	struct strs votes;
	uint64_t random;
};

/* ---- player.c ---- */

/* Takes the width anew and tells it to whoever looks for it. */
void player_measure(struct player *player);

/* Whether somebody wants to leave: Ctrl-C, a signal. */
bool player_ends(struct player *player);

/* ---- player_show.c: on the screen ---- */

void player_text(struct player *player, const char *text);
void player_markdown(struct player *player, const char *markdown);
/* An empty line, where there is none yet. */
void player_gap(struct player *player);

/* The title and the goals of the step, or in a tour its text. */
void player_head(struct player *player);

/* What was predicted in this step, what is so, and what has happened. */
void player_end_of_step(struct player *player);

/* The card, at the end of the lesson. */
void player_end(struct player *player);

void player_keys_help(struct player *player);

/* Waits for a key that goes on, or sets the wish. */
void player_wait(struct player *player);

/* The prompt; and behind it the line, letter by letter. */
void player_prompt(struct player *player);
void player_type(struct player *player, const char *line);

/* ---- player_line.c: lines and answers of a solution ---- */

void player_host(struct player *player, struct lesson_host *out);

#endif
