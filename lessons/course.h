/* lessons/course.h - which lessons there are.
 *
 * A lesson is a folder NN-id with a lesson.lua in it; the number is its place on
 * the path. Searched in this order, the first of one id wins: `--lessons DIR`,
 * the folders in $DOCKERSHELL_LESSONS (between ':'), those installed with the
 * program or, in a build tree, its lessons/. Nothing is run to find them. */
#ifndef LESSONS_COURSE_H
#define LESSONS_COURSE_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct strs;

/* dir     absolute
 * number  -1 for a folder without one
 * hidden  the tour: opened like a lesson, but none that is listed */
struct course_entry {
	char *dir;
	char *id;
	int number;
	bool hidden;
};

/* By number, then by id. */
struct course {
	struct course_entry *items;
	size_t count;
};

/* dirs: `--lessons DIR`, or NULL. A folder that is not there is none. */
int course_open(const char *dirs, struct course *out, struct err *err);
void course_done(struct course *course);

/* The folders that are looked into, in that order; absolute, those that exist. */
void course_folders(const char *dirs, struct strs *out);

/* By id, by number ("4", "04") or as the folder is called ("04-diff"). -ENOENT
 * with the ids there are as a hint. Borrowed. */
int course_find(const struct course *course, const char *name,
		const struct course_entry **out, struct err *err);

/* "4" and "04-diff" are "diff", if there is such a lesson; else the name as it is.
 * Given. */
char *course_id_of(const char *dirs, const char *name);

#endif
