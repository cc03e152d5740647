/* runtime/tracer.h - the kernel's own view of what this program does: ptrace(2).
 *
 * Owns a small tracer: a process beside ours that follows it and every process that
 * it makes, stops each at its system calls, and writes down those that steps are made
 * of (trace_steps.def) in the words of call_text.h. A process is let go when it starts
 * another program: what that does is no step of ours. So a container's program never
 * runs under a tracer.
 *
 *   tracee (ours)                 tracer
 *   tracer_begin: fork ---------> PTRACE_SEIZE(parent)
 *     ... works, forks ...        each call: entry, exit (PTRACE_GET_SYSCALL_INFO)
 *   tracer_end: shutdown(mark) -> sees just that call, and ends
 *     read the pipe <------------ writes down what it saw
 *
 * A setuid program loses its power under a tracer, so newuidmap is let go just before
 * its execve is done: its arguments are seen, its end is not. */
#ifndef RUNTIME_TRACER_H
#define RUNTIME_TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runtime/base/buf.h"

struct err;
struct trace_event;

/* A call that steps are made of.
 *
 * pid     of the thread, as this process counts
 * text    as call_text.h writes it, without the result
 * ended   the result was seen
 * used    by tracer_match_event: some event tells of it */
struct tracer_call {
	pid_t pid;
	int64_t result;
	int error;
	bool ended;
	bool used;
	bool blind; /* its strings could not be read: kept from whoever traces */
	char text[1100];
};

struct tracer_report {
	struct tracer_call *calls;
	size_t count;
	uint64_t others;  /* calls that steps are never made of: read, mmap ... */
	pid_t *processes; /* those that were watched */
	size_t process_count;
};

void tracer_report_done(struct tracer_report *report);

struct tracer {
	pid_t pid;
	int fd;
};

/* Begins to watch the calling process. Returns -errno, with *err saying why it may
 * not be watched:
 *   -EPERM   yama's ptrace_scope, or the filter of the container we are in
 *   -EBUSY   another tracer (strace, gdb) watches already
 *   -ENOSYS  a kernel before Linux 5.3 */
int tracer_begin(struct tracer *out, struct err *err);

/* Ends it, and gives what was seen. */
int tracer_end(struct tracer *tracer, struct tracer_report *out,
	       struct err *err);

/* What the kernel saw of an event.
 *
 * SAME     the same call with the same arguments and result
 * ENTERED  the same call with the same arguments; its end was not seen
 * HIDDEN   the same kind of call with the same result; the kernel keeps its strings
 * OTHER    a call of that name by that process, but not the same: *out_seen
 * UNSEEN   none
 * ELSEWHERE  none could be: that process was not watched, it was there before
 * NO_CALL  the event is a fact, no call */
enum tracer_match {
	TRACER_NOT_ASKED,
	TRACER_SAME,
	TRACER_ENTERED,
	TRACER_HIDDEN,
	TRACER_OTHER,
	TRACER_UNSEEN,
	TRACER_ELSEWHERE,
	TRACER_NO_CALL,
};
enum tracer_match tracer_match_event(struct tracer_report *report,
				     const struct trace_event *event,
				     const struct tracer_call **out_seen);

/* Calls of which each ought to be a step (mount, setns, execve ...), and that no event
 * told of. The one at `index` or behind it: its index, or `count` where there is none. */
size_t tracer_next_untold(const struct tracer_report *report, size_t index);

/* ---- for the tracer itself, and for tests ---- */

/* One call at its entry. `arg` are its registers; memory is read by `read`, which
 * returns how many bytes it got (fewer at the end of a page). Returns whether steps
 * are made of it; then *text has it, and *blind tells of what could not be read. */
struct tracer_entry {
	uint64_t number;
	uint64_t args[6];
	size_t (*read)(void *arg, uint64_t address, void *bytes, size_t len);
	/* The protocol of a netlink socket, or -1: known from its making. */
	int (*netlink)(void *arg, int fd);
	void *arg;
};
bool tracer_decode(const struct tracer_entry *entry, struct buf *text,
		   bool *blind);

#endif
