/* lessons/session_step.c - the start of a step, and every way back to one.
 *
 *     PHASE_NEW        the world as the last step left it
 *        |  keep the world
 *     PHASE_SETUP      the step's setup(w) runs; cut short, it begins from what was kept
 *        |  keep it again: this is what `reset` comes back to
 *     PHASE_READY      the step is the learner's
 *        |  reset
 *     PHASE_RESETTING  the kept world is brought back, then PHASE_READY
 *
 * The phase is on disk before the work it names, so that a kill at any moment is
 * mended by the next lesson_begin. */
#include "lessons/session_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lessons/script.h"
#include "lessons/trail.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/notes.h"

static int go_to_work(struct lesson_session *session, struct err *err)
{
	OWN_FD int work = world_work(&session->world, err);

	if (work < 0)
		return work;
	if (session->from_fd < 0)
		session->from_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fchdir(work) < 0)
		return err_errno(err, "chdir %s/work",
				 session->world.home.path);
	return 0;
}

static int set_phase(struct lesson_session *session, enum progress_phase phase,
		     struct err *err)
{
	session->progress.phase = phase;
	return session_save(session, err);
}

static long long builds_so_far(const struct lesson_session *session)
{
	json_t *build = notes_read(&session->world.home, "build");
	long long number = json_integer_value(json_object_get(build, "number"));

	json_decref(build);
	return number;
}

/* The step is the learner's from here on. */
static int make_ready(struct lesson_session *session, struct err *err)
{
	struct progress *progress = &session->progress;
	int r;

	r = session_note_seen(session, err);
	if (r < 0)
		return r;
	progress->seen_start = progress->seen.count;
	r = progress_log_add(
		&(struct progress_log){ session->progress_fd, session->name },
		&(struct progress_line){ .step = progress->step }, err);
	if (r < 0)
		return r;
	progress->builds_before = builds_so_far(session);
	progress->log_from = progress_log_size(
		&(struct progress_log){ session->progress_fd, session->name });
	session->quiet = 0;
	session->stamp = 0;
	strs_clear(&session->told);
	strs_clear(&session->lost);
	session->reminded = false;
	trail_begin_anew(session->progress_fd, session->name);
	return set_phase(session, PHASE_READY, err);
}

static int keep(struct lesson_session *session, struct err *err)
{
	return session->place.onwards ? 0 : world_keep(&session->world, err);
}

/* -errno of a file that is in the way; else the script's own failure. */
static int play_setup(struct lesson_session *session, size_t step,
		      struct err *err)
{
	int r;

	session->blocked = 0;
	r = session_play(session, step, SCRIPT_SETUP, 0, err);
	if (r == -EINVAL && session->blocked)
		err->code = session->blocked;
	return r < 0 ? -err->code : 0;
}

/* Keeps the world, lets the step set it up, keeps it again. Cut short anywhere,
 * it begins from what was kept first. */
static int make_start(struct lesson_session *session, struct err *err)
{
	size_t step = session_step_index(session);
	int r = 0;

	if (session->progress.phase == PHASE_SETUP)
		r = world_restore(&session->world, err);
	else
		r = keep(session, err);
	if (r < 0)
		return r;
	if (session->lesson->steps[step].has_setup) {
		r = set_phase(session, PHASE_SETUP, err);
		/* Its lines are typed where the learner's are. */
		if (r == 0)
			r = go_to_work(session, err);
		if (r == 0)
			r = play_setup(session, step, err);
		if (r == 0)
			r = keep(session, err);
		if (r < 0)
			return err_wrap(err, _("set up step '%s'"),
					session->lesson->steps[step].id);
	}
	return make_ready(session, err);
}

/* Forgets what was reached in this step. */
static void forget_step(struct lesson_session *session)
{
	const struct step *step = lesson_step(session);

	session_note_best(session);
	for (size_t i = 0; i < step->goals_count; i++) {
		OWN_FREE char *key =
			mem_fmt("%s/%s", step->id, step->goals[i].id);
		struct strs *met = &session->progress.met;

		for (size_t k = met->count; k-- > 0;) {
			if (strcmp(met->items[k], key) == 0)
				strs_remove(met, k);
		}
		json_object_del(session->progress.answers, key);
	}
	/* What came since has never been there. */
	while (session->progress.seen.count > session->progress.seen_start)
		strs_remove(&session->progress.seen,
			    session->progress.seen.count - 1);
}

static int bring_back(struct lesson_session *session, struct err *err)
{
	int r = world_restore(&session->world, err);

	return r < 0 ? r : make_ready(session, err);
}

/* ---- begin, again, and onwards ---- */

int lesson_begin(struct lesson_session *session, struct err *err)
{
	OWN_FD int lock = session_lock(session, err);
	int r;

	if (lock < 0)
		return lock;
	r = session_first_record(session, err);
	if (r == 0 && session->progress.phase == PHASE_RESETTING)
		r = bring_back(session, err);
	else if (r == 0 && session->progress.phase != PHASE_READY)
		r = make_start(session, err);
	return r < 0 ? r : go_to_work(session, err);
}

int lesson_reset(struct lesson_session *session, struct err *err)
{
	OWN_FD int lock = session_lock(session, err);
	int r;

	if (lock < 0)
		return lock;
	forget_step(session);
	/* A kill finds it; a power cut may find the reset undone, which is no harm. */
	session->progress.phase = PHASE_RESETTING;
	r = progress_write(session->progress_fd, session->name,
			   &session->progress, false, err);
	if (r == 0)
		r = bring_back(session, err);
	return r < 0 ? r : go_to_work(session, err);
}

int lesson_restart(struct lesson_session *session, struct err *err)
{
	OWN_FD int lock = session_lock(session, err);
	int r;

	if (lock < 0)
		return lock;
	if (chdir("/") < 0)
		return err_errno(err, "chdir /");
	/* The world is emptied, not removed: the shell has it open. Whatever it
	 * holds goes; what it began with is the start of its first step. */
	r = world_begin_again(&session->world, err);
	session_note_best(session);
	if (r == 0)
		r = progress_begin_again(session->progress_fd, session->name,
					 &session->progress, err);
	if (r < 0)
		return r;
	r = session_first_record(session, err);
	if (r == 0)
		r = make_start(session, err);
	return r < 0 ? r : go_to_work(session, err);
}

static int go_to_step(struct lesson_session *session, size_t step,
		      struct err *err)
{
	int r;

	free(session->progress.step);
	session->progress.step = mem_str(session->lesson->steps[step].id);
	session->progress.asked = 0;
	strs_clear(&session->shown);
	r = set_phase(session, PHASE_NEW, err);
	if (r == 0)
		r = make_start(session, err);
	return r < 0 ? r : go_to_work(session, err);
}

int lesson_next(struct lesson_session *session, struct err *err)
{
	OWN_FD int lock = session_lock(session, err);
	size_t step = session_step_index(session);

	if (lock < 0)
		return lock;
	if (!session_step_is_met(session, lesson_step(session)))
		return err_set(err, EBUSY, _("this step is not done yet"));
	if (step + 1 == session->lesson->steps_count)
		return err_set(err, ENOENT, _("that was the last step"));
	return go_to_step(session, step + 1, err);
}

int lesson_go(struct lesson_session *session, size_t step, struct err *err)
{
	OWN_FD int lock = session_lock(session, err);

	if (lock < 0)
		return lock;
	return go_to_step(session, step, err);
}
