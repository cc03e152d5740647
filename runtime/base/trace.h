/* runtime/base/trace.h - what happened, as events.
 *
 * After a step has happened, the code that did it says so. A system call is told of
 * with its arguments and its result, as strace(1) would print it:
 *
 *	if (TRACED(TRACE_HOSTNAME, sethostname(name, len),
 *		   "sethostname(\"%s\", %zu)", name, len) < 0)
 *
 * A fact that is no call (a cache's answer) is trace_step(STEP, "the facts"). The
 * step's name, system call, manual page and its sentence of why stand once, in
 * trace_steps.def; a step may be several calls. Sinks decide what becomes of an
 * event: sentences for a student, JSON for a test, a record for the grader. With no
 * sink nothing is formatted and no clock is read.
 *
 * What another process did comes through whatever it talks to us by: see news.h,
 * wire.h, userns.h. Events of several processes come in the order in which they were
 * heard of; start_ns is the order in which they happened. */
#ifndef RUNTIME_BASE_TRACE_H
#define RUNTIME_BASE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum trace_step {
#define STEP(id, name, call, page, why) TRACE_##id,
#include "runtime/base/trace_steps.def"
#undef STEP
	TRACE_STEPS
};

/* Who did it: the program that was called, the small process beside a container, the
 * process that becomes the container's own, or another that did a piece of work. */
enum trace_process { TRACE_PARENT, TRACE_MONITOR, TRACE_CHILD, TRACE_HELPER };

/* One event. A plain value of under PIPE_BUF bytes: a child writes it whole to
 * its parent's pipe.
 *
 * pid       of the process that did it; until its parent has heard of it, as that
 *           process sees itself
 * start_ns  CLOCK_MONOTONIC, when the call began; of a fact: when the event before it
 *           in that process ended
 * took_ns   how long it took
 * is_call   a system call, with its result
 * error     errno of a call that gave -1, or of a fact that was a failure
 * detail    the call with its arguments; or the facts
 * note      what the arguments do not show ("fd 7 is /proc"), or "" */
struct trace_event {
	enum trace_step step;
	enum trace_process process;
	pid_t pid;
	int error;
	uint64_t start_ns;
	uint64_t took_ns;
	int64_t result;
	bool is_call;
	char detail[1024];
	char note[192];
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

/* As which process the events from here on are told of. */
void trace_as(enum trace_process whose);

/* Starts the clock of the step to come, where the time since the last event
 * says nothing (after waiting for input, say). */
void trace_begin(void);

/* Tells of a call that has been made: `result` is what it gave, errno still its own.
 * Returns the result, errno as it was. */
long trace_call(enum trace_step step, long result, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Makes a call and tells of it: TRACED(STEP, mkdir(path, 0755),
 * "mkdir(\"%s\", 0755)", path). */
#define TRACED(step, call, ...) \
	((int)trace_call((step), (trace_begin(), (long)(call)), __VA_ARGS__))

/* What the next call's arguments do not show. The last word wins. */
void trace_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

void trace_step(enum trace_step step, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A fact that was a failure: `code` is its errno. */
void trace_failed(enum trace_step step, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void trace_deliver(const struct trace_event *event);

/* For a process with few steps and one message to its parent: it keeps them in there
 * (a sink; what is too much is lost), and the parent delivers them. */
struct trace_kept {
	size_t count;
	struct trace_event events[6];
};
void trace_keep(void *kept, const struct trace_event *event);
void trace_deliver_kept(const struct trace_kept *kept);

const struct trace_info *trace_info_of(enum trace_step step);

#endif
