/* shell/told.h - what an sh tells of itself when its line is done.
 *
 * Each line has an sh of its own. Where a line may change more than files (a folder,
 * a variable, $1 $2 ..., the umask, a limit), sh writes down at its end how it
 * stands, and the program takes that over: so the next sh begins there. */
#ifndef SHELL_TOLD_H
#define SHELL_TOLD_H

#include <stdbool.h>

struct buf;
struct shell;

/* The descriptor that sh writes to. */
#define TOLD_FD 9

/* Whether the line may leave such a change behind. */
bool told_wanted(const struct shell *shell, const char *line);

/* Adds the command, on one line, that makes sh tell. It stands in front of `line`. */
void told_front(const char *line, struct buf *out);

/* Reads what was told and takes it over. Gives whether sh wrote "end" to TOLD_FD
 * before it ended. Nothing is taken over of an sh that was killed or has stopped. */
bool told_hear(struct shell *shell, int fd);

#endif
