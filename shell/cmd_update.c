/* shell/cmd_update.c - update: other limits for containers, running or not. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/parse.h"
#include "runtime/container.h"
#include "runtime/container_control.h"
#include "runtime/limits.h"
#include "shell/cmd.h"
#include "shell/each.h"
#include "shell/limit_notes.h"

struct update_opts {
	struct opt_number blkio_weight;
	struct opt_number cpu_period;
	struct opt_number cpu_quota;
	struct opt_number cpu_shares;
	struct opt_number memory;
	struct opt_number memory_reservation;
	struct opt_number pids_limit;
	struct opt_number kernel_memory;
	const char *memory_swap;
	const char *cpus;
	const char *cpuset_cpus;
	const char *cpuset_mems;
	const char *restart;
};

#define AT(member) offsetof(struct update_opts, member)

static const struct opt opts[] = {
	{ "memory", 'm', OPT_BYTES, "bytes",
	  N_("How much memory all its processes together may use"), NULL,
	  AT(memory), 0 },
	{ "memory-swap", 0, OPT_TEXT, "bytes",
	  N_("Memory and swap together; -1: any amount of swap"), NULL,
	  AT(memory_swap), 0 },
	{ "memory-reservation", 0, OPT_BYTES, "bytes",
	  N_("Memory it keeps when the machine runs short"), NULL,
	  AT(memory_reservation), 0 },
	{ "cpus", 0, OPT_TEXT, "decimal",
	  N_("How many processors' time it may use: 0.5, 2"), NULL, AT(cpus),
	  0 },
	{ "cpu-shares", 'c', OPT_COUNT, "int",
	  N_("Its weight against others when time is short (1024)"), NULL,
	  AT(cpu_shares), 0 },
	{ "cpu-period", 0, OPT_COUNT, "int",
	  N_("The period that --cpu-quota is counted in, in microseconds"),
	  NULL, AT(cpu_period), 0 },
	{ "cpu-quota", 0, OPT_COUNT, "int",
	  N_("Processor time in each period, in microseconds"), NULL,
	  AT(cpu_quota), 0 },
	{ "cpuset-cpus", 0, OPT_TEXT, "string",
	  N_("Which processors it runs on: 0-3, 0,1"), NULL, AT(cpuset_cpus),
	  0 },
	{ "cpuset-mems", 0, OPT_TEXT, "string",
	  N_("Which memory nodes it uses: 0-3, 0,1"), NULL, AT(cpuset_mems),
	  0 },
	{ "pids-limit", 0, OPT_COUNT, "int",
	  N_("How many processes and threads it may have; -1: any number"),
	  NULL, AT(pids_limit), 0 },
	{ "blkio-weight", 0, OPT_COUNT, "uint16",
	  N_("Its weight against others at the disks, 10 to 1000"), NULL,
	  AT(blkio_weight), 0 },
	{ "restart", 0, OPT_TEXT, "string",
	  N_("When it is started again: no, always, unless-stopped, on-failure:3"),
	  NULL, AT(restart), 0,
	  .values = "no always unless-stopped on-failure on-failure:" },
	{ "kernel-memory", 0, OPT_BYTES, "bytes",
	  N_("A limit that kernels have given up: said so, and left out"),
	  NULL, AT(kernel_memory), OPT_HIDDEN },
	{ "cpu-rt-period", 0, OPT_TEXT, "int",
	  N_("containers here get no real-time scheduling"), NULL, 0,
	  OPT_REFUSED },
	{ "cpu-rt-runtime", 0, OPT_TEXT, "int",
	  N_("containers here get no real-time scheduling"), NULL, 0,
	  OPT_REFUSED },
	{ 0 },
};

static int bad_value(const char *value, const char *flag, const char *why,
		     struct err *err)
{
	err_docker(err, ERR_BARE, EINVAL,
		   "invalid argument \"%s\" for \"--%s\" flag: %s", value,
		   flag, why);
	return err_status(err, 125);
}

static void take(struct limits_change *change, enum limits_field field,
		 const struct opt_number *from, int64_t *to)
{
	if (!from->given)
		return;
	change->given |= (uint32_t)field;
	*to = from->value;
}

static int take_set(struct limits_change *change, enum limits_field field,
		    const char *text, char to[256], struct err *err)
{
	if (!text)
		return 0;
	if (strlen(text) >= 256)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "Invalid value %s for cpuset", text);
	change->given |= (uint32_t)field;
	snprintf(to, 256, "%s", text);
	return 0;
}

/* Docker's two sides of it: the client reads "name[:number]", the daemon knows
 * the names. */
static int take_restart(struct limits_change *change, const char *text,
			struct err *err)
{
	const char *colon = text ? strchr(text, ':') : NULL;
	size_t len = colon ? (size_t)(colon - text) : text ? strlen(text) : 0;
	struct err bad = { 0 };
	int64_t max = 0;

	if (!text || !*text)
		return 0;
	if (colon && strchr(colon + 1, ':'))
		return err_docker(err, ERR_BARE, EINVAL,
				  "invalid restart policy format");
	if (colon && parse_int(colon + 1, INT32_MIN, INT32_MAX, &max, &bad) < 0)
		return err_docker(err, ERR_BARE, EINVAL,
				  "maximum retry count must be an integer");
	change->given |= LIMITS_RESTART;
	change->restart_max = (int32_t)max;
	snprintf(change->restart_policy, sizeof(change->restart_policy),
		 "%.*s", (int)len, text);
	return limits_check_restart(change->restart_policy,
				    change->restart_max, err);
}

static int take_texts(const struct update_opts *o, struct limits_change *c,
		      struct err *err)
{
	struct err bad = { 0 };
	int r = 0;

	if (o->memory_swap) {
		c->given |= LIMITS_MEMORY_SWAP;
		if (strcmp(o->memory_swap, "-1") == 0)
			c->memory_swap_bytes = -1;
		else if (parse_bytes(o->memory_swap, &c->memory_swap_bytes,
				     &bad) < 0)
			return bad_value(o->memory_swap, "memory-swap", bad.msg,
					 err);
	}
	if (o->cpus) {
		c->given |= LIMITS_NANO_CPUS;
		if (parse_nano(o->cpus, &c->nano_cpus, &bad) < 0)
			return bad_value(o->cpus, "cpus", bad.msg, err);
	}
	r = take_set(c, LIMITS_CPUSET_CPUS, o->cpuset_cpus, c->cpuset_cpus,
		     err);
	if (r == 0)
		r = take_set(c, LIMITS_CPUSET_MEMS, o->cpuset_mems,
			     c->cpuset_mems, err);
	return r < 0 ? r : take_restart(c, o->restart, err);
}

/* What the new values say by themselves, whatever they are added to. */
static int check(const struct limits_change *change, struct err *err)
{
	OWN_SPEC struct spec alone = { 0 };
	struct limits_change limits = *change;
	int r;

	/* The first limit of a container may come without its swap here. */
	if (!limits.memory_swap_bytes)
		limits.memory_swap_bytes = -1;
	limits.given &= ~(uint32_t)LIMITS_RESTART;
	r = limits_apply(&limits, &alone, err);
	if (r == 0)
		r = limits_check(&alone, true, err);
	return r < 0 ? r : limits_check_machine(&alone, err);
}

static int read_change(const struct update_opts *o, struct limits_change *c,
		       struct err *err)
{
	int64_t weight = 0;
	int r = take_texts(o, c, err);

	if (r < 0)
		return r;
	take(c, LIMITS_MEMORY, &o->memory, &c->memory_bytes);
	take(c, LIMITS_MEMORY_RESERVATION, &o->memory_reservation,
	     &c->memory_reservation_bytes);
	take(c, LIMITS_CPU_SHARES, &o->cpu_shares, &c->cpu_shares);
	take(c, LIMITS_CPU_PERIOD, &o->cpu_period, &c->cpu_period_us);
	take(c, LIMITS_CPU_QUOTA, &o->cpu_quota, &c->cpu_quota_us);
	take(c, LIMITS_PIDS, &o->pids_limit, &c->pids_limit);
	take(c, LIMITS_BLKIO_WEIGHT, &o->blkio_weight, &weight);
	c->blkio_weight = weight < 0 || weight > 65535 ? -1 : (int32_t)weight;
	if (!c->given && !o->kernel_memory.given)
		return err_docker(err, ERR_BARE, EINVAL,
				  "you must provide one or more flags when using this command");
	return check(c, err);
}

static int update_one(struct shell *shell, const char *name, void *arg,
		      struct err *err)
{
	struct limits_change *change = arg;
	OWN_SPEC struct spec spec = { 0 };
	int r = container_update(shell->home, name, change, &spec, err);
	/* What was set before was spoken of then. Borrowed, not to be let go. */
	const struct spec asked = {
		.memory_bytes = change->memory_bytes,
		.memory_swap_bytes = spec.memory_swap_bytes,
		.memory_reservation_bytes = change->memory_reservation_bytes,
		.nano_cpus = change->nano_cpus,
		.cpu_shares = change->cpu_shares,
		.cpu_period_us = change->cpu_period_us,
		.cpu_quota_us = change->cpu_quota_us,
		.pids_limit = change->pids_limit,
		.blkio_weight = change->blkio_weight,
		.cpuset_cpus = change->cpuset_cpus,
		.cpuset_mems = change->cpuset_mems,
	};

	if (r == 0)
		limit_notes_print(shell, &asked);
	return r;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct update_opts *o = args->opts;
	struct limits_change change = { 0 };
	int r = read_change(o, &change, err);

	if (r < 0)
		return r;
	if (o->kernel_memory.value > 0)
		limit_notes_kernel_memory(shell);
	return each_container(shell, args, update_one, &change, true, NULL);
}

static const char *const examples[] = {
	"run -d --name web busybox sleep 1000",
	"update --cpus 0.5 web",
	NULL,
};
static const char *const aliases[] = { "container update", NULL };

const struct cmd cmd_update = {
	.name = "update",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "[OPTIONS] CONTAINER [CONTAINER...]",
	.summary = N_("Change the limits of containers, running or not"),
	.docker_summary = "Update configuration of one or more containers",
	.min_args = 1,
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct update_opts),
	.examples = examples,
	.lesson = "safety",
	.run = run,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_CONTAINERS,
	.rest = COMPLETE_CONTAINERS,
};
