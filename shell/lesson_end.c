/* shell/lesson_end.c - see lesson_end.h */
#include "shell/lesson_end.h"

#include <string.h>

#include "lessons/guess.h"
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_view.h"
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

/* ---- the learner's way ---- */

/* `docker` in front, and who answered what, make no difference. */
static const char *core_of(const char *line)
{
	line += strspn(line, " \t$");
	if (strncmp(line, "docker ", 7) == 0)
		line += 7;
	return line;
}

static void drop_answers(struct strs *lines)
{
	for (size_t i = lines->count; i-- > 0;) {
		if (strncmp(lines->items[i], "answer ", 7) == 0)
			strs_remove(lines, i);
	}
}

static bool same_way(const struct strs *a, const struct strs *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(core_of(a->items[i]), core_of(b->items[i])) != 0)
			return false;
	}
	return true;
}

static void put_lines(const struct shell *shell, FILE *to, const char *title,
		      const struct strs *lines)
{
	size_t shown = lines->count > 12 ? 12 : lines->count;

	fprintf(to, "  %s\n", title);
	for (size_t i = 0; i < shown; i++)
		fprintf(to, "    %s%s%s\n", style_on(shell, STYLE_NAME),
			lines->items[i], style_off(shell));
	if (shown < lines->count)
		fprintf(to, _("    and %zu more\n"), lines->count - shown);
}

static void put_ways(struct shell *shell, FILE *to)
{
	struct lesson_session *session = shell->lesson;
	OWN_STRS struct strs typed = { 0 };
	OWN_STRS struct strs author = { 0 };
	struct err ignored = { 0 }; /* then there is nothing to compare */
	struct lesson_at at;

	lesson_where(session, &at);
	if (lesson_typed(session, lesson_step(session)->id, &typed, &ignored) <
		    0 ||
	    lesson_solution(session, (size_t)at.step, 0, &author, &ignored) < 0)
		return;
	drop_answers(&typed);
	drop_answers(&author);
	if (typed.count == 0)
		return;
	fputc('\n', to);
	if (same_way(&typed, &author)) {
		fprintf(to, "%s\n",
			_("Your way and the author's are the same, "
			  "line by line."));
		return;
	}
	OWN_FREE char *yours = mem_fmt(_("Your way (%zu)"), typed.count);
	OWN_FREE char *theirs =
		mem_fmt(_("The author's way (%zu)"), author.count);

	put_lines(shell, to, yours, &typed);
	put_lines(shell, to, theirs, &author);
}

/* ---- a step, the lesson ---- */

void lesson_end_step(struct shell *shell, FILE *to)
{
	struct lesson_session *session = shell->lesson;
	const struct step *step = lesson_step(session);
	OWN_FREE char *key = mem_fmt("done %s", step->id);
	OWN_FREE char *text = lesson_says(session, key);
	OWN_FREE char *end = lesson_says(session, "end");
	OWN_FREE char *title = NULL;
	struct lesson_at at;

	lesson_where(session, &at);
	for (size_t i = 0; i < step->goals_count; i++)
		put_prediction(shell, to, &step->goals[i]);
	fputc('\n', to);
	lesson_view_text(shell, to, text ? text : "");
	put_ways(shell, to);
	if (!at.finished) {
		fprintf(to, "\n%s%s%s\n", style_on(shell, STYLE_GOOD),
			_("Step done. 'next' goes on."), style_off(shell));
		return;
	}
	title = mem_fmt("## %s", lesson_title(session, "end"));
	fputc('\n', to);
	lesson_view_text(shell, to, title);
	fputc('\n', to);
	lesson_view_text(shell, to, end ? end : "");
	fprintf(to, "\n%s", style_on(shell, STYLE_GOOD));
	fprintf(to, _("Lesson done: %d of %d points."), at.points,
		at.points_of);
	fprintf(to, "%s %s\n", style_off(shell),
		_("'leave' goes back to your own containers, 'lessons' shows "
		  "what there is."));
}
