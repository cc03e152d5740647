/* runtime/tracer_match.c - what we say beside what the kernel saw; see tracer.h */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/trace.h"
#include "runtime/tracer.h"

/* A text that filled its room may have been cut. */
static bool same_text(const struct trace_event *event,
		      const struct tracer_call *call)
{
	size_t len = strlen(event->detail);

	if (len == sizeof(event->detail) - 1)
		return strncmp(event->detail, call->text, len) == 0;
	return strcmp(event->detail, call->text) == 0;
}

static bool same_name(const struct trace_event *event,
		      const struct tracer_call *call)
{
	size_t len = strcspn(event->detail, "(");

	return strncmp(event->detail, call->text, len + 1) == 0;
}

static bool same_result(const struct trace_event *event,
			const struct tracer_call *call)
{
	return event->result == call->result && event->error == call->error;
}

/* How near the two are; what is higher is nearer. */
static enum tracer_match compare(const struct trace_event *event,
				 const struct tracer_call *call)
{
	if (!same_name(event, call))
		return TRACER_UNSEEN;
	if (same_text(event, call))
		return !call->ended               ? TRACER_ENTERED
		       : same_result(event, call) ? TRACER_SAME
						  : TRACER_OTHER;
	if (call->blind && (!call->ended || same_result(event, call)))
		return TRACER_HIDDEN;
	return TRACER_OTHER;
}

static int worth(enum tracer_match match)
{
	switch (match) {
	case TRACER_SAME:
		return 4;
	case TRACER_ENTERED:
		return 3;
	case TRACER_HIDDEN:
		return 2;
	case TRACER_OTHER:
		return 1;
	case TRACER_NOT_ASKED:
	case TRACER_UNSEEN:
	case TRACER_ELSEWHERE:
	case TRACER_NO_CALL:
		break;
	}
	return 0;
}

/* A container's monitor works for us, and is no child of ours. */
static bool was_watched(const struct tracer_report *report, pid_t pid)
{
	for (size_t i = 0; i < report->process_count; i++)
		if (report->processes[i] == pid)
			return true;
	return false;
}

enum tracer_match tracer_match_event(struct tracer_report *report,
				     const struct trace_event *event,
				     const struct tracer_call **out_seen)
{
	enum tracer_match best = TRACER_UNSEEN;
	struct tracer_call *found = NULL;

	if (!event->is_call)
		return TRACER_NO_CALL;
	for (size_t i = 0; i < report->count; i++) {
		struct tracer_call *call = &report->calls[i];
		enum tracer_match match;

		/* What the helpers say was done by whom they started. */
		if (call->used || (call->pid != event->pid &&
				   strncmp(call->text, "execve(", 7) != 0))
			continue;
		match = compare(event, call);
		if (worth(match) <= worth(best))
			continue;
		best = match;
		found = call;
		if (match == TRACER_SAME)
			break;
	}
	if (best == TRACER_UNSEEN && !was_watched(report, event->pid))
		best = TRACER_ELSEWHERE;
	if (found && best != TRACER_OTHER)
		found->used = true;
	if (out_seen)
		*out_seen = found;
	return best;
}

/* Kinds of which each call is a step. */
static bool is_always_told(const struct tracer_call *call)
{
	static const char *const names[] = {
		"mount(",
		"umount2(",
		"pivot_root(",
		"open_tree(",
		"move_mount(",
		"setns(",
		"unshare(",
		"clone3(",
		"sethostname(",
		"setdomainname(",
		"prctl(PR_CAPBSET_DROP",
		"capset(",
		"setresuid(",
		"setresgid(",
		"setgroups(",
		"seccomp(",
		"execve(",
		"mount_setattr(",
	};

	/* posix_spawnp(3) tries a program's name in folder after folder. */
	if ((call->error == ENOENT || call->error == EACCES) &&
	    strncmp(call->text, "execve(", 7) == 0)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(call->text, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

size_t tracer_next_untold(const struct tracer_report *report, size_t index)
{
	while (index < report->count &&
	       (report->calls[index].used ||
		!is_always_told(&report->calls[index])))
		index++;
	return index;
}
