/* runtime/limits.c - see limits.h
 *
 * Checks and changes. Putting them into force is limits_set.c's. Source of the
 * rules: moby v20.10, daemon/daemon_unix.go, verifyPlatformContainerResources,
 * and container/container_unix.go, UpdateContainer. */
#include "runtime/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/spec.h"

enum { LEAST_MEMORY = 6 << 20, LEAST_NANO_CPUS = 10000000 };

static int wrong(struct err *err, const char *words)
{
	return err_docker(err, ERR_DAEMON, EINVAL, "%s", words);
}

static int check_memory(const struct spec *s, bool update, struct err *err)
{
	if (s->memory_bytes > 0 && s->memory_bytes < LEAST_MEMORY)
		return wrong(err, "Minimum memory limit allowed is 6MB");
	if (s->memory_bytes > 0 && s->memory_swap_bytes > 0 &&
	    s->memory_swap_bytes < s->memory_bytes)
		return wrong(err, "Minimum memoryswap limit should be larger than memory limit, see usage");
	if (s->memory_bytes == 0 && s->memory_swap_bytes > 0 && !update)
		return wrong(err, "You should always set the Memory limit when using Memoryswap limit, see usage");
	if (s->memory_reservation_bytes > 0 &&
	    s->memory_reservation_bytes < LEAST_MEMORY)
		return wrong(err, "Minimum memory reservation allowed is 6MB");
	if (s->memory_bytes > 0 && s->memory_reservation_bytes > 0 &&
	    s->memory_bytes < s->memory_reservation_bytes)
		return wrong(err, "Minimum memory limit can not be less than memory reservation limit, see usage");
	return 0;
}

static int check_time(const struct spec *s, bool update, struct err *err)
{
	/* Asked for only where it matters: a file is read to know. */
	long processors = s->nano_cpus ? sysconf(_SC_NPROCESSORS_ONLN) : 0;

	if (s->nano_cpus > 0 && s->cpu_period_us > 0)
		return wrong(err, "Conflicting options: Nano CPUs and CPU Period cannot both be set");
	if (s->nano_cpus > 0 && s->cpu_quota_us > 0)
		return wrong(err, "Conflicting options: Nano CPUs and CPU Quota cannot both be set");
	if (s->nano_cpus && (s->nano_cpus < LEAST_NANO_CPUS ||
			     s->nano_cpus > processors * 1000000000LL))
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Range of CPUs is from 0.01 to %ld.00, as there are only %ld CPUs available",
				  processors, processors);
	/* A start finds out by itself: cgroup_cpu.c. */
	if (s->cpu_shares < 0 && update)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "invalid CPU shares (%" PRId64 "): value must be a positive integer",
				  s->cpu_shares);
	if (s->cpu_period_us != 0 &&
	    (s->cpu_period_us < 1000 || s->cpu_period_us > 1000000))
		return wrong(err, "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
	if (s->cpu_quota_us > 0 && s->cpu_quota_us < 1000)
		return wrong(err, "CPU cfs quota can not be less than 1ms (i.e. 1000)");
	return 0;
}

/* A number at the beginning of *text, which moves behind it. */
static bool read_one(const char **text, unsigned long *out)
{
	char *end;

	if (**text < '0' || **text > '9')
		return false;
	*out = strtoul(*text, &end, 10);
	*text = end;
	return *out < CPU_SETSIZE;
}

/* "0-3,5", as the kernel takes it. False: it is written wrongly. */
static bool read_set(const char *text, cpu_set_t *out)
{
	bool more = *text != '\0';

	CPU_ZERO(out);
	while (more) {
		unsigned long first;
		unsigned long last;

		if (!read_one(&text, &first))
			return false;
		last = first;
		if (*text == '-' && (text++, !read_one(&text, &last)))
			return false;
		if (last < first)
			return false;
		for (; first <= last; first++)
			CPU_SET(first, out);
		more = *text == ',';
		text += more;
	}
	return *text == '\0';
}

/* "0-1,4", as the kernel writes sets; given. */
static char *show_set(const cpu_set_t *set)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < CPU_SETSIZE; i++) {
		size_t last = i;

		if (!CPU_ISSET(i, set))
			continue;
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, set))
			last++;
		buf_fmt(&out, "%s%zu", out.len ? "," : "", i);
		if (last > i)
			buf_fmt(&out, "-%zu", last);
		i = last;
	}
	return buf_give(&out);
}

/* The memory nodes that we may use ourselves. */
static bool read_nodes(cpu_set_t *out)
{
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };
	const char *line;
	OWN_FREE char *list = NULL;

	if (fs_read(AT_FDCWD, "/proc/self/status", 1 << 16, &text, &ignored) <
	    0)
		return false;
	line = strstr(buf_text(&text), "\nMems_allowed_list:\t");
	if (!line)
		return false;
	line = strchr(line, '\t') + 1;
	list = mem_strn(line, strcspn(line, "\n"));
	return read_set(list, out);
}

static int check_set(const char *text, const char *what, bool cpus,
		     struct err *err)
{
	cpu_set_t wanted;
	cpu_set_t available;
	cpu_set_t both;
	OWN_FREE char *shown = NULL;

	if (!text || !*text)
		return 0;
	if (!read_set(text, &wanted))
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Invalid value %s for cpuset %s: invalid format: %s",
				  text, what, text);
	CPU_ZERO(&available);
	if (cpus ? sched_getaffinity(0, sizeof(available), &available) < 0 :
		   !read_nodes(&available))
		return 0; /* the kernel will say */
	CPU_AND(&both, &wanted, &available);
	if (CPU_EQUAL(&both, &wanted))
		return 0;
	shown = show_set(&available);
	return err_docker(err, ERR_DAEMON, EINVAL,
			  "Requested %s are not available - requested %s, available: %s",
			  cpus ? "CPUs" : "memory nodes", text, shown);
}

int limits_check(const struct spec *spec, bool update, struct err *err)
{
	int r = check_memory(spec, update, err);

	if (r == 0)
		r = check_time(spec, update, err);
	if (r == 0)
		r = check_set(spec->cpuset_cpus, "cpus", true, err);
	if (r == 0)
		r = check_set(spec->cpuset_mems, "mems", false, err);
	if (r == 0 && spec->blkio_weight != 0 &&
	    (spec->blkio_weight < 10 || spec->blkio_weight > 1000) &&
	    limits_weighs_disks())
		r = wrong(err, "Range of blkio weight is from 10 to 1000");
	if (r == 0 &&
	    (spec->oom_score_adj < -1000 || spec->oom_score_adj > 1000))
		r = err_docker(err, ERR_DAEMON, EINVAL,
			       "Invalid value %d, range for oom score adj is [-1000, 1000]",
			       spec->oom_score_adj);
	return r;
}

int limits_check_restart(const char *policy, int max, struct err *err)
{
	bool plain = strcmp(policy, "always") == 0 ||
		     strcmp(policy, "unless-stopped") == 0 ||
		     strcmp(policy, "no") == 0;

	if (plain && max != 0)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "maximum retry count cannot be used with restart policy '%s'",
				  policy);
	if (strcmp(policy, "on-failure") == 0 && max < 0)
		return wrong(err, "maximum retry count cannot be negative");
	if (!plain && strcmp(policy, "on-failure") != 0 && *policy)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "invalid restart policy '%s'", policy);
	return 0;
}

/* ---- update ---- */

static bool has(const struct limits_change *change, enum limits_field field)
{
	return (change->given & (uint32_t)field) != 0;
}

/* Where only memory was asked for, Docker has set twice of it as the whole. */
static int64_t swap_of(const struct spec *s)
{
	return s->memory_swap_bytes || s->memory_bytes > INT64_MAX / 2 ?
		       s->memory_swap_bytes :
		       s->memory_bytes * 2;
}

/* What cannot be changed beside what is set already. */
static int check_change(const struct limits_change *c, const struct spec *s,
			struct err *err)
{
	if (c->nano_cpus > 0 && s->cpu_period_us > 0)
		return wrong(err, "Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set");
	if (c->nano_cpus > 0 && s->cpu_quota_us > 0)
		return wrong(err, "Conflicting options: Nano CPUs cannot be updated as CPU Quota has already been set");
	if (c->cpu_quota_us > 0 && s->nano_cpus > 0)
		return wrong(err, "Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set");
	if (c->cpu_period_us > 0 && s->nano_cpus > 0)
		return wrong(err, "Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set");
	if (c->memory_bytes != 0 && c->memory_swap_bytes == 0 &&
	    c->memory_bytes > swap_of(s))
		return wrong(err, "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time");
	if (has(c, LIMITS_RESTART) && s->auto_remove &&
	    strcmp(c->restart_policy, "no") != 0)
		return wrong(err, "Restart policy cannot be updated because AutoRemove is enabled for the container");
	return 0;
}

static void take(int64_t value, int64_t *to)
{
	if (value != 0)
		*to = value;
}

static void take_text(const char *text, char **to)
{
	if (!*text)
		return;
	free(*to);
	*to = mem_str(text);
}

int limits_apply(const struct limits_change *change, struct spec *spec,
		 struct err *err)
{
	int r = check_change(change, spec, err);

	if (r < 0)
		return r;
	if (change->memory_bytes)
		spec->memory_swap_bytes = swap_of(spec);
	take(change->memory_bytes, &spec->memory_bytes);
	take(change->memory_swap_bytes, &spec->memory_swap_bytes);
	take(change->memory_reservation_bytes, &spec->memory_reservation_bytes);
	take(change->nano_cpus, &spec->nano_cpus);
	take(change->cpu_shares, &spec->cpu_shares);
	take(change->cpu_period_us, &spec->cpu_period_us);
	take(change->cpu_quota_us, &spec->cpu_quota_us);
	take_text(change->cpuset_cpus, &spec->cpuset_cpus);
	take_text(change->cpuset_mems, &spec->cpuset_mems);
	if (change->blkio_weight)
		spec->blkio_weight = change->blkio_weight;
	/* Of these 0 means something: no bound. */
	if (has(change, LIMITS_PIDS))
		spec->pids_limit = change->pids_limit;
	if (has(change, LIMITS_RESTART)) {
		free(spec->restart_policy);
		spec->restart_policy = mem_str(change->restart_policy);
		spec->restart_max = change->restart_max;
	}
	return 0;
}
