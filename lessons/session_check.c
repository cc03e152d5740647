/* lessons/session_check.c - the part of a session that follows each command:
 * what was met by it, what is asked, what helps. */
#include "lessons/session_parts.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>

#include "lessons/goal_answer.h"
#include "lessons/goal_wait.h"
#include "lessons/script.h"
#include "lessons/trail.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"

/* After so many commands without a goal met, a hint is offered. */
#define QUIET_COMMANDS 3
#define CHECK_WAIT_MS 3000
#define CHECK_PAUSE_MS 50
/* After a command that has just started a container, its server is waited for. */
#define COMMAND_WAIT_MS 1500
#define JUST_STARTED_NS (3LL * 1000000000)

/* ---- judging ---- */

void lesson_news_done(struct lesson_news *news)
{
	verdicts_done(&news->verdicts);
	*news = (struct lesson_news){ 0 };
}

/* Writes what the verdicts say into the record. Returns whether it changed. */
static bool note_verdicts(struct lesson_session *session,
			  struct verdicts *verdicts)
{
	const struct step *step = lesson_step(session);
	struct strs *met = &session->progress.met;
	bool changed = false;

	for (size_t i = 0; i < verdicts->count; i++) {
		struct verdict *verdict = &verdicts->items[i];
		OWN_FREE char *key =
			mem_fmt("%s/%s", step->id, step->goals[i].id);
		bool was = strs_has(met, key);
		bool is = verdict->state == VERDICT_MET;

		verdict->newly = is && !was;
		verdict->lost = was && !is;
		if (verdict->newly)
			strs_add(met, key);
		for (size_t k = met->count; verdict->lost && k-- > 0;) {
			if (strcmp(met->items[k], key) == 0)
				strs_remove(met, k);
		}
		changed = changed || is != was;
	}
	return changed;
}

static int check_now(struct lesson_session *session, int patience_ms,
		     struct lesson_news *out, bool *out_changed,
		     struct err *err)
{
	struct session_check check = { .patience_ms = patience_ms };
	bool was_done = session_step_is_met(session, lesson_step(session));
	struct lesson_at at;
	int r = session_note_seen(session, err);

	if (r == 0)
		r = session_judge(session, &check, &out->verdicts, err);
	if (r < 0)
		return r;
	out->checked = true;
	*out_changed = note_verdicts(session, &out->verdicts) || *out_changed;
	out->step_done =
		!was_done && session_step_is_met(session, lesson_step(session));
	lesson_where(session, &at);
	if (at.finished && session->progress.finished_ns == 0)
		session->progress.finished_ns = session_now_ns();
	return 0;
}

/* What is played comes from a script, and is handed in by nobody. */
static void note_made(struct lesson_session *session)
{
	const struct trail trail = { session->progress_fd, session->name, -1 };

	if (!session->place.scratch)
		trail_note_made(&trail, lesson_step(session)->id,
				&session->world.home, session->world.store);
}

void lesson_before_command(struct lesson_session *session)
{
	struct err ignored = { 0 };
	OWN_FD int work = -1;
	struct trail trail;

	note_made(session);
	if (!session->place.scratch)
		work = world_work(&session->world, &ignored);
	trail = (struct trail){ session->progress_fd, session->name, work };
	if (work >= 0)
		trail_look(&trail, lesson_step(session)->id);
	session->began_ms = goal_wait_now_ms();
}

/* How long the line that has just ended took; -1: nobody said when it began. */
static long long took_ms(struct lesson_session *session)
{
	int64_t began = session->began_ms;

	session->began_ms = 0;
	return began ? goal_wait_now_ms() - began : -1;
}

/* A container that was started a moment ago may not be ready yet. */
static bool just_started(const struct lesson_session *session)
{
	OWN_CONTAINERS struct containers all = { 0 };
	struct err ignored = { 0 };
	bool found = false;

	if (container_list(&session->world.home, &all, &ignored) < 0)
		return false;
	for (size_t i = 0; i < all.count && !found; i++)
		found = all.items[i].status == CONTAINER_RUNNING &&
			session_now_ns() - all.items[i].started_ns <
				JUST_STARTED_NS;
	return found;
}

/* Offered, not pressed upon anybody: after 3 commands, 6, 12 ... */
static bool time_for_hint(int quiet)
{
	int at = QUIET_COMMANDS;

	while (at < quiet)
		at *= 2;
	return at == quiet;
}

/* Whether the line makes something. Who tries anew is told anew what is wrong, even
 * if it is the same as before. */
static bool tries_anew(const char *line)
{
	static const char *const words[] = { "run",   "create", "start", "exec",
					     "build", "commit", "edit",	 NULL };

	while (*line) {
		size_t len;

		line += strspn(line, " \t\n;&|");
		len = strcspn(line, " \t\n;&|");
		for (const char *const *word = words; *word; word++) {
			if (strlen(*word) == len &&
			    strncmp(line, *word, len) == 0)
				return true;
		}
		line += len;
	}
	return false;
}

/* An answer is as wrong as before, and nobody has given it again. */
static void forget_told(struct strs *told)
{
	for (size_t i = told->count; i > 0; i--) {
		const char *message = strchr(told->items[i - 1], ' ');

		if (!message || strncmp(message, " wrong ", 7) != 0)
			strs_remove(told, i - 1);
	}
}

/* A guess is worth something only before one has seen what happens. */
static bool guess_is_missing(struct lesson_session *session, const char *line)
{
	const struct goal *question = lesson_question(session);

	if (session->reminded || !question || !question->predict ||
	    !tries_anew(line))
		return false;
	session->reminded = true;
	return true;
}

int lesson_after_command(struct lesson_session *session, const char *line,
			 int status, struct lesson_news *out, struct err *err)
{
	OWN_FD int lock = session_lock(session, err);
	struct lesson_news news = { 0 };
	bool changed = false;
	bool busy = false;
	unsigned long long stamp;
	int r;

	if (lock < 0)
		return lock;
	r = progress_log_add(
		&(struct progress_log){ session->progress_fd, session->name },
		&(struct progress_line){ lesson_step(session)->id, line, status,
					 took_ms(session) },
		err);
	if (r < 0)
		return r;
	note_made(session);
	stamp = world_stamp(&session->world, &busy);
	if (stamp != session->stamp && tries_anew(line))
		forget_told(&session->told);
	/* Nothing left to meet: nobody looks. Where the world is as it was, the line
	 * itself may be what went wrong (a program run outside, an id mistaken), so
	 * only what costs a program in a container is spared. */
	if (!session_step_is_met(session, lesson_step(session)) &&
	    (busy || stamp != session->stamp || !session->looked)) {
		r = check_now(session,
			      busy && just_started(session) ? COMMAND_WAIT_MS
							    : 0,
			      &news, &changed, err);
		if (r < 0)
			return r;
		/* A program that the check ran itself has left its trace. */
		session->stamp = session->looked
					 ? world_stamp(&session->world, &busy)
					 : stamp;
	}
	session->quiet = changed ? 0 : session->quiet + 1;
	news.ask_first = !changed && guess_is_missing(session, line);
	news.offer_hint = time_for_hint(session->quiet) &&
			  !session_step_is_met(session, lesson_step(session));
	if (changed)
		r = session_save(session, err);
	if (r < 0)
		lesson_news_done(&news);
	else
		*out = news;
	return r;
}

/* Something that is still on its way: a container that runs, but should have
 * ended. Only those goals are worth waiting for. */
static bool worth_waiting(const struct verdicts *verdicts)
{
	for (size_t i = 0; i < verdicts->count; i++) {
		const struct verdict *verdict = &verdicts->items[i];

		if (verdict->state == VERDICT_OPEN &&
		    (strcmp(verdict->message, "running") == 0 ||
		     strcmp(verdict->message, "not_running") == 0 ||
		     strcmp(verdict->message, "status") == 0 ||
		     strcmp(verdict->message, "exit") == 0))
			return true;
	}
	return false;
}

int lesson_check(struct lesson_session *session, bool wait,
		 struct lesson_news *out, struct err *err)
{
	OWN_FD int lock = session_lock(session, err);
	struct lesson_news news = { 0 };
	bool changed = false;
	bool busy = false;
	int r;

	if (lock < 0)
		return lock;
	session->stamp = world_stamp(&session->world, &busy);
	r = check_now(session, wait && busy ? CHECK_WAIT_MS : 0, &news,
		      &changed, err);
	for (int64_t until = goal_wait_now_ms() + CHECK_WAIT_MS;
	     r == 0 && wait && busy && goal_wait_now_ms() < until &&
	     worth_waiting(&news.verdicts);) {
		lesson_news_done(&news);
		(void)poll(NULL, 0, CHECK_PAUSE_MS);
		r = check_now(session, 0, &news, &changed, err);
	}
	if (r == 0 && changed) {
		session->quiet = 0;
		r = session_save(session, err);
	}
	if (r < 0)
		lesson_news_done(&news);
	else
		*out = news;
	return r;
}

/* ---- questions ---- */

const char *lesson_answered(const struct lesson_session *session,
			    const char *step, const char *goal)
{
	OWN_FREE char *key = mem_fmt("%s/%s", step, goal);

	return json_string_value(
		json_object_get(session->progress.answers, key));
}

static bool others_are_met(const struct lesson_session *session,
			   const struct step *step, const struct goal *goal)
{
	for (size_t i = 0; i < goal->after.count; i++) {
		int at = step_goal_index(step, goal->after.items[i]);

		if (at >= 0 && !lesson_is_met(session, &step->goals[at]))
			return false;
	}
	return true;
}

const struct goal *lesson_question(const struct lesson_session *session)
{
	const struct step *step = lesson_step(session);

	for (size_t i = 0; i < step->goals_count; i++) {
		const struct goal *goal = &step->goals[i];

		if (strcmp(goal->kind->name, "answer") == 0 &&
		    !lesson_is_met(session, goal) &&
		    others_are_met(session, step, goal))
			return goal;
	}
	return NULL;
}

int lesson_answer(struct lesson_session *session, const char *value,
		  struct err *err)
{
	OWN_FD int lock = session_lock(session, err);
	OWN_FREE char *clean = goal_answer_clean(value);
	const struct goal *goal = lesson_question(session);
	OWN_FREE char *key = NULL;
	json_t *text;
	int r;

	if (lock < 0)
		return lock;
	if (!goal)
		return err_set(err, ENOENT, _("nothing is being asked now"));
	r = goal_answer_accept(goal, clean, err);
	if (r < 0)
		return r;
	text = json_string(clean);
	if (!text)
		return err_set(err, EILSEQ, _("an answer that is not UTF-8"));
	key = mem_fmt("%s/%s", goal->step, goal->id);
	json_object_set_new(session->progress.answers, key, text);
	session->stamp = 0;
	/* The same wrong answer again deserves the same word again. */
	strs_clear(&session->told);
	r = progress_log_note(
		&(struct progress_log){ session->progress_fd, session->name },
		goal->step,
		json_pack("{s:s,s:s}", "answer", clean, "goal", goal->id), err);
	return r < 0 ? r : session_save(session, err);
}

/* ---- help ---- */

bool lesson_may_see_solution(struct lesson_session *session)
{
	struct err ignored = { 0 };
	bool may = session_step_is_met(session, lesson_step(session)) ||
		   session->progress.asked > 0;

	session->progress.asked++;
	(void)session_save(session, &ignored); /* asking once more is all */
	return may;
}

int lesson_solution(struct lesson_session *session, size_t step, size_t which,
		    struct strs *out, struct err *err)
{
	json_t *lines = NULL;
	int r;

	if (which >= (size_t)session->lesson->steps[step].solutions)
		return err_set(err, ENOENT, _("this step has no solution"));
	r = session_rehearse(session, step, which, &lines, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < json_array_size(lines); i++)
		strs_add(out, json_string_value(json_array_get(lines, i)));
	json_decref(lines);
	return 0;
}

int lesson_typed(const struct lesson_session *session, const char *step,
		 struct strs *out, struct err *err)
{
	return progress_log_read(
		&(struct progress_log){ session->progress_fd, session->name },
		0, step, out, err);
}

int lesson_lines(const struct lesson_session *session, const char *step,
		 json_t **out, struct err *err)
{
	return progress_log_lines(
		&(struct progress_log){ session->progress_fd, session->name },
		0, step, out, err);
}

/* ---- for proving ---- */

int lesson_play(struct lesson_session *session, int part, size_t index,
		struct err *err)
{
	/* A wrong way is known by its place in the script. */
	if (part == SCRIPT_WRONG)
		index = lesson_step(session)->wrongs[index].index;
	return session_play(session, session_step_index(session), part, index,
			    err);
}

const struct strs *lesson_complaints(const struct lesson_session *session)
{
	return &session->complaints;
}

int lesson_believe(struct lesson_session *session, const struct goal *goal,
		   struct err *err)
{
	OWN_FD int lock = session_lock(session, err);
	OWN_FREE char *key = mem_fmt("%s/%s", goal->step, goal->id);

	if (lock < 0)
		return lock;
	if (!strs_has(&session->progress.met, key))
		strs_add(&session->progress.met, key);
	return session_save(session, err);
}

int lesson_judge_alone(struct lesson_session *session, struct verdicts *out,
		       struct err *err)
{
	return session_judge(session, &(struct session_check){ .alone = true },
			     out, err);
}

int lesson_print_world(const struct lesson_session *session, struct buf *out,
		       struct err *err)
{
	return world_print(&session->world, out, err);
}
