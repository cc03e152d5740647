/* lessons/guess.h - a question of a lesson, what was answered, and what is so. */
#ifndef LESSONS_GUESS_H
#define LESSONS_GUESS_H

#include <stdbool.h>

struct goal;
struct lesson_session;

/* In the session's language, variables filled in. Choices are given in their own
 * words, without their numbers; text is Markdown.
 *
 * answered  what the learner said; NULL: nothing yet
 * was       what is so; "" where the lesson does not say
 * right     they are the same */
struct guess {
	char *answered;
	char *was;
	bool right;
};

void guess_read(struct lesson_session *session, const struct goal *goal,
		struct guess *out);
void guess_done(struct guess *guess);

/* The words of the choice `value`, or the value itself where there are no choices.
 * Given. */
char *guess_words(struct lesson_session *session, const struct goal *goal,
		  const char *value);

/* The right answer as it would be typed: "2", "C"; "" where there is none. Given. */
char *guess_right_value(const struct goal *goal);

#endif
