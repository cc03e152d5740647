/* shell/run_limits.c - limits that the container's cgroup keeps.
 *
 * Here they are checked, in Docker's words, and written down; who makes the cgroup
 * sets them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/spec.h"
#include "shell/run_fill.h"

#define LEAST_MEMORY (6 << 20)

static int refuse(struct err *err, const char *message)
{
	return err_docker(err, ERR_DAEMON, EINVAL, "%s", message);
}

static int fill_memory(const struct run_limits *o, struct spec *spec,
		       struct err *err)
{
	struct err ignored = { 0 };

	spec->memory_bytes = o->memory.value;
	spec->memory_reservation_bytes = o->memory_reservation.value;
	if (o->memory_swap && strcmp(o->memory_swap, "-1") == 0)
		spec->memory_swap_bytes = -1;
	else if (o->memory_swap)
		(void)parse_bytes(o->memory_swap, &spec->memory_swap_bytes,
				  &ignored);
	if (spec->memory_bytes > 0 && spec->memory_bytes < LEAST_MEMORY)
		return refuse(err, "Minimum memory limit allowed is 6MB");
	if (spec->memory_bytes > 0 && spec->memory_swap_bytes > 0 &&
	    spec->memory_swap_bytes < spec->memory_bytes)
		return refuse(err, "Minimum memoryswap limit should be larger than memory limit, see usage");
	if (spec->memory_bytes == 0 && spec->memory_swap_bytes > 0)
		return refuse(err, "You should always set the Memory limit when using Memoryswap limit, see usage");
	if (spec->memory_reservation_bytes > 0 &&
	    spec->memory_reservation_bytes < LEAST_MEMORY)
		return refuse(err, "Minimum memory reservation allowed is 6MB");
	if (spec->memory_bytes > 0 &&
	    spec->memory_bytes < spec->memory_reservation_bytes)
		return refuse(err, "Minimum memory limit can not be less than memory reservation limit, see usage");
	return 0;
}

/* "0-2,7": marks each, false for what is no such list. */
static bool read_cpus(const char *text, long available, bool *out_there)
{
	OWN_STRS struct strs parts = { 0 };

	*out_there = true;
	strs_split(&parts, text, ',');
	for (size_t i = 0; i < parts.count; i++) {
		struct err ignored = { 0 };
		int64_t first;
		int64_t last;

		if (parse_range(parts.items[i], 0, 8191, &first, &last,
				&ignored) < 0)
			return false;
		if (last >= available)
			*out_there = false;
	}
	return parts.count > 0;
}

static int fill_cpuset(const char *text, struct spec *spec, struct err *err)
{
	long available = sysconf(_SC_NPROCESSORS_CONF);
	bool there;

	if (!text || !*text)
		return 0;
	if (!read_cpus(text, available, &there))
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Invalid value %s for cpuset cpus: invalid format: %s",
				  text, text);
	if (!there)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Requested CPUs are not available - requested %s, available: 0-%ld",
				  text, available - 1);
	spec->cpuset_cpus = mem_str(text);
	return 0;
}

static int fill_cpus(const struct run_limits *o, struct spec *spec,
		     struct err *err)
{
	long available = sysconf(_SC_NPROCESSORS_ONLN);
	struct err ignored = { 0 };

	if (o->cpus)
		(void)parse_nano(o->cpus, &spec->nano_cpus, &ignored);
	if (spec->nano_cpus && (spec->nano_cpus < 10000000 ||
				spec->nano_cpus > available * 1000000000))
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Range of CPUs is from 0.01 to %ld.00, as there are only %ld CPUs available",
				  available, available);
	if (o->cpu_shares.value < 0)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "invalid CPU shares (%lld): value must be a positive integer",
				  o->cpu_shares.value);
	spec->cpu_shares = o->cpu_shares.value;
	return fill_cpuset(o->cpuset_cpus, spec, err);
}

int run_fill_limits(struct shell *shell, const struct run_opts *o,
		    struct spec *spec, struct err *err)
{
	int r = fill_memory(&o->limits, spec, err);

	if (r == 0)
		r = fill_cpus(&o->limits, spec, err);
	if (r < 0)
		return r;
	spec->pids_limit = o->limits.pids.value > 0 ? o->limits.pids.value : 0;
	spec->oom_kill_disable = o->limits.oom_kill_disable;
	if (spec->oom_kill_disable && !spec->memory_bytes)
		fputs("WARNING: Disabling the OOM killer on containers without setting a '-m/--memory' limit may be dangerous.\n",
		      shell->err_out);
	if (o->oom_score_adj.value < -1000 || o->oom_score_adj.value > 1000)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Invalid value %lld, range for oom score adj is [-1000, 1000]",
				  o->oom_score_adj.value);
	spec->oom_score_adj = (int)o->oom_score_adj.value;
	if (o->shm_size.given && o->shm_size.value > 0)
		spec->shm_size_bytes = o->shm_size.value;
	return 0;
}
