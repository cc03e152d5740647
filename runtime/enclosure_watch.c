/* runtime/enclosure_watch.c - the limits of an enclosure, kept from outside.
 *
 *   limit           kept by                                  seen by
 *   processes       the user namespace (enclosure_make.c)    counting
 *   memory          a cgroup, where this account may make
 *                   one; else what we see in time            the same; adding up
 *   disk            the size of the file system; a part of   how full it is
 *                   it is kept for the engine                (enclosure_disk.c)
 *   processor time  -                                        adding up
 *   time, of a line -                                        the clock, less what others
 *                                                            took (enclosure_clock.c)
 *
 * Where one is met, the programs in there are ended: whatever is process 1 of a pid
 * namespace further in, which are sh's lines and containers, with all that they started.
 * The engine goes on, so that what was good before counts. Who meets limits again and
 * again, or what does not end so, is ended as a whole.
 *
 * Without a cgroup (an account that has none of its own) memory is what we add up 20 times
 * a second: what processes have for themselves, what is on the disk, which is memory too,
 * and other files in memory (enclosure_memory.c). Each process has RLIMIT_DATA beside
 * (enclosure_sh.c), so that no single one is faster than the look. */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "runtime/enclosure_parts.h"
#include "runtime/processes.h"
#include "runtime/sys.h"

/* MOST_STOPS  how often programs are ended before all are
 * GRACE_MS    how long a line may take to end once it was told to
 * GONE_MS     how long what was killed may take to be gone
 * VAIN_MS     how long a limit may stay met with nobody there to be ended */
enum { MOST_STOPS = 30, GRACE_MS = 5000, GONE_MS = 5000,
       VAIN_MS = 1000 };

struct enclosure_watch {
	pid_t pid;
	pid_t engine;
	struct enclosure_limits limits;
	struct enclosure_shared *shared;
	int64_t stopped_ms; /* when programs were last ended; 0: never */
	int64_t vain_ms; /* since when nobody is there to be ended; 0: not so */
	int stops;
	int depth;	    /* of process 1, in pid namespaces */
	struct pids killed; /* of them, who may not be gone yet */
	struct enclosure_clock clock;
	struct enclosure_mark begun;
	struct enclosure_mark line; /* the one under way, since it began */
	int64_t line_until_ms;
	int64_t line_told_ms; /* when it was last told to end; 0: it was not */
	int line_tells;
	struct enclosure_disk disk;
	unsigned hit;
	struct pids pids;
	int64_t threads;
	int64_t most_ever; /* that the cgroup counted until the last look */
	struct enclosure_glance glance;
	int64_t memory;
	int64_t memory_most;
	int64_t processor_ms;
	struct enclosure_cgroup cgroup;
	uint64_t ooms;
};

/* ---- what is used ---- */

static void measure(struct enclosure_watch *w)
{
	const int64_t ticks = sysconf(_SC_CLK_TCK);
	uint64_t used = 0;
	int64_t all = 0;
	struct stat disk;
	uint64_t ooms;

	w->threads = enclosure_find(w->pid, &w->pids);
	enclosure_clock_look(&w->clock, &w->pids);
	w->memory = enclosure_disk_look(&w->disk);
	for (size_t i = 0; i < w->pids.count; i++) {
		struct process process;

		if (process_read(w->pids.items[i], &process) < 0)
			continue;
		all += (int64_t)(process.user_ticks + process.system_ticks +
				 process.child_ticks);
		w->memory += enclosure_memory_of(w->pids.items[i]);
	}
	if (enclosure_cgroup_memory(&w->cgroup, &used, &ooms))
		w->memory = (int64_t)used;
	else if (fstat(w->disk.fd, &disk) == 0)
		w->memory += enclosure_files_in_memory(&w->pids, disk.st_dev);
	/* One who dies between two looks takes its time along until its parent has
	 * looked at it: the sum must not go back. */
	if (all * 1000 / ticks > w->processor_ms)
		w->processor_ms = all * 1000 / ticks;
	if (w->memory > w->memory_most)
		w->memory_most = w->memory;
}

/* ---- ending what runs ---- */

static bool is_inner_process_1(const struct enclosure_watch *w, pid_t pid)
{
	bool first = false;

	return pid != w->pid && pid != w->engine &&
	       enclosure_depth_of(pid, &first) > w->depth && first &&
	       enclosure_is_in(w->pid, pid);
}

/* Where many come and go a number is soon somebody else's. The descriptor is of who had it
 * before all was looked at; if they are gone, nobody is hit. */
static bool end_if_inner(const struct enclosure_watch *w, pid_t pid)
{
	OWN_FD int fd = sys_pidfd_open(pid);

	return fd >= 0 && is_inner_process_1(w, pid) &&
	       sys_pidfd_send_signal(fd, SIGKILL) == 0;
}

/* Who met it may have ended just now by itself. */
static bool in_vain(struct enclosure_watch *w)
{
	int64_t now = enclosure_now_ms();

	if (!w->vain_ms || now > w->vain_ms + 2 * (int64_t)VAIN_MS)
		w->vain_ms = now; /* or another time */
	return now > w->vain_ms + VAIN_MS;
}

/* Returns false where there is nothing to end, or it was done too often: all must end. */
static bool stop_programs(struct enclosure_watch *w, enum enclosure_limit limit)
{
	/* What was killed needs a moment to give back what it had. */
	if (w->shared->settling)
		return enclosure_now_ms() < w->stopped_ms + GONE_MS;
	w->hit |= ENCLOSURE_BIT(limit);
	w->shared->hit |= ENCLOSURE_BIT(limit);
	(void)enclosure_find(w->pid, &w->pids);
	pids_done(&w->killed);
	for (size_t i = 0; i < w->pids.count; i++)
		if (end_if_inner(w, w->pids.items[i]))
			pids_add(&w->killed, w->pids.items[i]);
	w->shared->settling = w->killed.count > 0;
	if (w->killed.count == 0)
		return !in_vain(w);
	w->vain_ms = 0;
	w->stopped_ms = enclosure_now_ms();
	return ++w->stops <= MOST_STOPS;
}

static bool is_gone(pid_t pid)
{
	struct process process;

	return process_read(pid, &process) < 0 || process.state == 'Z' ||
	       process.state == 'X';
}

/* The next line begins when there is room for it again (enclosure_line_end). */
static void look_at_killed(struct enclosure_watch *w)
{
	if (!w->shared->settling)
		return;
	for (size_t i = 0; i < w->killed.count; i++)
		if (!is_gone(w->killed.items[i]))
			return;
	if (w->memory <= w->limits.memory_bytes * 7 / 8 &&
	    w->threads < w->limits.processes / 2)
		w->shared->settling = 0;
}

/* ---- the limits ---- */

static void note_line(struct enclosure_watch *w, int64_t until)
{
	w->line_until_ms = until;
	w->line_told_ms = 0;
	w->line_tells = 0;
	enclosure_clock_mark(&w->clock, until - w->limits.line_ms, &w->line);
}

/* A line that waits in the engine itself (`wait x`, `events`) ends by a Ctrl-C. */
static bool look_at_line(struct enclosure_watch *w)
{
	int64_t until = w->shared->line_until_ms;
	int64_t now = enclosure_now_ms();

	if (until != w->line_until_ms)
		note_line(w, until);
	if (until == 0 ||
	    !enclosure_clock_is_over(&w->clock, &w->line, w->limits.line_ms))
		return true;
	if (w->line_told_ms && now < w->line_told_ms + GRACE_MS)
		return true;
	w->line_told_ms = now;
	w->line_tells++;
	(void)stop_programs(w, ENCLOSURE_TIME);
	if (w->engine > 0)
		(void)kill(w->engine, SIGINT);
	return w->line_tells <= 3 && w->stops <= MOST_STOPS;
}

static uint64_t count_ooms(const struct enclosure_watch *w)
{
	uint64_t used;
	uint64_t ooms;

	(void)enclosure_cgroup_memory(&w->cgroup, &used, &ooms);
	return ooms;
}

bool enclosure_watch_was_out_of_memory(const struct enclosure_watch *w)
{
	return (w->hit & ENCLOSURE_BIT(ENCLOSURE_MEMORY)) ||
	       count_ooms(w) > w->ooms;
}

/* Where there is a cgroup the kernel ends somebody at the limit itself: the largest. */
static bool out_of_memory(struct enclosure_watch *w)
{
	uint64_t ooms = count_ooms(w);

	if (ooms > w->ooms) {
		w->hit |= ENCLOSURE_BIT(ENCLOSURE_MEMORY);
		w->shared->hit |= ENCLOSURE_BIT(ENCLOSURE_MEMORY);
		w->ooms = ooms;
	}
	return w->memory > w->limits.memory_bytes - w->limits.memory_bytes / 64;
}

/* A full disk refuses by itself. Who fills it is ended all the same, and what was kept is
 * the engine's then; who fills that as well is ended for good. */
static bool look_at_disk(struct enclosure_watch *w)
{
	if (!enclosure_disk_is_full(&w->disk) || w->shared->settling)
		return true;
	enclosure_disk_ending(&w->disk);
	if (!stop_programs(w, ENCLOSURE_DISK) && w->stops > MOST_STOPS)
		return false;
	return enclosure_disk_give(&w->disk);
}

/* Those of sh are refused at three quarters (enclosure_sh.c), so that the engine can
 * always make some. Who was refused often ends at once, while all are counted: of those
 * who were there a few are missed. */
static bool are_too_many(const struct enclosure_watch *w, int64_t threads)
{
	return threads >= w->limits.processes * 11 / 16;
}

/* The most since the last look. */
static int64_t most_threads(struct enclosure_watch *w)
{
	int64_t ever = enclosure_cgroup_most(&w->cgroup);
	int64_t most = w->threads > w->glance.most ? w->threads :
						     w->glance.most;

	if (ever > w->most_ever) {
		w->most_ever = ever;
		most = ever > most ? ever : most;
	}
	w->glance.most = 0;
	return most;
}

/* What is being ended is there still, and was told of. */
bool enclosure_watch_glance(struct enclosure_watch *w)
{
	if (w->shared->settling)
		return false;
	enclosure_glance(&w->glance);
	return are_too_many(w, w->glance.most);
}

bool enclosure_watch_look(struct enclosure_watch *w, enum enclosure_limit *out)
{
	measure(w);
	if (enclosure_clock_is_over(&w->clock, &w->begun, w->limits.time_ms)) {
		*out = ENCLOSURE_TIME;
		w->hit |= ENCLOSURE_BIT(*out);
		return false;
	}
	look_at_killed(w);
	if (w->processor_ms > w->limits.processor_ms) {
		*out = ENCLOSURE_PROCESSOR;
		w->hit |= ENCLOSURE_BIT(*out);
		return false;
	}
	*out = ENCLOSURE_MEMORY;
	if (out_of_memory(w) && !stop_programs(w, *out))
		return false;
	*out = ENCLOSURE_PROCESSES;
	if (are_too_many(w, most_threads(w)) && !stop_programs(w, *out))
		return false;
	*out = ENCLOSURE_DISK;
	if (!look_at_disk(w))
		return false;
	*out = ENCLOSURE_TIME;
	return look_at_line(w);
}

/* ---- its life ---- */

struct enclosure_watch *
enclosure_watch_new(pid_t pid, int disk_fd,
		    const struct enclosure_making *making)
{
	struct enclosure_watch *w = mem_zero(1, sizeof(*w));
	bool first;

	w->depth = enclosure_depth_of(pid, &first);
	w->pid = pid;
	w->limits = making->limits;
	w->shared = making->shared;
	enclosure_clock_mark(&w->clock, enclosure_now_ms(), &w->begun);
	enclosure_disk_begin(&w->disk, disk_fd, making);
	enclosure_glance_begin(&w->glance, pid);
	enclosure_cgroup_make(&w->cgroup, making, disk_fd, pid);
	return w;
}

unsigned enclosure_watch_given(const struct enclosure_watch *w)
{
	return w->cgroup.given;
}

/* Where there are many they may be more in a moment. */
int enclosure_watch_pause_ms(const struct enclosure_watch *w)
{
	return w->threads > w->limits.processes / 4 ? ENCLOSURE_LOOK_MS / 5 :
						      ENCLOSURE_LOOK_MS;
}

void enclosure_watch_engine(struct enclosure_watch *w, pid_t engine)
{
	w->engine = engine;
}

void enclosure_watch_count(const struct enclosure_watch *w,
			   struct enclosure_end *out)
{
	out->hit |= w->hit;
	out->time_ns = (enclosure_now_ms() - w->begun.at_ms) * 1000000;
	out->memory_bytes = w->memory_most;
}

void enclosure_watch_free(struct enclosure_watch *w)
{
	if (!w)
		return;
	enclosure_cgroup_end(&w->cgroup);
	enclosure_glance_end(&w->glance);
	enclosure_clock_done(&w->clock);
	pids_done(&w->pids);
	pids_done(&w->killed);
	free(w);
}
