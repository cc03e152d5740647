/* lessons/grade_tools.h - programs of this machine that lines of lessons use.
 *
 * An enclosure has the small system of the base image. Lessons also use a few programs
 * that everybody has, in ways that its own cannot: `seq -f`, `split -d`, bash and what
 * tells its libraries. Each is shown in there as single files, read-only: the program
 * and the libraries that it needs, nothing else of this machine. */
#ifndef LESSONS_GRADE_TOOLS_H
#define LESSONS_GRADE_TOOLS_H

#include <stddef.h>

#include "runtime/base/list.h"
#include "runtime/enclosure.h"

/* show  as enclosure_spec wants it; its texts are in paths and names */
struct grade_tools {
	struct strs paths;
	struct strs names;
	struct enclosure_show *show;
	size_t count;
};

/* What is not on this machine is left out. */
void grade_tools_find(struct grade_tools *out);
void grade_tools_done(struct grade_tools *found);

#endif
