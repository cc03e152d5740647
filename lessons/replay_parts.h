/* lessons/replay_parts.h - the inside of a replay, for replay*.c only. */
#ifndef LESSONS_REPLAY_PARTS_H
#define LESSONS_REPLAY_PARTS_H

#include "lessons/made.h"
#include "lessons/replay.h"
#include "runtime/base/buf.h"

/* at        the next command
 * step      the step under way
 * files_fd  the submission's files
 * log       what the lines of this step said
 * setting   the lesson's own lines run, not the submission's
 * next      `next` was typed
 * failed    some goal so far is not met, so that a later step may not begin
 * had       what the learner's machine could (words of machine.h), of what the lesson asks
 * without   what it could not
 * worse     a line of this step went well there, and not here
 * lost      why the step cannot be graded here: it was in another form there; or NULL
 * worked    a line of the submission's ran
 * spoilt    why the step could not begin again; or NULL
 * patience_ms  how long lines may still be tried again, in all
 * known     ids of what is there; fresh: of what has come since the last line
 * pairs     what was made then, and what now
 * ended     a limit that a line of this step met, or NULL; ended_by: that line */
struct replaying {
	const struct replay *replay;
	struct lesson_session *session;
	struct commands commands;
	size_t at;
	size_t step;
	int files_fd;
	struct buf log;
	bool setting;
	bool next;
	bool failed;
	bool worse;
	char *lost;
	bool worked;
	char *spoilt;
	struct strs had;
	struct strs without;
	long long patience_ms;
	struct strs known;
	struct strs fresh;
	struct made_pairs pairs;
	const char *ended;
	const char *ended_by;
};

/* ---- replay_say.c ---- */

int replay_say_plan(struct replaying *replaying, struct err *err);
int replay_say_at(struct replaying *replaying, const char *line,
		  struct err *err);
int replay_say_ran(struct replaying *replaying, const char *line,
		   const struct buf *output, const struct replay_ran *ran,
		   struct err *err);
/* The answer to that goal is believed. */
int replay_say_remark(struct replaying *replaying, const struct goal *goal,
		      struct err *err);
/* skipped NULL, or why the step was not begun (verdicts are empty then). */
int replay_say_verdicts(struct replaying *replaying,
			const struct verdicts *verdicts, const char *skipped,
			long long ms, struct err *err);

/* ---- replay_form.c ---- */

/* Fills had and without; before the lesson is opened, behind replay_read. */
int replay_find_form(struct replaying *replaying, struct err *err);

/* Why the step under way, or a goal of it that is not met, is this machine's fault: what
 * it cannot, the learner's could. NULL: it is not. Given. */
char *replay_step_lost(const struct replaying *replaying);
char *replay_goal_lost(const struct replaying *replaying, const char *goal);

/* ---- replay_files.c ---- */

/* Lays the submission's files over what is in the learner's folder. */
int replay_lay_files(struct replaying *replaying, struct err *err);

/* Brings one file to what it was before a command. */
int replay_one_file(struct replaying *replaying, const struct command *command,
		    struct err *err);

/* Opens the files of the submission and reads its commands. */
int replay_read(struct replaying *replaying, struct err *err);

/* Whether somebody wants to come back to the start of a step. */
bool replay_has_reset(const struct replaying *replaying);

#endif
