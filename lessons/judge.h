/* lessons/judge.h - is a goal met?
 *
 * A verdict says what was expected, what is there, and one thing to look at
 * next. Owns the order: goals that depend on others, which of them count, the
 * author's own diagnosis after a failure. Single kinds are goal_*.c's. */
#ifndef LESSONS_JUDGE_H
#define LESSONS_JUDGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/list.h"

struct err;
struct facts;
struct script;
struct step;

enum verdict_state {
	VERDICT_OPEN, /* not met (yet) */
	VERDICT_MET,
	VERDICT_SKIPPED, /* depends on one that is not met */
	VERDICT_BROKEN,  /* the lesson's or the machine's fault */
};

/* goal      id
 * message   key: "port_not_published"; stable, for tests and texts
 * args      "name=value" for the %{names} of the lesson's own message
 * expected, there_is, look  in the chosen language; look may be ""
 * newly     has been met just now; lost: had been met, must hold, is no more */
struct verdict {
	enum verdict_state state;
	bool newly;
	bool lost;
	char *goal;
	char *message;
	struct strs args;
	char *expected;
	char *there_is;
	char *look;
};

struct verdicts {
	struct verdict *items;
	size_t count;
};

void verdict_done(struct verdict *verdict);
void verdicts_done(struct verdicts *verdicts);
const struct verdict *verdicts_of(const struct verdicts *verdicts,
				  const char *goal);

/* What is judged, and how.
 *
 * step    the step
 * facts   what is there
 * script  NULL where no goal has a function
 * met     ids of goals that are met already: they stay so, unless they hold
 * alone   each goal for itself: `after` and `met` are not looked at (to
 *              prove that a goal fails when nothing was done) */
struct judge {
	const struct step *step;
	const struct facts *facts;
	struct script *script;
	const struct strs *met;
	bool alone;
};

/* Judges all goals of a step. Called in a child: what a script does is limited
 * there. */
void judge_step(const struct judge *judge, struct verdicts *out);

/* Over the line between a child and its parent. */
json_t *verdicts_to_json(const struct verdicts *verdicts);
int verdicts_from_json(const json_t *json, struct verdicts *out,
		       struct err *err);

#endif
