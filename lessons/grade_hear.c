/* lessons/grade_hear.c - see grade.h: what the engine says becomes the result.
 *
 * The engine is our own code, but it has run strangers' lines: what comes is looked at
 * as if it were theirs, and a word that does not fit ends the grading. */
#include "lessons/grade_parts.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/judge.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

enum {
	MOST_TESTS = 1000,
	MOST_POINTS = 1000000,
	MOST_LINES = 20000,
	MOST_REMARKS = 200,
};

static const char *text_in(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "";
}

static int number_in(const json_t *json, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(json, key));

	return n < 0 || n > MOST_POINTS ? 0 : (int)n;
}

static void set(char **where, const char *text)
{
	free(*where);
	*where = mem_str(text);
}

/* ---- the plan ---- */

static int take_goal(struct graded *out, const json_t *step, const json_t *goal,
		     const int at[2])
{
	const json_t *after = json_object_get(goal, "after");
	enum graded_visibility visibility = GRADED_VISIBLE;
	struct graded_test *test;

	if (out->tests_count >= MOST_TESTS)
		return -1;
	(void)graded_visibility_read(text_in(goal, "visibility"), &visibility);
	test = graded_add(out);
	test->id = mem_fmt("%s/%s", text_in(step, "id"), text_in(goal, "id"));
	test->step = mem_str(text_in(step, "id"));
	test->step_title = mem_str(text_in(step, "title"));
	test->step_number = at[0] + 1;
	test->goal_number = at[1] + 1;
	test->title = mem_str(text_in(goal, "title"));
	test->max = number_in(goal, "max");
	test->status = GRADED_SKIPPED;
	test->visibility = visibility;
	for (size_t i = 0; i < json_array_size(after); i++) {
		const char *id = json_string_value(json_array_get(after, i));

		if (id)
			strs_add(&test->after, id);
	}
	return 0;
}

static int take_plan(struct grading *grading, const json_t *plan)
{
	const json_t *steps = json_object_get(plan, "steps");
	int r = grading->out->tests_count > 0 ? -1 : 0;

	set(&grading->out->title, text_in(plan, "title"));
	for (size_t i = 0; i < json_array_size(steps) && r == 0; i++) {
		const json_t *step = json_array_get(steps, i);
		const json_t *goals = json_object_get(step, "goals");

		for (size_t k = 0; k < json_array_size(goals) && r == 0; k++)
			r = take_goal(grading->out, step,
				      json_array_get(goals, k),
				      (int[]){ (int)i, (int)k });
	}
	return r;
}

/* ---- lines ---- */

static int take_at(struct grading *grading, const json_t *at)
{
	grading->step = number_in(at, "step");
	set(&grading->line, text_in(at, "line"));
	grading->own = json_is_true(json_object_get(at, "setup"));
	return 0;
}

static int take_ran(struct grading *grading, const json_t *ran)
{
	struct strs *lines = &grading->out->lines;

	if (lines->count < MOST_LINES)
		strs_add(lines, text_in(ran, "line"));
	if (!grading->filler && strcmp(text_in(ran, "ended"), "disk") == 0)
		grading->filler = mem_str(text_in(ran, "line"));
	return 0;
}

static int take_remark(struct grading *grading, const json_t *remark)
{
	const char *text = json_string_value(remark);

	if (text && grading->out->remarks.count < MOST_REMARKS)
		strs_add(&grading->out->remarks, text);
	return 0;
}

/* ---- verdicts ---- */

static char *limits_said(const json_t *verdicts)
{
	const char *ended = text_in(verdicts, "ended");

	return *ended ? grade_limit_says(ended, text_in(verdicts, "by")) : NULL;
}

static enum graded_status status_of(int state, const char *ended)
{
	switch (state) {
	case VERDICT_MET:
		return GRADED_PASS;
	case VERDICT_SKIPPED:
		return GRADED_SKIPPED;
	case VERDICT_BROKEN:
		return GRADED_ERROR;
	default:
		return ended && (strcmp(ended, "time") == 0 ||
				 strcmp(ended, "processor time") == 0)
			       ? GRADED_TIMEOUT
			       : GRADED_FAIL;
	}
}

static void set_message(struct graded_test *test, const json_t *item,
			const char *limit)
{
	const char *says = text_in(item, "says");

	switch (test->status) {
	case GRADED_PASS:
		break;
	case GRADED_SKIPPED:
		set(&test->message, _("another goal comes first"));
		break;
	case GRADED_ERROR:
		free(test->message);
		test->message = mem_fmt(_("this check is broken: %s"),
					text_in(item, "actual"));
		break;
	case GRADED_FAIL:
	case GRADED_TIMEOUT:
		free(test->message);
		test->message = mem_fmt("%s%s%s", limit ? limit : "",
					limit ? ". " : "",
					*says ? says : text_in(item, "actual"));
		break;
	}
}

static void take_item(struct graded_test *test, const json_t *item,
		      const char *ended, const char *limit)
{
	const char *expected = text_in(item, "expected");
	const char *fault = text_in(item, "fault");

	test->status = status_of(number_in(item, "state"), ended);
	test->score = test->status == GRADED_PASS ? test->max : 0;
	/* A check of the lesson's own has but its id to say here. */
	if (strcmp(expected, text_in(item, "goal")) != 0)
		set(&test->expected, expected);
	if (test->status == GRADED_FAIL || test->status == GRADED_TIMEOUT) {
		set(&test->actual, text_in(item, "actual"));
		set(&test->hint, text_in(item, "look"));
		set(&test->reason, text_in(item, "message"));
	}
	set_message(test, item, limit);
	if (!*fault)
		return;
	test->status = GRADED_ERROR;
	set(&test->reason, "another_machine");
	set(&test->message, fault);
}

static void blame_grader(struct graded *out, const char *why)
{
	out->fault = GRADED_FAULT_GRADER;
	if (!out->note)
		out->note = mem_str(why);
}

/* The step was not begun, or cannot be graded here. */
static void skip_step(struct grading *grading, int step, const char *why,
		      bool fault)
{
	if (fault)
		blame_grader(grading->out, why);
	for (size_t i = 0; i < grading->out->tests_count; i++) {
		struct graded_test *test = &grading->out->tests[i];

		if (test->step_number != step + 1)
			continue;
		test->status = fault ? GRADED_ERROR : GRADED_SKIPPED;
		set(&test->reason, fault ? "another_machine" : "not_begun");
		set(&test->message, why);
	}
}

static const json_t *item_of(const json_t *items, const struct graded_test *test)
{
	const char *slash = strchr(test->id, '/');

	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);

		if (strcmp(text_in(item, "goal"), slash + 1) == 0)
			return item;
	}
	return NULL;
}

static int take_verdicts(struct grading *grading, const json_t *verdicts)
{
	const json_t *items = json_object_get(verdicts, "items");
	const char *log = text_in(verdicts, "log");
	const char *ended = text_in(verdicts, "ended");
	OWN_FREE char *limit = limits_said(verdicts);
	int step = number_in(verdicts, "step");
	long long ms = number_in(verdicts, "ms");

	grading->judged = step + 1;
	if (*text_in(verdicts, "skipped")) {
		skip_step(grading, step, text_in(verdicts, "skipped"),
			  json_is_true(json_object_get(verdicts, "fault")));
		return 0;
	}
	for (size_t i = 0; i < grading->out->tests_count; i++) {
		struct graded_test *test = &grading->out->tests[i];
		const json_t *item;

		if (test->step_number != step + 1)
			continue;
		item = item_of(items, test);
		if (!item)
			return -1;
		take_item(test, item, *ended ? ended : NULL, limit);
		if (*text_in(item, "fault"))
			blame_grader(grading->out, text_in(item, "fault"));
		test->duration_ns = ms * 1000000;
		if (test->status != GRADED_PASS &&
		    test->status != GRADED_SKIPPED)
			graded_set_log(test, log, strlen(log));
	}
	if (limit)
		strs_addf(&grading->out->remarks, "%s", limit);
	return 0;
}

/* ---- all words ---- */

int grade_hear(void *ctx, const void *bytes, size_t len, struct err *err)
{
	static const struct {
		const char *name;
		int (*take)(struct grading *grading, const json_t *what);
	} words[] = { { "plan", take_plan },
		      { "at", take_at },
		      { "ran", take_ran },
		      { "remark", take_remark },
		      { "verdicts", take_verdicts } };
	struct grading *grading = ctx;
	json_t *word = json_loadb(bytes, len, 0, NULL);
	int r = json_is_object(word) ? 0 : -1;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && r == 0;
	     i++) {
		const json_t *what = json_object_get(word, words[i].name);

		if (what)
			r = words[i].take(grading, what);
	}
	if (r == 0 && json_object_get(word, "end"))
		grading->ended = true;
	if (r == 0 && grading->grade->told &&
	    (json_object_get(word, "verdicts") || json_object_get(word, "plan")))
		grading->grade->told(grading->grade->ctx, grading->result);
	json_decref(word);
	return r == 0 ? 0
		      : err_set(err, EPROTO,
				_("the engine said something that is no "
				  "word of its own"));
}

void grade_settle(struct grading *grading, const struct grade_rest *rest)
{
	for (size_t i = 0; i < grading->out->tests_count; i++) {
		struct graded_test *test = &grading->out->tests[i];
		int step = test->step_number - 1;

		if (step < grading->judged)
			continue;
		set(&test->reason, rest->reason);
		set(&test->message, rest->message);
		test->status = step == grading->step ||
					       rest->status == GRADED_ERROR
				       ? rest->status
				       : GRADED_SKIPPED;
	}
}
