/* shell/frame.h - how text stands on the screen when it is shown to a room.
 *
 * For a reader at the keyboard text stays as it is. For a room it gets wide margins,
 * bold letters, and of what a command prints no more lines than can be read at
 * once. Works on a stream: what has come so far is set at once. */
#ifndef SHELL_FRAME_H
#define SHELL_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/base/buf.h"

/* columns    for text, the margins not counted
 * margin     blank columns to the left; 0: text is passed on as it is
 * bold       by escape sequences
 * lines_max  lines of one output that are shown; 0: all of them
 * line       what has come of a line that has not ended
 * lines      that have come */
struct frame {
	int columns;
	int margin;
	bool bold;
	size_t lines_max;
	struct buf line;
	size_t lines;
	bool open; /* the last byte passed on ended no line */
};

void frame_done(struct frame *frame);

/* Adds to `out` what can be shown of it by now. */
void frame_add(struct frame *frame, const char *bytes, size_t len,
	       struct buf *out);

/* The end of an output: its last line is ended, and how many lines are not shown is
 * said. The next begins anew. */
void frame_end(struct frame *frame, struct buf *out);

/* A whole text: all of its lines. */
void frame_text(const struct frame *frame, const char *text, struct buf *out);

#endif
