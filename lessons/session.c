/* lessons/session.c - see session.h. The order of the file is that of a
 * lesson: opened, begun, judged after each command, next step, closed. */
#include "lessons/session_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "images/store.h"
#include "lessons/course.h"
#include "lessons/machine.h"
#include "lessons/script.h"
#include "lessons/trail.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/notes.h"

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
	out->best = session->progress.best > out->points ? session->progress.best
							 : out->points;
	if (out->best > out->points_of) /* of an edition that had more */
		out->best = out->points_of;
	out->finished = out->step_done && out->step == out->steps - 1;
}

/* What was reached once counts, whatever comes after it. */
static void note_best(struct lesson_session *session)
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

static void make_prompt(struct lesson_session *session)
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
	make_prompt(session);
	return own_give_fd(&lock);
}

int session_save(struct lesson_session *session, struct err *err)
{
	make_prompt(session);
	note_best(session);
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

/* ---- opening ---- */

static int read_texts(struct lesson_session *session, struct err *err)
{
	const char *dir = session->lesson->dir;
	struct err none = { 0 };
	int r = text_read(dir, "en", &session->english, err);

	if (r < 0)
		return r;
	/* No text in the chosen language: then all of it is English. */
	(void)text_read(dir, session->place.lang, &session->text, &none);
	return 0;
}

/* What the machine can: as it was when the learner began, so that a lesson keeps its
 * form; else found out now. */
static int look_at_machine(struct lesson_session *session, struct strs *out,
			   struct err *err)
{
	const struct strs *vars = &session->progress.vars;
	const struct lesson_place *place = &session->place;
	OWN_STRS struct strs words = { 0 };
	OWN_STRS struct strs all = { 0 };

	if (*session->progress.step) {
		machine_remembered(vars, out);
		return 0;
	}
	strs_copy(&all, &session->lesson->words);
	for (size_t i = 0; i < all.count; i++) {
		if (!place->without || !strs_has(place->without, all.items[i]))
			strs_add(&words, all.items[i]);
	}
	return machine_look(place->base->path, place->store, &words, out, err);
}

/* Most lessons ask nothing of the machine, and nobody looks. */
static int load_lesson(struct lesson_session *session, const char *dir,
		       uint64_t seed, struct err *err)
{
	const struct strs *vars = &session->progress.vars;
	OWN_STRS struct strs can = { 0 };
	int r = lesson_load(dir, seed, vars, &session->lesson, err);

	if (r < 0 || session->lesson->words.count == 0)
		return r;
	r = look_at_machine(session, &can, err);
	if (r < 0)
		return r;
	lesson_free(session->lesson);
	session->lesson = NULL;
	r = lesson_load_for(dir, seed, vars, &can, &session->lesson, err);
	return r < 0 ? r : lesson_check_needs(session->lesson, err);
}

static int names_to_bring(struct lesson_session *session, const char *can,
			  struct strs *out, struct err *err)
{
	OWN_FREE char *word = mem_strn(can, strcspn(can, "="));
	OWN_STRS struct strs names = { 0 };
	int r = machine_images(session->place.store, word, &names, err);

	for (size_t i = 0; i < names.count; i++) {
		OWN_IMAGE struct image there = { 0 };
		struct err missing = { 0 };

		if (image_find(session->world.store, names.items[i], &there,
			       &missing) < 0)
			strs_add(out, names.items[i]);
	}
	return r;
}

/* The user's own images that the lesson asked for are in its world, too, with all
 * their tags: which of them is the better base may be what the lesson is about. */
static int bring_images(struct lesson_session *session, struct err *err)
{
	const struct strs *can = &session->lesson->can;
	OWN_STRS struct strs names = { 0 };

	for (size_t i = 0; i < can->count; i++) {
		int r = 0;

		if (strncmp(can->items[i], "image:", 6) == 0)
			r = names_to_bring(session, can->items[i], &names, err);
		if (r < 0)
			return r;
	}
	if (names.count == 0)
		return 0;
	return store_add_to_world(session->place.store, session->world.store,
				  &names, err);
}

static int load(struct lesson_session *session, const char *dir, const char *id,
		struct err *err)
{
	uint64_t seed = session->place.seed;
	int r;

	session->name =
		mem_str(session->place.scratch ? session->place.scratch : id);
	session->progress_fd = progress_folder(session->place.base, err);
	if (session->progress_fd < 0)
		return session->progress_fd;
	r = progress_read(session->progress_fd, session->name,
			  &session->progress, err);
	if (r == 0 && seed == 0)
		r = progress_seed(session->place.base, id, &seed, err);
	if (r == 0)
		r = load_lesson(session, dir, seed, err);
	if (r < 0)
		return r;
	if (!session->lesson) /* never: it was loaded */
		return -EINVAL;
	if (!session->place.grading)
		lesson_hide(session->lesson);
	if (strcmp(session->lesson->id, id) != 0)
		return err_set(err, EINVAL,
			       _("%s: the folder says '%s', lesson.lua says "
				 "'%s'"),
			       dir, id, session->lesson->id);
	r = read_texts(session, err);
	if (r == 0)
		r = world_open(session->place.base, session->name,
			       &session->world, err);
	session->world.quick = session->place.scratch != NULL;
	return r < 0 ? r : bring_images(session, err);
}

/* The first record of a learner in this lesson. */
static int first_record(struct lesson_session *session, struct err *err)
{
	struct progress *progress = &session->progress;

	if (*progress->step)
		return 0;
	free(progress->step);
	progress->step = mem_str(session->lesson->steps[0].id);
	progress->started_ns = session_now_ns();
	strs_clear(&progress->vars);
	strs_copy(&progress->vars, &session->lesson->vars);
	for (size_t i = 0; i < session->lesson->can.count; i++)
		strs_addf(&progress->vars, MACHINE_PREFIX "%s",
			  session->lesson->can.items[i]);
	return session_save(session, err);
}

static int find_and_load(struct lesson_session *session, const char *name,
			 struct err *err)
{
	const struct course_entry *entry;
	struct course course = { 0 };
	int r = course_open(session->place.dirs, &course, err);

	if (r == 0)
		r = course_find(&course, name, &entry, err);
	if (r == 0)
		r = load(session, entry->dir, entry->id, err);
	course_done(&course);
	return r;
}

int lesson_open(const struct lesson_place *place, const char *name,
		struct lesson_session **out, struct err *err)
{
	struct lesson_session *session = mem_zero(1, sizeof(*session));
	int r;

	session->place = *place;
	session->progress_fd = -1;
	session->from_fd = -1;
	session->world.home.fd = -1;
	r = place->dir ? load(session, place->dir, name, err)
		       : find_and_load(session, name, err);
	if (r == 0)
		r = first_record(session, err);
	if (r == 0 && !place->scratch)
		r = progress_set_current(place->base, session->lesson->id, err);
	if (r < 0) {
		lesson_close(session, false);
		return r;
	}
	make_prompt(session);
	*out = session;
	return 0;
}

int lesson_resume(const struct lesson_place *place, struct lesson_session **out,
		  struct err *err)
{
	OWN_FREE char *id = NULL;
	int r = progress_current(place->base, &id, err);

	*out = NULL;
	if (r < 0 || !id)
		return r;
	return lesson_open(place, id, out, err);
}

int lesson_return(const struct lesson_place *place, struct lesson_session **out,
		  struct err *err)
{
	struct lesson_session *session = NULL;
	OWN_FREE char *id = NULL;
	struct lesson_at at;
	int r = progress_left(place->base, &id, err);

	*out = NULL;
	if (r < 0 || !id)
		return r;
	r = lesson_open(place, id, &session, err);
	if (r == -ENOENT) { /* its folder has gone */
		*err = (struct err){ 0 };
		return 0;
	}
	if (r < 0)
		return r;
	lesson_where(session, &at);
	if (at.finished)
		lesson_close(session, true);
	else
		*out = session;
	return 0;
}

void lesson_close(struct lesson_session *session, bool leave)
{
	struct err ignored = { 0 };
	const struct home *base;

	if (!session)
		return;
	base = session->place.base;
	if (leave && session->from_fd >= 0)
		(void)!fchdir(session->from_fd); /* else we stay where we are */
	if (session->from_fd >= 0)
		close(session->from_fd);
	world_close(&session->world);
	if (session->place.scratch) {
		(void)progress_forget(session->progress_fd, session->name,
				      &ignored);
		(void)world_remove(base, session->name, &ignored);
	} else if (leave) {
		(void)progress_set_current(base, NULL, &ignored);
	}
	if (session->progress_fd >= 0)
		close(session->progress_fd);
	lesson_free(session->lesson);
	text_done(&session->text);
	text_done(&session->english);
	progress_done(&session->progress);
	strs_done(&session->shown);
	strs_done(&session->complaints);
	strs_done(&session->told);
	strs_done(&session->lost);
	free(session->name);
	free(session);
}

/* ---- the start of a step ---- */

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
	long long number =
		json_integer_value(json_object_get(build, "number"));

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

/* Keeps the world, lets the step set it up, keeps it again. Cut short anywhere,
 * it begins from what was kept first. */
static int make_start(struct lesson_session *session, struct err *err)
{
	size_t step = session_step_index(session);
	int r = 0;

	if (session->progress.phase == PHASE_SETUP)
		r = world_restore(&session->world, err);
	else
		r = world_keep(&session->world, err);
	if (r < 0)
		return r;
	if (session->lesson->steps[step].has_setup) {
		r = set_phase(session, PHASE_SETUP, err);
		/* Its lines are typed where the learner's are. */
		if (r == 0)
			r = go_to_work(session, err);
		if (r == 0)
			r = session_play(session, step, SCRIPT_SETUP, 0, err);
		if (r == 0)
			r = world_keep(&session->world, err);
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

	note_best(session);
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

int lesson_begin(struct lesson_session *session, struct err *err)
{
	OWN_FD int lock = session_lock(session, err);
	int r;

	if (lock < 0)
		return lock;
	r = first_record(session, err);
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
	note_best(session);
	if (r == 0)
		r = progress_begin_again(session->progress_fd, session->name,
					 &session->progress, err);
	if (r < 0)
		return r;
	r = first_record(session, err);
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
