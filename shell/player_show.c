/* shell/player_show.c - what a player puts on the screen, and how it waits. */
#include "shell/player_parts.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lessons/guess.h"
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_card.h"
#include "shell/lesson_view.h"
#include "shell/style.h"

/* A key press of somebody who types without hurry, in milliseconds. */
#define KEY_MS 45
#define KEY_JITTER_MS 60
#define BLANK_MS 60

/* ---- text ---- */

void player_text(struct player *player, const char *text)
{
	OWN_BUF struct buf set = { 0 };

	if (!*text)
		return;
	player->gap = false;
	frame_text(&player->frame, text, &set);
	fputs(buf_text(&set), player->shell->out);
	fflush(player->shell->out);
}

void player_gap(struct player *player)
{
	if (!player->gap)
		fputc('\n', player->shell->out);
	player->gap = true;
	fflush(player->shell->out);
}

/* Draws into memory, then sets that. */
static void show(struct player *player,
		 void (*draw)(struct player *player, FILE *to))
{
	char *text = NULL;
	size_t len = 0;
	FILE *sheet = open_memstream(&text, &len);

	if (!sheet)
		return;
	draw(player, sheet);
	fclose(sheet);
	player_text(player, text);
	free(text);
}

void player_markdown(struct player *player, const char *markdown)
{
	char *text = NULL;
	size_t len = 0;
	FILE *sheet = open_memstream(&text, &len);

	if (!sheet)
		return;
	lesson_view_text(player->shell, sheet, markdown);
	fclose(sheet);
	player_text(player, text);
	free(text);
}

/* ---- a step ---- */

static void draw_head(struct player *player, FILE *to)
{
	lesson_view_head(player->shell, to);
}

void player_head(struct player *player)
{
	const char *step = lesson_step(player->session)->id;
	OWN_FREE char *key = mem_fmt("step %s", step);
	OWN_FREE char *text = NULL;
	OWN_FREE char *title = NULL;

	player_gap(player);
	if (!player->opts->tour) {
		show(player, draw_head);
		player_gap(player);
		return;
	}
	title = mem_fmt("## %s", lesson_title(player->session, key));
	text = lesson_says(player->session, key);
	player_markdown(player, title);
	player_markdown(player, text ? text : "");
	player_gap(player);
}

/* In big letters a room reads one paragraph, not a page. */
static char *first_paragraph(const char *text)
{
	const char *end = strstr(text, "\n\n");

	return end ? mem_strn(text, (size_t)(end - text)) : mem_str(text);
}

static void draw_guess(struct player *player, const struct goal *goal)
{
	OWN_FREE char *key = mem_fmt("%s/%s", goal->step, goal->id);
	const char *vote = strs_get_env(&player->votes, key);
	struct guess guess = { 0 };
	OWN_BUF struct buf text = { 0 };

	guess_read(player->session, goal, &guess);
	if (vote && guess.right)
		buf_fmt(&text, _("The room was right: %s"), guess.was);
	else if (vote && guess.answered && *guess.was)
		buf_fmt(&text, "%s %s  \n%s %s", _("The room said:"),
			guess.answered, _("It was:"), guess.was);
	else if (*guess.was)
		buf_fmt(&text, "%s %s", _("It was:"), guess.was);
	guess_done(&guess);
	if (text.len == 0)
		return;
	player_gap(player);
	player_markdown(player, buf_text(&text));
}

void player_end_of_step(struct player *player)
{
	const struct step *step = lesson_step(player->session);
	OWN_FREE char *key = mem_fmt("done %s", step->id);
	OWN_FREE char *text = lesson_says(player->session, key);
	OWN_FREE char *first = first_paragraph(text ? text : "");

	for (size_t i = 0; i < step->goals_count; i++) {
		if (step->goals[i].predict)
			draw_guess(player, &step->goals[i]);
	}
	player_gap(player);
	player_markdown(player, player->opts->big ? first : text ? text : "");
}

static void draw_card(struct player *player, FILE *to)
{
	lesson_card_print(player->shell, to);
}

void player_end(struct player *player)
{
	player_gap(player);
	show(player, draw_card);
}

/* ---- waiting ---- */

void player_keys_help(struct player *player)
{
	static const char *const keys[] = {
		N_("Keys: space or Enter goes on, a again, b a step back, "
		   "q quits, ? this."),
		N_("s runs the rest of the step unseen. A presenter's remote "
		   "works as well."),
	};

	for (size_t i = 0; i < 2; i++) {
		OWN_BUF struct buf line = { 0 };

		style_wrap(&line, _(keys[i]), 0, 0, player->frame.columns);
		player_text(player, buf_text(&line));
	}
}

static bool take_key(struct player *player, int key)
{
	switch (key) {
	case KEY_NONE:
	case ' ':
	case '\n':
	case 'n':
		return true;
	case 'a':
		if (player->at > 0)
			player->wish = PLAY_AGAIN;
		return player->at > 0;
	case 'b':
	case 'p':
		player->wish = PLAY_BACK;
		return true;
	case 's':
		player->silent = SIZE_MAX;
		return true;
	case 'q':
	case KEY_END:
		player->wish = PLAY_QUIT;
		return true;
	case '?':
	case 'h':
		player_gap(player);
		player_keys_help(player);
		return false;
	default:
		return false;
	}
}

void player_wait(struct player *player)
{
	int ms = player->opts->automatic ? player->opts->wait_ms : -1;

	fflush(player->shell->out);
	if (player_ends(player) || !player->keys.open)
		return;
	while (!take_key(player, keys_wait(&player->keys, ms)))
		;
}

/* ---- typing ---- */

/* splitmix64: public domain, Sebastiano Vigna. */
static uint64_t next_random(struct player *player)
{
	uint64_t z = player->random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* A pause as between two letters. False once there is no time for more: a key was
 * pressed, or nobody looks. */
static bool pause_after(struct player *player, char letter)
{
	int ms = KEY_MS + (int)(next_random(player) % KEY_JITTER_MS);
	int key;

	if (!player->keys.open)
		return false;
	if (letter == ' ')
		ms += BLANK_MS;
	fflush(player->shell->out);
	key = keys_wait(&player->keys, ms * 100 / player->opts->speed);
	if (key == KEY_END || key == 'q')
		player->wish = PLAY_QUIT;
	return key == KEY_NONE;
}

static size_t letter_len(const char *at)
{
	size_t len = 1;

	while (((unsigned char)at[len] & 0xc0) == 0x80)
		len++;
	return len;
}

static char *prompt_of(const struct player *player)
{
	return player->opts->big
		       ? mem_str("> ")
		       : mem_fmt("dockershell %s> ",
				 lesson_prompt(player->session));
}

void player_prompt(struct player *player)
{
	const struct shell *shell = player->shell;
	OWN_FREE char *prompt = prompt_of(player);

	player->gap = false;
	fprintf(shell->out, "%*s%s%s%s", player->frame.margin, "",
		style_on(shell, STYLE_NAME), prompt, style_off(shell));
	fflush(shell->out);
}

void player_type(struct player *player, const char *line)
{
	OWN_FREE char *prompt = prompt_of(player);
	int at = style_width(prompt);
	FILE *out = player->shell->out;
	OWN_BUF struct buf set = { 0 };
	bool slowly = true;

	/* A long line goes on below, under itself. */
	style_wrap(&set, line, at, at, player->frame.columns);
	if (player->frame.bold)
		fputs(style_on(player->shell, STYLE_BOLD), out);
	for (const char *c = buf_text(&set); *c && c[1];) {
		size_t len = letter_len(c);

		fwrite(c, 1, len, out);
		if (*c == '\n')
			fprintf(out, "%*s", player->frame.margin, "");
		c += len;
		/* Not after the last one: what is pressed then runs it. */
		slowly = slowly && *c && c[1] && *c != '\n' &&
			 pause_after(player, c[-1]);
	}
	if (player->frame.bold)
		fputs(style_off(player->shell), out);
	fflush(out);
}
