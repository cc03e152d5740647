/* lessons/judge.c - see judge.h */
#include "lessons/judge.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/any_text.h"
#include "lessons/facts.h"
#include "lessons/goal.h"
#include "lessons/lesson.h"
#include "lessons/script.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

/* Of one text in a verdict, and of all of them as JSON (WORKER_MESSAGE_MAX). */
enum { TEXT_MOST = 8192, MESSAGE_MOST = 100 << 10 };

void verdict_done(struct verdict *verdict)
{
	free(verdict->goal);
	free(verdict->message);
	free(verdict->expected);
	free(verdict->there_is);
	free(verdict->look);
	strs_done(&verdict->args);
	*verdict = (struct verdict){ 0 };
}

void verdicts_done(struct verdicts *verdicts)
{
	for (size_t i = 0; i < verdicts->count; i++)
		verdict_done(&verdicts->items[i]);
	free(verdicts->items);
	*verdicts = (struct verdicts){ 0 };
}

const struct verdict *verdicts_of(const struct verdicts *verdicts,
				  const char *goal)
{
	for (size_t i = 0; i < verdicts->count; i++) {
		if (strcmp(verdicts->items[i].goal, goal) == 0)
			return &verdicts->items[i];
	}
	return NULL;
}

/* ---- one step ---- */

static bool waits_for_others(const struct goal *goal,
			     const struct verdicts *before)
{
	for (size_t i = 0; i < goal->after.count; i++) {
		const struct verdict *other =
			verdicts_of(before, goal->after.items[i]);

		if (!other || other->state != VERDICT_MET)
			return true;
	}
	return false;
}

static void broken(struct verdict *out, const struct err *err)
{
	out->state = VERDICT_BROKEN;
	free(out->message);
	free(out->there_is);
	out->message = mem_str("broken");
	out->there_is = mem_str(err->msg);
}

/* What is right may be known only now: the number of a process, say. */
static int look_for_right(const struct judge *judge, const struct goal *goal,
			  struct err *err)
{
	struct script_goal own = { judge->step->index, goal->index, false };
	OWN_FREE char *key = mem_fmt("%s/%s", goal->step, goal->id);
	json_t *right = NULL;
	int r;

	if (!goal->has_right || !judge->script ||
	    !json_object_get(judge->facts->answers, key))
		return 0;
	r = script_right(judge->script, judge->facts, &own, &right, err);
	if (r == 0)
		json_object_set_new(goal->want, "right", right);
	return r;
}

/* Where the author knows what typically went wrong, the author says it. */
static void judge_one(const struct judge *judge, size_t index,
		      struct verdict *out)
{
	const struct goal *goal = &judge->step->goals[index];
	struct script_goal own = { judge->step->index, goal->index, false };
	struct err err = { 0 };
	int r = look_for_right(judge, goal, &err);

	if (r == 0)
		r = goal->kind->judge(goal, judge->facts, out, &err);
	if (r == 0 && goal->has_check && judge->script)
		r = script_check(judge->script, judge->facts, &own, out, &err);
	own.diagnose = true;
	if (r == 0 && out->state == VERDICT_OPEN && goal->has_diagnose &&
	    judge->script)
		r = script_check(judge->script, judge->facts, &own, out, &err);
	if (r < 0)
		broken(out, &err);
}

static char *expectation(const struct goal *goal)
{
	OWN_BUF struct buf text = { 0 };

	goal->kind->describe(goal, &text);
	return buf_give(&text);
}

void judge_step(const struct judge *judge, struct verdicts *out)
{
	const struct step *step = judge->step;
	struct verdicts verdicts = { 0 };

	verdicts.items =
		mem_zero(step->goals_count + 1, sizeof(struct verdict));
	for (size_t i = 0; i < step->goals_count; i++) {
		const struct goal *goal = &step->goals[i];
		struct verdict *verdict = &verdicts.items[i];
		bool is_met = !judge->alone && !goal->hold &&
			      strs_has(judge->met, goal->id);

		verdict->goal = mem_str(goal->id);
		verdict->expected = expectation(goal);
		if (is_met)
			goal_met(verdict);
		else if (!judge->alone && waits_for_others(goal, &verdicts))
			verdict->state = VERDICT_SKIPPED;
		else
			judge_one(judge, i, verdict);
		/* Only now: waits_for_others looks at what is counted. */
		verdicts.count = i + 1;
	}
	*out = verdicts;
}

/* ---- over the line ---- */

/* No text with more than `most` bytes. */
static json_t *list_of(const struct verdicts *verdicts, size_t most)
{
	json_t *list = json_array();

	for (size_t i = 0; i < verdicts->count; i++) {
		const struct verdict *verdict = &verdicts->items[i];
		json_t *args = json_array();

		for (size_t k = 0; k < verdict->args.count; k++)
			json_array_append_new(
				args,
				any_text_most(verdict->args.items[k], most));
		/* What a container printed or is called may be any bytes. */
		json_array_append_new(
			list,
			json_pack("{s:i,s:s,s:o,s:o,s:o,s:o,s:o}", "state",
				  (int)verdict->state, "goal", verdict->goal,
				  "message", any_text(verdict->message),
				  "expected", any_text_most(verdict->expected, most),
				  "there_is", any_text_most(verdict->there_is, most),
				  "look", any_text_most(verdict->look, most), "args",
				  args));
	}
	return list;
}

/* All of it is one message; a container may be called, or have printed, anything. */
json_t *verdicts_to_json(const struct verdicts *verdicts)
{
	json_t *list = NULL;
	size_t len = SIZE_MAX;

	for (size_t most = TEXT_MOST; len > MESSAGE_MOST && most > 0;
	     most /= 8) {
		json_decref(list);
		list = list_of(verdicts, most);
		len = json_dumpb(list, NULL, 0, 0);
	}
	return list;
}

static char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return mem_str(text ? text : "");
}

int verdicts_from_json(const json_t *json, struct verdicts *out,
		       struct err *err)
{
	struct verdicts verdicts = { 0 };

	if (!json_is_array(json))
		return err_set(err, EPROTO, _("the check gave no verdicts"));
	verdicts.items =
		mem_zero(json_array_size(json) + 1, sizeof(struct verdict));
	for (size_t i = 0; i < json_array_size(json); i++) {
		const json_t *one = json_array_get(json, i);
		const json_t *args = json_object_get(one, "args");
		struct verdict *verdict = &verdicts.items[verdicts.count++];

		verdict->state = (enum verdict_state)json_integer_value(
			json_object_get(one, "state"));
		verdict->goal = text_of(one, "goal");
		verdict->message = text_of(one, "message");
		verdict->expected = text_of(one, "expected");
		verdict->there_is = text_of(one, "there_is");
		verdict->look = text_of(one, "look");
		for (size_t k = 0; k < json_array_size(args); k++)
			strs_add(&verdict->args,
				 json_string_value(json_array_get(args, k)));
	}
	*out = verdicts;
	return 0;
}
