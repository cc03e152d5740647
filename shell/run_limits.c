/* shell/run_limits.c - limits that the container's cgroup keeps.
 *
 * Here they are written down; what is allowed is limits.h's to say, in Docker's
 * words, and what this machine does not keep is told before the start. */
#include <errno.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/parse.h"
#include "runtime/limits.h"
#include "runtime/spec.h"
#include "shell/limit_notes.h"
#include "shell/run_fill.h"

static char *copy_of(const char *text)
{
	return text && *text ? mem_str(text) : NULL;
}

static void fill_memory(const struct run_limits *o, struct spec *spec)
{
	struct err ignored = { 0 };

	spec->memory_bytes = o->memory.value;
	spec->memory_reservation_bytes = o->memory_reservation.value;
	spec->oom_kill_disable = o->oom_kill_disable;
	if (o->memory_swap && strcmp(o->memory_swap, "-1") == 0)
		spec->memory_swap_bytes = -1;
	else if (o->memory_swap) /* it was read before, as an option */
		(void)parse_bytes(o->memory_swap, &spec->memory_swap_bytes,
				  &ignored);
}

/* -1 leaves it to the machine. */
static int fill_swappiness(const struct run_limits *o, struct spec *spec,
			   struct err *err)
{
	long long value = o->swappiness.value;

	if (!o->swappiness.given || value == -1)
		return 0;
	if (value < 0 || value > 100)
		return err_docker(err, ERR_BARE, EINVAL,
				  "invalid value: %lld. Valid memory swappiness range is 0-100",
				  value);
	spec->memory_swappiness = (int)value;
	spec->memory_swappiness_given = true;
	return 0;
}

static void fill_cpus(const struct run_limits *o, struct spec *spec)
{
	struct err ignored = { 0 };

	if (o->cpus)
		(void)parse_nano(o->cpus, &spec->nano_cpus, &ignored);
	spec->cpu_shares = o->cpu_shares.value;
	spec->cpu_period_us = o->cpu_period.value;
	spec->cpu_quota_us = o->cpu_quota.value;
	spec->cpuset_cpus = copy_of(o->cpuset_cpus);
	spec->cpuset_mems = copy_of(o->cpuset_mems);
}

/* A number that is none of Docker's stays one that it refuses. */
static int as_int(long long value)
{
	return value < INT32_MIN ? INT32_MIN :
	       value > INT32_MAX ? INT32_MAX :
				   (int)value;
}

int run_fill_limits(struct shell *shell, const struct run_opts *o,
		    struct spec *spec, struct err *err)
{
	int r = fill_swappiness(&o->limits, spec, err);

	if (r < 0)
		return r;
	fill_memory(&o->limits, spec);
	fill_cpus(&o->limits, spec);
	spec->pids_limit = o->limits.pids.value > 0 ? o->limits.pids.value : 0;
	spec->blkio_weight = as_int(o->limits.blkio_weight.value);
	spec->oom_score_adj = as_int(o->oom_score_adj.value);
	if (spec->oom_kill_disable && !spec->memory_bytes)
		fputs("WARNING: Disabling the OOM killer on containers without setting a '-m/--memory' limit may be dangerous.\n",
		      shell->err_out);
	if (o->shm_size.given && o->shm_size.value > 0)
		spec->shm_size_bytes = o->shm_size.value;
	if (o->limits.kernel_memory.value > 0)
		limit_notes_kernel_memory(shell);
	r = limits_check(spec, false, err);
	if (r == 0)
		r = limits_check_machine(spec, err);
	if (r == 0)
		limit_notes_print(shell, spec);
	return r;
}
