/* runtime/freeze_signals.c - see freeze_signals.h */
#include "runtime/freeze_signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/trace.h"

enum { PASSES = 500 };

/* Stopped by a signal or a tracer, or dead: it does nothing any more. */
static bool stands(pid_t pid)
{
	struct process p;

	return process_read(pid, &p) < 0 || p.state == 'T' || p.state == 't' ||
	       p.state == 'Z' || p.state == 'X';
}

/* One look at all; returns how many did not stand. With `before`, those that
 * stand are noted. */
static int stop_once(pid_t first, struct pids *before, struct err *err)
{
	OWN_PIDS struct pids all = { 0 };
	int moving = 0;
	int r = processes_find(first, -1, &all, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < all.count; i++) {
		if (stands(all.items[i])) {
			if (before)
				pids_add(before, all.items[i]);
			continue;
		}
		if (kill(all.items[i], SIGSTOP) < 0 && errno != ESRCH)
			return err_errno(err, "stop process %d", all.items[i]);
		moving++;
	}
	return moving;
}

int freeze_signals_stop(pid_t first, struct pids *out_before, struct err *err)
{
	struct pids before = { 0 };
	struct err ignored = { 0 };
	int r = stop_once(first, &before, err);

	/* A signal takes its time to arrive, and who has not got it yet may
	 * fork: once a look finds all standing, nobody can. */
	for (int pass = 0; pass < PASSES && r > 0; pass++) {
		(void)poll(NULL, 0, pass < 10 ? 1 : 5);
		r = stop_once(first, NULL, err);
	}
	if (r > 0)
		r = err_set(err, EAGAIN,
			    _("a process does not stand still, or they are born faster than they can be stopped"));
	if (r < 0) {
		(void)freeze_signals_go(first, &before, &ignored);
		pids_done(&before);
		return r;
	}
	trace_step(TRACE_KILL, "kill(each process, SIGSTOP)");
	pids_done(out_before);
	*out_before = before;
	return 0;
}

int freeze_signals_go(pid_t first, const struct pids *before, struct err *err)
{
	OWN_PIDS struct pids all = { 0 };
	int r = processes_find(first, -1, &all, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < all.count; i++)
		if (!pids_have(before, all.items[i]) &&
		    kill(all.items[i], SIGCONT) < 0 && errno != ESRCH)
			r = err_errno(err, "wake process %d", all.items[i]);
	trace_step(TRACE_KILL, "kill(each process, SIGCONT)");
	return r;
}
