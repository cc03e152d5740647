/* shell/cow_view.h - what `cow` has to show. */
#ifndef SHELL_COW_VIEW_H
#define SHELL_COW_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/cow_lab.h"

struct lookup;
struct union_place;
struct view;

/* The experiment. rows: those that there was room for, the first `count`.
 *
 * shares   the file system copies without copying (lab_shares_blocks)
 * options  what it was mounted with */
struct cow_shown {
	struct cow_row rows[COW_LAB_ROWS];
	size_t count;
	struct cow_facts facts;
	bool shares;
	const char *options;
};
void cow_view_lab(struct view *view, const struct cow_shown *shown);

/* One file of the user's. append: bytes that were written. */
void cow_view_file(struct view *view, const struct union_place *place,
		   const struct lookup *lookup, const struct cow_shown *shown,
		   int64_t append);

/* Nothing is copied: it is the container's own already, or on a mount. */
void cow_view_nothing(struct view *view, const struct union_place *place,
		      const struct lookup *lookup);

#endif
