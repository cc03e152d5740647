/* lessons/session_open.c - the ends of a session: a lesson is found and loaded, with
 * its texts, its world and the record of this learner; and all of it is closed.
 *
 * A lesson may ask what the machine can, and for images of the user's own. The first
 * is looked up once, when the learner begins; the second are put into the world. */
#include "lessons/session_parts.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "images/store.h"
#include "lessons/course.h"
#include "lessons/machine.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

/* ---- what a lesson asks for ---- */

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
int session_first_record(struct lesson_session *session, struct err *err)
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
		r = session_first_record(session, err);
	if (r == 0 && !place->scratch)
		r = progress_set_current(place->base, session->lesson->id, err);
	if (r < 0) {
		lesson_close(session, false);
		return r;
	}
	session_make_prompt(session);
	*out = session;
	return 0;
}

/* An author's own is found by --lessons or a variable, which this start may lack. */
static int say_lost(const struct lesson_place *place, const char *id,
		    struct err *err)
{
	const struct course_entry *entry = NULL;
	struct course course = { 0 };
	struct err none = { 0 };
	bool found = course_open(place->dirs, &course, &none) < 0 ||
		     course_find(&course, id, &entry, &none) == 0;

	course_done(&course);
	if (found) /* something else is not there */
		return -ENOENT;
	err_set(err, ENOENT, _("the lesson '%s' is under way, but it is not found"),
		id);
	return err_hint(err, _("start with --lessons and the folder that it is in, or type 'leave'"));
}

int lesson_resume(const struct lesson_place *place, struct lesson_session **out,
		  struct err *err)
{
	OWN_FREE char *id = NULL;
	int r = progress_current(place->base, &id, err);

	*out = NULL;
	if (r < 0 || !id)
		return r;
	r = lesson_open(place, id, out, err);
	return r == -ENOENT ? say_lost(place, id, err) : r;
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

/* ---- closing ---- */

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
