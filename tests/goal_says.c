/* tests/goal_says.c - see goal_says.h */
#include "tests/goal_says.h"

#include <string.h>

#include "lessons/judge.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "tests/test.h"

void goal_of(const char *text, struct goal *out)
{
	OWN_FREE char *json = mem_str(text);
	struct err err = { 0 };
	json_t *data;

	for (char *at = json; *at; at++) {
		if (*at == '\'')
			*at = '"';
	}
	data = json_loads(json, 0, NULL);
	assert_non_null(data);
	assert_ok(goal_read("step", data, out, &err), &err);
	json_decref(data);
}

const char *judged(const char *text, const struct facts *facts)
{
	static char message[64];
	struct goal goal = { 0 };
	struct verdict verdict = { 0 };
	struct err err = { 0 };

	goal_of(text, &goal);
	assert_ok(goal.kind->judge(&goal, facts, &verdict, &err), &err);
	(void)snprintf(message, sizeof(message), "%s",
		       verdict.state == VERDICT_MET ? "" : verdict.message);
	verdict_done(&verdict);
	goal_done(&goal);
	return message;
}

void refused(const char *text, const char *because)
{
	OWN_FREE char *json = mem_str(text);
	struct goal goal = { 0 };
	struct err err = { 0 };
	json_t *data;

	for (char *at = json; *at; at++) {
		if (*at == '\'')
			*at = '"';
	}
	data = json_loads(json, 0, NULL);
	assert_true(goal_read("step", data, &goal, &err) < 0);
	assert_non_null(strstr(err.msg, because));
	json_decref(data);
}
