/* lessons/replay_say.c - see replay.h: what goes out of a replay. */
#include "lessons/replay_parts.h"

#include <errno.h>
#include <string.h>

#include "lessons/any_text.h"
#include "lessons/graded.h"
#include "runtime/base/err.h"
#include "runtime/base/json_text.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

/* Of one line's output, of all of a step's, of a line itself: bytes, of which one may be
 * six in JSON, and all of a word must be sent as one record (ENCLOSURE_WORD_MAX). */
enum { LINE_MOST = 2048, STEP_MOST = 12 << 10, SAID_MOST = 4096 };

/* Takes the object; it goes out as {"name": object}. */
static int say(struct replaying *replaying, const char *name, json_t *what,
	       struct err *err)
{
	json_t *word = json_pack("{s:o}", name, what);
	int r;

	if (!word)
		return err_set(err, EILSEQ, _("the lesson has text that is not "
					      "UTF-8"));
	r = replaying->replay->say(replaying->replay->ctx, word, err);
	json_decref(word);
	return r;
}

/* ---- the plan ---- */

/* Which goal lost most by rounding down. */
static size_t most_lost(const struct step *step, const int *points, int all)
{
	size_t best = 0;
	long long most = -1;

	for (size_t i = 0; i < step->goals_count; i++) {
		long long lost =
			(long long)step->points * step->goals[i].points -
			(long long)points[i] * all;

		if (lost > most) {
			most = lost;
			best = i;
		}
	}
	return best;
}

/* Whole points: each goal gets its share of the step's rounded down, and what is left
 * over goes one by one to those that lost most by it. */
static void share_points(const struct step *step, int *out)
{
	int all = 0;
	int left = step->points;

	for (size_t i = 0; i < step->goals_count; i++)
		all += step->goals[i].points;
	for (size_t i = 0; i < step->goals_count && all > 0; i++) {
		out[i] = step->points * step->goals[i].points / all;
		left -= out[i];
	}
	while (all > 0 && left-- > 0)
		out[most_lost(step, out, all)]++;
}

static json_t *goal_json(struct replaying *replaying, const struct goal *goal,
			 int max)
{
	OWN_FREE char *title = lesson_goal_title(replaying->session, goal);
	json_t *after = json_array();

	for (size_t i = 0; i < goal->after.count; i++)
		json_array_append_new(after,
				      json_sprintf("%s/%s", goal->step,
						   goal->after.items[i]));
	return json_pack("{s:s,s:o,s:i,s:s,s:o}", "id", goal->id, "title",
			 any_text(title), "max", max, "visibility",
			 goal->visibility, "after", after);
}

static json_t *step_json(struct replaying *replaying, const struct step *step)
{
	OWN_FREE char *key = mem_fmt("step %s", step->id);
	OWN_FREE int *points =
		mem_zero(step->goals_count + 1, sizeof(*points));
	json_t *goals = json_array();

	share_points(step, points);
	for (size_t i = 0; i < step->goals_count; i++)
		json_array_append_new(goals,
				      goal_json(replaying, &step->goals[i],
						points[i]));
	return json_pack("{s:s,s:o,s:o}", "id", step->id, "title",
			 any_text(lesson_title(replaying->session, key)),
			 "goals", goals);
}

int replay_say_plan(struct replaying *replaying, struct err *err)
{
	const struct lesson *lesson = lesson_of(replaying->session);
	json_t *steps = json_array();

	for (size_t i = 0; i < lesson->steps_count; i++)
		json_array_append_new(steps,
				      step_json(replaying, &lesson->steps[i]));
	return say(replaying, "plan",
		   json_pack("{s:o,s:s,s:o}", "title",
			     any_text(lesson_title(replaying->session,
						    "lesson")),
			     "version", replaying->replay->version, "steps",
			     steps),
		   err);
}

/* ---- lines ---- */

int replay_say_at(struct replaying *replaying, const char *line,
		  struct err *err)
{
	return say(replaying, "at",
		   json_pack("{s:i,s:o,s:b}", "step", (int)replaying->step,
			     "line", any_text_most(line, SAID_MOST), "setup",
			     replaying->setting),
		   err);
}

/* The end of what a line printed says what became of it. */
int replay_say_ran(struct replaying *replaying, const char *line,
		   const struct buf *output, const struct replay_ran *ran,
		   struct err *err)
{
	const char *text = buf_text(output);
	size_t from = output->len > LINE_MOST ? output->len - LINE_MOST : 0;
	OWN_FREE char *clean = any_text_utf8(text + from, output->len - from);
	OWN_BUF struct buf log = { 0 };

	buf_fmt(&log, "> %.1000s\n%s%s", line, from ? "...\n" : "", clean);
	if (log.data[log.len - 1] != '\n')
		buf_char(&log, '\n');
	if (ran->ended)
		buf_fmt(&log, _("[ended: the limit of %s]\n"), _(ran->ended));
	else if (ran->status != 0)
		buf_fmt(&log, _("[exit status %d]\n"), ran->status);
	if (replaying->log.len < STEP_MOST)
		buf_str(&replaying->log, buf_text(&log));
	return say(replaying, "ran",
		   json_pack("{s:i,s:o,s:i,s:s*}", "step", (int)replaying->step,
			     "line", any_text_most(line, SAID_MOST), "status", ran->status,
			     "ended", ran->ended),
		   err);
}

int replay_say_remark(struct replaying *replaying, const struct goal *goal,
		      struct err *err)
{
	OWN_FREE char *text = mem_fmt(
		_("%s/%s: only the learner's machine knew what is right; it "
		  "was recorded there that the answer was"),
		goal->step, goal->id);

	return say(replaying, "remark", any_text(text), err);
}

/* ---- verdicts ---- */

struct replay_verdicts {
	const struct verdicts *verdicts;
	const char *skipped;
	long long ms;
};

static json_t *verdict_json(struct replaying *replaying,
			    const struct verdict *verdict, size_t most)
{
	OWN_FREE char *says =
		lesson_verdict_says(replaying->session, verdict);
	bool held = verdict->state == VERDICT_MET ||
		    verdict->state == VERDICT_SKIPPED;
	OWN_FREE char *fault =
		held ? NULL : replay_goal_lost(replaying, verdict->goal);

	return json_pack("{s:s,s:i,s:s,s:o,s:o,s:o,s:o,s:o}", "goal",
			 verdict->goal, "state", (int)verdict->state,
			 "message", verdict->message, "says",
			 any_text_most(says, most), "expected",
			 any_text_most(verdict->expected, most), "actual",
			 any_text_most(verdict->there_is, most), "look",
			 any_text_most(verdict->look, most), "fault",
			 any_text(fault));
}

static int say_verdicts(struct replaying *replaying,
			const struct replay_verdicts *said, size_t most,
			struct err *err)
{
	const char *log = most == SAID_MOST ? buf_text(&replaying->log) : "";
	const char *by = replaying->ended ? replaying->ended_by : "";
	json_t *items = json_array();

	for (size_t i = 0; i < said->verdicts->count; i++)
		json_array_append_new(items,
				      verdict_json(replaying,
						   &said->verdicts->items[i],
						   most));
	return say(replaying, "verdicts",
		   json_pack("{s:i,s:o,s:o,s:b,s:I,s:o,s:s*,s:o}", "step",
			     (int)replaying->step, "items", items, "skipped",
			     said->skipped ? any_text(said->skipped)
					   : json_null(),
			     "fault", replaying->lost != NULL, "ms",
			     (json_int_t)said->ms, "log", any_text(log),
			     "ended", replaying->ended, "by",
			     any_text_most(by, SAID_MOST)),
		   err);
}

/* Whoever makes it too long to be sent has it said in few words. */
int replay_say_verdicts(struct replaying *replaying,
			const struct verdicts *verdicts, const char *skipped,
			long long ms, struct err *err)
{
	const struct replay_verdicts said = { verdicts, skipped, ms };
	struct err failed = { 0 };
	int r = -EMSGSIZE;

	for (size_t most = SAID_MOST; r == -EMSGSIZE && most > 0; most /= 16) {
		failed = (struct err){ 0 };
		r = say_verdicts(replaying, &said, most, &failed);
	}
	if (r < 0)
		*err = failed;
	return r;
}
