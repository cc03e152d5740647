/* runtime/cgroup_memory.c - see cgroup_memory.h */
#include "runtime/cgroup_memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/cgroup_file.h"
#include "runtime/spec.h"

static int set(int folder_fd, const char *file, int64_t bytes, struct err *err)
{
	return cgroup_file_number(folder_fd, file, bytes, err);
}

/* Memory and swap together; -1 for no bound. */
static int64_t whole(const struct spec *spec)
{
	if (spec->memory_swap_bytes)
		return spec->memory_swap_bytes;
	return spec->memory_bytes > INT64_MAX / 2 ? -1 : spec->memory_bytes * 2;
}

static int busy(struct err *err)
{
	if (err->code == EBUSY)
		err_hint(err, _("the container uses more than that; it must free memory, or be restarted, first"));
	return -err->code;
}

/* ---- version 1 ---- */

/* The two limits must never cross, so which one goes first depends on the
 * direction: where one order is refused the other one is right. */
static int set_both_v1(int folder_fd, int64_t memory, int64_t with_swap,
		       struct err *err)
{
	static const char *const files[] = { "memory.limit_in_bytes",
					     "memory.memsw.limit_in_bytes" };
	const int64_t values[] = { memory, with_swap };
	struct err first = { 0 };

	if (!cgroup_file_exists(folder_fd, files[1]))
		return set(folder_fd, files[0], memory, err);
	if (set(folder_fd, files[0], values[0], &first) == 0)
		return set(folder_fd, files[1], values[1], err);
	if (first.code != EINVAL) {
		*err = first;
		return -err->code;
	}
	if (set(folder_fd, files[1], values[1], err) < 0)
		return -err->code;
	return set(folder_fd, files[0], values[0], err);
}

static int set_v1(int folder_fd, const struct spec *spec, struct err *err)
{
	int r = 0;

	if (spec->memory_bytes > 0)
		r = set_both_v1(folder_fd, spec->memory_bytes, whole(spec),
				err);
	if (r == 0 && spec->memory_reservation_bytes > 0)
		r = set(folder_fd, "memory.soft_limit_in_bytes",
			spec->memory_reservation_bytes, err);
	if (r == 0 && spec->oom_kill_disable)
		r = set(folder_fd, "memory.oom_control", 1, err);
	if (r == 0 && spec->memory_swappiness_given)
		r = set(folder_fd, "memory.swappiness",
			spec->memory_swappiness, err);
	return r;
}

/* ---- version 2 ---- */

static int set_swap_v2(int folder_fd, const struct spec *spec, struct err *err)
{
	int64_t swap = whole(spec);

	if (!cgroup_file_exists(folder_fd, "memory.swap.max"))
		return 0;
	if (swap < 0)
		return cgroup_file_write(folder_fd, "memory.swap.max", "max",
					 err);
	swap -= spec->memory_bytes;
	return set(folder_fd, "memory.swap.max", swap > 0 ? swap : 0, err);
}

static int set_v2(int folder_fd, const struct spec *spec, struct err *err)
{
	int r = 0;

	if (spec->memory_bytes > 0)
		r = set_swap_v2(folder_fd, spec, err);
	if (r == 0 && spec->memory_bytes > 0)
		r = set(folder_fd, "memory.max", spec->memory_bytes, err);
	if (r == 0 && spec->memory_reservation_bytes > 0)
		r = set(folder_fd, "memory.low", spec->memory_reservation_bytes,
			err);
	return r;
}

int cgroup_memory_set(int folder_fd, bool v2, const struct spec *spec,
		      struct err *err)
{
	int r = v2 ? set_v2(folder_fd, spec, err) :
		     set_v1(folder_fd, spec, err);

	return r < 0 ? busy(err) : 0;
}

/* ---- reading ---- */

int cgroup_memory_used(int folder_fd, bool v2, uint64_t *out)
{
	uint64_t used = 0;
	uint64_t idle = 0;
	int r = cgroup_file_get(folder_fd,
				v2 ? "memory.current" :
				     "memory.usage_in_bytes",
				&used);

	if (r < 0)
		return r;
	if (cgroup_file_key(folder_fd, "memory.stat",
			    v2 ? "inactive_file" : "total_inactive_file",
			    &idle) < 0)
		idle = 0;
	*out = used > idle ? used - idle : used;
	return 0;
}

uint64_t cgroup_memory_oom_kills(int folder_fd, bool v2)
{
	uint64_t kills = 0;

	if (cgroup_file_key(folder_fd,
			    v2 ? "memory.events" : "memory.oom_control",
			    "oom_kill", &kills) < 0)
		return 0;
	return kills;
}

uint64_t cgroup_memory_own_ooms(int folder_fd, bool v2)
{
	uint64_t ooms = 0;

	/* Version 1 counts in the folder of who was killed, and each for itself. */
	if (!v2 || cgroup_file_key(folder_fd, "memory.events.local", "oom",
				   &ooms) < 0)
		return cgroup_memory_oom_kills(folder_fd, v2);
	return ooms;
}
