/* lessons/look.h - runs a program in a container, or in a new one, for a look.
 *
 * Owns the bounds: time, output, one process in between. A check's own child cannot
 * do this: its limits would be the program's. So the child asks, and its parent does
 * it here:
 *
 *   check's child    parent           looker (forked)       the program
 *     "run" ------->  fork ---------->  join or new
 *                     reads, counts     container  -------->  runs
 *                     time is over: kill                      goes with it
 *     <- output ----  */
#ifndef LESSONS_LOOK_H
#define LESSONS_LOOK_H

#include "lessons/facts.h"

struct err;

/* home_path: of the home in which container and image are; opened anew by the
 * looker. Returns 0 with *out (facts_ran_done), or -errno: -ENOENT, -ESRCH, no such
 * container or image, or it does not run; -EINTR after Ctrl-C. */
int look_run(const char *home_path, const struct facts_run *run,
	     struct facts_ran *out, struct err *err);

#endif
