/* lessons/overview.c - see overview.h */
#include "lessons/overview.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lessons/course.h"
#include "lessons/lesson.h"
#include "lessons/machine.h"
#include "lessons/path.h"
#include "lessons/progress.h"
#include "lessons/session.h"
#include "lessons/text.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/home.h"

void overview_done(struct overview *overview)
{
	for (size_t i = 0; i < overview->count; i++) {
		free(overview->items[i].id);
		free(overview->items[i].title);
		free(overview->items[i].fault);
		strs_done(&overview->items[i].missing);
		strs_done(&overview->items[i].partly);
	}
	free(overview->items);
	*overview = (struct overview){ 0 };
}

static char *title_of(const char *dir, const char *lang)
{
	const char *const langs[] = { lang, "en" };
	char *title = NULL;

	for (size_t i = 0; i < 2 && !title; i++) {
		struct text text = { 0 };
		struct err ignored = { 0 }; /* then the other language */
		const struct text_section *section;

		(void)text_read(dir, langs[i], &text, &ignored);
		section = text_get(&text, "lesson");
		if (section)
			title = mem_str(section->title);
		text_done(&text);
	}
	return title ? title : mem_str("");
}

static void read_progress(const struct lesson *lesson, int folder,
			  struct overview_entry *entry)
{
	struct progress progress = { 0 };
	struct err ignored = { 0 }; /* then it counts as not begun */
	int step;

	if (progress_read(folder, lesson->id, &progress, &ignored) < 0)
		return;
	step = lesson_step_index(lesson, progress.step);
	entry->step = progress.started_ns == 0 ? 0 : step + 1;
	entry->steps = (int)lesson->steps_count;
	entry->finished = progress.finished_ns != 0 || progress.done_ns != 0;
	entry->again = progress.finished_ns == 0 && progress.done_ns != 0;
	entry->run_points =
		lesson_points(lesson, &progress.met, &entry->points_of);
	entry->points = progress.best > entry->run_points ? progress.best
							  : entry->run_points;
	if (entry->points > entry->points_of) /* of an edition that had more */
		entry->points = entry->points_of;
	progress_done(&progress);
}

/* How many steps and goals are there only where the machine has it, less those that
 * take their place where it has not. */
static int left_out(const struct lesson *lesson, const char *word)
{
	int count = 0;

	for (size_t i = 0; i < lesson->steps_count; i++) {
		const struct step *step = &lesson->steps[i];

		count += strs_has(&step->only_if, word);
		count -= strs_has(&step->unless, word);
		for (size_t k = 0; k < step->goals_count; k++) {
			count += strs_has(&step->goals[k].only_if, word);
			count -= strs_has(&step->goals[k].unless, word);
		}
	}
	return count;
}

/* What the machine lacks of what the lesson asks for. Where another form of the step
 * is done instead, nothing is lacking. */
static void read_lacks(const struct lesson *lesson, const struct strs *can,
		       struct overview_entry *entry)
{
	for (size_t i = 0; i < lesson->words.count; i++) {
		const char *word = lesson->words.items[i];

		if (machine_can(can, word))
			continue;
		if (strs_has(&lesson->needs, word))
			strs_take(&entry->missing, machine_lacks(word));
		else if (left_out(lesson, word) > 0)
			strs_take(&entry->partly, machine_lacks(word));
	}
}

/* A lesson of which parts are left out here has fewer steps and points. */
static struct lesson *adapted(struct lesson *lesson, const struct strs *can)
{
	struct lesson *here = NULL;
	struct err ignored = { 0 }; /* then it is shown whole */

	if (lesson->words.count == 0 ||
	    lesson_load_for(lesson->dir, 1, NULL, can, &here, &ignored) < 0)
		return lesson;
	lesson_free(lesson);
	return here;
}

/* The script is read; a lesson that cannot be is listed, with the reason. */
static struct lesson *read_script(const struct course_entry *from,
				  struct overview_entry *entry,
				  struct strs *words)
{
	struct lesson *lesson = NULL;
	struct err err = { 0 };

	if (lesson_load(from->dir, 1, NULL, &lesson, &err) < 0) {
		entry->fault = mem_str(err.msg);
		return NULL;
	}
	for (size_t i = 0; i < lesson->words.count; i++) {
		if (!strs_has(words, lesson->words.items[i]))
			strs_add(words, lesson->words.items[i]);
	}
	return lesson;
}

static void fill_entry(struct lesson *lesson, const struct strs *can,
		       int folder, struct overview_entry *entry)
{
	read_lacks(lesson, can, entry);
	lesson = adapted(lesson, can);
	entry->minutes = lesson->minutes;
	read_progress(lesson, folder, entry);
	lesson_free(lesson);
}

/* First all of them, so that the machine is looked at once. */
static void read_entries(const struct lesson_place *place, int folder,
			const struct course_entry *const *from, size_t count,
			struct overview_entry *out)
{
	struct lesson **lessons =
		mem_zero(count + 1, sizeof(struct lesson *));
	OWN_STRS struct strs words = { 0 };
	OWN_STRS struct strs can = { 0 };
	struct err err = { 0 };
	int r = 0;

	for (size_t i = 0; i < count; i++) {
		out[i] = (struct overview_entry){
			.id = mem_str(from[i]->id),
			.title = title_of(from[i]->dir, place->lang),
			.number = from[i]->number,
		};
		lessons[i] = read_script(from[i], &out[i], &words);
	}
	if (words.count > 0)
		r = machine_look(place->base->path, place->store, &words, &can,
				 &err);
	for (size_t i = 0; i < count; i++) {
		if (lessons[i] && r == 0)
			fill_entry(lessons[i], &can, folder, &out[i]);
		else if (lessons[i])
			out[i].fault = mem_str(err.msg);
		if (lessons[i] && r < 0)
			lesson_free(lessons[i]);
	}
	free(lessons);
}

static void add_up(struct overview *overview,
		   const struct overview_entry *entry)
{
	overview->count++;
	if (entry->fault)
		return;
	overview->finished += entry->finished;
	overview->minutes += entry->minutes;
	overview->minutes_left += entry->finished ? 0 : entry->minutes;
	overview->points += entry->points;
	overview->points_of += entry->points_of;
}

int overview_open(const struct lesson_place *place, const struct path *path,
		  struct overview *out, struct err *err)
{
	static const struct path everything = { .all = true };
	struct overview overview = { 0 };
	struct course course = { 0 };
	const struct course_entry **entries;
	OWN_FREE char *current = NULL;
	OWN_FD int folder = progress_folder(place->base, err);
	size_t count = 0;
	int r = folder;

	if (r >= 0)
		r = progress_current(place->base, &current, err);
	if (r == 0)
		r = course_open(place->dirs, &course, err);
	if (r < 0)
		return r;
	entries = path_entries(path ? path : &everything, &course, &count);
	overview.items = mem_zero(count + 1, sizeof(*overview.items));
	read_entries(place, folder, entries, count, overview.items);
	for (size_t i = 0; i < count; i++) {
		struct overview_entry *entry = &overview.items[i];

		entry->current = current && strcmp(current, entry->id) == 0;
		add_up(&overview, entry);
	}
	free(entries);
	course_done(&course);
	*out = overview;
	return 0;
}

static bool is_open(const struct overview_entry *entry)
{
	return !entry->fault && !entry->finished && entry->missing.count == 0;
}

const struct overview_entry *overview_next(const struct overview *overview,
					   const char *behind)
{
	const struct overview_entry *first = NULL;
	bool passed = false;

	for (size_t i = 0; i < overview->count; i++) {
		const struct overview_entry *entry = &overview->items[i];

		if (entry->current && (!entry->finished || entry->again) &&
		    !entry->fault && !behind)
			return entry;
	}
	for (size_t i = 0; i < overview->count; i++) {
		const struct overview_entry *entry = &overview->items[i];
		bool is_behind = behind && strcmp(entry->id, behind) == 0;

		if (is_open(entry) && !is_behind) {
			if (passed)
				return entry;
			if (!first)
				first = entry;
		}
		passed = passed || is_behind;
	}
	return first;
}
