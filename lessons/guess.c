/* lessons/guess.c - see guess.h */
#include "lessons/guess.h"

#include <stdlib.h>

#include "lessons/goal_answer.h"
#include "lessons/session.h"
#include "lessons/text.h"
#include "runtime/base/buf.h"
#include "runtime/base/own.h"

char *guess_words(struct lesson_session *session, const struct goal *goal,
		  const char *value)
{
	OWN_FREE char *key = mem_fmt("ask %s/%s", goal->step, goal->id);
	OWN_FREE char *ask = lesson_says(session, key);
	char *choice = NULL;

	if (ask && goal_has(goal, "choices"))
		choice = text_choice(ask, (int)strtol(value, NULL, 10));
	return choice ? choice : mem_str(value);
}

char *guess_right_value(const struct goal *goal)
{
	OWN_STRS struct strs texts = { 0 };
	const json_t *right = json_object_get(goal->want, "right");

	if (json_is_number(right))
		return mem_fmt("%g", json_number_value(right));
	goal_strs(goal, "right", &texts);
	return mem_str(texts.count > 0 ? texts.items[0] : "");
}

void guess_done(struct guess *guess)
{
	free(guess->answered);
	free(guess->was);
	*guess = (struct guess){ 0 };
}

void guess_read(struct lesson_session *session, const struct goal *goal,
		struct guess *out)
{
	const char *value = lesson_answered(session, goal->step, goal->id);
	OWN_FREE char *right = guess_right_value(goal);

	*out = (struct guess){
		.answered = value ? guess_words(session, goal, value) : NULL,
		.was = *right ? guess_words(session, goal, right) : mem_str(""),
		.right = value && *right && goal_answer_is_right(goal, value),
	};
}
