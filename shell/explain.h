/* shell/explain.h - what a command did, step by step.
 *
 * Owns the gathering of events (trace.h) while a command runs, their order, and the
 * times that add up. How it is shown is explain_view.h's; what the kernel saw of it
 * is runtime/tracer.h's. */
#ifndef SHELL_EXPLAIN_H
#define SHELL_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/trace.h"
#include "runtime/tracer.h"

/* One event, and what the kernel saw of it. */
struct explain_call {
	struct trace_event event;
	enum tracer_match match;
	char *seen; /* the call that it may have been, where it was another; owned */
};

/* Calls of one kind that one process made one after the other. */
struct explain_step {
	const struct trace_info *info;
	enum trace_step step;
	enum trace_process process;
	pid_t pid;
	size_t first; /* of calls */
	size_t count;
	uint64_t start_ns;
	uint64_t took_ns; /* of its calls together */
};

/* The times: total_ns = steps_ns - overlap_ns + program_ns + between_ns.
 *
 * overlap_ns  counted twice: two processes at the same time
 * program_ns  the container's program ran, and nothing else happened
 * between_ns  everything else: looking up, waiting, passing on */
struct explain {
	struct explain_call *calls;
	size_t call_count;
	struct explain_step *steps;
	size_t step_count;
	int status;
	int processes;
	uint64_t begin_ns;
	uint64_t total_ns;
	uint64_t steps_ns;
	uint64_t overlap_ns;
	uint64_t program_ns;
	uint64_t between_ns;
	bool verified;
	struct tracer_report report; /* where it was verified */
	char why_not[1024];	     /* verification was asked for and could not be */
	char tells[32]; /* of a plan that would fail: the command that tells more */
};

void explain_done(struct explain *explain);
#define OWN_EXPLAIN __attribute__((cleanup(explain_done)))

/* A sink that keeps events: trace_add_sink(explain_keep, explain). */
void explain_keep(void *arg, const struct trace_event *event);

/* After the last event: order, steps and times. `end_ns` is the end of the whole. */
void explain_settle(struct explain *explain, uint64_t end_ns);

/* Compares with what the kernel saw. */
void explain_verify(struct explain *explain);

/* How many of the calls the kernel saw as they are told (same), or less of them. */
struct explain_tally {
	size_t calls;
	size_t same;
	size_t begun;
	size_t hidden;
	size_t elsewhere; /* by a process that was there before */
	size_t wrong;
	size_t facts;
};

struct explain_tally explain_count(const struct explain *explain);

/* Calls that the kernel saw and that are no steps. */
size_t explain_others(const struct explain *explain);

/* A successful execve leaves nobody behind who could look at a clock. */
bool explain_is_timed(const struct explain *explain,
		      const struct explain_step *step);

/* "parent", "monitor", "child", "helper": in no language. */
const char *explain_process_name(enum trace_process process);

#endif
