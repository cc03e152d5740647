/* shell/player_line.c - lines and answers of a solution, as a player plays them.
 *
 * The solution runs in the lesson's own child, which asks for one line after the
 * other (lessons/session_serve.c): here is who answers. */
#include "shell/player_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lessons/goal.h"
#include "lessons/guess.h"
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_found.h"
#include "shell/lesson_view.h"
#include "shell/line.h"
#include "shell/live.h"
#include "shell/repl.h"
#include "shell/style.h"

#define MOST_CHOICES 9
#define MOST_LINES 16
#define FILE_MARGIN 4

/* The script ends; player.c knows why. */
static int stop_here(struct err *err)
{
	return err_set(err, ECANCELED, _("the demo was left"));
}

/* ---- ticks ---- */

static void show_ticks(void *ctx, const struct lesson_news *news)
{
	struct player *player = ctx;
	char *text = NULL;
	size_t len = 0;
	FILE *sheet;

	if (player->unseen || player->setting || player->opts->tour)
		return;
	sheet = open_memstream(&text, &len);
	if (!sheet)
		return;
	lesson_found_ticks(player->shell, sheet, news);
	fclose(sheet);
	if (*text) {
		player_text(player, text);
		player_gap(player);
	}
	free(text);
}

static int tick(struct player *player, struct err *err)
{
	struct lesson_news news = { 0 };
	int r = lesson_check(player->session, false, &news, err);

	if (r == 0)
		show_ticks(player, &news);
	lesson_news_done(&news);
	return r;
}

/* ---- a line for a room ---- */

/* The prompt, and the line behind it; both wait for a key. False where it is not to
 * be shown, or not to be run at all (the wish says so). */
static bool type_line(struct player *player, const char *line)
{
	player_measure(player);
	player_prompt(player);
	/* Whoever wants to see it again need not ask twice. */
	if (!player->eager)
		player_wait(player);
	player->eager = false;
	if (player->wish == PLAY_ON && player->silent != SIZE_MAX) {
		player_type(player, line);
		player_wait(player);
	}
	fputc('\n', player->shell->out); /* Enter */
	return player->wish == PLAY_ON && player->silent != SIZE_MAX;
}

static int play_line(struct player *player, const char *line, struct buf *out,
		     struct err *err)
{
	bool shown = type_line(player, line);
	int status;

	if (player->wish != PLAY_ON)
		return stop_here(err);
	/* The rest of the step unseen. */
	if (!shown)
		return live_run(player->shell, line, NULL, out, err);
	if (player->opts->big)
		player_gap(player);
	lesson_before_command(player->session); /* it is typed by now */
	status = live_run(player->shell, line, &player->frame, out, err);
	/* What was pressed while nobody waited was meant for nothing. */
	keys_drop(&player->keys);
	if (status < 0)
		return status;
	if (player_ends(player))
		return stop_here(err);
	player->gap = false;
	player_gap(player);
	return tick(player, err) < 0 ? -err->code : status;
}

/* ---- a line of a tour ---- */

/* Enter runs what stands there; anything else typed is run as it is, and then the
 * line stands there once more. */
static int ask_line(struct player *player, const char *line, struct err *err)
{
	OWN_FREE char *prompt = mem_fmt("dockershell %s> ",
					lesson_prompt(player->session));

	for (;;) {
		OWN_FREE char *typed = NULL;
		enum repl_asked got =
			repl_ask(player->shell, prompt, line, &typed);

		if (got != REPL_TYPED || strcmp(typed, "quit") == 0 ||
		    strcmp(typed, "exit") == 0 || strcmp(typed, "q") == 0) {
			player->wish = PLAY_QUIT;
			return stop_here(err);
		}
		if (strcmp(typed, line) == 0)
			return 0;
		(void)line_run(player->shell, typed); /* it says what it says */
		interrupt_clear();
	}
}

static int tour_line(struct player *player, const char *line, struct buf *out,
		     struct err *err)
{
	int status;

	player_measure(player);
	if (player->terminal) {
		if (ask_line(player, line, err) < 0)
			return -err->code;
		status = line_run(player->shell, line);
		player->shell->want_exit = false;
		player->gap = false;
		if (player_ends(player))
			return stop_here(err);
		return status;
	}
	player_prompt(player);
	player_type(player, line);
	fputc('\n', player->shell->out);
	lesson_before_command(player->session); /* it is typed by now */
	status = live_run(player->shell, line, &player->frame, out, err);
	return player_ends(player) ? stop_here(err) : status;
}

static int run_line(void *ctx, const char *line, struct buf *out,
		    struct err *err)
{
	struct player *player = ctx;
	int status;

	if (player_ends(player) || player->wish != PLAY_ON)
		return stop_here(err);
	player->unseen = player->at < player->silent;
	if (player->setting || player->unseen)
		status = live_run(player->shell, line, NULL, out, err);
	else if (player->opts->tour)
		status = tour_line(player, line, out, err);
	else
		status = play_line(player, line, out, err);
	if (status == -EINTR)
		player->wish = PLAY_QUIT;
	if (!player->setting && status >= 0)
		player->at++;
	return status;
}

/* Nobody needs to see a line being tried again. */
static int run_again(void *ctx, const char *line, struct buf *out,
		     struct err *err)
{
	struct player *player = ctx;

	if (player_ends(player))
		return stop_here(err);
	return live_run(player->shell, line, NULL, out, err);
}

/* ---- a file that the solution has written ---- */

/* No more of it than can be read at once. */
static void put_file(struct player *player, const char *text)
{
	struct frame frame = { .columns = player->frame.columns,
			       .margin = player->frame.margin,
			       .bold = player->frame.bold,
			       .lines_max = MOST_LINES };
	OWN_BUF struct buf set = { 0 };

	/* Without a margin a frame passes everything on. */
	if (frame.margin == 0)
		frame.margin = FILE_MARGIN;
	frame_add(&frame, text, strlen(text), &set);
	frame_end(&frame, &set);
	frame_done(&frame);
	fputs(buf_text(&set), player->shell->out);
	player->gap = false;
	player_gap(player);
}

/* As if it had been opened in an editor: then what is in it now. */
static int wrote(void *ctx, const char *path, const char *text, struct err *err)
{
	struct player *player = ctx;
	OWN_FREE char *line = mem_fmt("edit %s", path);

	if (player_ends(player) || player->wish != PLAY_ON)
		return stop_here(err);
	player->unseen = player->at < player->silent;
	if (!player->unseen && type_line(player, line)) {
		fputc('\n', player->shell->out);
		put_file(player, text);
	}
	if (player->wish != PLAY_ON)
		return stop_here(err);
	player->at++;
	return 0;
}

/* ---- a question to the room ---- */

/* "1: 3   2: 11   3: 0", over itself. */
static void put_tally(struct player *player, const int votes[], int choices)
{
	FILE *out = player->shell->out;

	fprintf(out, "\r%*s", player->frame.margin, "");
	for (int i = 1; i <= choices; i++)
		fprintf(out, "%d: %s%d%s   ", i,
			style_on(player->shell, STYLE_BOLD), votes[i],
			style_off(player->shell));
	fflush(out);
}

/* Each digit pressed is a hand. Returns the choice with most of them, 0 for none. */
static int count_votes(struct player *player, int choices)
{
	int votes[MOST_CHOICES + 1] = { 0 };
	int ms = player->opts->automatic ? player->opts->wait_ms : -1;
	int best = 0;
	int key;

	while ((key = keys_wait(&player->keys, ms)) != KEY_NONE && key != ' ' &&
	       key != '\n' && key != 'n') {
		if (key == KEY_END || key == 'q') {
			player->wish = PLAY_QUIT;
			break;
		}
		if (key == 'b' || key == 'p') {
			player->wish = PLAY_BACK;
			break;
		}
		if (key < '1' || key > '0' + choices)
			continue;
		votes[key - '0']++;
		put_tally(player, votes, choices);
	}
	for (int i = 1; i <= choices; i++) {
		if (votes[i] > votes[best])
			best = i;
	}
	if (best > 0)
		fputs("\n\n", player->shell->out);
	player->gap = best > 0;
	return best;
}

static void put_question(struct player *player, const struct goal *goal)
{
	OWN_FREE char *key = mem_fmt("ask %s/%s", goal->step, goal->id);
	OWN_FREE char *ask = lesson_says(player->session, key);

	player_markdown(player, ask ? ask : "");
	player_gap(player);
	if (player->keys.open && goal_has(goal, "choices")) {
		OWN_BUF struct buf room = { 0 };

		style_wrap(&room,
			   _("What does the room say? Press its number "
			     "for each hand; space goes on."),
			   0, 0, player->frame.columns);
		player_text(player, buf_text(&room));
	}
}

static void put_answer(struct player *player, const struct goal *goal)
{
	OWN_FREE char *right = guess_right_value(goal);
	OWN_FREE char *words = guess_words(player->session, goal, right);
	OWN_BUF struct buf text = { 0 };

	if (!*right)
		return;
	if (strcmp(words, right) == 0)
		buf_fmt(&text, _("Answer: **%s**"), right);
	else
		buf_fmt(&text, _("Answer: **%s**, %s"), right, words);
	player_markdown(player, buf_text(&text));
	player_gap(player);
}

static void vote(struct player *player, const struct goal *goal,
		 struct buf *value)
{
	int choices = (int)goal_number(goal, "choices", 0);
	int best = 0;

	if (choices > MOST_CHOICES)
		choices = MOST_CHOICES;
	put_question(player, goal);
	if (player->keys.open && choices > 0)
		best = count_votes(player, choices);
	else
		player_wait(player);
	if (best > 0 && goal->predict) {
		OWN_FREE char *vote = mem_fmt("%s/%s=%d", goal->step, goal->id,
					      best);

		strs_set_env(&player->votes, vote);
		buf_clear(value);
		buf_fmt(value, "%d", best);
	}
	if (!goal->predict)
		put_answer(player, goal);
}

/* A prediction takes what the room said; any other question the right answer. */
static int answer(void *ctx, struct buf *value, struct err *err)
{
	struct player *player = ctx;
	const struct goal *goal = lesson_question(player->session);
	OWN_FREE char *key = goal ? mem_fmt("%s/%s", goal->step, goal->id)
				  : NULL;
	const char *before = key ? strs_get_env(&player->votes, key) : NULL;

	if (player_ends(player) || player->wish != PLAY_ON)
		return stop_here(err);
	if (before) {
		buf_clear(value);
		buf_str(value, before);
	}
	player->unseen = player->at < player->silent;
	if (goal && !player->unseen)
		vote(player, goal, value);
	if (player->wish != PLAY_ON)
		return stop_here(err);
	player->at++;
	return 0;
}

void player_host(struct player *player, struct lesson_host *out)
{
	*out = (struct lesson_host){ .ctx = player,
				     .run_line = run_line,
				     .run_again = run_again,
				     .answer = answer,
				     .wrote = wrote,
				     .news = show_ticks };
}
