/* shell/explain_plan_clone.c - how a container's first process comes to be, told
 * beforehand; see explain_plan.h.
 *
 * It is born of the monitor into namespaces of its own; or, where it shares views of
 * another container, an usher (runtime/usher.c) leads it in. Limits are its cgroup's, or
 * where none is to be had its own. */
#include <sched.h>
#include <stdint.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "runtime/call_text.h"
#include "runtime/cgroup_find.h"
#include "runtime/namespaces.h"
#include "runtime/spec.h"
#include "runtime/userns.h"
#include "shell/cmd.h"
#include "shell/explain_plan.h"

/* ---- limits ---- */

/* What it is limited by, if it is. Returns whether the child has to go there by itself:
 * in version 2 of cgroups it is born there. */
static bool plan_cgroup(struct explain *plan, const struct spec *spec)
{
	const struct {
		const char *file;
		int64_t value;
	} limits[] = {
		{ "memory.max", spec->memory_bytes },
		{ "memory.swap.max", spec->memory_swap_bytes },
		{ "memory.low", spec->memory_reservation_bytes },
		{ "cpu.max, in 1e-9 processors", spec->nano_cpus },
		{ "cpu.weight, of shares", spec->cpu_shares },
		{ "cpu.max", spec->cpu_quota_us },
		{ "pids.max", spec->pids_limit },
	};
	OWN_CGROUP_PLACES struct cgroup_places places = { 0 };
	OWN_BUF struct buf text = { 0 };

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (limits[i].value)
			buf_fmt(&text, "; write(%s, \"%lld\")", limits[i].file,
				(long long)limits[i].value);
	/* Which processes are its own is told by its cgroup, where its pid namespace
	 * has others too. */
	if (!text.len && namespaces_fresh(spec) & CLONE_NEWPID)
		return false;
	cgroup_find(&places, false);
	if (!cgroup_places_have(&places))
		return false; /* another way, or none, is found then */
	plan_add(plan, TRACE_MONITOR, TRACE_CGROUP,
		 "mkdir(CGROUP/dockershell-ID)%s", buf_text(&text));
	return !cgroup_is_unified();
}

static void plan_enter_cgroup(struct explain *plan)
{
	plan_add(plan, TRACE_CHILD, TRACE_CGROUP,
		 "write(CGROUP/dockershell-ID/cgroup.procs, \"0\")");
	plan_add(plan, TRACE_CHILD, TRACE_CGROUP_VIEW,
		 "unshare(CLONE_NEWCGROUP)");
}

/* What a limit of the process stands in for, where there is no such cgroup. */
static void plan_rlimits(struct explain *plan, const struct spec *spec)
{
	OWN_CGROUP_PLACES struct cgroup_places places = { 0 };
	unsigned have;

	if (spec->memory_bytes <= 0 && spec->pids_limit <= 0)
		return;
	cgroup_find(&places, false);
	have = cgroup_places_have(&places);
	if (spec->memory_bytes > 0 && !(have & CGROUP_BIT(CGROUP_MEMORY)))
		plan_add(plan, TRACE_CHILD, TRACE_RLIMIT,
			 "prlimit64(RLIMIT_DATA, %lld)",
			 (long long)spec->memory_bytes);
	if (spec->pids_limit > 0 && !(have & CGROUP_BIT(CGROUP_PIDS)) &&
	    userns_kind() != USERNS_NONE)
		plan_add(plan, TRACE_CHILD, TRACE_RLIMIT,
			 "prlimit64(RLIMIT_NPROC, %lld)",
			 (long long)spec->pids_limit);
}

/* ---- ids ---- */

/* On a network it is born within the shared namespace, whose ids are its account's: the
 * map is of these, and needs nobody's help. */
static void plan_ids(struct explain *plan, const struct spec *spec)
{
	const bool within = spec_is_networked(spec);
	const unsigned uid = within ? 0 : geteuid();
	const unsigned gid = within ? 0 : getegid();

	if (userns_kind() == USERNS_SINGLE) {
		plan_add(plan, TRACE_CHILD, TRACE_UID_MAP,
			 "write(/proc/self/uid_map, \"0 %u 1\")", uid);
		plan_add(plan, TRACE_CHILD, TRACE_SETGROUPS,
			 "write(/proc/self/setgroups, \"deny\")");
		plan_add(plan, TRACE_CHILD, TRACE_GID_MAP,
			 "write(/proc/self/gid_map, \"0 %u 1\")", gid);
	} else if (within) {
		plan_add(plan, TRACE_MONITOR, TRACE_UID_MAP,
			 "write(/proc/PID/uid_map, \"0 0 1; 1 1 COUNT\")");
		plan_add(plan, TRACE_MONITOR, TRACE_GID_MAP,
			 "write(/proc/PID/gid_map, \"0 0 1; 1 1 COUNT\")");
	} else {
		plan_add(plan, TRACE_MONITOR, TRACE_UID_MAP,
			 "execve(\"/usr/bin/newuidmap\", PID 0 %u 1 1 FIRST COUNT)",
			 uid);
		plan_add(plan, TRACE_MONITOR, TRACE_GID_MAP,
			 "execve(\"/usr/bin/newgidmap\", PID 0 %u 1 1 FIRST COUNT)",
			 gid);
	}
}

/* ---- another's views ---- */

/* Which of the donors' namespaces are entered: before its birth by the usher, after it
 * by itself. */
static void find_shared(const struct spec *spec, uint64_t *out_before,
			uint64_t *out_after)
{
	*out_before = *out_after = 0;
	if (namespaces_donor(spec->pid_mode))
		*out_before |= CLONE_NEWPID;
	if (namespaces_donor(spec->ipc_mode))
		*out_after |= CLONE_NEWIPC;
	if (namespaces_donor(spec->uts_mode))
		*out_after |= CLONE_NEWUTS;
	if (namespaces_donor(spec->network_mode))
		*out_after |= CLONE_NEWNET;
	if (userns_kind() != USERNS_NONE && (*out_before | *out_after))
		*out_before |= CLONE_NEWUSER;
}

static void plan_join(struct explain *plan, enum trace_process process,
		      uint64_t flags)
{
	OWN_BUF struct buf text = { 0 };

	if (!flags)
		return;
	call_text_clone_flags(&text, flags);
	plan_add(plan, process, TRACE_JOIN, "setns(PIDFD, %s)",
		 buf_text(&text));
}

/* ---- all of it ---- */

void plan_birth(const struct spec *spec, struct explain *plan)
{
	OWN_BUF struct buf flags = { 0 };
	uint64_t fresh = namespaces_fresh(spec);
	uint64_t before;
	uint64_t after;
	bool enters = plan_cgroup(plan, spec);
	bool led;

	find_shared(spec, &before, &after);
	led = before | after;
	if (led)
		plan_add(plan, TRACE_MONITOR, TRACE_HELPER_FORK, "clone3()");
	plan_join(plan, TRACE_HELPER, before);
	call_text_clone_flags(&flags, fresh);
	plan_add(plan, led ? TRACE_HELPER : TRACE_MONITOR, TRACE_CLONE,
		 "clone3({flags=%s%s})", led ? "CLONE_PARENT|" : "",
		 buf_text(&flags));
	if (fresh & CLONE_NEWUSER)
		plan_ids(plan, spec);
	if (enters)
		plan_enter_cgroup(plan);
	plan_rlimits(plan, spec);
	plan_join(plan, TRACE_CHILD, after);
}
