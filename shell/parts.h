/* shell/parts.h - a line of several commands: `cd x && run y; lang ja`.
 *
 * Owns what ;, && and || between whole commands mean, for lines in which nothing else
 * needs a shell: each command of such a line can then run by itself, ours inside. */
#ifndef SHELL_PARTS_H
#define SHELL_PARTS_H

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/base/list.h"

/* texts  the commands, as they stand in the line
 * links  what stands behind each: ';', '&' for &&, '|' for ||; NULL-terminated */
struct parts {
	struct strs texts;
	char *links;
};

void parts_done(struct parts *parts);
#define OWN_PARTS __attribute__((cleanup(parts_done)))

/* Reads the line. False where it is a single command, or has more in it than that:
 * pipes, redirections, &, groups, loops, substitutions, an open quote. */
bool parts_read(const char *line, struct parts *out);

/* Of a line that ends in &: how many of its bytes stand in front of the list that goes to
 * the background, "cd x; " of "cd x; run y && z &". 0: all of it does, as of "(a; b) &".
 * -1: a loop, a group or the like stands behind other commands, and sh has to tell. */
ssize_t parts_in_front(const char *line);

/* Whether a command with that `link` behind it is followed by the next one. */
bool parts_go_on(char link, int status);

#endif
