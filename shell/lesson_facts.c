/* shell/lesson_facts.c - see lesson_facts.h */
#include "shell/lesson_facts.h"

#include "lessons/goal.h"
#include "lessons/judge.h"
#include "lessons/lesson.h"
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/gojson.h"

static json_t *goal_facts(struct shell *shell, const struct goal *goal,
			  const struct verdict *verdict)
{
	OWN_FREE char *title = lesson_goal_title(shell->lesson, goal);
	bool met = lesson_is_met(shell->lesson, goal);
	json_t *object = json_pack("{s:s, s:b}", "id", goal->id, "met",
				   (int)met);

	gojson_put(object, "title", title ? title : "");
	if (!verdict)
		return object;
	gojson_put(object, "expected",
		   verdict->expected ? verdict->expected : "");
	gojson_put(object, "there_is",
		   verdict->there_is ? verdict->there_is : "");
	gojson_put(object, "look_at", verdict->look ? verdict->look : "");
	return object;
}

json_t *lesson_facts(struct shell *shell, const struct lesson_news *news)
{
	const struct step *step = lesson_step(shell->lesson);
	OWN_FREE char *key = mem_fmt("step %s", step->id);
	OWN_FREE char *text = lesson_says(shell->lesson, key);
	const char *title = lesson_title(shell->lesson, key);
	json_t *goals = json_array();
	struct lesson_at at;

	for (size_t i = 0; i < step->goals_count; i++)
		json_array_append_new(
			goals, goal_facts(shell, &step->goals[i],
					  news && i < news->verdicts.count
						  ? &news->verdicts.items[i]
						  : NULL));
	lesson_where(shell->lesson, &at);
	return json_pack("{s:s, s:i, s:i, s:s, s:s, s:s, s:b, s:b, s:o}",
			 "lesson", lesson_of(shell->lesson)->id, "step",
			 at.step + 1, "steps", at.steps, "id", step->id,
			 "title", title ? title : "", "text", text ? text : "",
			 "done", (int)at.step_done, "finished",
			 (int)at.finished, "goals", goals);
}
