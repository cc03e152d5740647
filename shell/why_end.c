/* shell/why_end.c - see why.h: how a container ended, where somebody else ended it.
 *
 *   process 1 ended by a signal      which, sent by whom, and what did it make of it
 *   process 1 ended with a number    its own choice; 128 + n where it is a shell whose
 *                                    child ended by signal n
 *
 * Which of the two it was is known from the monitor's note; the number alone does not
 * tell. */
#include <signal.h>
#include <string.h>
#include <time.h>

#include "runtime/base/clock.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "shell/why.h"
#include "shell/why_end.h"

int why_code_of(const struct why *why)
{
	return why->ending.died_ns   ? why->ending.exit_code :
	       why->container	     ? why->container->exit_code :
				       0;
}

static bool is_lost(const struct why *why)
{
	return why->container && why->container->error &&
	       strncmp(why->container->error, "the monitor was killed",
		       22) == 0;
}

/* It ran and ended: not a start that failed. */
bool why_has_ended(const struct why *why)
{
	return why->ending.died_ns && why->ending.started_ns &&
	       !is_lost(why);
}

const struct ending_signal *why_last_signal(const struct why *why)
{
	const struct ending *e = &why->ending;

	return e->signal_count ? &e->signals[e->signal_count - 1] : NULL;
}

/* Whether the events still hold this run from its start. */
static bool log_is_whole(const struct why *why)
{
	return why->ending.started_ns != 0;
}

void why_fact_span(const struct why *why, struct why_finding *f)
{
	const struct ending *e = &why->ending;

	if (e->started_ns && e->died_ns)
		why_fact(f, WHY_FROM_EVENTS, _("ran for %s"),
			 why_span(e->died_ns - e->started_ns));
}

void why_fact_status(const struct why *why, struct why_finding *f)
{
	int code = why_code_of(why);
	int signal = why->ending.seen.signal;

	if (signal > 0)
		why_fact(f, WHY_FROM_STATUS, _("%d = 128 + %d: process 1 was ended by %s"),
			 code, signal, why_signal_name(signal));
	else if (signal == 0)
		why_fact(f, WHY_FROM_STATUS, _("%d: process 1 ended by itself with this number, no signal ended it"),
			 code);
	else
		why_fact(f, WHY_FROM_STATUS, "%d", code);
}

const char *why_asker_text(enum asker by)
{
	switch (by) {
	case ASKER_KILL:
		return _("sent by 'kill' or 'rm -f'");
	case ASKER_STOP:
		return _("sent by 'stop' or 'restart'");
	case ASKER_GRACE:
		return _("sent when the time of 'stop' was over");
	case ASKER_TERMINAL:
		return _("sent from the terminal that was attached (Ctrl-C)");
	case ASKER_UNKNOWN:
		break;
	}
	return _("sent by whom is not noted");
}

static const char *heed_text(enum heed heed)
{
	switch (heed) {
	case HEED_DEFAULT:
		return _("process 1 had no handler for it");
	case HEED_CAUGHT:
		return _("process 1 had a handler for it");
	case HEED_IGNORED:
		return _("process 1 ignored it");
	case HEED_BLOCKED:
		return _("process 1 had it blocked");
	case HEED_UNKNOWN:
		break;
	}
	return "";
}

void why_fact_signals(const struct why *why, struct why_finding *f)
{
	const struct ending *e = &why->ending;

	for (size_t i = 0; i < e->signal_count; i++) {
		const struct ending_signal *s = &e->signals[i];

		if (s->heed == HEED_UNKNOWN)
			why_fact(f, WHY_FROM_EVENTS, "%s: %s",
				 why_signal_name(s->number),
				 why_asker_text(s->by));
		else
			why_fact(f, WHY_FROM_EVENTS, "%s: %s; %s (SigCgt)",
				 why_signal_name(s->number),
				 why_asker_text(s->by), heed_text(s->heed));
	}
}

/* ---- the monitor ---- */

static int64_t boot_ns(void)
{
	struct timespec up;

	clock_gettime(CLOCK_BOOTTIME, &up);
	return clock_now_ns() - (int64_t)up.tv_sec * 1000000000 - up.tv_nsec;
}

static enum why_answer monitor_gone(struct why *why, struct why_finding *f)
{
	if (!is_lost(why))
		return WHY_NOT;
	why_fact(f, WHY_FROM_RECORD, "%s", why->container->error);
	why_next(f, "start %s", why_name(why));
	why_fix(f, _("'start' brings it back with the files it wrote"));
	if (boot_ns() > why->container->started_ns) {
		why_fact(f, WHY_FROM_PROC, _("this machine was started after the container was"));
		return why_say(f, _("%s ended with the machine: it was switched off or started anew"),
			       why_name(why));
	}
	return why_say(f, _("%s ended because its monitor, the process that watches over it, was killed; nobody saw its own status, so it shows %d"),
		       why_name(why), why_code_of(why));
}

/* ---- memory ---- */

static void fact_memory(const struct why *why, struct why_finding *f)
{
	const struct ending_seen *seen = &why->ending.seen;
	char limit[HUMAN_SIZE];

	if (seen->oom_kills > 0)
		why_fact(f, WHY_FROM_EVENTS, _("oom: the kernel's counter oom_kill went from 0 to %lld"),
			 (long long)seen->oom_kills);
	else if (why->ending.oom)
		why_fact(f, WHY_FROM_EVENTS, "oom");
	else
		why_fact(f, WHY_FROM_RECORD, "OOMKilled: true");
	if (seen->memory_limit)
		why_fact(f, WHY_FROM_RECORD, _("memory limit %s (-m)"),
			 human_bytes(limit, (double)seen->memory_limit));
}

static enum why_answer oom(struct why *why, struct why_finding *f)
{
	const struct ending_seen *seen = &why->ending.seen;

	if (!why->ending.died_ns ||
	    !(why->ending.oom || seen->oom_kills > 0 ||
	      (why->container && why->container->oom_killed)))
		return WHY_NOT;
	fact_memory(why, f);
	why_fact_status(why, f);
	why_fact_span(why, f);
	why_fact(f, WHY_FROM_EVENTS,
		 why->ending.signal_count ?
			 _("'stop' or 'kill' sent a signal too") :
			 _("no 'stop' and no 'kill' sent it a signal"));
	why_fix(f, _("raise -m, or use less; /proc/meminfo, and so 'free', shows the machine's memory inside, not the limit"));
	why_next(f, "events --filter event=oom --since 1h --until 0s");
	if (seen->signal == SIGKILL)
		return why_say(f, _("%s ended with %d: it wanted more memory than its limit, and the kernel's OOM killer ended it by SIGKILL"),
			       why_name(why), why_code_of(why));
	return why_say(f, _("%s ended with %d after the kernel's OOM killer had ended one of its processes: it wanted more memory than its limit"),
		       why_name(why), why_code_of(why));
}

/* ---- SIGKILL ---- */

static const struct ending_signal *stop_signal(const struct why *why)
{
	const struct ending *e = &why->ending;

	for (size_t i = 0; i < e->signal_count; i++)
		if (e->signals[i].by == ASKER_STOP)
			return &e->signals[i];
	return NULL;
}

static enum why_answer say_slow(struct why *why, struct why_finding *f,
				const struct ending_signal *asked,
				const char *took)
{
	const char *name = why_name(why);

	switch (asked->heed) {
	case HEED_DEFAULT:
		why_fix(f, _("let process 1 handle %s, or run with --init: it passes signals on"),
			why_signal_name(asked->number));
		return why_say(f, _("'stop' of %s took %s: its process 1 has no handler for %s, the kernel drops such signals for process 1, and SIGKILL came when the time was over"),
			       name, took, why_signal_name(asked->number));
	case HEED_IGNORED:
	case HEED_BLOCKED:
		why_fix(f, _("let the program end at %s, or choose a signal that it heeds: --stop-signal"),
			why_signal_name(asked->number));
		return why_say(f, _("'stop' of %s took %s: its process 1 ignores or blocks %s, and SIGKILL came when the time was over"),
			       name, took, why_signal_name(asked->number));
	case HEED_CAUGHT:
		why_fix(f, _("let its handler end sooner, or give it more time: stop -t, --stop-timeout"));
		return why_say(f, _("'stop' of %s took %s: its process 1 handles %s but had not ended when the time was over, so SIGKILL came"),
			       name, took, why_signal_name(asked->number));
	case HEED_UNKNOWN:
		break;
	}
	why_tell(f, _("while it runs: grep SigCgt /proc/PID/status, where PID is what 'inspect -f {{.State.Pid}}' says"));
	return why_say_unknown(f, _("'stop' of %s took %s and ended in SIGKILL; why process 1 did not end at %s is unknown"),
			       name, took, why_signal_name(asked->number));
}

static enum why_answer killed_after_grace(struct why *why,
					  struct why_finding *f)
{
	const struct ending_signal *last = why_last_signal(why);
	const struct ending_signal *asked = stop_signal(why);

	if (!why_has_ended(why) || !last || last->by != ASKER_GRACE || !asked)
		return WHY_NOT;
	why_fact_signals(why, f);
	why_fact_status(why, f);
	why_next(f, "argv %s", why_name(why));
	return say_slow(why, f, asked, why_span(last->ns - asked->ns));
}

/* `why stop` of one that heeded the signal, soon or late. */
static enum why_answer stop_was_heeded(struct why *why, struct why_finding *f)
{
	const struct ending_signal *last = why_last_signal(why);
	const struct ending_signal *asked = stop_signal(why);

	if (!why_has_ended(why) || !asked || last->by == ASKER_GRACE)
		return WHY_NOT;
	why_fact_signals(why, f);
	why_fact_status(why, f);
	why_next(f, "logs %s", why_name(why));
	return why_say(f, _("'stop' of %s took %s: its process 1 ended at %s by itself, no SIGKILL was needed"),
		       why_name(why),
		       why_span(why->ending.died_ns - asked->ns),
		       why_signal_name(asked->number));
}

static enum why_answer killed_by_kill(struct why *why, struct why_finding *f)
{
	const struct ending_signal *last = why_last_signal(why);

	if (!why_has_ended(why) || why->ending.seen.signal != SIGKILL || !last ||
	    last->number != SIGKILL || last->by == ASKER_GRACE)
		return WHY_NOT;
	why_fact_signals(why, f);
	why_fact_status(why, f);
	why_fix(f, _("'stop' asks first, with a signal that a program can handle, and kills only when the time is over"));
	why_next(f, "events --filter event=kill --since 1h --until 0s");
	return why_say(f, _("%s ended with %d: 'kill' sent it SIGKILL, which no program can handle"),
		       why_name(why), why_code_of(why));
}

/* SIGKILL, and neither we nor the limit of its memory: who? */
static enum why_answer killed_unknown(struct why *why, struct why_finding *f)
{
	const struct ending_seen *seen = &why->ending.seen;
	const struct ending_signal *last = why_last_signal(why);

	if (!why_has_ended(why) || seen->signal != SIGKILL || why->ending.oom ||
	    (last && last->number == SIGKILL))
		return WHY_NOT;
	why_fact_status(why, f);
	why_fact(f, WHY_FROM_EVENTS, _("no 'stop' and no 'kill' sent it SIGKILL"));
	if (seen->oom_kills == 0)
		why_fact(f, WHY_FROM_EVENTS, _("the counter oom_kill of its memory stayed at 0"));
	else
		why_fact(f, WHY_FROM_EVENTS, _("it had no memory limit, so nobody counted its OOM kills"));
	if (why->container && !why->container->spec.pid_mode)
		why_fact(f, WHY_FROM_RECORD, _("it had process ids of its own: no process inside can send SIGKILL to process 1, so it came from outside"));
	why_tell(f, _("the kernel's log says so where the whole machine ran out of memory (dmesg | grep -i 'killed process'); of a 'kill -9' by hand only an audit log knows"));
	why_next(f, "events --since 1h --until 0s");
	return why_say_unknown(f, _("%s ended with %d by SIGKILL; who sent it is unknown"),
			       why_name(why), why_code_of(why));
}

/* ---- other signals ---- */

static enum why_answer crashed(struct why *why, struct why_finding *f)
{
	int signal = why->ending.seen.signal;

	if (!why_has_ended(why) || why_last_signal(why) ||
	    (signal != SIGSEGV && signal != SIGBUS && signal != SIGFPE &&
	     signal != SIGILL && signal != SIGABRT && signal != SIGSYS))
		return WHY_NOT;
	why_fact_status(why, f);
	why_fact(f, WHY_FROM_EVENTS, _("no 'stop' and no 'kill' sent it a signal"));
	why_fact_span(why, f);
	(void)why_log_facts(why, f);
	/* Process 1 of a pid namespace of its own gets such a signal from nobody but
	 * the kernel and itself: pid_namespaces(7). */
	if (why->container && why->container->spec.pid_mode) {
		why_fact(f, WHY_FROM_RECORD, _("--pid %s: processes of this machine could signal it"),
			 why->container->spec.pid_mode);
		why_tell(f, _("the kernel's log names programs that it ended for a bug: dmesg | grep -i segfault"));
		why_next(f, "logs %s", why_name(why));
		return why_say_unknown(f, _("%s ended with %d by %s; whether a bug in it or somebody's 'kill' is unknown"),
				       why_name(why), why_code_of(why),
				       why_signal_name(signal));
	}
	why_fix(f, _("run the same program outside of a container, or under a debugger: most likely it fails there, too"));
	why_next(f, "logs %s", why_name(why));
	if (signal == SIGABRT)
		return why_say(f, _("%s ended with %d: the program gave up by itself (abort, SIGABRT); the container did nothing"),
			       why_name(why), why_code_of(why));
	if (signal == SIGSYS)
		return why_say(f, _("%s ended with %d: the program made a system call that is forbidden (SIGSYS)"),
			       why_name(why), why_code_of(why));
	return why_say(f, _("%s ended with %d: a bug in the program made the kernel end it by %s; the container did nothing"),
		       why_name(why), why_code_of(why), why_signal_name(signal));
}

static enum why_answer ended_by_signal(struct why *why, struct why_finding *f)
{
	const struct ending_signal *last = why_last_signal(why);
	int signal = why->ending.seen.signal;

	if (!why_has_ended(why) || signal <= 0 || signal == SIGKILL || !last ||
	    last->number != signal)
		return WHY_NOT;
	why_fact_signals(why, f);
	why_fact_status(why, f);
	why_next(f, "events --filter event=kill --since 1h --until 0s");
	return why_say(f, _("%s ended with %d: %s arrived, %s, and ended it"),
		       why_name(why), why_code_of(why), why_signal_name(signal),
		       why_asker_text(last->by));
}

static enum why_answer signal_unknown(struct why *why, struct why_finding *f)
{
	const struct ending_signal *last = why_last_signal(why);
	int signal = why->ending.seen.signal;

	if (!why_has_ended(why) || signal <= 0 || signal == SIGKILL ||
	    (last && last->number == signal))
		return WHY_NOT;
	why_fact_status(why, f);
	why_fact(f, WHY_FROM_EVENTS, _("no 'stop' and no 'kill' sent it %s"),
		 why_signal_name(signal));
	(void)why_log_facts(why, f);
	why_tell(f, _("its own output ('logs'), and whoever may signal processes on this machine"));
	why_next(f, "logs %s", why_name(why));
	return why_say_unknown(f, _("%s ended with %d by %s; who sent it is unknown"),
			       why_name(why), why_code_of(why),
			       why_signal_name(signal));
}

/* The log does not hold the end, or nobody noted how it was. */
static enum why_answer end_unknown(struct why *why, struct why_finding *f)
{
	if (is_lost(why) || (log_is_whole(why) && why->ending.seen.signal >= 0))
		return WHY_NOT;
	why_fact(f, WHY_FROM_STATUS, "%d", why_code_of(why));
	why_fact(f, WHY_FROM_EVENTS, _("no note of how this run ended (the log holds the last 4 to 8 MB)"));
	why_tell(f, _("run it once more: its end will be noted"));
	why_next(f, "start %s", why_name(why));
	return why_say_unknown(f, _("%s ended with %d; whether by a signal or by its own choice is unknown"),
			       why_name(why), why_code_of(why));
}

const struct why_cause why_end_causes[] = {
	{ "monitor_gone", WHY_END, false, monitor_gone },
	{ "oom", WHY_END, false, oom },
	{ "killed_after_grace", WHY_END | WHY_STOP, false,
	  killed_after_grace },
	{ "stop_heeded", WHY_STOP, false, stop_was_heeded },
	{ "killed_by_kill", WHY_END, false, killed_by_kill },
	{ "killed_unknown", WHY_END, false, killed_unknown },
	{ "crashed", WHY_END, false, crashed },
	{ "ended_by_signal", WHY_END, false, ended_by_signal },
	{ "signal_unknown", WHY_END, true, signal_unknown },
	{ "end_unknown", WHY_END, true, end_unknown },
	{ 0 },
};
