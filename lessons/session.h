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

struct lesson_news;

/* What the engine asks of the shell.
 *
 * run_line  runs a line as if it had been typed, in the world of the lesson
 *           (the commands `learn`, `next` ... alone are not reached by it). Both
 *           streams are added to `out`; out NULL leaves them on the terminal.
 *           Returns its exit status (0..255), or -errno with *err filled in
 *           where it could not be run at all.
 * run_again NULL (then run_line does), or: the same line once more, because it did
 *           not show yet what it will; of no interest to who counts or watches
 * answer    NULL, or: a script is about to answer the question that is open; may
 *           put another answer in its place. -errno ends the script
 * wrote     NULL, or: a solution has written a file of the learner's folder
 * news      NULL, or: what a check around such an answer found */
struct lesson_host {
	void *ctx;
	int (*run_line)(void *ctx, const char *line, struct buf *out,
			struct err *err);
	int (*run_again)(void *ctx, const char *line, struct buf *out,
			 struct err *err);
	int (*answer)(void *ctx, struct buf *value, struct err *err);
	int (*wrote)(void *ctx, const char *path, const char *text,
		     struct err *err);
	void (*news)(void *ctx, const struct lesson_news *news);
};

/* Where a session lives. All borrowed; must outlive the session.
 *
 * base    the user's own home
 * dirs    `--lessons DIR` or NULL: searched before the built-in places
 * lang    "en" or "ja"
 * dir     NULL, or the lesson's own folder: nobody looks for it then
 * grading goals that a learner does not see are judged, too
 * onwards nobody will come back to the start of a step: it is not kept
 * scratch NULL, or a name under which world and progress are kept apart from
 *         the learner's own (`lesson test`); removed by lesson_close
 * seed    0: the learner's own
 * store   the user's own, for the images that a lesson asks for; NULL: none
 * without NULL, or words of machine.h that this machine is to be without */
struct lesson_place {
	const struct home *base;
	const char *dirs;
	const char *dir;
	const char *lang;
	const char *scratch;
	bool grading;
	bool onwards;
	uint64_t seed;
	struct store *store;
	const struct strs *without;
	struct lesson_host host;
};

/* Opens a lesson where it was left, or at its start: makes or opens the world
 * and makes it the current lesson. The caller then makes lesson_home and
 * lesson_store the shell's own and calls lesson_begin. -ENOENT: no such
 * lesson. */
int lesson_open(const struct lesson_place *place, const char *name_or_number,
		struct lesson_session **out, struct err *err);

/* The lesson that was under way when the program ended, or *out NULL. */
int lesson_resume(const struct lesson_place *place, struct lesson_session **out,
		  struct err *err);

/* The same of the lesson that was left last; NULL, too, where it is finished. */
int lesson_return(const struct lesson_place *place, struct lesson_session **out,
		  struct err *err);

/* Goes to the learner's folder and, where a step was not yet begun, makes its
 * start (setup, snapshot); where that was cut short, makes it anew. */
int lesson_begin(struct lesson_session *session, struct err *err);

/* Lets go of everything. The lesson stays the current one, unless `leave`, which
 * also goes back to the folder the learner came from. */
void lesson_close(struct lesson_session *session, bool leave);

/* The world. Borrowed; the home stays the same until lesson_close, the store
 * until lesson_restart. */
struct home *lesson_home(struct lesson_session *session);
struct store *lesson_store(const struct lesson_session *session);
const struct lesson *lesson_of(const struct lesson_session *session);

/* The folder from which the learner came into the lesson: -1, or borrowed. */
int lesson_from(const struct lesson_session *session);

/* The step under way. */
const struct step *lesson_step(const struct lesson_session *session);

/* "diff 2/4", for the prompt. Borrowed. */
const char *lesson_prompt(const struct lesson_session *session);

/* Where the learner is. step counts from 0; finished: the last one is done. */
struct lesson_at {
	int step;
	int steps;
	int points; /* earned so far in this lesson */
	int points_of;
	int best; /* the most there ever were, in this run or an earlier one */
	bool step_done;
	bool finished;
	bool begun; /* something was typed in this step */
};
void lesson_where(const struct lesson_session *session, struct lesson_at *out);

/* ---- words ---- */

/* A section of the lesson's text in the chosen language with the variables
 * filled in: "step touch", "end". NULL where there is none; given. */
char *lesson_says(struct lesson_session *session, const char *key);
const char *lesson_title(const struct lesson_session *session, const char *key);

/* The line of a goal in the checklist: the lesson's own, else what its kind
 * says it expects. Given. */
char *lesson_goal_title(struct lesson_session *session,
			const struct goal *goal);

/* The lesson's own words for a verdict, or NULL; given. */
char *lesson_verdict_says(struct lesson_session *session,
			  const struct verdict *verdict);

/* Whether this is not what was told last: a word said once need not be said
 * after each command. Remembers it. */
bool lesson_is_news(struct lesson_session *session,
		    const struct verdict *verdict);

/* Whether the reason why this goal, which was met, is so no more has yet to be told in
 * this step. Remembers it. */
bool lesson_loss_is_news(struct lesson_session *session,
			 const struct verdict *verdict);

/* ---- what the learner does ---- */

/* What a check found: all goals of the step, in the lesson's order. checked
 * false: the step was done already, or looking costs and nothing had changed since
 * the last check, so nobody looked (verdicts are empty). step_done: has become so just now.
 * ask_first: something was run before a guess was made, and nothing counts until then;
 * once in a step. */
struct lesson_news {
	struct verdicts verdicts;
	bool checked;
	bool step_done;
	bool offer_hint;
	bool ask_first;
};
void lesson_news_done(struct lesson_news *news);

/* Called when a line that was typed begins to run, so that it is known how long it
 * took. May be left out. */
void lesson_before_command(struct lesson_session *session);

/* Called after each line that was typed at the prompt or read from a script,
 * with its exit status. Keeps the line, judges the goals that are still open. Where
 * nothing changed, only what costs no program in a container. */
int lesson_after_command(struct lesson_session *session, const char *line,
			 int status, struct lesson_news *out, struct err *err);

/* Judges all goals of the step now. wait: gives what needs time (a container
 * that is ending) a few seconds. */
int lesson_check(struct lesson_session *session, bool wait,
		 struct lesson_news *out, struct err *err);

bool lesson_is_met(const struct lesson_session *session,
		   const struct goal *goal);

/* The question that is open: a goal of the kind `answer` without an answer (or
 * with a wrong one) that waits for nothing else. NULL: none. */
const struct goal *lesson_question(const struct lesson_session *session);

/* Answers it. -ENOENT: nothing is asked; -EINVAL: that can be no answer. Then
 * lesson_check says what came of it. */
int lesson_answer(struct lesson_session *session, const char *value,
		  struct err *err);

/* What was answered to a goal of any step ("step", "goal"), or NULL. */
const char *lesson_answered(const struct lesson_session *session,
			    const char *step, const char *goal);

/* One level more, up to 3, for the first goal that is open; *out is Markdown
 * (given). -ENOENT: nothing is open. */
int lesson_hint(struct lesson_session *session, char **out, int *out_level,
		struct err *err);

/* Goes to the next step and begins it. -EBUSY: goals are open. -ENOENT: that
 * was the last. */
int lesson_next(struct lesson_session *session, struct err *err);

/* Goes to any step and begins it, whatever is met: the world goes on from where it
 * is. For who plays a lesson. */
int lesson_go(struct lesson_session *session, size_t step, struct err *err);

/* The step as it was at its start. */
int lesson_reset(struct lesson_session *session, struct err *err);

/* The whole lesson from its start, progress of it forgotten; the best result counts
 * on. */
int lesson_restart(struct lesson_session *session, struct err *err);

/* The lines of a solution, with variables filled in. lesson_may_see_solution
 * counts the askings: true after the step or at the second. */
int lesson_solution(struct lesson_session *session, size_t step, size_t which,
		    struct strs *out, struct err *err);
bool lesson_may_see_solution(struct lesson_session *session);

/* The lines that the learner typed in a step since it was last begun, oldest
 * first. */
int lesson_typed(const struct lesson_session *session, const char *step,
		 struct strs *out, struct err *err);

/* The same with "status" and "ms" (progress.h); given. */
int lesson_lines(const struct lesson_session *session, const char *step,
		 json_t **out, struct err *err);

/* Puts the step under way, which is done, into the notebook (notebook.h). */
int lesson_keep_step(struct lesson_session *session, struct err *err);

/* ---- for proving a lesson (prove.h), and for grading (replay.h) ---- */

/* Runs setup, a solution or a wrong way for real, in the step under way. */
int lesson_play(struct lesson_session *session, int part, size_t index,
		struct err *err);
/* Of the lines that it typed: those that failed, with what they said. Borrowed. */
const struct strs *lesson_complaints(const struct lesson_session *session);
/* Judges each goal for itself. */
int lesson_judge_alone(struct lesson_session *session, struct verdicts *out,
		       struct err *err);
/* The goal counts as met: somebody has seen that it was. */
int lesson_believe(struct lesson_session *session, const struct goal *goal,
		   struct err *err);
/* The world as text (world.h, world_print). */
int lesson_print_world(const struct lesson_session *session, struct buf *out,
		       struct err *err);
void lesson_set_lang(struct lesson_session *session, const char *lang);

#endif
