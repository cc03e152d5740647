/* runtime/controls.c - see controls.h */
#include "runtime/controls.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/cgroup_freezer.h"
#include "runtime/cgroup_memory.h"
#include "runtime/container.h"
#include "runtime/freeze_signals.h"
#include "runtime/limits.h"

/* What a container with limits has beside those it asks for, as joining several
 * costs no more than joining one: `stats` reads them. */
static unsigned with_counters(unsigned wanted)
{
	return wanted | CGROUP_BIT(CGROUP_MEMORY) | CGROUP_BIT(CGROUP_CPU) |
	       CGROUP_BIT(CGROUP_CPUACCT) | CGROUP_BIT(CGROUP_PIDS) |
	       CGROUP_BIT(CGROUP_IO);
}

void controls_init(struct controls *controls, int folder_fd)
{
	*controls = (struct controls){ .folder_fd = folder_fd };
	cgroup_init(&controls->cgroup);
}

/* What Docker has words for, its runtime says at a start: behind where it was. Shares
 * below 0 do not come so far. */
static int said_at_start(const struct spec *spec, struct err *err)
{
	OWN_FREE char *why = mem_str(err->msg);

	if (err->voice != ERR_DAEMON || spec->cpu_shares < 0)
		return -err->code;
	return err_docker(
		err, ERR_DAEMON, err->code,
		"failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error setting cgroup config for procHooks process: %s: unknown",
		why);
}

int controls_begin(struct controls *controls, const struct spec *spec,
		   struct err *err)
{
	unsigned wanted = limits_controllers(spec);
	int r;

	/* Who shares a pid namespace is known by the cgroup alone. */
	if (!wanted && !spec->pid_mode && !cgroup_is_unified())
		return 0;
	r = cgroup_make(&controls->cgroup, controls->folder_fd, spec->id,
			with_counters(wanted), err);
	if (r == 0 && wanted)
		r = limits_set(&controls->cgroup, spec, err);
	if (r < 0)
		r = said_at_start(spec, err);
	if (r < 0)
		cgroup_end(&controls->cgroup, controls->folder_fd, spec->id);
	return r;
}

/* Makes sure that the running container is in a cgroup with these controllers,
 * as far as there are any to be had. */
static int join_late(struct controls *controls, const struct container *c,
		     unsigned wanted, struct err *err)
{
	struct cgroup *cgroup = &controls->cgroup;
	unsigned lacking = 0;
	int r;

	for (enum cgroup_controller i = 0; i < CGROUP_CONTROLLERS; i++) {
		bool v2;

		if ((wanted & CGROUP_BIT(i)) &&
		    cgroup_folder(cgroup, i, &v2) < 0)
			lacking |= CGROUP_BIT(i);
	}
	if (!lacking)
		return 0;
	r = cgroup_make(cgroup, controls->folder_fd, c->spec.id,
			lacking | CGROUP_LATE, err);
	if (r == 0 && cgroup_is_there(cgroup))
		r = cgroup_take_in(cgroup, c->pid, err);
	return r;
}

/* ---- pause ---- */

static int freeze(struct controls *controls, const struct container *c,
		  struct err *err)
{
	int r = join_late(controls, c, CGROUP_BIT(CGROUP_FREEZER), err);

	if (r < 0)
		return r;
	if (cgroup_freezer_is_there(&controls->cgroup))
		return cgroup_freezer_freeze(&controls->cgroup, err);
	return freeze_signals_stop(c->pid, &controls->before, err);
}

static int thaw(struct controls *controls, const struct container *c,
		struct err *err)
{
	if (cgroup_freezer_is_there(&controls->cgroup))
		return cgroup_freezer_thaw(&controls->cgroup, err);
	return freeze_signals_go(c->pid, &controls->before, err);
}

int controls_pause(struct controls *controls, struct container *container,
		   struct err *err)
{
	int r;

	if (controls->paused)
		return err_docker(err, ERR_DAEMON, EBUSY,
				  "Container %s is already paused",
				  container->spec.id);
	if (container->status == CONTAINER_RESTARTING)
		return err_docker(err, ERR_DAEMON, EBUSY,
				  "Container %s is restarting, wait until the container is running",
				  container->spec.id);
	if (container->status != CONTAINER_RUNNING)
		return err_docker(err, ERR_DAEMON, ESRCH,
				  "Container %s is not running",
				  container->spec.id);
	r = freeze(controls, container, err);
	if (r < 0)
		return err_wrap(err, "pause %.12s", container->spec.id);
	controls->paused = true;
	container->status = CONTAINER_PAUSED;
	return 0;
}

int controls_unpause(struct controls *controls, struct container *container,
		     struct err *err)
{
	int r;

	if (!controls->paused)
		return err_docker(err, ERR_DAEMON, EBUSY,
				  "Container %s is not paused",
				  container->spec.id);
	r = thaw(controls, container, err);
	if (r < 0)
		return err_wrap(err, "unpause %.12s", container->spec.id);
	controls->paused = false;
	pids_done(&controls->before);
	container->status = CONTAINER_RUNNING;
	return 0;
}

bool controls_signalled(struct controls *controls, struct container *container,
			int signal)
{
	struct err ignored = { 0 };

	/* Docker's rule: other signals wait until somebody unpauses. */
	if (!controls->paused ||
	    (signal != SIGKILL && signal != container->spec.stop_signal))
		return false;
	return controls_unpause(controls, container, &ignored) == 0;
}

/* ---- update ---- */

/* The settings that a change touches, for the way back. */
static void keep(const struct spec *spec, struct spec *old)
{
	*old = *spec;
	old->cpuset_cpus = mem_str(spec->cpuset_cpus);
	old->cpuset_mems = mem_str(spec->cpuset_mems);
	old->restart_policy = mem_str(spec->restart_policy);
}

static void drop(struct spec *old)
{
	free(old->cpuset_cpus);
	free(old->cpuset_mems);
	free(old->restart_policy);
}

static void put_back(struct spec *spec, struct spec *old)
{
	drop(spec);
	*spec = *old;
}

int controls_update(struct controls *controls, struct container *container,
		    const struct limits_change *change, struct err *err)
{
	struct spec *spec = &container->spec;
	OWN_STRS struct strs before = { 0 };
	struct spec old;
	int r;

	keep(spec, &old);
	r = limits_apply(change, spec, err);
	if (r == 0 && container->pid > 0 &&
	    (change->given & ~(uint32_t)LIMITS_RESTART)) {
		r = join_late(controls, container, limits_controllers(spec),
			      err);
		limits_read(&controls->cgroup, &before);
		if (r == 0)
			r = limits_set(&controls->cgroup, spec, err);
		if (r < 0)
			limits_put_back(&controls->cgroup, &before);
	}
	if (r < 0) {
		put_back(spec, &old);
		err->voice = ERR_DAEMON;
		return err_wrap(err, "Cannot update container %s", spec->id);
	}
	drop(&old);
	return 0;
}

/* ---- the end ---- */

void controls_end(struct controls *controls, struct container *container,
		  bool killed)
{
	bool v2;
	int fd = cgroup_folder(&controls->cgroup, CGROUP_MEMORY, &v2);

	/* Without a limit of its own it was the machine that ran out. */
	controls->oom_kills = -1;
	controls->memory_limit = container->spec.memory_bytes;
	if (fd >= 0 && (killed || container->spec.memory_bytes)) {
		controls->oom_kills = (int64_t)cgroup_memory_oom_kills(fd, v2);
		container->oom_killed = controls->oom_kills > 0;
	}
	if (controls->cgroup.record.count)
		cgroup_end(&controls->cgroup, controls->folder_fd,
			   container->spec.id);
	controls->paused = false;
	pids_done(&controls->before);
}
