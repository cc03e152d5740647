/* lessons/grade_tools.h - programs of this machine that a lesson asks for.
 *
 * An enclosure has the small system of the base image, and nothing of this machine. A
 * lesson that is about programs of the machine itself (an image is made of them, say)
 * names them: lesson{ programs = { "bash" } }. Each is shown in there as single files,
 * read-only: the program and the libraries that it needs. */
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

/* names    as they are found on the PATH; what is not on this machine is left out
 * root_fd  the small system's files: a name that it has is not covered */
void grade_tools_find(const struct strs *names, int root_fd,
		      struct grade_tools *out);
void grade_tools_done(struct grade_tools *found);

#endif
