/* lessons/goal_measure.c - goals about times: measure. Never how long, always which
 * of two takes longer, and how many times.
 *
 *     measure{ id = "once", more = "lookup first", less = "lookup again", times = 3 }
 *     measure{ id = "cached", slower = "build --no-cache", faster = "build -t",
 *              times = 2 }
 *
 * more, less      what a command of the lesson measured, by name (runtime/notes.h):
 *                 medians, and an order is stated only where it is plain
 * slower, faster  lines that the learner typed, by a text in them: the last of each
 *                 that ended well */
#include "lessons/goal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/facts.h"
#include "lessons/judge.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/measure.h"

/* Under this, two single lines differ by chance. */
#define SMALLEST_DIFFERENCE_MS 2

static double times_of(const struct goal *goal)
{
	const json_t *times = json_object_get(goal->want, "times");

	return json_is_number(times) ? json_number_value(times) : 1;
}

static void measure_describe(const struct goal *goal, struct buf *out)
{
	bool lines = goal_has(goal, "slower");
	const char *more = goal_text(goal, lines ? "slower" : "more");
	const char *less = goal_text(goal, lines ? "faster" : "less");

	if (times_of(goal) > 1)
		buf_fmt(out, _("'%s' takes at least %g times as long as '%s'"),
			more, times_of(goal), less);
	else
		buf_fmt(out, _("'%s' takes longer than '%s'"), more, less);
}

/* ---- lines ---- */

/* The last line with the text, among those that ended well; -1: none. The texts of
 * two lines may lie in one another: `not_this` belongs to the other. */
static long long line_ms(const json_t *lines, const char *text,
			 const char *not_this)
{
	for (size_t i = json_array_size(lines); i-- > 0;) {
		const json_t *one = json_array_get(lines, i);
		const char *line =
			json_string_value(json_object_get(one, "line"));

		if (!line || !strstr(line, text) ||
		    json_integer_value(json_object_get(one, "status")) != 0)
			continue;
		if (strlen(not_this) > strlen(text) && strstr(line, not_this))
			continue;
		return json_integer_value(json_object_get(one, "ms"));
	}
	return -1;
}

static int judge_lines(const struct goal *goal, const struct facts *facts,
		       struct verdict *out)
{
	const char *slower = goal_text(goal, "slower");
	const char *faster = goal_text(goal, "faster");
	long long slow = line_ms(facts->lines, slower, faster);
	long long fast = line_ms(facts->lines, faster, slower);

	if (slow < 0 || fast < 0)
		return goal_open(out, "not_measured",
				 mem_fmt(_("no line of this step has run and "
					   "ended well: %s"),
					 slow < 0 ? slower : faster),
				 "");
	if (slow - fast >= SMALLEST_DIFFERENCE_MS &&
	    (double)slow >= times_of(goal) * (double)fast)
		return goal_met(out);
	return goal_open(out, slow > fast ? "too_close" : "order",
			 mem_fmt(_("'%s': %lld ms, '%s': %lld ms"), slower,
				 slow, faster, fast),
			 "");
}

/* ---- series ---- */

struct series {
	double median;
	double p10;
	double p90;
};

static bool series_of(const json_t *measures, const char *name,
		      struct series *out)
{
	const json_t *one = json_object_get(measures, name);

	*out = (struct series){
		json_number_value(json_object_get(one, "median")),
		json_number_value(json_object_get(one, "p10")),
		json_number_value(json_object_get(one, "p90")),
	};
	return one != NULL;
}

/* By the rule of measure.h. */
static bool is_above(const struct series *a, const struct series *b,
		     double times)
{
	bool far = a->median >= MEASURE_FAR * b->median &&
		   a->median > b->median;

	return a->median >= times * b->median &&
	       (far || (a->median > b->p90 && a->p10 > b->median));
}

static int judge_series(const struct goal *goal, const struct facts *facts,
			struct verdict *out)
{
	json_t *measures = facts->note(facts->ctx, "measures");
	const char *more = goal_text(goal, "more");
	const char *less = goal_text(goal, "less");
	struct series a;
	struct series b;
	bool has_a = series_of(measures, more, &a);
	bool has_b = series_of(measures, less, &b);

	json_decref(measures);
	if (!has_a || !has_b)
		return goal_open(out, "not_measured",
				 mem_fmt(_("not measured yet: %s"),
					 has_a ? less : more),
				 "");
	if (is_above(&a, &b, times_of(goal)))
		return goal_met(out);
	return goal_open(out,
			 is_above(&b, &a, 1) ? "order"
			 : a.median > b.median ? "too_close"
						: "unclear",
			 mem_fmt(_("'%s': %.1f us, '%s': %.1f us (medians)"),
				 more, a.median / 1000, less, b.median / 1000),
			 "");
}

static int measure_judge(const struct goal *goal, const struct facts *facts,
			 struct verdict *out, struct err *err)
{
	bool lines = goal_has(goal, "slower");

	if (!goal_has(goal, lines ? "faster" : "less"))
		return err_set(err, EINVAL,
			       _("lesson.lua:%d: measure{} needs more and "
				 "less, or slower and faster"),
			       goal->line);
	return lines ? judge_lines(goal, facts, out)
		     : judge_series(goal, facts, out);
}

static const char *const measure_keys[] = { "more+",  "less",	"slower+",
					    "faster", "times", NULL };
static const char *const measure_messages[] = { "not_measured", "order",
						"too_close", "unclear", NULL };

const struct goal_kind goal_kinds_measure[] = {
	{ "measure", measure_keys, measure_messages, measure_describe,
	  measure_judge },
	{ .name = NULL },
};
