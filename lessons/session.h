/* lessons/session.h - a lesson under way.
 *
 * Owns what one learner does in one lesson: the world (a home of its own beside
 * the user's), the step they are at, which goals are met, what they answered,
 * how far they were helped. All of it is on disk after each change, so a kill
 * at any moment loses nothing. What a lesson says is lesson.h's, whether a goal
 * is met is judge.h's; nothing here prints.
 *
 * State lies in the user's own home, out of reach of what a learner may prune
 * in the world:
 *
 *   lessons/learner            the seed of this learner
 *   lessons/current            id of the lesson under way, absent outside
 *   lessons/progress/ID.json   step, goals met, answers, hints taken
 *   lessons/progress/ID.log    the lines typed, one JSON object each
 *   lessons/worlds/ID/         the world: a home; work/ is the learner's folder
 *   lessons/worlds/ID@start/   the world as it was when the step began
 */
#ifndef LESSONS_SESSION_H
#define LESSONS_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lessons/judge.h"
#include "lessons/lesson.h"
#include "runtime/base/list.h"

struct buf;
struct err;
struct home;
struct lesson_session;
struct store;

/* What the engine asks of the shell.
 *
 * run_line  runs a line as if it had been typed, in the world of the lesson
 *           (the commands `learn`, `next` ... alone are not reached by it). Both
 *           streams are added to `out`; out NULL leaves them on the terminal.
 *           Returns its exit status (0..255), or -errno with *err filled in
 *           where it could not be run at all. */
struct lesson_host {
	void *ctx;
	int (*run_line)(void *ctx, const char *line, struct buf *out,
			struct err *err);
};

/* Where a session lives. All borrowed; must outlive the session.
 *
 * base    the user's own home
 * dirs    `--lessons DIR` or NULL: searched before the built-in places
 * lang    "en" or "ja"
 * scratch NULL, or a name under which world and progress are kept apart from
 *         the learner's own (`lesson test`); removed by lesson_close
 * seed    0: the learner's own */
struct lesson_place {
	const struct home *base;
	const char *dirs;
	const char *lang;
	const char *scratch;
	uint64_t seed;
	struct lesson_host host;
};

/* Opens a lesson where it was left, or at its start: makes or opens the world
 * and makes it the current lesson. The caller then makes lesson_home and
 * lesson_store the shell's own and calls lesson_begin. -ENOENT: no such
 * lesson. */
int lesson_open(const struct lesson_place *place, const char *name_or_number,
		struct lesson_session **out, struct err *err);

/* The lesson that was under way when the program ended, or *out NULL. */
int lesson_resume(const struct lesson_place *place,
		  struct lesson_session **out, struct err *err);

/* Goes to the learner's folder and, where a step was not yet begun, makes its
 * start (setup, snapshot). Not needed again until lesson_next. */
int lesson_begin(struct lesson_session *session, struct err *err);

/* Lets go of everything. The lesson stays the current one, unless `leave`. */
void lesson_close(struct lesson_session *session, bool leave);

/* The world. Borrowed, the same until lesson_close. */
struct home *lesson_home(const struct lesson_session *session);
struct store *lesson_store(const struct lesson_session *session);
const struct lesson *lesson_of(const struct lesson_session *session);

/* "diff 2/4", for the prompt. Borrowed. */
const char *lesson_prompt(const struct lesson_session *session);

/* Where the learner is. step counts from 0; step == steps means finished. */
struct lesson_at {
	int step;
	int steps;
	int hint_level;
	int quiet_commands; /* in a row after which no goal was met */
	bool step_done;
	bool finished;
};
void lesson_where(const struct lesson_session *session, struct lesson_at *out);

/* What a check found. verdicts: all goals of the step, in the lesson's order;
 * newly_met: indexes into them. checked false: nothing had changed since the
 * last check, so nobody looked. */
struct lesson_news {
	struct verdicts verdicts;
	int newly_met;
	bool checked;
	bool step_done;     /* has become so just now */
	bool offer_hint;
};
void lesson_news_done(struct lesson_news *news);

/* Called by the shell after each line that was typed at the prompt or read from
 * a script, with its exit status. Keeps the line, judges the goals that are
 * still open. Costs nothing where nothing changed. */
int lesson_after_command(struct lesson_session *session, const char *line,
			 int status, struct lesson_news *out, struct err *err);

/* Judges all goals of the step now, the held ones as well, and waits for what
 * needs time. */
int lesson_check(struct lesson_session *session, struct lesson_news *out,
		 struct err *err);

/* Answers a question or makes a prediction. -EINVAL: no such choice. */
int lesson_answer(struct lesson_session *session, const char *goal,
		  const char *value, struct err *err);

/* One level more, up to 3; *out is Markdown (given, to be freed), of the goal
 * that is open. */
int lesson_hint(struct lesson_session *session, char **out, struct err *err);

/* Goes to the next step (begun; see lesson_begin). -EBUSY: goals are open. */
int lesson_next(struct lesson_session *session, struct err *err);

/* The step as it was at its start. */
int lesson_reset(struct lesson_session *session, struct err *err);

/* The whole lesson from its start, progress of it forgotten. */
int lesson_restart(struct lesson_session *session, struct err *err);

/* The lines of the step's first solution, with variables filled in. */
int lesson_solution(struct lesson_session *session, struct strs *out,
		    struct err *err);

#endif
