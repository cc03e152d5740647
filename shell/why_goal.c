/* shell/why_goal.c - see why.h: the goal of a lesson that is not met yet.
 *
 * Its evidence is the verdict itself: what was expected, what there is. */
#include <stdlib.h>
#include <string.h>

#include "lessons/session.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "shell/cmd.h"
#include "shell/lesson_view.h"
#include "shell/why.h"
#include "shell/why_ask.h"

int why_ask_goal(struct why *why)
{
	struct shell *shell = why->shell;
	struct err none = { 0 };

	/* In a new process the lesson is opened only where one was left open. */
	if (!shell->lesson && (!fs_exists(shell->home->fd, "lessons/current") ||
			       lesson_view_need(shell, &none) < 0))
		return 0;
	if (!shell->lesson)
		return 0;
	why->about = WHY_GOAL;
	free(why->word);
	why->word = mem_str(lesson_prompt(shell->lesson));
	return 1;
}

static const struct goal *goal_of(const struct why *why, const char *id)
{
	const struct step *step = lesson_step(why->shell->lesson);

	for (size_t i = 0; i < step->goals_count; i++)
		if (strcmp(step->goals[i].id, id) == 0)
			return &step->goals[i];
	return NULL;
}

static enum why_answer say_open(struct why *why, struct why_finding *f,
				const struct verdict *v)
{
	const struct goal *goal = goal_of(why, v->goal);
	OWN_FREE char *title =
		goal ? lesson_goal_title(why->shell->lesson, goal) : NULL;
	OWN_FREE char *own = lesson_verdict_says(why->shell->lesson, v);

	why_fact(f, WHY_FROM_LESSON, _("expected: %s"), v->expected);
	why_fact(f, WHY_FROM_LESSON, _("there is: %s"), v->there_is);
	if (own)
		why_fix(f, "%s", own);
	else if (v->look && *v->look)
		why_fix(f, _("look at: %s"), v->look);
	why_next(f, "hint");
	if (v->state == VERDICT_BROKEN) {
		f->id = "goal_broken";
		return why_say(f, _("the goal '%s' could not be judged, which is not your fault: %s"),
			       title ? title : v->goal, v->there_is);
	}
	return why_say(f, _("the goal '%s' is not met yet: %s"),
		       title ? title : v->goal, v->there_is);
}

static enum why_answer open_goal(struct why *why, struct why_finding *f)
{
	struct lesson_news news = { 0 };
	struct err ignored = { 0 };
	enum why_answer answer = WHY_NOT;

	if (lesson_check(why->shell->lesson, false, &news, &ignored) < 0)
		return WHY_NOT;
	for (size_t i = 0; i < news.verdicts.count && answer == WHY_NOT; i++)
		if (news.verdicts.items[i].state == VERDICT_OPEN ||
		    news.verdicts.items[i].state == VERDICT_BROKEN)
			answer = say_open(why, f, &news.verdicts.items[i]);
	if (answer == WHY_NOT) {
		f->id = "goals_met";
		why_fact(f, WHY_FROM_LESSON, _("goals of this step: %zu, none is open"),
			 news.verdicts.count);
		why_next(f, "next");
		answer = why_say(f, _("every goal of this step is met"));
	}
	lesson_news_done(&news);
	return answer;
}

const struct why_cause why_goal_causes[] = {
	{ "goal_open", WHY_GOAL, false, open_goal },
	{ 0 },
};
