/* shell/lesson_list.h - the lessons of a path, shown. */
#ifndef SHELL_LESSON_LIST_H
#define SHELL_LESSON_LIST_H

#include "lessons/overview.h"
#include "lessons/path.h"

struct shell;
struct view_opts;

/* path: one of `paths`, the one that `overview` is of. */
struct lesson_list {
	struct paths paths;
	const struct path *path;
	struct overview overview;
};

/* As a table (under 76 columns with the titles on lines of their own), as plain
 * sentences, or as one JSON object. */
void lesson_list_print(struct shell *shell, const struct view_opts *opts,
		       const struct lesson_list *list);

/* "3 h 5 min". Given. */
char *lesson_list_time(int minutes);

#endif
