/* shell/explain.c - see explain.h
 *
 * Events come in the order in which they were heard of; sorted by their beginning they
 * are in the order in which they happened. A step is what one process did one after the
 * other for one purpose, whatever another process did meanwhile:
 *
 *   child     mount proc | mkdir, mount devpts | ...        3 steps,
 *   monitor        | bind, listen |                         told by their beginnings
 */
#include "shell/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/call_text.h"

void explain_keep(void *arg, const struct trace_event *event)
{
	struct explain *explain = arg;

	explain->calls = mem_grow(explain->calls, explain->call_count + 1,
				  sizeof(*explain->calls));
	explain->calls[explain->call_count++] =
		(struct explain_call){ .event = *event };
}

void explain_done(struct explain *explain)
{
	for (size_t i = 0; i < explain->call_count; i++)
		free(explain->calls[i].seen);
	free(explain->calls);
	free(explain->steps);
	tracer_report_done(&explain->report);
	*explain = (struct explain){ 0 };
}

const char *explain_process_name(enum trace_process process)
{
	switch (process) {
	case TRACE_PARENT:
		return "parent";
	case TRACE_MONITOR:
		return "monitor";
	case TRACE_CHILD:
		return "child";
	case TRACE_HELPER:
		return "helper";
	}
	return "parent";
}

/* ---- steps ---- */

static int by_start(const void *a, const void *b)
{
	const struct trace_event *left =
		&((const struct explain_call *)a)->event;
	const struct trace_event *right =
		&((const struct explain_call *)b)->event;

	return left->start_ns < right->start_ns   ? -1
	       : left->start_ns > right->start_ns ? 1
						  : 0;
}

/* The step that the last call of this process belongs to, if it is the same one. */
static struct explain_step *open_step(struct explain *explain,
				      const struct trace_event *event)
{
	for (size_t i = explain->step_count; i-- > 0;) {
		struct explain_step *step = &explain->steps[i];

		if (step->pid == event->pid)
			return step->step == event->step &&
					       event->step != TRACE_INSTRUCTION
				       ? step
				       : NULL;
	}
	return NULL;
}

/* `step_of` gets each call's step. */
static void find_steps(struct explain *explain, size_t *step_of)
{
	for (size_t i = 0; i < explain->call_count; i++) {
		const struct trace_event *event = &explain->calls[i].event;
		struct explain_step *step = open_step(explain, event);

		if (!step) {
			explain->steps = mem_grow(explain->steps,
						  explain->step_count + 1,
						  sizeof(*explain->steps));
			step = &explain->steps[explain->step_count++];
			*step = (struct explain_step){
				.info = trace_info_of(event->step),
				.step = event->step,
				.process = event->process,
				.pid = event->pid,
				.start_ns = event->start_ns,
			};
		}
		step->count++;
		step->took_ns += event->took_ns;
		step_of[i] = (size_t)(step - explain->steps);
	}
}

/* Calls of one step come to stand together. */
static void group(struct explain *explain)
{
	size_t *step_of = mem_zero(explain->call_count + 1, sizeof(*step_of));
	struct explain_call *sorted =
		mem_zero(explain->call_count + 1, sizeof(*sorted));
	size_t at = 0;

	find_steps(explain, step_of);
	for (size_t s = 0; s < explain->step_count; s++) {
		explain->steps[s].first = at;
		for (size_t i = 0; i < explain->call_count; i++)
			if (step_of[i] == s)
				sorted[at++] = explain->calls[i];
	}
	free(step_of);
	free(explain->calls);
	explain->calls = sorted;
}

/* ---- times ---- */

/* How much of the whole the calls cover, each moment counted once; calls are sorted
 * by their beginning. */
static uint64_t covered(const struct explain *explain)
{
	uint64_t until = explain->begin_ns;
	uint64_t sum = 0;

	for (size_t i = 0; i < explain->call_count; i++) {
		const struct trace_event *event = &explain->calls[i].event;
		uint64_t begin =
			event->start_ns > until ? event->start_ns : until;
		uint64_t end = event->start_ns + event->took_ns;

		if (end > begin) {
			sum += end - begin;
			until = end;
		}
	}
	return sum;
}

/* From the last exec of a child to the end that was waited for, less what calls
 * cover. */
static uint64_t program_time(const struct explain *explain)
{
	struct explain inner = { .calls = explain->calls };
	uint64_t begin = 0;
	uint64_t end = 0;
	uint64_t sum = 0;

	for (size_t i = 0; i < explain->call_count; i++) {
		const struct trace_event *event = &explain->calls[i].event;

		if (event->step == TRACE_EXEC && event->error == 0) {
			begin = event->start_ns;
			inner.calls = explain->calls + i;
			inner.call_count = 0;
		}
		inner.call_count++;
		if ((event->step != TRACE_EXIT &&
		     event->step != TRACE_ENTER_EXIT) || !begin)
			continue;
		end = event->start_ns;
		inner.begin_ns = begin;
		sum += end > begin ? end - begin : 0;
		inner.call_count--;
		sum -= covered(&inner) < sum ? covered(&inner) : sum;
		begin = 0;
	}
	return sum;
}

/* What is not there any more when it is cleaned up has refused nothing. */
static bool cleans_up(const struct explain_call *call)
{
	return call->event.step == TRACE_REMOVE ||
	       call->event.step == TRACE_FORGET ||
	       strncmp(call->event.detail, "unlinkat(", 9) == 0 ||
	       strncmp(call->event.detail, "rmdir(", 6) == 0;
}

/* The message of a failure is made by who heard of it last; what refused is further
 * up, and what was cleaned up since stands between. */
static void name_refusal(struct explain *explain)
{
	struct trace_event *last =
		explain->call_count
			? &explain->calls[explain->call_count - 1].event
			: NULL;

	if (!last || last->step != TRACE_REFUSED || !last->error)
		return;
	for (size_t s = explain->step_count - 1; s-- > 0;) {
		const struct explain_step *step = &explain->steps[s];

		for (size_t i = step->first + step->count; i-- > step->first;) {
			const struct trace_event *event =
				&explain->calls[i].event;

			if (event->error != last->error ||
			    cleans_up(&explain->calls[i]))
				continue;
			snprintf(last->note, sizeof(last->note),
				 _("refused in step %zu: %.100s%s %s"), s + 1,
				 event->detail, event->is_call ? " = -1" : "",
				 event->is_call ? call_text_errno(event->error)
						: "");
			return;
		}
	}
}

static int count_processes(const struct explain *explain)
{
	int count = 0;

	for (size_t i = 0; i < explain->step_count; i++) {
		bool before = false;

		for (size_t j = 0; j < i; j++)
			before = before ||
				 explain->steps[j].pid == explain->steps[i].pid;
		count += !before;
	}
	return count;
}

void explain_settle(struct explain *explain, uint64_t end_ns)
{
	uint64_t union_ns;

	if (explain->call_count)
		qsort(explain->calls, explain->call_count,
		      sizeof(*explain->calls), by_start);
	for (size_t i = 0; i < explain->call_count; i++)
		explain->steps_ns += explain->calls[i].event.took_ns;
	union_ns = covered(explain);
	explain->total_ns = end_ns - explain->begin_ns;
	if (explain->total_ns < union_ns)
		explain->total_ns = union_ns;
	explain->overlap_ns = explain->steps_ns - union_ns;
	explain->program_ns = program_time(explain);
	if (explain->program_ns > explain->total_ns - union_ns)
		explain->program_ns = explain->total_ns - union_ns;
	explain->between_ns =
		explain->total_ns - union_ns - explain->program_ns;
	group(explain);
	name_refusal(explain);
	explain->processes = count_processes(explain);
}

/* ---- the kernel's view ---- */

void explain_verify(struct explain *explain)
{
	explain->verified = true;
	for (size_t i = 0; i < explain->call_count; i++) {
		struct explain_call *call = &explain->calls[i];
		const struct tracer_call *seen = NULL;

		call->match = tracer_match_event(&explain->report, &call->event,
						 &seen);
		if (call->match == TRACER_OTHER && seen)
			call->seen = mem_str(seen->text);
	}
}

struct explain_tally explain_count(const struct explain *explain)
{
	struct explain_tally tally = { 0 };

	for (size_t i = 0; i < explain->call_count; i++) {
		const struct explain_call *call = &explain->calls[i];

		tally.calls += call->event.is_call;
		tally.facts += !call->event.is_call;
		tally.same += call->match == TRACER_SAME;
		tally.begun += call->match == TRACER_ENTERED;
		tally.hidden += call->match == TRACER_HIDDEN;
		tally.elsewhere += call->match == TRACER_ELSEWHERE;
		tally.wrong += call->match == TRACER_OTHER ||
			       call->match == TRACER_UNSEEN;
	}
	return tally;
}

size_t explain_others(const struct explain *explain)
{
	size_t others = explain->report.others;

	for (size_t i = 0; i < explain->report.count; i++)
		others += !explain->report.calls[i].used;
	return others;
}

bool explain_is_timed(const struct explain *explain,
		      const struct explain_step *step)
{
	return step->step != TRACE_EXEC ||
	       explain->calls[step->first + step->count - 1].event.error;
}
