/* lessons/goal_answer.c - goals about what the learner thinks: answer; and the
 * way out for all else: custom.
 *
 *     answer{ id = "why", choices = 3, right = 2 }
 *     answer{ id = "how_many", right = 7, tolerance = 1 }
 *     answer{ id = "word", right = { "whiteout", "white-out" } }
 *     answer{ id = "pid", right = function(w) ... end }
 *     answer{ id = "guess", choices = 3, right = 1, predict = true }
 *
 * A prediction is kept, not judged: any answer meets it. */
#include "lessons/goal.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lessons/facts.h"
#include "lessons/goal_answer.h"
#include "lessons/judge.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

static bool read_number(const char *text, double *out)
{
	char *end = NULL;

	*out = strtod(text, &end);
	return end != text && *end == 0 && isfinite(*out);
}

/* Digits as Japanese keyboards give them (U+FF10 ...) count as digits. */
char *goal_answer_clean(const char *value)
{
	OWN_BUF struct buf clean = { 0 };
	size_t len;

	while (isspace((unsigned char)*value))
		value++;
	len = strlen(value);
	while (len > 0 && isspace((unsigned char)value[len - 1]))
		len--;
	for (size_t i = 0; i < len; i++) {
		const unsigned char *at = (const unsigned char *)value + i;

		if (i + 2 < len && at[0] == 0xef && at[1] == 0xbc &&
		    at[2] >= 0x90 && at[2] <= 0x99) {
			buf_char(&clean, (char)('0' + at[2] - 0x90));
			i += 2;
		} else {
			buf_char(&clean, value[i]);
		}
	}
	/* "2." and "2)" mean 2 where one of a list is chosen. */
	while (clean.len > 1 && strchr(".)", clean.data[clean.len - 1]))
		clean.data[--clean.len] = 0;
	return buf_give(&clean);
}

int goal_answer_accept(const struct goal *goal, const char *value,
		       struct err *err)
{
	long long choices = goal_number(goal, "choices", 0);
	double number = 0;

	if (choices > 0 &&
	    (!read_number(value, &number) || number < 1 ||
	     number > (double)choices || number != floor(number)))
		return err_set(err, EINVAL,
			       _("'%s' is none of the answers: choose a number "
				 "from 1 to %lld"),
			       value, choices);
	if (json_is_number(json_object_get(goal->want, "right")) &&
	    !read_number(value, &number))
		return err_set(err, EINVAL, _("'%s' is no number"), value);
	return 0;
}

bool goal_answer_is_right(const struct goal *goal, const char *value)
{
	const json_t *right = json_object_get(goal->want, "right");
	const json_t *tolerance = json_object_get(goal->want, "tolerance");
	OWN_STRS struct strs texts = { 0 };
	double number = 0;

	if (json_is_number(right))
		return read_number(value, &number) &&
		       fabs(number - json_number_value(right)) <=
			       json_number_value(tolerance) + 1e-9;
	goal_strs(goal, "right", &texts);
	for (size_t i = 0; i < texts.count; i++) {
		if (strcasecmp(texts.items[i], value) == 0)
			return true;
	}
	return false;
}

static void answer_describe(const struct goal *goal, struct buf *out)
{
	if (goal->predict)
		buf_str(out, _("a prediction (any: it costs nothing)"));
	else
		buf_str(out, _("the right answer"));
}

static int answer_judge(const struct goal *goal, const struct facts *facts,
			struct verdict *out, struct err *err)
{
	OWN_FREE char *key = mem_fmt("%s/%s", goal->step, goal->id);
	const char *value =
		json_string_value(json_object_get(facts->answers, key));

	(void)err;
	if (!value)
		return goal_open(out, "unanswered", mem_fmt(_("no answer yet")),
				 goal_has(goal, "choices") ? _("answer NUMBER")
							   : "answer ...");
	if (goal->predict || goal_answer_is_right(goal, value))
		return goal_met(out);
	return goal_open(out, "wrong", mem_fmt(_("your answer: %s"), value),
			 "hint");
}

/* ---- custom: judge.c calls its check ---- */

static void custom_describe(const struct goal *goal, struct buf *out)
{
	buf_str(out, goal->id);
}

static int custom_judge(const struct goal *goal, const struct facts *facts,
			struct verdict *out, struct err *err)
{
	(void)goal;
	(void)facts;
	(void)err;
	return goal_met(out);
}

static const char *const answer_keys[] = { "choices", "right+", "predict+",
					   "tolerance", NULL };
static const char *const answer_messages[] = { "unanswered", "wrong", NULL };
static const char *const custom_keys[] = { NULL };
static const char *const custom_messages[] = { "not_yet", NULL };

const struct goal_kind goal_kinds_answer[] = {
	{ "answer", answer_keys, answer_messages, answer_describe,
	  answer_judge },
	{ "custom", custom_keys, custom_messages, custom_describe,
	  custom_judge },
	{ .name = NULL },
};
