/* runtime/limits_set.c - see limits.h: putting limits into force.
 *
 * What a limit of the process itself can and cannot do, setrlimit(2):
 *
 *   RLIMIT_DATA   each process may have that much memory of its own; a program
 *                 that asks for more is told so (ENOMEM) and not killed, and two
 *                 processes may have twice as much together
 *   RLIMIT_NPROC  counts the processes of one user in the container's user
 *                 namespace, not of all users in it
 *   affinity      which processors to use, of the process and its children; the
 *                 program may change it */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/base/trace.h"
#include "runtime/cgroup.h"
#include "runtime/cgroup_cpu.h"
#include "runtime/cgroup_file.h"
#include "runtime/cgroup_io.h"
#include "runtime/cgroup_memory.h"
#include "runtime/cgroup_pids.h"
#include "runtime/limits.h"
#include "runtime/spec.h"
#include "runtime/userns.h"

static bool limits_time(const struct spec *spec)
{
	return spec->nano_cpus || spec->cpu_shares || spec->cpu_period_us ||
	       spec->cpu_quota_us;
}

static bool limits_places(const struct spec *spec)
{
	return (spec->cpuset_cpus && *spec->cpuset_cpus) ||
	       (spec->cpuset_mems && *spec->cpuset_mems);
}

static bool limits_memory(const struct spec *spec)
{
	return spec->memory_bytes || spec->memory_swap_bytes ||
	       spec->memory_reservation_bytes || spec->oom_kill_disable ||
	       spec->memory_swappiness_given;
}

unsigned limits_controllers(const struct spec *spec)
{
	unsigned bits = 0;

	if (limits_memory(spec))
		bits |= CGROUP_BIT(CGROUP_MEMORY);
	if (limits_time(spec))
		bits |= CGROUP_BIT(CGROUP_CPU);
	if (limits_places(spec))
		bits |= CGROUP_BIT(CGROUP_CPUSET);
	if (spec->pids_limit > 0)
		bits |= CGROUP_BIT(CGROUP_PIDS);
	if (spec->blkio_weight)
		bits |= CGROUP_BIT(CGROUP_IO);
	return bits;
}

/* ---- in the cgroup ---- */

static int set_io(int fd, bool v2, const struct spec *spec, struct err *err)
{
	/* A machine without weights was spoken of in limits_notes. */
	if (!spec->blkio_weight || !cgroup_io_weight_file(fd, v2))
		return 0;
	return cgroup_io_set_weight(fd, v2, spec->blkio_weight, err);
}

int limits_set(const struct cgroup *cgroup, const struct spec *spec,
	       struct err *err)
{
	bool v2;
	int r = 0;
	int fd = cgroup_folder(cgroup, CGROUP_MEMORY, &v2);

	if (fd >= 0)
		r = cgroup_memory_set(fd, v2, spec, err);
	fd = cgroup_folder(cgroup, CGROUP_CPU, &v2);
	if (r == 0 && fd >= 0)
		r = cgroup_cpu_set(fd, v2, spec, err);
	fd = cgroup_folder(cgroup, CGROUP_CPUSET, &v2);
	if (r == 0 && fd >= 0)
		r = cgroup_cpu_set_places(fd, spec, err);
	fd = cgroup_folder(cgroup, CGROUP_PIDS, &v2);
	if (r == 0 && fd >= 0)
		r = cgroup_pids_set(fd, spec->pids_limit, err);
	fd = cgroup_folder(cgroup, CGROUP_IO, &v2);
	if (r == 0 && fd >= 0)
		r = set_io(fd, v2, spec, err);
	return r;
}

/* ---- and back ---- */

/* The files that limits_set writes to, of both versions. */
static const struct {
	enum cgroup_controller controller;
	const char *name;
} files[] = {
	{ CGROUP_MEMORY, "memory.limit_in_bytes" },
	{ CGROUP_MEMORY, "memory.memsw.limit_in_bytes" },
	{ CGROUP_MEMORY, "memory.soft_limit_in_bytes" },
	{ CGROUP_MEMORY, "memory.max" },
	{ CGROUP_MEMORY, "memory.swap.max" },
	{ CGROUP_MEMORY, "memory.low" },
	{ CGROUP_CPU, "cpu.shares" },
	{ CGROUP_CPU, "cpu.cfs_period_us" },
	{ CGROUP_CPU, "cpu.cfs_quota_us" },
	{ CGROUP_CPU, "cpu.weight" },
	{ CGROUP_CPU, "cpu.max" },
	{ CGROUP_CPUSET, "cpuset.mems" },
	{ CGROUP_CPUSET, "cpuset.cpus" },
	{ CGROUP_PIDS, "pids.max" },
	{ CGROUP_IO, "blkio.weight" },
	{ CGROUP_IO, "blkio.bfq.weight" },
	{ CGROUP_IO, "io.weight" },
	{ CGROUP_IO, "io.bfq.weight" },
};

enum { FILES = sizeof(files) / sizeof(files[0]), LONGEST = 4096 };

void limits_read(const struct cgroup *cgroup, struct strs *out)
{
	for (size_t i = 0; i < FILES; i++) {
		char text[LONGEST];
		bool v2;
		int fd = cgroup_folder(cgroup, files[i].controller, &v2);

		/* What is not there is "", and is not written later. */
		if (fd < 0 || cgroup_file_read(fd, files[i].name, text,
					       sizeof(text)) < 0)
			text[0] = '\0';
		strs_add(out, text);
	}
}

/* Twice: of two limits that must not cross one is refused at first. */
void limits_put_back(const struct cgroup *cgroup, const struct strs *before)
{
	struct err ignored = { 0 };
	bool v2;

	for (size_t i = 0; i < 2 * before->count; i++) {
		size_t at = i % before->count;
		int fd = cgroup_folder(cgroup, files[at].controller, &v2);

		if (fd >= 0 && before->items[at][0])
			(void)cgroup_file_write(fd, files[at].name,
						before->items[at], &ignored);
	}
}

/* ---- in the process ---- */

static int limit(int what, const char *name, int64_t value, struct err *err)
{
	struct rlimit limit;

	if (getrlimit((__rlimit_resource_t)what, &limit) < 0)
		return err_errno(err, "getrlimit(%s)", name);
	if ((rlim_t)value >= limit.rlim_max)
		return 0; /* it is tighter already */
	limit.rlim_cur = limit.rlim_max = (rlim_t)value;
	if (TRACED(TRACE_RLIMIT, setrlimit((__rlimit_resource_t)what, &limit),
		   "prlimit64(0, %d, {rlim_cur=%" PRId64
		   ", rlim_max=%" PRId64 "}, NULL)",
		   what, value, value) < 0)
		return err_errno(err, "setrlimit(%s)", name);
	return 0;
}

static int choose_processors(const char *text, struct err *err)
{
	const char *given = text;
	cpu_set_t set;
	char *end;

	CPU_ZERO(&set);
	for (; *text; text = end + (*end == ',')) { /* limits_check has read it */
		unsigned long first = strtoul(text, &end, 10);
		unsigned long last =
			*end == '-' ? strtoul(end + 1, &end, 10) : first;

		for (; first <= last && first < CPU_SETSIZE; first++)
			CPU_SET(first, &set);
		if (*end != ',' && *end != '\0')
			return err_set(err, EINVAL, "processors '%s'", text);
	}
	trace_note("%s", given);
	if (TRACED(TRACE_RLIMIT, sched_setaffinity(0, sizeof(set), &set),
		   "sched_setaffinity(0, %zu)", sizeof(set)) < 0)
		return err_errno(err, "sched_setaffinity");
	return 0;
}

int limits_enter(const struct cgroup *cgroup, const struct spec *spec,
		 struct err *err)
{
	bool v2;
	int r = 0;

	if (limits_controllers(spec) == 0)
		return 0;
	if (spec->cpuset_cpus && *spec->cpuset_cpus &&
	    cgroup_folder(cgroup, CGROUP_CPUSET, &v2) < 0)
		r = choose_processors(spec->cpuset_cpus, err);
	if (r == 0 && spec->memory_bytes > 0 &&
	    cgroup_folder(cgroup, CGROUP_MEMORY, &v2) < 0)
		r = limit(RLIMIT_DATA, "RLIMIT_DATA", spec->memory_bytes, err);
	if (r == 0 && spec->pids_limit > 0 &&
	    cgroup_folder(cgroup, CGROUP_PIDS, &v2) < 0 &&
	    userns_kind() != USERNS_NONE)
		r = limit(RLIMIT_NPROC, "RLIMIT_NPROC", spec->pids_limit, err);
	return r;
}

/* ---- what is not kept ---- */

/* How to get a cgroup of one's own. */
static const char *how(void)
{
	if (userns_is_root())
		return _("this machine has no such cgroup controller, or it is not mounted: grep cgroup /proc/mounts");
	return _("the real limit needs a cgroup of your own: on a machine with systemd and cgroup v2, 'systemd-run --user --scope -p Delegate=yes dockershell' starts the shell in one");
}

int limits_check_machine(const struct spec *spec, struct err *err)
{
	OWN_CGROUP_PLACES struct cgroup_places places = { 0 };

	if (!spec->nano_cpus)
		return 0;
	cgroup_find(&places, false);
	if (cgroup_places_have(&places) & CGROUP_BIT(CGROUP_CPU))
		return 0;
	err_docker(err, ERR_DAEMON, ENOTSUP,
		   "NanoCPUs can not be set, as your kernel does not support CPU CFS scheduler or the cgroup is not mounted");
	return err_hint(err, "%s", how());
}

static void note_memory(const struct spec *spec, limits_note *note, void *arg)
{
	char size[HUMAN_SIZE];
	char instead[256];

	if (spec->memory_bytes) {
		snprintf(instead, sizeof(instead),
			 _("instead each single process gets at most %s of memory of its own (RLIMIT_DATA): beyond that it is refused, not killed"),
			 human_bytes(size, (double)spec->memory_bytes));
		note(arg,
		     "Your kernel does not support memory limit capabilities or the cgroup is not mounted. Limitation discarded.",
		     instead);
	}
	if (spec->memory_reservation_bytes)
		note(arg,
		     "Your kernel does not support memory soft limit capabilities or the cgroup is not mounted. Limitation discarded.",
		     "");
}

static void note_swappiness(const struct spec *spec, limits_note *note,
			    void *arg)
{
	if (spec->memory_swappiness_given)
		note(arg,
		     "Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.",
		     _("only version 1 of cgroups has it"));
}

/* A kernel may be built, or started, without counting swap. Version 2 shows only
 * below its root whether it does. */
static void note_swap(const struct spec *spec,
		      const struct cgroup_places *places, limits_note *note,
		      void *arg)
{
	OWN_FREE char *file = NULL;

	if (!spec->memory_bytes || spec->memory_swap_bytes == -1 ||
	    !places->v1[CGROUP_MEMORY] ||
	    (places->v2_has & CGROUP_BIT(CGROUP_MEMORY)))
		return;
	file = mem_fmt("%s/memory.memsw.limit_in_bytes",
		       places->v1[CGROUP_MEMORY]);
	if (access(file, F_OK) < 0)
		note(arg,
		     "Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.",
		     _("swap beyond the limit is not counted; the kernel's option 'swapaccount=1' makes it count"));
}

/* What holds where there is a memory controller, but not all of it. */
static void note_killer(const struct spec *spec,
			const struct cgroup_places *places, limits_note *note,
			void *arg)
{
	if (!spec->oom_kill_disable)
		return;
	if (places->v2_has & CGROUP_BIT(CGROUP_MEMORY))
		note(arg,
		     "Your kernel does not support OomKillDisable. OomKillDisable discarded.",
		     _("only version 1 of cgroups can do without the killer"));
	else if (!spec->memory_bytes)
		note(arg,
		     "OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.",
		     "");
}

static void note_cpu(const struct spec *spec, limits_note *note, void *arg)
{
	if (spec->cpu_shares)
		note(arg,
		     "Your kernel does not support CPU shares or the cgroup is not mounted. Shares discarded.",
		     "");
	if (spec->cpu_period_us || spec->cpu_quota_us)
		note(arg,
		     "Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.",
		     "");
}

static bool weighs(const struct cgroup_places *places)
{
	const char *path = places->v2_has & CGROUP_BIT(CGROUP_IO) ?
				   places->v2 :
				   places->v1[CGROUP_IO];

	return path && cgroup_io_may_weigh(path);
}

bool limits_weighs_disks(void)
{
	OWN_CGROUP_PLACES struct cgroup_places places = { 0 };

	cgroup_find(&places, false);
	return weighs(&places);
}

void limits_notes(const struct spec *spec, limits_note *note, void *arg)
{
	OWN_CGROUP_PLACES struct cgroup_places places = { 0 };
	unsigned wanted = limits_controllers(spec);
	unsigned lacking;

	if (!wanted)
		return;
	cgroup_find(&places, false);
	lacking = wanted & ~cgroup_places_have(&places);
	if (wanted & CGROUP_BIT(CGROUP_IO) && !weighs(&places))
		lacking |= CGROUP_BIT(CGROUP_IO);
	if (lacking & CGROUP_BIT(CGROUP_MEMORY)) {
		note_memory(spec, note, arg);
	} else {
		note_swap(spec, &places, note, arg);
		note_killer(spec, &places, note, arg);
	}
	if ((lacking | places.v2_has) & CGROUP_BIT(CGROUP_MEMORY))
		note_swappiness(spec, note, arg);
	if (lacking & CGROUP_BIT(CGROUP_CPU))
		note_cpu(spec, note, arg);
	if (lacking & CGROUP_BIT(CGROUP_CPUSET))
		note(arg,
		     "Your kernel does not support cpuset or the cgroup is not mounted. Cpuset discarded.",
		     _("instead the program starts on those processors (sched_setaffinity), and may leave them"));
	if (lacking & CGROUP_BIT(CGROUP_PIDS))
		note(arg,
		     "Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.",
		     !userns_is_root() ? _("instead each user in the container may have that many processes (RLIMIT_NPROC)") :
				 "");
	if (lacking & CGROUP_BIT(CGROUP_IO))
		note(arg,
		     "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.",
		     "");
	if (lacking)
		note(arg, NULL, how());
}
