/* shell/lesson_keep.h - a lesson's own solution, kept as a submission.
 *
 * While a lesson's way is walked (prove.h), what is typed, written and answered becomes a
 * commands.dsh: a folder that `grade` takes. So an author sees that the lesson can be met
 * where it is graded, too, with the few programs that are to be seen there. */
#ifndef SHELL_LESSON_KEEP_H
#define SHELL_LESSON_KEEP_H

#include <stdbool.h>

#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/list.h"

struct err;

/* inner    what runs the lines; borrowed
 * session  whose lines they are; borrowed, NULL while there is none
 * on       whether what is heard is kept
 * step     of the last line kept
 * known    what is there, and noted (made.h) */
struct lesson_keep {
	const struct lesson_host *inner;
	struct lesson_session *session;
	bool on;
	char *step;
	struct strs known;
	struct buf lines;
};

/* A host that keeps, and passes on to keep->inner. */
void lesson_keep_host(struct lesson_keep *keep, struct lesson_host *out);

/* The solution of one more step begins, or ends. */
void lesson_keep_way(struct lesson_keep *keep, bool begins);

/* Writes FOLDER/NAME/commands.dsh; the folders are made. */
int lesson_keep_write(const struct lesson_keep *keep, const char *folder,
		      const char *name, struct err *err);

void lesson_keep_done(struct lesson_keep *keep);

#endif
