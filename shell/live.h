/* shell/live.h - a line is run, shown while it runs, and what it printed is kept.
 *
 * The output goes to a file in memory, as for every line that a lesson types
 * (capture.c); a child reads behind it and shows what is new. So a script gets what
 * was printed, and a room sees the numbers move. Commands read nothing: what is
 * pressed meanwhile is not for them. */
#ifndef SHELL_LIVE_H
#define SHELL_LIVE_H

struct buf;
struct err;
struct frame;
struct shell;

/* Runs the line in the world in use. `frame` NULL: nothing is shown. Returns its exit
 * status, or -errno where it could not be run at all; -EINTR: Ctrl-C came, and the
 * containers of that world that did not heed it were killed. What it printed is added
 * to `out`. */
int live_run(struct shell *shell, const char *line, const struct frame *frame,
	     struct buf *out, struct err *err);

#endif
