/* lessons/course.c - see course.h */
#include "lessons/course.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/suggest.h"
#include "runtime/base/share.h"

void course_done(struct course *course)
{
	for (size_t i = 0; i < course->count; i++) {
		free(course->items[i].dir);
		free(course->items[i].id);
	}
	free(course->items);
	*course = (struct course){ 0 };
}

/* "04-diff": 4 and "diff"; "mine": -1 and "mine". */
static void split_name(const char *name, int *number, const char **id)
{
	char *end = NULL;
	long value = strtol(name, &end, 10);

	*number = -1;
	*id = name;
	if (isdigit((unsigned char)*name) && *end == '-' && end[1] &&
	    value <= 9999) {
		*number = (int)value;
		*id = end + 1;
	}
}

static void add(struct course *course, const char *folder, const char *name)
{
	OWN_FREE char *script = mem_fmt("%s/%s/lesson.lua", folder, name);
	const char *id = NULL;
	int number = -1;

	if (name[0] == '.' || faccessat(AT_FDCWD, script, F_OK, 0) < 0)
		return;
	split_name(name, &number, &id);
	for (size_t i = 0; i < course->count; i++) {
		if (strcmp(course->items[i].id, id) == 0)
			return;
	}
	course->items = mem_grow(course->items, course->count + 1,
				 sizeof(*course->items));
	course->items[course->count++] = (struct course_entry){
		.dir = mem_fmt("%s/%s", folder, name),
		.id = mem_str(id),
		.number = number,
		.hidden = strcmp(id, "tour") == 0,
	};
}

static void add_folder(struct course *course, char *folder)
{
	OWN_DIR DIR *list = opendir(folder);
	OWN_FREE char *itself = NULL;

	if (!list)
		return;
	/* DIR may be one lesson's own folder. */
	itself = mem_fmt("%s/lesson.lua", folder);
	if (faccessat(AT_FDCWD, itself, F_OK, 0) == 0) {
		char *name = strrchr(folder, '/');

		*name = 0;
		add(course, folder, name + 1);
		return;
	}
	for (struct dirent *entry = readdir(list); entry; entry = readdir(list))
		add(course, folder, entry->d_name);
}

static void note_folder(struct strs *out, const char *path)
{
	char *folder = realpath(path, NULL);

	if (folder)
		strs_take(out, folder);
}

void course_folders(const char *dirs, struct strs *out)
{
	const char *more = getenv("DOCKERSHELL_LESSONS");
	OWN_STRS struct strs folders = { 0 };
	/* Those that come with the program: installed, or a build tree's. */
	OWN_FREE char *own = share_file("lessons");

	if (dirs)
		note_folder(out, dirs);
	strs_split(&folders, more ? more : "", ':');
	for (size_t i = 0; i < folders.count; i++)
		note_folder(out, folders.items[i]);
	note_folder(out, own);
}

static int by_number(const void *a, const void *b)
{
	const struct course_entry *x = a;
	const struct course_entry *y = b;

	if (x->number != y->number) {
		if (x->number < 0 || y->number < 0)
			return x->number < 0 ? 1 : -1; /* these come last */
		return x->number - y->number;
	}
	return strcmp(x->id, y->id);
}

int course_open(const char *dirs, struct course *out, struct err *err)
{
	OWN_STRS struct strs folders = { 0 };
	struct course course = { 0 };

	if (dirs && access(dirs, F_OK) < 0)
		return err_errno(err, _("no lessons in '%s'"), dirs);
	course_folders(dirs, &folders);
	for (size_t i = 0; i < folders.count; i++)
		add_folder(&course, folders.items[i]);
	if (course.count > 0)
		qsort(course.items, course.count, sizeof(*course.items),
		      by_number);
	*out = course;
	return 0;
}

static bool fits(const struct course_entry *entry, const char *name)
{
	const char *folder = strrchr(entry->dir, '/') + 1;
	char *end = NULL;
	long number = strtol(name, &end, 10);

	return strcmp(entry->id, name) == 0 || strcmp(folder, name) == 0 ||
	       (end != name && *end == 0 && entry->number == number);
}

int course_find(const struct course *course, const char *name,
		const struct course_entry **out, struct err *err)
{
	OWN_STRS struct strs ids = { 0 };
	OWN_FREE char *all = NULL;
	struct suggest best = suggest_start(name);

	for (size_t i = 0; i < course->count; i++) {
		if (fits(&course->items[i], name)) {
			*out = &course->items[i];
			return 0;
		}
		if (course->items[i].hidden)
			continue;
		strs_add(&ids, course->items[i].id);
		suggest_try(&best, course->items[i].id);
	}
	all = strs_join(&ids, ", ");
	err_set(err, ENOENT, _("there is no lesson '%s'"), name);
	if (best.found)
		return err_hint(err, _("did you mean '%s'?"), best.found);
	return err_hint(err, _("the lessons there are: %s"), all);
}

char *course_id_of(const char *dirs, const char *name)
{
	const struct course_entry *entry = NULL;
	struct course course = { 0 };
	struct err none = { 0 };
	char *id;

	if (course_open(dirs, &course, &none) == 0)
		(void)course_find(&course, name, &entry, &none);
	id = mem_str(entry ? entry->id : name);
	course_done(&course);
	return id;
}
