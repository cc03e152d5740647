/* runtime/base/trace.c - see trace.h */
#include "runtime/base/trace.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/lang.h"

enum { MAX_SINKS = 4 };

static_assert(sizeof(struct trace_event) < PIPE_BUF, "one write carries it");

static struct sink {
	trace_sink *call;
	void *arg;
} sinks[MAX_SINKS];

static int pipe_fd = -1;
static uint64_t last_ns;
static enum trace_process process;
static char note[sizeof(((struct trace_event *)NULL)->note)];

static const struct trace_info infos[TRACE_STEPS] = {
#define STEP(id, name, call, page, why) { name, call, page, why },
#include "runtime/base/trace_steps.def"
#undef STEP
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

bool trace_is_on(void)
{
	if (pipe_fd >= 0)
		return true;
	for (int i = 0; i < MAX_SINKS; i++)
		if (sinks[i].call)
			return true;
	return false;
}

int trace_add_sink(trace_sink *sink, void *arg)
{
	for (int i = 0; i < MAX_SINKS; i++) {
		if (sinks[i].call)
			continue;
		sinks[i].call = sink;
		sinks[i].arg = arg;
		last_ns = now_ns();
		return 0;
	}
	return -ENOSPC;
}

void trace_remove_sink(trace_sink *sink, void *arg)
{
	for (int i = 0; i < MAX_SINKS; i++)
		if (sinks[i].call == sink && sinks[i].arg == arg)
			sinks[i].call = NULL;
}

void trace_to_pipe(int fd)
{
	for (int i = 0; i < MAX_SINKS; i++)
		sinks[i].call = NULL;
	pipe_fd = fd;
	if (fd >= 0)
		last_ns = now_ns();
}

void trace_begin(void)
{
	if (trace_is_on())
		last_ns = now_ns();
}

void trace_deliver(const struct trace_event *event)
{
	if (pipe_fd >= 0)
		/* A reader that is gone wants no events. */
		(void)!write(pipe_fd, event, sizeof(*event));
	for (int i = 0; i < MAX_SINKS; i++)
		if (sinks[i].call)
			sinks[i].call(sinks[i].arg, event);
}

void trace_keep(void *kept, const struct trace_event *event)
{
	struct trace_kept *all = kept;

	if (all->count < sizeof(all->events) / sizeof(all->events[0]))
		all->events[all->count++] = *event;
}

void trace_deliver_kept(const struct trace_kept *kept)
{
	for (size_t i = 0; i < kept->count; i++)
		trace_deliver(&kept->events[i]);
}

void trace_as(enum trace_process whose)
{
	process = whose;
}

void trace_note(const char *format, ...)
{
	va_list args;

	if (!trace_is_on())
		return;
	va_start(args, format);
	vsnprintf(note, sizeof(note), format, args);
	va_end(args);
}

__attribute__((format(printf, 2, 0))) static void
tell(struct trace_event *event, const char *format, va_list args)
{
	event->process = process;
	event->pid = getpid();
	event->start_ns = last_ns;
	memcpy(event->note, note, sizeof(note));
	note[0] = '\0';
	vsnprintf(event->detail, sizeof(event->detail), format, args);
	trace_deliver(event);
	last_ns = now_ns();
}

void trace_step(enum trace_step step, const char *format, ...)
{
	struct trace_event event;
	va_list args;

	if (!trace_is_on())
		return;
	event = (struct trace_event){
		.step = step,
		.took_ns = now_ns() - last_ns,
	};
	va_start(args, format);
	tell(&event, format, args);
	va_end(args);
}

void trace_failed(enum trace_step step, int code, const char *format, ...)
{
	struct trace_event event;
	va_list args;

	if (!trace_is_on())
		return;
	event = (struct trace_event){
		.step = step,
		.took_ns = now_ns() - last_ns,
		.error = code,
	};
	va_start(args, format);
	tell(&event, format, args);
	va_end(args);
}

long trace_call(enum trace_step step, long result, const char *format, ...)
{
	int code = errno;
	va_list args;

	if (trace_is_on()) {
		struct trace_event event = {
			.step = step,
			.took_ns = now_ns() - last_ns,
			.is_call = true,
			.result = result,
			.error = result == -1 ? code : 0,
		};

		va_start(args, format);
		tell(&event, format, args);
		va_end(args);
	}
	errno = code;
	return result;
}

const struct trace_info *trace_info_of(enum trace_step step)
{
	return &infos[step];
}
