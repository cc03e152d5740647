/* shell/explain_view.h - the steps of a command, shown. */
#ifndef SHELL_EXPLAIN_VIEW_H
#define SHELL_EXPLAIN_VIEW_H

#include <stdbool.h>

#include "shell/view.h"

struct explain;

/* What is shown of it.
 *
 * line     the command as it was typed
 * all      every call, however many a step has
 * planned  nothing was done: the steps are what would be done */
struct explain_wish {
	const char *line;
	bool all;
	bool planned;
};

void explain_view(struct view *view, const struct explain *explain,
		  const struct explain_wish *wish);

/* The same as one object; `next` is its last member. */
void explain_json(struct view *view, const struct explain *explain,
		  const struct explain_wish *wish, const char *next);

#endif
