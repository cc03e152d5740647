/* shell/player.c - see player.h: the order in which the steps are played. */
#include "shell/player.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lessons/scene.h"
#include "lessons/script.h"
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/commands.h"
#include "shell/lesson_view.h"
#include "shell/player_parts.h"
#include "shell/report.h"
#include "shell/style.h"
#include "shell/words.h"

/* Any that stays the same: ports and words are then the same in each demo. */
#define SEED 20101
#define BIG_MARGIN 4
#define BIG_LINES 12
#define BIG_COLUMNS 72

/* ---- leaving in order, whatever comes ---- */

static volatile sig_atomic_t ended_by;

static void on_end(int number)
{
	ended_by = number;
}

static const int ends[] = { SIGTERM, SIGHUP };

static void catch_ends(struct sigaction before[2])
{
	struct sigaction action = { .sa_handler = on_end };

	sigemptyset(&action.sa_mask);
	ended_by = 0;
	for (int i = 0; i < 2; i++)
		(void)sigaction(ends[i], &action, &before[i]);
}

/* Whoever had the signal before gets it now. */
static void let_ends_through(const struct sigaction before[2])
{
	for (int i = 0; i < 2; i++)
		(void)sigaction(ends[i], &before[i], NULL);
	if (ended_by)
		(void)raise(ended_by);
}

bool player_ends(struct player *player)
{
	if (interrupt_seen() || ended_by)
		player->wish = PLAY_QUIT;
	return player->wish == PLAY_QUIT;
}

/* ---- the screen ---- */

void player_measure(struct player *player)
{
	static char was[16];
	const char *told = getenv("COLUMNS");
	OWN_FREE char *text = NULL;
	struct winsize size = { 0 };
	int columns = 0;

	/* What we said ourselves is not what the terminal says. */
	if ((!told || strcmp(told, was) == 0) &&
	    ioctl(fileno(player->shell->out), TIOCGWINSZ, &size) == 0)
		columns = size.ws_col;
	else if (told && strcmp(told, was) != 0)
		return;
	if (columns <= 0)
		return;
	columns -= 2 * player->frame.margin;
	if (player->opts->big && columns > BIG_COLUMNS)
		columns = BIG_COLUMNS;
	player->frame.columns = columns < 20 ? 20 : columns;
	text = mem_fmt("%d", player->frame.columns);
	(void)snprintf(was, sizeof(was), "%s", text);
	(void)setenv("COLUMNS", text, 1); /* no memory: as wide as before */
}

static void set_frame(struct player *player)
{
	const struct player_opts *opts = player->opts;

	player->frame.margin = opts->big ? BIG_MARGIN : 0;
	player->frame.bold = opts->big && player->shell->color;
	player->frame.lines_max = opts->big ? BIG_LINES : 0;
	player->frame.columns = style_columns(player->shell->out) -
				2 * player->frame.margin;
	if (opts->big && player->frame.columns > BIG_COLUMNS)
		player->frame.columns = BIG_COLUMNS;
}

/* ---- steps ---- */

/* Begins a step as `how` says; nothing of its setup is shown. */
static int begin(struct player *player,
		 int (*how)(struct lesson_session *, struct err *),
		 struct err *err)
{
	int r;

	player->setting = true;
	r = how(player->session, err);
	player->setting = false;
	lesson_view_enter(player->shell, player->session); /* a new store? */
	keys_drop(&player->keys);
	return r;
}

static int go_to(struct player *player, size_t step, struct err *err)
{
	int r;

	player->setting = true;
	r = lesson_go(player->session, step, err);
	player->setting = false;
	return r;
}

/* What the solution did not reach, by name: for whoever wrote it. */
static int not_met(struct player *player, struct err *err)
{
	const struct step *step = lesson_step(player->session);

	for (size_t i = 0; i < step->goals_count; i++) {
		if (lesson_is_met(player->session, &step->goals[i]))
			continue;
		err_set(err, EPROTO,
			_("step '%s': its solution has not met the goal '%s' "
			  "here"),
			step->id, step->goals[i].id);
		return err_hint(err, _("'lesson test %s' says more"),
				lesson_of(player->session)->id);
	}
	return 0;
}

/* The solution of the step, once, and what is said behind it. */
static int play_solution(struct player *player, bool seen, struct err *err)
{
	int r;

	player->at = 0;
	player->wish = PLAY_ON;
	r = lesson_play(player->session, SCRIPT_SOLVE, 0, err);
	if (r < 0 || !seen)
		return r;
	player_end_of_step(player);
	if (!player->opts->tour) {
		player_gap(player);
		player_wait(player);
	}
	return 0;
}

/* One step from its start, as often as it is wanted again. */
static int play_step(struct player *player, bool seen, struct err *err)
{
	struct lesson_news news = { 0 };
	struct err failed = { 0 };
	int r;

	player->silent = seen ? 0 : SIZE_MAX;
	if (seen)
		player_head(player);
	r = play_solution(player, seen, &failed);
	while (player->wish == PLAY_AGAIN) {
		player->silent = player->at - 1;
		player->eager = true;
		if (begin(player, lesson_reset, err) < 0)
			return -err->code;
		failed = (struct err){ 0 };
		r = play_solution(player, seen, &failed);
	}
	if (player->wish != PLAY_ON)
		return 0;
	if (r < 0) {
		*err = failed;
		return r;
	}
	r = lesson_check(player->session, true, &news, err);
	lesson_news_done(&news);
	return r < 0 || player->opts->tour ? r : not_met(player, err);
}

/* From the lesson's start to a step, unseen. */
static int go_back_to(struct player *player, size_t step, struct err *err)
{
	int r = begin(player, lesson_restart, err);

	for (size_t i = 0; i < step && r == 0; i++) {
		r = play_step(player, false, err);
		if (player->wish == PLAY_QUIT)
			return 0;
		if (r == 0)
			r = go_to(player, i + 1, err);
	}
	player->wish = PLAY_ON;
	return r;
}

static int play_all(struct player *player, struct err *err)
{
	size_t count = lesson_of(player->session)->steps_count;
	size_t step = (size_t)player->opts->first_step - 1;
	int r;

	if (player->keys.open && !player->opts->automatic)
		player_keys_help(player);
	r = go_back_to(player, step, err);
	while (r == 0 && step < count && player->wish != PLAY_QUIT) {
		r = play_step(player, true, err);
		if (r < 0 || player->wish == PLAY_QUIT)
			break;
		if (player->wish == PLAY_BACK) {
			step = step > 0 ? step - 1 : 0;
			r = go_back_to(player, step, err);
			continue;
		}
		step++;
		if (step < count)
			r = go_to(player, step, err);
	}
	if (r == 0 && player->wish == PLAY_ON)
		player_end(player);
	return r;
}

/* ---- a tour ---- */

/* The first command of the step that this program has not; NULL: it has all. */
static char *lacks(struct player *player, size_t step)
{
	OWN_STRS struct strs lines = { 0 };
	struct err ignored = { 0 }; /* then running it says why */

	(void)lesson_solution(player->session, step, 0, &lines, &ignored);
	for (size_t i = 0; i < lines.count; i++) {
		OWN_STRS struct strs words = { 0 };
		int used = 0;

		strs_split(&words, lines.items[i], ' ');
		if (words.count > 0 &&
		    !command_find(strs_vector(&words), &used))
			return mem_str(words.items[0]);
	}
	return NULL;
}

static void leave_out(struct player *player, const char *why)
{
	const char *step = lesson_step(player->session)->id;
	OWN_FREE char *key = mem_fmt("step %s", step);
	OWN_FREE char *line =
		mem_fmt(_("(Left out here, '%s': %s)"),
			lesson_title(player->session, key), why);
	OWN_BUF struct buf set = { 0 };

	style_wrap(&set, line, 0, 0, player->frame.columns);
	player_gap(player);
	player_text(player, buf_text(&set));
}

/* A step that fails to set up, or whose command is not there, is left out. */
static void tour_step(struct player *player, size_t step)
{
	OWN_FREE char *missing = lacks(player, step);
	struct err err = { 0 };
	int r = step == 0 ? begin(player, lesson_begin, &err)
			  : go_to(player, step, &err);

	if (player_ends(player))
		return;
	if (r == 0 && missing) {
		OWN_FREE char *why =
			mem_fmt(_("there is no command '%s'"), missing);

		leave_out(player, why);
		return;
	}
	if (r == 0)
		r = play_step(player, true, &err);
	if (r < 0)
		leave_out(player, err.msg);
}

static int tour_all(struct player *player)
{
	size_t count = lesson_of(player->session)->steps_count;
	OWN_FREE char *keys = lesson_says(player->session, "lesson");

	/* Enter and Ctrl-C are all one needs to know. */
	player_gap(player);
	player_markdown(player, keys ? keys : "");
	for (size_t i = 0; i < count && player->wish != PLAY_QUIT; i++)
		tour_step(player, i);
	if (player->wish == PLAY_ON) {
		OWN_FREE char *end = lesson_says(player->session, "end");

		player_gap(player);
		player_markdown(player, end ? end : "");
	}
	return 0;
}

/* ---- the whole ---- */

static int open_and_play(struct player *player, const char *lesson,
			 const char *scene, struct err *err)
{
	struct shell *shell = player->shell;
	struct lesson_session *before = shell->lesson;
	struct lesson_place place;
	int steps;
	int r;

	lesson_view_place(shell, &place);
	place.scratch = scene;
	place.seed = SEED;
	player_host(player, &place.host);
	r = lesson_open(&place, lesson, &player->session, err);
	if (r < 0)
		return r;
	steps = (int)lesson_of(player->session)->steps_count;
	lesson_view_enter(shell, player->session);
	if (player->opts->first_step < 1 || player->opts->first_step > steps)
		r = err_set(err, EINVAL, _("there is no step %d: 1 to %d"),
			    player->opts->first_step, steps);
	else if (player->opts->tour)
		r = tour_all(player);
	else
		r = play_all(player, err);
	lesson_view_enter(shell, before);
	lesson_close(player->session, true);
	return r;
}

/* The width that we told the commands was not the user's. */
static void put_back_columns(const char *before)
{
	if (before)
		(void)setenv("COLUMNS", before, 1); /* it was there */
	else
		(void)unsetenv("COLUMNS");
}

int player_run(struct shell *shell, const char *lesson,
	       const struct player_opts *opts, struct err *err)
{
	OWN_FREE char *columns = mem_str(getenv("COLUMNS"));
	struct player player = { .shell = shell, .opts = opts, .random = SEED };
	struct sigaction before[2];
	struct scene scene = { 0 };
	int r = scene_open(shell->base_home, &scene, err);

	if (r < 0)
		return r;
	style_locale();
	interrupt_catch();
	catch_ends(before);
	player.terminal =
		isatty(shell->in_fd) == 1 && isatty(fileno(shell->out)) == 1;
	set_frame(&player);
	player_measure(&player);
	if (player.terminal && !opts->tour)
		(void)keys_open(&player.keys, shell->in_fd);
	r = open_and_play(&player, lesson, scene.name, err);
	keys_close(&player.keys);
	put_back_columns(columns);
	scene_close(&scene);
	strs_done(&player.votes);
	frame_done(&player.frame);
	let_ends_through(before);
	interrupt_clear();
	return r;
}
