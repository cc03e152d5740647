/* shell/lesson_end.c - see lesson_end.h */
#include "shell/lesson_end.h"

#include <jansson.h>

#include "lessons/guess.h"
#include "lessons/notebook.h"
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_author.h"
#include "shell/lesson_path.h"
#include "shell/lesson_view.h"
#include "shell/lesson_ways.h"
#include "shell/report.h"
#include "shell/style.h"

/* "You guessed: ...  It was: ...", under the step's title where one is given: far from
 * its question a guess says little. */
static void put_prediction(struct shell *shell, FILE *to,
			   const struct goal *goal, const char *title)
{
	struct guess guess = { 0 };
	OWN_BUF struct buf text = { 0 };

	if (goal->predict)
		guess_read(shell->lesson, goal, &guess);
	if (!guess.answered || !*guess.was) {
		guess_done(&guess);
		return;
	}
	if (title)
		buf_fmt(&text, "**%s**  \n", title);
	if (guess.right)
		buf_fmt(&text, _("You guessed right: %s"), guess.answered);
	else
		/* Two lines: a hard line break of Markdown. */
		buf_fmt(&text, "%s %s  \n%s %s", _("You guessed:"),
			guess.answered, _("It was:"), guess.was);
	guess_done(&guess);
	fputc('\n', to);
	lesson_view_text(shell, to, buf_text(&text));
}

void lesson_end_predictions(struct shell *shell, FILE *to)
{
	const struct lesson *lesson = lesson_of(shell->lesson);

	for (size_t i = 0; i < lesson->steps_count; i++) {
		const struct step *step = &lesson->steps[i];
		OWN_FREE char *key = mem_fmt("step %s", step->id);

		for (size_t k = 0; k < step->goals_count; k++)
			put_prediction(shell, to, &step->goals[k],
				       lesson_title(shell->lesson, key));
	}
}

/* ---- the notebook ---- */

/* What cannot be kept is said; the lesson goes on. */
static void keep(struct shell *shell, bool finished)
{
	const char *id = lesson_of(shell->lesson)->id;
	OWN_FD int folder = -1;
	struct err err = { 0 };
	json_t *author = NULL;
	int r = lesson_keep_step(shell->lesson, &err);

	if (r == 0)
		folder = notebook_folder(shell->base_home, &err);
	if (r < 0 || folder < 0) {
		report_failure(shell, NULL, "", &err);
		return;
	}
	if (finished && lesson_author_measure(shell, id, &author)) {
		(void)notebook_keep_author(folder, id, author, &err);
		json_decref(author);
	}
}

/* The run as it is kept, or NULL; given. */
static json_t *kept(const struct shell *shell)
{
	struct err none = { 0 };
	OWN_FD int folder = notebook_folder(shell->base_home, &none);
	json_t *entry = NULL;
	json_t *run;

	if (folder < 0 || notebook_read(folder, lesson_of(shell->lesson)->id,
					&entry, &none) < 0)
		return NULL;
	run = json_incref(json_object_get(entry, "latest"));
	json_decref(entry);
	return run;
}

/* ---- a step ---- */

void lesson_end_step(struct shell *shell, FILE *to)
{
	struct lesson_session *session = shell->lesson;
	const struct step *step = lesson_step(session);
	OWN_FREE char *key = mem_fmt("done %s", step->id);
	OWN_FREE char *text = lesson_says(session, key);
	OWN_FREE char *end = NULL;
	struct lesson_at at;

	lesson_where(session, &at);
	for (size_t i = 0; i < step->goals_count; i++)
		put_prediction(shell, to, &step->goals[i], NULL);
	fputc('\n', to);
	lesson_view_text(shell, to, text ? text : "");
	lesson_ways_step(shell, to);
	keep(shell, at.finished);
	end = at.finished ? mem_fmt(_("Lesson done: %d of %d points. 'next' "
				      "shows what you know now."),
				    at.points, at.points_of)
			  : mem_str(_("Step done. 'next' goes on."));
	fprintf(to, "\n%s", style_on(shell, STYLE_GOOD));
	lesson_view_line(to, end);
	fputs(style_off(shell), to);
}

/* ---- the lesson ---- */

/* How many of the predictions were right, in a line; all of them take a page. */
static void put_guesses(struct shell *shell, FILE *to)
{
	const struct lesson *lesson = lesson_of(shell->lesson);
	OWN_FREE char *text = NULL;
	int all = 0;
	int right = 0;

	for (size_t i = 0; i < lesson->steps_count; i++) {
		const struct step *step = &lesson->steps[i];

		for (size_t k = 0; k < step->goals_count; k++) {
			struct guess guess = { 0 };

			if (step->goals[k].predict)
				guess_read(shell->lesson, &step->goals[k],
					   &guess);
			all += guess.answered && *guess.was;
			right += guess.answered && *guess.was && guess.right;
			guess_done(&guess);
		}
	}
	if (all == 0)
		return;
	text = mem_fmt(_("Your guesses: %d of %d were right. 'progress' shows "
			 "them."),
		       right, all);
	lesson_view_line(to, text);
}

/* What to do now: the next lesson of the path, if there is one. */
static void put_next_lesson(struct shell *shell, FILE *to)
{
	OWN_FREE char *next = NULL;
	OWN_FREE char *text = NULL;
	struct err none = { 0 };

	if (lesson_path_next(shell, &next, &none) == 0)
		text = mem_fmt(_("'next lesson' begins '%s', 'leave' goes back "
				 "to your own containers."),
			       next);
	else
		text = mem_str(_("'leave' goes back to your own containers, "
				 "'lessons' shows what there is."));
	lesson_view_line(to, text);
}

void lesson_end_page(struct shell *shell, FILE *to)
{
	OWN_FREE char *end = lesson_says(shell->lesson, "end");
	OWN_FREE char *title =
		mem_fmt("### %s", lesson_title(shell->lesson, "end"));
	json_t *run = kept(shell);

	lesson_view_text(shell, to, title);
	lesson_view_text(shell, to, end ? end : "");
	if (run)
		lesson_ways_all(shell, to, run);
	json_decref(run);
	fputc('\n', to);
	put_guesses(shell, to);
	lesson_view_line(to, _("'card' shows the Docker command for each thing, "
			       "'notebook' keeps it all."));
	put_next_lesson(shell, to);
}
