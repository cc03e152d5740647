/* shell/lookup_view.h - the experiment of `lookup --lab`, shown. */
#ifndef SHELL_LOOKUP_VIEW_H
#define SHELL_LOOKUP_VIEW_H

#include "runtime/lookup_lab.h"

struct view;

void lookup_view_lab(struct view *view,
		     const struct lookup_row rows[LOOKUP_LAB_ROWS],
		     const char *options);

/* "14 us" with its spread, "13 to 19 us". Given. */
char *lookup_view_spread(const struct view *view,
			 const struct measured *measured);

#endif
