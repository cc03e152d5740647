/* shell/lesson_found.c - see lesson_found.h */
#include "shell/lesson_found.h"

#include <stdbool.h>
#include <string.h>

#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_end.h"
#include "shell/lesson_view.h"
#include "shell/style.h"

/* ---- one verdict ---- */

static void put_fact(FILE *to, const char *name, const char *text)
{
	OWN_FREE char *mark = mem_fmt("     %s ", name);

	if (*text)
		lesson_view_marked(to, mark, text);
}

/* The lesson's own words, every line behind a bar, so that its lists and code stay
 * in. */
static void put_own(struct shell *shell, FILE *to, const char *own)
{
	OWN_BUF struct buf quote = { 0 };

	buf_str(&quote, "> ");
	for (const char *at = own; *at; at++)
		buf_fmt(&quote, *at == '\n' ? "%c> " : "%c", *at);
	lesson_view_text(shell, to, buf_text(&quote));
}

/* said: what was said under the goals before this one, which needs no second time. */
static void put_verdict(struct shell *shell, FILE *to,
			const struct verdict *verdict, struct strs *said)
{
	OWN_FREE char *own = lesson_verdict_says(shell->lesson, verdict);

	if (verdict->state == VERDICT_BROKEN) {
		put_fact(to, _("this check is broken:"), verdict->there_is);
		return;
	}
	if (own && strs_has(said, own)) {
		put_fact(to, _("the same:"), _("see above"));
		return;
	}
	if (own) {
		put_own(shell, to, own);
		strs_add(said, own);
		return;
	}
	/* A check of the lesson's own has but its id to say here. */
	if (strcmp(verdict->expected, verdict->goal) != 0)
		put_fact(to, _("expected:"), verdict->expected);
	put_fact(to, _("there is:"), verdict->there_is);
	put_fact(to, _("look at: "), verdict->look);
}

/* ---- all of them ---- */

static void put_all(struct shell *shell, FILE *to,
		    const struct verdicts *verdicts)
{
	const struct step *step = lesson_step(shell->lesson);
	OWN_STRS struct strs said = { 0 };

	for (size_t i = 0; i < verdicts->count; i++) {
		const struct verdict *verdict = &verdicts->items[i];

		lesson_view_goal(shell, to, &step->goals[i],
				 verdict->state == VERDICT_MET);
		if (verdict->state == VERDICT_OPEN ||
		    verdict->state == VERDICT_BROKEN)
			put_verdict(shell, to, verdict, &said);
		if (verdict->state == VERDICT_SKIPPED)
			put_fact(to, _("later:"),
				 _("another goal comes first"));
	}
}

/* ---- what is new ---- */

/* What was met and is no more: the line each time, the reason once. Whether the
 * lesson has words of its own for it is seen after this. */
static void put_lost(struct shell *shell, FILE *to, const struct goal *goal,
		     const struct verdict *verdict)
{
	OWN_FREE char *own = lesson_verdict_says(shell->lesson, verdict);

	lesson_view_goal(shell, to, goal, false);
	if (!lesson_loss_is_news(shell->lesson, verdict))
		return;
	put_fact(to, _("open again:"),
		 _("this was met, and must still be so at the end"));
	if (own)
		return;
	put_fact(to, _("there is:"), verdict->there_is);
	put_fact(to, _("look at: "), verdict->look);
}

/* Goals that were met, and wait for one that is lost: they need no line each. */
static void put_waiting(FILE *to, const struct verdicts *verdicts)
{
	OWN_FREE char *text = NULL;
	size_t waiting = 0;

	for (size_t i = 0; i < verdicts->count; i++) {
		const struct verdict *verdict = &verdicts->items[i];

		waiting += verdict->lost && verdict->state == VERDICT_SKIPPED;
	}
	if (waiting == 0)
		return;
	text = mem_fmt(
		waiting == 1
			? _("%zu more goal, met before, is looked at again "
			    "after this one")
			: _("%zu more goals, met before, are looked at again "
			    "after this one"),
		waiting);
	put_fact(to, _("later:"), text);
}

/* What is told of one goal. Returns whether the question that is open, or the next
 * goal, is to be shown after it. */
static bool put_one(struct shell *shell, FILE *to, const struct goal *goal,
		    const struct verdict *verdict, struct strs *said)
{
	OWN_FREE char *own = lesson_verdict_says(shell->lesson, verdict);

	if (verdict->newly)
		lesson_view_goal(shell, to, goal, true);
	if (verdict->lost && verdict->state != VERDICT_SKIPPED)
		put_lost(shell, to, goal, verdict);
	if (verdict->state != VERDICT_OPEN || !own ||
	    !lesson_is_news(shell->lesson, verdict))
		return verdict->newly;
	if (!strs_has(said, own))
		put_verdict(shell, to, verdict, said);
	return verdict->newly || strcmp(verdict->message, "wrong") == 0;
}

/* Ticks, and the lesson's own word on what went wrong, once. Returns whether the
 * question that is open comes next; *out_spoke: whether there was a word. */
static bool put_new(struct shell *shell, FILE *to,
		    const struct verdicts *verdicts, bool *out_spoke)
{
	const struct step *step = lesson_step(shell->lesson);
	OWN_STRS struct strs said = { 0 };
	bool question = false;

	for (size_t i = 0; i < verdicts->count; i++)
		question |= put_one(shell, to, &step->goals[i],
				    &verdicts->items[i], &said);
	put_waiting(to, verdicts);
	*out_spoke = said.count > 0;
	return question;
}

void lesson_found_ticks(struct shell *shell, FILE *to,
			const struct lesson_news *news)
{
	const struct step *step = lesson_step(shell->lesson);

	for (size_t i = 0; i < news->verdicts.count; i++) {
		if (news->verdicts.items[i].newly)
			lesson_view_goal(shell, to, &step->goals[i], true);
	}
}

/* After a tick: what is asked now, else the goal that is open, unless its line stands
 * there already. */
static void put_next(struct shell *shell, FILE *to,
		     const struct verdicts *verdicts)
{
	const struct step *step = lesson_step(shell->lesson);

	if (lesson_question(shell->lesson)) {
		lesson_view_question(shell, to);
		return;
	}
	for (size_t i = 0; i < step->goals_count; i++) {
		const struct goal *goal = &step->goals[i];

		if (lesson_is_met(shell->lesson, goal))
			continue;
		if (i >= verdicts->count || !verdicts->items[i].lost)
			lesson_view_goal(shell, to, goal, false);
		return;
	}
}

static void ask_first(struct shell *shell, FILE *to)
{
	fputs(style_on(shell, STYLE_DIM), to);
	lesson_view_line(to, _("(a guess comes first, and any will do: the "
			       "question above waits for an 'answer')"));
	fputs(style_off(shell), to);
}

static void offer_hint(struct shell *shell, FILE *to)
{
	fputs(style_on(shell, STYLE_DIM), to);
	lesson_view_line(to, _("(stuck? 'hint' gives a nudge, 'check' says "
			       "what is missing, 'goal' shows the task "
			       "again)"));
	fputs(style_off(shell), to);
}

void lesson_found_show(struct shell *shell, FILE *to,
		       const struct lesson_news *news, int all)
{
	bool question = false;
	bool spoke = false;

	if (all)
		put_all(shell, to, &news->verdicts);
	else
		question = put_new(shell, to, &news->verdicts, &spoke);
	if (news->step_done)
		lesson_end_step(shell, to);
	else if (question)
		put_next(shell, to, &news->verdicts);
	if (news->ask_first && !spoke && !news->offer_hint)
		ask_first(shell, to);
	if (news->offer_hint && !spoke) {
		if (!question) /* what everything waits for, most likely */
			lesson_view_question(shell, to);
		offer_hint(shell, to);
	}
}
