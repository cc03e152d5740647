/* runtime/tracer_parts.h - what the tracer keeps while it follows; for tracer.c. */
#ifndef RUNTIME_TRACER_PARTS_H
#define RUNTIME_TRACER_PARTS_H

#include <sys/types.h>

#include "runtime/tracer.h"

/* More calls of the kinds that steps are made of are counted, but not kept. */
enum { TRACER_MOST = 20000 };

/* One process that is followed. call: the one it is in, of the report's; -1: none
 * that is kept. */
struct tracee {
	pid_t pid;
	long call;
};

struct tracer_work {
	pid_t main;
	int mark_fd;
	struct tracee *tracees;
	size_t tracee_count;
	struct tracer_report report;
};

#endif
