/* lessons/goal_history.c - goals about how an image was made: history (its steps),
 * cache (what the last build found made already).
 *
 *     history{ id = "order", image = "site:1", order = { "COPY package", "RUN npm" } }
 *     history{ id = "made", image = "site:1", layer = "COPY", empty = "CMD" }
 *     cache{ id = "kept", step = "RUN npm", hit = true }
 *
 * A step is named by a text in its line. */
#include "lessons/goal.h"

#include <errno.h>
#include <string.h>

#include "lessons/facts.h"
#include "lessons/judge.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

/* ---- history ---- */

/* How a step is wished to be: %s is the text in its line. */
static char *part_of(const char *key, const char *text)
{
	if (strcmp(key, "has") == 0)
		return mem_fmt(_("has: %s"), text);
	if (strcmp(key, "lacks") == 0)
		return mem_fmt(_("not: %s"), text);
	if (strcmp(key, "layer") == 0)
		return mem_fmt(_("made a layer: %s"), text);
	return mem_fmt(_("made no layer: %s"), text);
}

static void history_parts(const struct goal *goal, struct strs *parts)
{
	static const char *const keys[] = { "has", "lacks", "layer", "empty",
					    NULL };
	OWN_STRS struct strs order = { 0 };
	OWN_FREE char *joined = NULL;

	for (const char *const *key = keys; *key; key++) {
		OWN_STRS struct strs texts = { 0 };

		goal_strs(goal, *key, &texts);
		for (size_t i = 0; i < texts.count; i++)
			strs_take(parts, part_of(*key, texts.items[i]));
	}
	goal_strs(goal, "order", &order);
	joined = strs_join(&order, " -> ");
	if (order.count > 0)
		strs_addf(parts, _("in this order: %s"), joined);
}

static void history_describe(const struct goal *goal, struct buf *out)
{
	OWN_STRS struct strs parts = { 0 };
	OWN_FREE char *details = NULL;

	history_parts(goal, &parts);
	details = strs_join(&parts, ", ");
	buf_fmt(out, _("the steps of '%s' (%s)"), goal_text(goal, "image"),
		details);
}

/* The step's line without what a shell form puts in front of it. */
static const char *step_line(const struct past_step *step)
{
	static const char *const fronts[] = { "/bin/sh -c #(nop) ",
					      "/bin/sh -c ", NULL };
	const char *line = step->created_by;

	for (const char *const *front = fronts; *front; front++) {
		if (strncmp(line, *front, strlen(*front)) == 0) {
			line += strlen(*front);
			break;
		}
	}
	return line + strspn(line, " ");
}

/* "RUN make" is written "/bin/sh -c make" in a history; so is what a RUN's text is
 * looked for by. */
static bool step_is(const struct past_step *step, const char *text)
{
	static const char run[] = "RUN ";
	bool nop = strstr(step->created_by, "#(nop)") != NULL;

	if (strstr(step->created_by, text) || strstr(step_line(step), text))
		return true;
	if (strcmp(text, "RUN") == 0)
		return !nop;
	return strncmp(text, run, sizeof(run) - 1) == 0 && !nop &&
	       strstr(step->created_by, text + sizeof(run) - 1);
}

/* The oldest step with the text that is newer than `from`; -1: none. Steps count
 * from the newest, so the oldest has the highest index. */
static long find_step(const struct past *past, const char *text, long from)
{
	for (long i = from - 1; i >= 0; i--) {
		if (step_is(&past->steps[i], text))
			return i;
	}
	return -1;
}

/* What a step was looked for and how that went. */
struct found {
	const char *message;
	char *there_is;
};

static void find_order(const struct goal *goal, const struct past *past,
		       struct found *out)
{
	OWN_STRS struct strs order = { 0 };
	long from = (long)past->count;

	goal_strs(goal, "order", &order);
	for (size_t i = 0; i < order.count; i++) {
		const char *text = order.items[i];
		long at = find_step(past, text, from);

		if (at >= 0) {
			from = at;
			continue;
		}
		if (find_step(past, text, (long)past->count) < 0) {
			out->message = "missing";
			out->there_is = mem_fmt(_("no step: %s"), text);
		} else {
			out->message = "order";
			out->there_is = mem_fmt(_("'%s' comes before '%s'"),
						text, order.items[i - 1]);
		}
		return;
	}
}

static void find_kind(const struct goal *goal, const struct past *past,
		      bool empty, struct found *out)
{
	OWN_STRS struct strs texts = { 0 };

	goal_strs(goal, empty ? "empty" : "layer", &texts);
	for (size_t i = 0; i < texts.count && !out->message; i++) {
		long at = find_step(past, texts.items[i], (long)past->count);

		if (at < 0) {
			out->message = "missing";
			out->there_is =
				mem_fmt(_("no step: %s"), texts.items[i]);
		} else if (past->steps[at].empty != empty) {
			out->message = empty ? "layer" : "empty";
			out->there_is =
				empty ? mem_fmt(_("it made a layer: %s"),
						step_line(&past->steps[at]))
				      : mem_fmt(_("it made no layer: %s"),
						step_line(&past->steps[at]));
		}
	}
}

static void find_texts(const struct goal *goal, const struct past *past,
		       bool wanted, struct found *out)
{
	OWN_STRS struct strs texts = { 0 };

	goal_strs(goal, wanted ? "has" : "lacks", &texts);
	for (size_t i = 0; i < texts.count && !out->message; i++) {
		long at = find_step(past, texts.items[i], (long)past->count);

		if ((at >= 0) == wanted)
			continue;
		out->message = wanted ? "missing" : "unexpected";
		out->there_is =
			wanted ? mem_fmt(_("no step: %s"), texts.items[i])
			       : mem_fmt(_("there is the step: %s"),
					 step_line(&past->steps[at]));
	}
}

static int history_judge(const struct goal *goal, const struct facts *facts,
			 struct verdict *out, struct err *err)
{
	const char *image = goal_text(goal, "image");
	OWN_PAST struct past past = { 0 };
	struct found found = { 0 };
	int r = facts->past(facts->ctx, image, &past, err);

	if (r == -ENOENT)
		return goal_open(out, "none", mem_fmt(_("no image '%s'"), image),
				 "images");
	/* Loaded from somewhere, it says what cannot be. */
	if (r == -EBADMSG)
		return goal_open(out, "missing", mem_str(err->msg), "images");
	if (r < 0)
		return r;
	find_texts(goal, &past, true, &found);
	if (!found.message)
		find_texts(goal, &past, false, &found);
	if (!found.message)
		find_order(goal, &past, &found);
	if (!found.message)
		find_kind(goal, &past, false, &found);
	if (!found.message)
		find_kind(goal, &past, true, &found);
	if (!found.message)
		return goal_met(out);
	return goal_open_look(out, found.message, found.there_is,
			      mem_fmt("history %s", image));
}

/* ---- cache ---- */

static bool wants_hit(const struct goal *goal)
{
	return !json_is_false(json_object_get(goal->want, "hit"));
}

static void cache_describe(const struct goal *goal, struct buf *out)
{
	buf_fmt(out,
		wants_hit(goal) ? _("the last build took from the cache: %s")
				: _("the last build did anew: %s"),
		goal_text(goal, "step"));
}

/* A build that was made before the step began is no answer to its task. */
static bool is_new(const struct facts *facts, const json_t *build)
{
	return json_integer_value(json_object_get(build, "number")) >
	       facts->builds_before;
}

static const json_t *build_step_of(const json_t *build, const char *text)
{
	const json_t *steps = json_object_get(build, "steps");

	for (size_t i = 0; i < json_array_size(steps); i++) {
		const json_t *step = json_array_get(steps, i);
		const char *line =
			json_string_value(json_object_get(step, "text"));

		if (line && strstr(line, text))
			return step;
	}
	return NULL;
}

static int judge_build(const struct goal *goal, const json_t *build,
		       struct verdict *out)
{
	const char *text = goal_text(goal, "step");
	const json_t *step = build_step_of(build, text);
	const char *line = json_string_value(json_object_get(step, "text"));
	bool hit = json_is_true(json_object_get(step, "hit"));

	if (!step)
		return goal_open(out, "no_step",
				 mem_fmt(_("the last build has no step: %s"),
					 text),
				 "history");
	if (!json_object_get(step, "image"))
		return goal_open(out, "failed",
				 mem_fmt(_("the last build failed at: %s"),
					 line),
				 "");
	if (hit == wants_hit(goal))
		return goal_met(out);
	if (hit)
		return goal_open(out, "hit",
				 mem_fmt(_("it was in the cache: %s"), line),
				 "build --explain");
	return goal_open(out, "missed",
			 mem_fmt(_("it was done anew: %s"), line),
			 "build --explain");
}

static int cache_judge(const struct goal *goal, const struct facts *facts,
		       struct verdict *out, struct err *err)
{
	json_t *build = facts->note(facts->ctx, "build");
	int r;

	(void)err;
	if (!build || !is_new(facts, build))
		r = goal_open(out, "no_build",
			      mem_fmt(_("nothing was built in this step yet")),
			      "build");
	else if (goal_number(goal, "builds", 1) >
		 json_integer_value(json_object_get(build, "number")) -
			 facts->builds_before)
		r = goal_open(out, "few_builds",
			      mem_fmt(_("builds in this step: %lld, wanted: "
					"%lld"),
				      (long long)json_integer_value(
					      json_object_get(build,
							      "number")) -
					      facts->builds_before,
				      goal_number(goal, "builds", 1)),
			      "build");
	else
		r = judge_build(goal, build, out);
	json_decref(build);
	return r;
}

/* ---- the table ---- */

static const char *const history_keys[] = { "image!", "has+",   "lacks+",
					    "order+", "layer+", "empty+",
					    NULL };
static const char *const history_messages[] = {
	"none", "missing", "unexpected", "order", "empty", "layer", NULL
};
static const char *const cache_keys[] = { "step!", "hit", "builds", NULL };
static const char *const cache_messages[] = { "no_build", "few_builds",
					      "no_step",  "failed",
					      "hit",	  "missed",
					      NULL };

const struct goal_kind goal_kinds_history[] = {
	{ "history", history_keys, history_messages, history_describe,
	  history_judge },
	{ "cache", cache_keys, cache_messages, cache_describe, cache_judge },
	{ .name = NULL },
};
