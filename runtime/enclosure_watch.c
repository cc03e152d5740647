/* runtime/enclosure_watch.c - the limits of an enclosure, kept from outside.
 *
 *   limit           kept by                                  seen by
 *   processes       the user namespace (enclosure_make.c)    counting
 *   memory          a cgroup, where this account may make
 *                   one; else what we see in time            the same; adding up
 *   disk            the size of the file system; a part of   how full it is
 *                   it is kept for the engine
 *   processor time  -                                        adding up
 *   time, of a line -                                        the clock, less what others
 *                                                            took (enclosure_clock.c)
 *
 * Where one is met, the programs in there are ended: whatever is process 1 of a pid
 * namespace further in, which are sh's lines and containers, with all that they started.
 * The engine goes on, so that what was good before counts. Who meets limits again and
 * again, or what does not end so, is ended as a whole.
 *
 * Without a cgroup (an account that has none of its own) memory is what we add up 20 times a
 * second: what processes have for themselves, what is on the disk, which is memory too, and
 * other files in memory (enclosure_memory.c). Each process has RLIMIT_DATA beside
 * (enclosure_sh.c), so that no single one is faster than the look. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/enclosure_parts.h"
#include "runtime/limits.h"
#include "runtime/names.h"
#include "runtime/processes.h"
#include "runtime/spec.h"
#include "runtime/sys.h"
#include "runtime/userns.h"

/* MOST_STOPS  how often programs are ended before all are
 * GRACE_MS    how long a line may take to end once it was told to
 * GONE_MS     how long what was killed may take to be gone
 * VAIN_MS     how long a limit may stay met with nobody there to be ended */
enum { MOST_STOPS = 30, GRACE_MS = 5000, GONE_MS = 5000, VAIN_MS = 1000,
       WEIGH_MS = 500,
       LITTLE_DISK = 32768, FEW_FILES = 8 };

/* On the disk, beside the folders that can be seen in there. */
#define RESERVE "reserve"

struct enclosure_watch {
	pid_t pid;
	pid_t engine;
	int disk_fd;
	const char *spare;  /* the disk's folder, where it is not in memory */
	int64_t weighed_ms; /* when that was last looked through */
	int64_t ended_free; /* disk_free at which its programs were ended, and then */
	bool ended_now;	    /* until it is weighed once more */
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
	int64_t disk_free;
	int64_t reserve; /* bytes kept on the disk; 0: given to the engine */
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

/* ---- what is there ---- */

static int weigh_tree(void *arg, struct buf *reply, struct err *err)
{
	unsigned long long sums[2] = { 0 };
	int r = fs_tree_size(AT_FDCWD, arg, &sums[0], &sums[1], err);

	buf_add(reply, sums, sizeof(sums));
	return r;
}

/* A folder has no size of its own: it is looked through, among the ids that own what is
 * in it. What comes and goes meanwhile makes that fail: the next time will do. */
static void weigh_spare(struct enclosure_watch *w)
{
	OWN_BUF struct buf reply = { 0 };
	OWN_FREE char *path = mem_str(w->spare);
	unsigned long long sums[2];
	struct err ignored = { 0 };

	if (enclosure_now_ms() < w->weighed_ms + WEIGH_MS)
		return;
	if (userns_call(weigh_tree, path, false, &reply, &ignored) == 0 &&
	    reply.len == sizeof(sums)) {
		memcpy(sums, reply.data, sizeof(sums));
		w->disk_free = (int64_t)sums[1] > w->limits.files ?
				       0 :
				       w->limits.disk_bytes - (int64_t)sums[0];
	}
	w->weighed_ms = enclosure_now_ms();
	/* They went on writing until they were ended. */
	if (w->ended_now && w->disk_free < w->ended_free)
		w->ended_free = w->disk_free;
	w->ended_now = false;
}

/* Whether nothing was written since programs were ended for it: then who runs now may be
 * making room. */
static bool spare_is_quiet(const struct enclosure_watch *w)
{
	return w->spare && w->ended_free < LITTLE_DISK &&
	       (w->ended_now || w->disk_free >= w->ended_free);
}

/* As far as it is memory. */
static int64_t disk_used(struct enclosure_watch *w)
{
	struct statvfs fs;

	if (w->spare) {
		weigh_spare(w);
		return 0;
	}
	if (fstatvfs(w->disk_fd, &fs) < 0)
		return 0;
	w->disk_free = fs.f_ffree < FEW_FILES ?
			       0 :
			       (int64_t)(fs.f_bfree * fs.f_frsize);
	return (int64_t)((fs.f_blocks - fs.f_bfree) * fs.f_frsize) - w->reserve;
}

/* A file that nobody in there has a name for. Without it a full disk would be the
 * engine's trouble, too. */
static void keep_reserve(struct enclosure_watch *w)
{
	int64_t bytes = w->limits.disk_bytes / 32;
	OWN_FD int fd = -1;

	if (w->spare || w->reserve || w->disk_free < 3 * bytes)
		return;
	fd = openat(w->disk_fd, RESERVE, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && posix_fallocate(fd, 0, bytes) == 0)
		w->reserve = bytes;
	else
		(void)unlinkat(w->disk_fd, RESERVE, 0);
}

static void give_reserve(struct enclosure_watch *w)
{
	(void)unlinkat(w->disk_fd, RESERVE, 0);
	w->reserve = 0;
}

static void measure(struct enclosure_watch *w)
{
	const int64_t ticks = sysconf(_SC_CLK_TCK);
	uint64_t used = 0;
	int64_t all = 0;
	struct stat disk;
	uint64_t ooms;

	w->threads = enclosure_find(w->pid, &w->pids);
	enclosure_clock_look(&w->clock, &w->pids);
	w->memory = disk_used(w);
	for (size_t i = 0; i < w->pids.count; i++) {
		struct process process;

		if (process_read(w->pids.items[i], &process) < 0)
			continue;
		all += (int64_t)(process.user_ticks + process.system_ticks +
				 process.child_ticks);
		w->memory += enclosure_own_memory(w->pids.items[i]);
	}
	if (enclosure_cgroup_memory(&w->cgroup, &used, &ooms))
		w->memory = (int64_t)used;
	else if (fstat(w->disk_fd, &disk) == 0)
		w->memory += enclosure_files_in_memory(&w->pids, disk.st_dev);
	/* One who dies between two looks takes its time along until its parent has
	 * looked at it: the sum must not go back. */
	if (all * 1000 / ticks > w->processor_ms)
		w->processor_ms = all * 1000 / ticks;
	if (w->memory > w->memory_most)
		w->memory_most = w->memory;
}

/* ---- ending what runs ---- */

/* How deep in pid namespaces it is, as we see it: numbers in "NSpid: 4711 17 1"; 0: gone.
 * *out_first: it is number 1 of its own. */
static int depth_of(pid_t pid, bool *out_first)
{
	OWN_BUF struct buf text = { 0 };
	OWN_FREE char *path = mem_fmt("/proc/%d/status", pid);
	struct err ignored = { 0 };
	const char *line;
	int depth = 0;

	if (fs_read(AT_FDCWD, path, 65536, &text, &ignored) < 0)
		return 0;
	line = strstr(buf_text(&text), "\nNSpid:");
	for (line = line ? line + 1 : ""; *line && *line != '\n'; line++)
		if (*line == '\t') {
			depth++;
			*out_first = line[1] == '1' && line[2] == '\n';
		}
	return depth;
}

static bool is_inner_process_1(const struct enclosure_watch *w, pid_t pid)
{
	bool first = false;

	return pid != w->pid && pid != w->engine &&
	       depth_of(pid, &first) > w->depth && first &&
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
	if (w->disk_free >= LITTLE_DISK) {
		w->ended_free = INT64_MAX;
		keep_reserve(w);
		return true;
	}
	if (w->shared->settling || spare_is_quiet(w))
		return true;
	w->ended_free = w->disk_free;
	w->ended_now = true;
	if (!stop_programs(w, ENCLOSURE_DISK) && w->stops > MOST_STOPS)
		return false;
	/* On a disk of the machine's there is room, for who is to be believed. */
	if (w->spare)
		return w->disk_free > -w->limits.disk_bytes;
	if (!w->reserve)
		return false;
	give_reserve(w);
	return true;
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

	w->spare = making->spare;
	w->depth = depth_of(pid, &first);
	w->pid = pid;
	w->disk_fd = disk_fd;
	w->limits = making->limits;
	w->shared = making->shared;
	enclosure_clock_mark(&w->clock, enclosure_now_ms(), &w->begun);
	w->disk_free = w->limits.disk_bytes;
	w->ended_free = INT64_MAX;
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
	out->processor_ns = w->processor_ms * 1000000;
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
