/* lessons/session.c - see session.h: what a session knows of itself, and the record
 * of it on disk.
 *
 * The rest of a session follows in the order of a lesson: session_open.c opens and
 * closes it, session_step.c begins a step, session_check.c judges after each command
 * (its scripts run in session_child.c), session_text.c says it, session_keep.c puts
 * what is done into the notebook. */
#include "lessons/session_parts.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "images/store.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/container.h"

int64_t session_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- small questions ---- */

size_t session_step_index(const struct lesson_session *session)
{
	int index = lesson_step_index(session->lesson, session->progress.step);

	/* A step that a newer edition of the lesson no longer has: from the
	 * start. */
	return index < 0 ? 0 : (size_t)index;
}

const struct step *lesson_step(const struct lesson_session *session)
{
	return &session->lesson->steps[session_step_index(session)];
}

struct home *lesson_home(struct lesson_session *session)
{
	return &session->world.home;
}

struct store *lesson_store(const struct lesson_session *session)
{
	return session->world.store;
}

int lesson_from(const struct lesson_session *session)
{
	return session->from_fd;
}

const struct lesson *lesson_of(const struct lesson_session *session)
{
	return session->lesson;
}

bool lesson_is_met(const struct lesson_session *session,
		   const struct goal *goal)
{
	OWN_FREE char *key = mem_fmt("%s/%s", goal->step, goal->id);

	return strs_has(&session->progress.met, key);
}

bool session_step_is_met(const struct lesson_session *session,
			 const struct step *step)
{
	for (size_t i = 0; i < step->goals_count; i++) {
		if (!lesson_is_met(session, &step->goals[i]))
			return false;
	}
	return true;
}

void lesson_where(const struct lesson_session *session, struct lesson_at *out)
{
	*out = (struct lesson_at){
		.step = (int)session_step_index(session),
		.steps = (int)session->lesson->steps_count,
		.step_done = session_step_is_met(session, lesson_step(session)),
		.begun = progress_log_size(&(struct progress_log){
				 session->progress_fd, session->name }) >
			 session->progress.log_from,
	};
	out->points = lesson_points(session->lesson, &session->progress.met,
				    &out->points_of);
	out->best = session->progress.best > out->points
			    ? session->progress.best
			    : out->points;
	if (out->best > out->points_of) /* of an edition that had more */
		out->best = out->points_of;
	out->finished = out->step_done && out->step == out->steps - 1;
}

/* What was reached once counts, whatever comes after it. */
void session_note_best(struct lesson_session *session)
{
	struct lesson_at at;

	lesson_where(session, &at);
	if (at.points > session->progress.best)
		session->progress.best = at.points;
}

const char *lesson_prompt(const struct lesson_session *session)
{
	return session->prompt;
}

void session_make_prompt(struct lesson_session *session)
{
	snprintf(session->prompt, sizeof(session->prompt), "%s %zu/%zu",
		 session->lesson->id, session_step_index(session) + 1,
		 session->lesson->steps_count);
}

/* ---- the record ---- */

int session_lock(struct lesson_session *session, struct err *err)
{
	struct progress now = { 0 };
	OWN_FD int lock =
		progress_lock(session->progress_fd, session->name, err);
	int r;

	if (lock < 0)
		return lock;
	r = progress_read(session->progress_fd, session->name, &now, err);
	if (r < 0)
		return r;
	progress_done(&session->progress);
	session->progress = now;
	session_make_prompt(session);
	return own_give_fd(&lock);
}

int session_save(struct lesson_session *session, struct err *err)
{
	session_make_prompt(session);
	session_note_best(session);
	/* What is thrown away afterwards need not outlive a power cut. */
	return progress_write(session->progress_fd, session->name,
			      &session->progress, !session->place.scratch, err);
}

static void note(struct strs *seen, char *what)
{
	if (!strs_has(seen, what))
		strs_take(seen, what);
	else
		free(what);
}

int session_note_seen(struct lesson_session *session, struct err *err)
{
	OWN_CONTAINERS struct containers all = { 0 };
	struct image_list images = { 0 };
	struct strs *seen = &session->progress.seen;
	size_t before = seen->count;
	int r = container_list(&session->world.home, &all, err);

	if (r == 0)
		r = image_list(session->world.store, false, &images, err);
	for (size_t i = 0; i < all.count; i++)
		note(seen, mem_fmt("container %s", all.items[i].spec.name));
	for (size_t i = 0; i < images.count; i++) {
		const struct strs *tags = &images.items[i].tags;

		for (size_t k = 0; k < tags->count; k++)
			note(seen, mem_fmt("image %s", tags->items[k]));
	}
	image_list_done(&images);
	/* Not worth an fsync(2): it counts while the container is there. */
	if (r == 0 && seen->count > before)
		r = progress_write(session->progress_fd, session->name,
				   &session->progress, false, err);
	return r;
}
