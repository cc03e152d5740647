/* shell/watch_line.h - one line of `watch`, in three forms.
 *
 * In JSON each line is an object of its own, so that it can be read as it comes. */
#ifndef SHELL_WATCH_LINE_H
#define SHELL_WATCH_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct container;
struct sides;
struct upper_event;
struct upper_watch;
struct usage;
struct view;

/* The first line: what there is. */
void watch_line_begin(struct view *view, const struct container *container,
		      size_t processes, const struct upper_watch *upper,
		      uint64_t memory);

void watch_line_file(struct view *view, const struct upper_event *event);

/* WATCH_BECAME: it is another program now (exec). */
enum watch_process { WATCH_STARTED, WATCH_BECAME, WATCH_ENDED };
void watch_line_process(struct view *view, enum watch_process what,
			const struct sides *process);

void watch_line_memory(struct view *view, uint64_t before,
		       const struct usage *now);
void watch_line_cpu(struct view *view, double before, double now);
void watch_line_left_out(struct view *view, uint64_t count);

/* container NULL: it is removed. ended: it does not run any more; else it was only
 * the watching that ended. */
void watch_line_end(struct view *view, const struct container *container,
		    bool ended, uint64_t left_out);

#endif
