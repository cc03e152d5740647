/* runtime/base/trace.h - what happened, as events.
 *
 * After a step has happened, the code that did it says so: trace_step(STEP,
 * "the facts"). The step's name, system call, manual page and its sentence of
 * why stand once, in trace_steps.def. Sinks decide what becomes of an event:
 * sentences for a student, JSON for a test, a record for the grader. With no
 * sink nothing is formatted and no clock is read. */
#ifndef RUNTIME_BASE_TRACE_H
#define RUNTIME_BASE_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum trace_step {
#define STEP(id, name, call, page, why) TRACE_##id,
#include "runtime/base/trace_steps.def"
#undef STEP
	TRACE_STEPS
};

/* One event. A plain value of under PIPE_BUF bytes: a child writes it whole to
 * its parent's pipe.
 *
 * pid       of the process that did it, as that process sees itself
 * start_ns  CLOCK_MONOTONIC, when the event before it in that process ended
 * took_ns   how long the step took, measured as the time since that event
 * detail    the facts: arguments and result */
struct trace_event {
	enum trace_step step;
	pid_t pid;
	uint64_t start_ns;
	uint64_t took_ns;
	char detail[512];
};

struct trace_info {
	const char *name; /* "clone3": stable, lessons and tests depend on it */
	const char *call; /* the system call with its parameters' names */
	const char *page; /* "clone(2)" */
	const char *why;  /* one English sentence, marked for gettext */
};

typedef void trace_sink(void *arg, const struct trace_event *event);

/* Sinks are called in the order they were added, in the process that traced.
 * Returns -ENOSPC when all four places are taken. */
int trace_add_sink(trace_sink *sink, void *arg);
void trace_remove_sink(trace_sink *sink, void *arg);

/* For a child: all sinks are dropped and events are written to this pipe (-1:
 * nowhere). The parent reads struct trace_event values and calls
 * trace_deliver. */
void trace_to_pipe(int fd);

bool trace_is_on(void);

/* Starts the clock of the step to come, where the time since the last event
 * says nothing (after waiting for input, say). */
void trace_begin(void);

void trace_step(enum trace_step step, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void trace_deliver(const struct trace_event *event);

const struct trace_info *trace_info_of(enum trace_step step);

#endif
