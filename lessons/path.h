/* lessons/path.h - ways through the lessons: all of them, half a day, one lecture.
 *
 * A folder of lessons may hold a paths.json:
 *
 *     { "paths": [ { "id": "lecture",
 *                    "title": { "en": "One lecture", "ja": "..." },
 *                    "about": { "en": "What for, in a line.", "ja": "..." },
 *                    "lessons": ["hello", "diff"] } ] }
 *
 * "lessons" may be "all". Every folder that lessons are looked for in (course.h) is
 * looked into, in that order; the first path of one id wins. A lesson of a path
 * that is nowhere is skipped. Which path a learner follows is lessons/path in the
 * home. */
#ifndef LESSONS_PATH_H
#define LESSONS_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/list.h"

struct course;
struct course_entry;
struct err;
struct home;

/* title, about  in the chosen language, else in English; about may be ""
 * all           every lesson, by number; `lessons` is empty then */
struct path {
	char *id;
	char *title;
	char *about;
	bool all;
	struct strs lessons;
};

/* faults  files that could not be read, and why: a sentence each */
struct paths {
	struct path *items;
	size_t count;
	struct strs faults;
};

/* dirs: as for course_open. There is always one called "course". */
void paths_open(const char *dirs, const char *lang, struct paths *out);
void paths_done(struct paths *paths);

/* -ENOENT with the ids there are as a hint. Borrowed. */
int paths_find(const struct paths *paths, const char *id,
	       const struct path **out, struct err *err);

/* The entries of a course that are on the path, in its order: the array is given,
 * to be freed, what it points at is the course's. */
const struct course_entry **path_entries(const struct path *path,
					 const struct course *course,
					 size_t *out_count);

/* The learner's: "course" until another was chosen. Given. */
char *path_chosen(const struct home *home);
int path_choose(const struct home *home, const char *id, struct err *err);

#endif
