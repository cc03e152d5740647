/* shell/grade_lines.h - a submission's lines are run, each within limits.
 *
 * A line's output goes through a pipe to a child, the warden, which keeps the end of it
 * and watches the clock: a line that takes too long, or prints without end, is ended as
 * by Ctrl-C, and the containers that it has started are killed. */
#ifndef SHELL_GRADE_LINES_H
#define SHELL_GRADE_LINES_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

struct buf;
struct err;
struct replay_line;
struct replay_ran;
struct shell;
struct warden_said;

/* line_ms, output_bytes  what one line may take
 * said                   memory shared with the warden */
struct grade_lines {
	struct shell *shell;
	long long line_ms;
	long long output_bytes;
	pid_t warden;
	int tell_fd;
	int nothing_fd;
	FILE *out;
	struct warden_said *said;
};

/* The shell's world is entered already: its containers are the warden's. Starts the
 * warden, in front of the first line and of anything that takes a lock: the warden
 * would keep what it has inherited, and nobody else would ever get it. */
int grade_lines_begin(struct grade_lines *lines, struct err *err);

/* Runs a line. */
int grade_lines_run(struct grade_lines *lines, const struct replay_line *line,
		    struct buf *out, struct replay_ran *ran, struct err *err);

void grade_lines_done(struct grade_lines *lines);

#endif
