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
#include "shell/lesson_card.h"
#include "shell/lesson_path.h"
#include "shell/lesson_view.h"
#include "shell/lesson_ways.h"
#include "shell/report.h"
#include "shell/style.h"

/* "You guessed: ...  It was: ..." */
static void put_prediction(struct shell *shell, FILE *to,
			   const struct goal *goal)
{
	struct guess guess = { 0 };
	OWN_BUF struct buf text = { 0 };

	if (goal->predict)
		guess_read(shell->lesson, goal, &guess);
	if (!guess.answered || !*guess.was) {
		guess_done(&guess);
		return;
	}
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
		for (size_t k = 0; k < lesson->steps[i].goals_count; k++)
			put_prediction(shell, to, &lesson->steps[i].goals[k]);
	}
}

/* ---- the notebook ---- */

/* What cannot be kept is said; the lesson goes on. Returns the run as it is kept, or
 * NULL; given. */
static json_t *keep(struct shell *shell, bool finished)
{
	const char *id = lesson_of(shell->lesson)->id;
	OWN_FD int folder = -1;
	struct err err = { 0 };
	json_t *entry = NULL;
	json_t *author = NULL;
	int r = lesson_keep_step(shell->lesson, &err);

	if (r == 0)
		folder = notebook_folder(shell->base_home, &err);
	if (r < 0 || folder < 0) {
		report_failure(shell, NULL, "", &err);
		return NULL;
	}
	if (finished && lesson_author_measure(shell, id, &author)) {
		(void)notebook_keep_author(folder, id, author, &err);
		json_decref(author);
	}
	if (notebook_read(folder, id, &entry, &err) < 0)
		return NULL;
	author = json_incref(json_object_get(entry, "latest"));
	json_decref(entry);
	return author;
}

/* ---- a step, the lesson ---- */

/* The whole lesson is done. */
static void put_end(struct shell *shell, FILE *to, const json_t *run)
{
	OWN_FREE char *end = lesson_says(shell->lesson, "end");
	OWN_FREE char *title =
		mem_fmt("## %s", lesson_title(shell->lesson, "end"));
	struct lesson_at at;

	lesson_where(shell->lesson, &at);
	fputc('\n', to);
	lesson_view_text(shell, to, title);
	fputc('\n', to);
	lesson_view_text(shell, to, end ? end : "");
	if (run)
		lesson_ways_all(shell, to, run);
	lesson_end_predictions(shell, to);
	fputc('\n', to);
	lesson_card_print(shell, to);
	fprintf(to, "\n%s", style_on(shell, STYLE_GOOD));
	fprintf(to, _("Lesson done: %d of %d points."), at.points,
		at.points_of);
	fprintf(to, "%s\n", style_off(shell));
	lesson_view_line(to, _("It is kept: 'notebook' shows it."));
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

void lesson_end_step(struct shell *shell, FILE *to)
{
	struct lesson_session *session = shell->lesson;
	const struct step *step = lesson_step(session);
	OWN_FREE char *key = mem_fmt("done %s", step->id);
	OWN_FREE char *text = lesson_says(session, key);
	struct lesson_at at;
	json_t *run;

	lesson_where(session, &at);
	for (size_t i = 0; i < step->goals_count && !at.finished; i++)
		put_prediction(shell, to, &step->goals[i]);
	fputc('\n', to);
	lesson_view_text(shell, to, text ? text : "");
	lesson_ways_step(shell, to);
	run = keep(shell, at.finished);
	if (at.finished) {
		put_end(shell, to, run);
		put_next_lesson(shell, to);
	} else {
		fprintf(to, "\n%s%s%s\n", style_on(shell, STYLE_GOOD),
			_("Step done. 'next' goes on."), style_off(shell));
	}
	json_decref(run);
}
