/* lessons/replay.c - see replay.h
 *
 * for each step:  setup | files | its commands, goals judged after each | judged last
 *
 * A command that ended well for the learner and does not here may have come too early,
 * for nobody thinks between two lines of a script: it is tried again for a while, as
 * the learner would. */
#include "lessons/replay_parts.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"

enum {
	SIGINT_STATUS = 130,
	REFUSED = 125, /* `run`: a port that is not free yet, say */
	/* How long a line that was ended by Ctrl-C may take until it is again. */
	STOP_LEAST_MS = 1000,
	STOP_MOST_MS = 10000,
	/* What came too early: a slow machine has time, too. */
	AGAIN_MS = 10000,
	AGAIN_ALL_MS = 20000,
	AGAIN_PAUSE_MS = 200,
	/* Looks at a server that is slow to come up; each waits by itself. */
	LAST_LOOKS = 3,
};

/* ---- one command ---- */

/* The lesson's own lines: setup. */
static int run_own(void *ctx, const char *line, struct buf *out,
		   struct err *err)
{
	struct replaying *replaying = ctx;
	const struct replay *replay = replaying->replay;
	const struct replay_line want = { .line = line };
	struct replay_ran ran = { 0 };
	OWN_BUF struct buf unwanted = { 0 };
	int r = replay_say_at(replaying, line, err);

	if (r == 0)
		r = replay->run(replay->ctx, &want, out ? out : &unwanted, &ran,
				err);
	return r < 0 ? r : ran.status;
}

static long long stop_after(const struct command *command)
{
	if (command->status != SIGINT_STATUS)
		return 0;
	if (command->ms < STOP_LEAST_MS)
		return STOP_LEAST_MS;
	return command->ms > STOP_MOST_MS ? STOP_MOST_MS : command->ms;
}

/* The first of its kind that has come here, since the last command, is what was made
 * there. */
static int pair_made(struct replaying *replaying, const char *then,
		     struct err *err)
{
	struct strs *fresh = &replaying->fresh;
	OWN_STRS struct strs new = { 0 };
	int r = made_look(lesson_home(replaying->session),
			  lesson_store(replaying->session), &replaying->known,
			  &new, err);

	if (r < 0)
		return r;
	strs_copy(&replaying->known, &new);
	strs_copy(fresh, &new);
	for (size_t i = 0; i < fresh->count; i++) {
		if (!made_same_kind(fresh->items[i], then))
			continue;
		made_pair(&replaying->pairs, then, fresh->items[i]);
		strs_remove(fresh, i);
		return 0;
	}
	return 0; /* nothing was made here: then a goal is not met */
}

static int run_once(struct replaying *replaying, const struct command *command,
		    struct buf *output, struct replay_ran *ran, struct err *err)
{
	const struct replay *replay = replaying->replay;
	OWN_FREE char *line =
		made_translate(&replaying->pairs, command->text);
	const struct replay_line want = { line, stop_after(command) };
	int r = replay_say_at(replaying, line, err);

	buf_clear(output);
	if (r == 0)
		r = replay->run(replay->ctx, &want, output, ran, err);
	if (r == 0 && ran->ended && !replaying->ended) {
		replaying->ended = ran->ended;
		replaying->ended_by = command->text;
	}
	return r;
}

static bool something_runs(const struct replaying *replaying)
{
	OWN_CONTAINERS struct containers all = { 0 };
	struct err ignored = { 0 };
	bool runs = false;

	if (container_list(lesson_home(replaying->session), &all, &ignored) < 0)
		return false;
	for (size_t i = 0; i < all.count && !runs; i++)
		runs = all.items[i].status == CONTAINER_RUNNING;
	return runs;
}

/* It was well then, and is not now; something may be on its way still. */
static bool came_early(const struct replaying *replaying,
		       const struct command *command,
		       const struct replay_ran *ran)
{
	return command->status == 0 && ran->status != 0 && !ran->ended &&
	       ran->status != 126 && ran->status != 127 &&
	       replaying->patience_ms > 0 &&
	       (ran->status == REFUSED || something_runs(replaying));
}

/* Only how it ended is told: how often it was tried is this machine's affair. */
static int run_until_well(struct replaying *replaying,
			  const struct command *command,
			  struct replay_ran *ran, struct err *err)
{
	OWN_FREE char *line =
		made_translate(&replaying->pairs, command->text);
	OWN_BUF struct buf output = { 0 };
	int r = run_once(replaying, command, &output, ran, err);
	int64_t from = clock_ms();

	while (r == 0 && came_early(replaying, command, ran) &&
	       clock_ms() - from < AGAIN_MS) {
		(void)poll(NULL, 0, AGAIN_PAUSE_MS);
		lesson_before_command(replaying->session);
		r = run_once(replaying, command, &output, ran, err);
	}
	replaying->patience_ms -= clock_ms() - from;
	return r < 0 ? r
		     : replay_say_ran(replaying, line, &output, ran, err);
}

static int run_work(struct replaying *replaying, const struct command *command,
		    struct err *err)
{
	OWN_FREE char *line =
		made_translate(&replaying->pairs, command->text);
	struct lesson_news news = { 0 };
	struct replay_ran ran = { 0 };
	int r;

	replaying->worked = true;
	strs_clear(&replaying->fresh);
	lesson_before_command(replaying->session);
	r = run_until_well(replaying, command, &ran, err);
	if (command->status == 0 && ran.status != 0 && !ran.ended)
		replaying->worse = true;
	if (r == 0)
		r = lesson_after_command(replaying->session, line, ran.status,
					 &news, err);
	lesson_news_done(&news);
	return r;
}

/* What only the learner's machine knew (the number of a process there) is another here.
 * Whether the answer was right was recorded then, and no better can be had. */
static int believe(struct replaying *replaying, const struct goal *goal,
		   const struct command *command, struct err *err)
{
	if (!goal || !goal->has_right || command->status != 0 ||
	    lesson_is_met(replaying->session, goal))
		return 0;
	if (lesson_believe(replaying->session, goal, err) < 0)
		return -err->code;
	return replay_say_remark(replaying, goal, err);
}

/* A wrong answer is the learner's affair: the goal is not met, that is all. */
static int answer(struct replaying *replaying, const struct command *command,
		  const char *typed, struct err *err)
{
	OWN_FREE char *value = made_translate(&replaying->pairs, typed);
	const struct goal *goal = lesson_question(replaying->session);
	struct lesson_news news = { 0 };
	struct err said = { 0 };
	int r = lesson_answer(replaying->session, value, &said);

	buf_fmt(&replaying->log, "> answer %s\n%s%s", value,
		r < 0 ? said.msg : "", r < 0 ? "\n" : "");
	if (r < 0)
		return r == -ENOENT || r == -EINVAL || r == -EILSEQ
			       ? 0
			       : err_set(err, -r, "%s", said.msg);
	r = lesson_check(replaying->session, false, &news, err);
	lesson_news_done(&news);
	return r < 0 ? r : believe(replaying, goal, command, err);
}

/* What stands in the way is what lines have made, or not left, where a step begins or is
 * to begin again: no fault of the lesson's, and the same on each machine. */
static bool is_in_the_way(const struct replaying *replaying, int code)
{
	switch (code) {
	case ELOOP:
	case ENAMETOOLONG:
	case ENOENT:
	case ENOTDIR:
	case EISDIR:
	case EEXIST:
	case ENOTEMPTY:
	case EACCES:
	case EPERM:
	case EROFS:
	case EXDEV:
		return replaying->worked;
	default:
		return false;
	}
}

/* From then on there is no telling what is in the world: nothing of this step is met. */
static int reset(struct replaying *replaying, struct err *err)
{
	struct err failed = { 0 };
	int r = lesson_reset(replaying->session, &failed);

	if (r == 0)
		return 0;
	if (!is_in_the_way(replaying, failed.code)) {
		*err = failed;
		return r;
	}
	free(replaying->spoilt);
	replaying->spoilt = mem_fmt(_("the step could not begin again: %s"),
				    failed.msg);
	return 0;
}

static int run_command(struct replaying *replaying,
		       const struct command *command, struct err *err)
{
	const char *value = "";

	if (command->kind == COMMAND_MADE)
		return pair_made(replaying, command->text, err);
	if (command->kind != COMMAND_LINE)
		return replay_one_file(replaying, command, err);
	switch (replaying->replay->about(command->text, &value)) {
	case REPLAY_WORK:
		return run_work(replaying, command, err);
	case REPLAY_ANSWER:
		return answer(replaying, command, value, err);
	case REPLAY_RESET:
		return reset(replaying, err);
	case REPLAY_NEXT:
		replaying->next = true;
		return 0;
	case REPLAY_NOTHING:
		break;
	}
	return 0;
}

/* ---- a step ---- */

static bool step_is_done(const struct replaying *replaying)
{
	struct lesson_at at;

	lesson_where(replaying->session, &at);
	return at.step_done;
}

/* Whether the next command belongs to the step under way. Those of a step that this
 * edition of the lesson does not have belong to the one before. */
static bool is_of_step(const struct replaying *replaying)
{
	const struct commands *commands = &replaying->commands;
	const struct lesson *lesson = lesson_of(replaying->session);
	bool is_last = replaying->step + 1 == lesson->steps_count;
	int step;

	if (replaying->at == commands->count)
		return false;
	if (!commands->steps)
		return is_last || !step_is_done(replaying);
	step = lesson_step_index(lesson, commands->items[replaying->at].step);
	return step <= (int)replaying->step;
}

static int run_commands(struct replaying *replaying, struct err *err)
{
	int r = 0;

	while (r == 0 && !replaying->spoilt && is_of_step(replaying))
		r = run_command(replaying,
				&replaying->commands.items[replaying->at++],
				err);
	/* How the files were when the work was handed in. */
	if (r == 0 && replaying->commands.history &&
	    replaying->at == replaying->commands.count &&
	    replaying->commands.count > 0 &&
	    lesson_step_index(
		    lesson_of(replaying->session),
		    replaying->commands.items[replaying->at - 1].step) ==
		    (int)replaying->step)
		r = replay_lay_files(replaying, err);
	return r;
}

static bool all_met(const struct verdicts *verdicts)
{
	for (size_t i = 0; i < verdicts->count; i++) {
		if (verdicts->items[i].state != VERDICT_MET)
			return false;
	}
	return true;
}

static int judge(struct replaying *replaying, struct lesson_news *news,
		 struct err *err)
{
	int r = lesson_check(replaying->session, true, news, err);

	for (int i = 1; i < LAST_LOOKS && r == 0 && !all_met(&news->verdicts);
	     i++) {
		int64_t from = clock_ms();

		lesson_news_done(news);
		r = lesson_check(replaying->session, true, news, err);
		/* It did not wait: nothing is on its way. */
		if (clock_ms() - from < AGAIN_PAUSE_MS)
			break;
	}
	return r;
}

/* A setup may need what an earlier step was to make; then this one cannot be begun, and
 * that is no fault of the lesson's. */
static int begin(struct replaying *replaying, bool *out_begun, struct err *err)
{
	OWN_FREE char *why = NULL;
	struct err failed = { 0 };
	int r;

	replaying->setting = true;
	r = replaying->step == 0
		    ? lesson_begin(replaying->session, &failed)
		    : lesson_go(replaying->session, replaying->step, &failed);
	replaying->setting = false;
	if (r < 0 &&
	    (replaying->failed || is_in_the_way(replaying, failed.code))) {
		why = mem_fmt(replaying->failed
				      ? _("the step could not begin without "
					  "the ones before it: %s")
				      : _("the step could not begin: %s"),
			      failed.msg);
		*out_begun = false;
		return replay_say_verdicts(replaying,
					   &(struct verdicts){ 0 }, why, 0,
					   err);
	}
	if (r < 0) {
		*err = failed;
		return r;
	}
	*out_begun = true;
	return replaying->commands.history ? 0
					   : replay_lay_files(replaying, err);
}

/* What is left of the step's commands is for nothing. */
static void pass_commands(struct replaying *replaying)
{
	while (replaying->commands.steps && is_of_step(replaying))
		replaying->at++;
}

static int replay_step(struct replaying *replaying, struct err *err)
{
	struct lesson_news news = { 0 };
	int64_t from = clock_ms();
	bool begun = false;
	int r;

	buf_clear(&replaying->log);
	replaying->ended = NULL;
	replaying->worse = false;
	free(own_give_ptr(&replaying->spoilt));
	free(replaying->lost);
	replaying->lost = replay_step_lost(replaying);
	r = begin(replaying, &begun, err);
	if (r == 0 && begun && replaying->lost) {
		begun = false;
		r = replay_say_verdicts(replaying, &news.verdicts,
					replaying->lost, 0, err);
	}
	if (r == 0 && !begun)
		pass_commands(replaying);
	if (r < 0 || !begun)
		return r;
	r = run_commands(replaying, err);
	if (r == 0 && replaying->spoilt) {
		pass_commands(replaying);
		replaying->failed = true;
		return replay_say_verdicts(replaying, &news.verdicts,
					   replaying->spoilt, 0, err);
	}
	if (r == 0)
		r = judge(replaying, &news, err);
	if (r == 0)
		r = replay_say_verdicts(replaying, &news.verdicts, NULL,
					clock_ms() - from, err);
	replaying->failed = replaying->failed || !all_met(&news.verdicts);
	lesson_news_done(&news);
	return r;
}

static int replay_all(struct replaying *replaying, struct err *err)
{
	size_t steps = lesson_of(replaying->session)->steps_count;
	int r = replay_say_plan(replaying, err);

	for (size_t i = 0; i < steps && r == 0; i++) {
		replaying->step = i;
		r = replay_step(replaying, err);
		if (r < 0)
			err_wrap(err, "%s",
				 lesson_of(replaying->session)->steps[i].id);
	}
	return r;
}

static void replaying_done(struct replaying *replaying)
{
	commands_done(&replaying->commands);
	buf_done(&replaying->log);
	strs_done(&replaying->known);
	strs_done(&replaying->fresh);
	strs_done(&replaying->had);
	strs_done(&replaying->without);
	made_pairs_done(&replaying->pairs);
	free(replaying->lost);
	free(replaying->spoilt);
	if (replaying->files_fd >= 0)
		close(replaying->files_fd);
}

int replay_run(const struct replay *replay, struct err *err)
{
	struct replaying replaying = { .replay = replay,
				       .files_fd = -1,
				       .patience_ms = AGAIN_ALL_MS };
	struct lesson_place place = replay->place;
	struct err left = { 0 };
	json_t *end = NULL;
	int r;

	place.host = (struct lesson_host){ .ctx = &replaying,
					   .run_line = run_own };
	place.without = &replaying.without;
	r = replay_read(&replaying, err);
	place.onwards = !replay_has_reset(&replaying);
	if (r == 0)
		r = replay_find_form(&replaying, err);
	if (r == 0)
		r = lesson_open(&place, replay->lesson, &replaying.session,
				err);
	if (r == 0) {
		r = replay->enter(replay->ctx, replaying.session, err);
		if (r == 0)
			r = replay_all(&replaying, err);
		/* Leaving is no work. */
		(void)replay->enter(replay->ctx, NULL, &left);
		lesson_close(replaying.session, true);
	}
	replaying_done(&replaying);
	if (r < 0)
		return r;
	end = json_pack("{s:b}", "end", 1);
	r = replay->say(replay->ctx, end, err);
	json_decref(end);
	return r;
}
