/* runtime/cgroup_cpu.c - see cgroup_cpu.h */
#include "runtime/cgroup_cpu.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/fs.h"
#include "runtime/cgroup_file.h"
#include "runtime/spec.h"

enum { PERIOD_US = 100000 };

static int set(int folder_fd, const char *file, const char *value,
	       struct err *err)
{
	return cgroup_file_write(folder_fd, file, value, err);
}

/* "--cpus 0.5" is half of each tenth of a second. quota -1: no bound. */
static bool time_limit(const struct spec *spec, int64_t *quota_us,
		       int64_t *period_us)
{
	*period_us = spec->cpu_period_us > 0 ? spec->cpu_period_us : PERIOD_US;
	*quota_us = spec->cpu_quota_us;
	if (spec->nano_cpus > 0) {
		*period_us = PERIOD_US;
		*quota_us = spec->nano_cpus / (1000000000 / PERIOD_US);
		if (*quota_us < 1000)
			*quota_us = 1000; /* the kernel's least */
	}
	return *quota_us != 0 || spec->cpu_period_us > 0;
}

uint64_t cgroup_cpu_weight(int64_t shares)
{
	uint64_t s = shares < 2 ? 2 : shares > 262144 ? 262144 : (uint64_t)shares;

	return 1 + (s - 2) * 9999 / 262142;
}

static int wrong_shares(struct err *err, const char *what, long long bound)
{
	return err_docker(err, ERR_DAEMON, EINVAL,
			  "the %s allowed cpu-shares is %lld", what, bound);
}

/* The kernel takes any number and keeps the nearest that it allows; runc reads it
 * back and does not let that pass. */
static int set_shares(int folder_fd, int64_t shares, struct err *err)
{
	char text[32];
	long long kept;
	int r = cgroup_file_number(folder_fd, "cpu.shares", shares, err);

	if (r < 0 || cgroup_file_read(folder_fd, "cpu.shares", text,
				      sizeof(text)) < 0)
		return r;
	kept = strtoll(text, NULL, 10);
	if (kept == shares)
		return 0;
	return wrong_shares(err, shares > kept ? "maximum" : "minimum", kept);
}

static int set_v1(int folder_fd, const struct spec *spec, struct err *err)
{
	int64_t quota_us;
	int64_t period_us;
	int r = 0;

	if (spec->cpu_shares > 0)
		r = set_shares(folder_fd, spec->cpu_shares, err);
	if (r < 0 || !time_limit(spec, &quota_us, &period_us))
		return r;
	r = cgroup_file_number(folder_fd, "cpu.cfs_period_us", period_us, err);
	if (r == 0 && quota_us != 0)
		r = cgroup_file_number(folder_fd, "cpu.cfs_quota_us", quota_us,
				       err);
	return r;
}

static int set_v2(int folder_fd, const struct spec *spec, struct err *err)
{
	char text[48];
	int64_t quota_us;
	int64_t period_us;
	int r = 0;

	if (spec->cpu_shares > 0)
		r = cgroup_file_number(folder_fd, "cpu.weight",
			       (int64_t)cgroup_cpu_weight(spec->cpu_shares),
			       err);
	if (r < 0 || !time_limit(spec, &quota_us, &period_us))
		return r;
	if (quota_us > 0)
		snprintf(text, sizeof(text), "%" PRId64 " %" PRId64, quota_us,
			 period_us);
	else
		snprintf(text, sizeof(text), "max %" PRId64, period_us);
	return set(folder_fd, "cpu.max", text, err);
}

int cgroup_cpu_set(int folder_fd, bool v2, const struct spec *spec,
		   struct err *err)
{
	if (spec->cpu_shares < 0)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "shares: invalid argument");
	return v2 ? set_v2(folder_fd, spec, err) :
		    set_v1(folder_fd, spec, err);
}

int cgroup_cpu_set_places(int folder_fd, const struct spec *spec,
			  struct err *err)
{
	int r = 0;

	if (spec->cpuset_mems && *spec->cpuset_mems)
		r = set(folder_fd, "cpuset.mems", spec->cpuset_mems, err);
	if (r == 0 && spec->cpuset_cpus && *spec->cpuset_cpus)
		r = set(folder_fd, "cpuset.cpus", spec->cpuset_cpus, err);
	return r;
}

int cgroup_cpu_fill_set(int folder_fd, struct err *err)
{
	static const char *const files[] = { "cpuset.cpus", "cpuset.mems" };
	OWN_FD int parent = fs_open_dir(folder_fd, "..", err);

	if (parent < 0)
		return parent;
	for (int i = 0; i < 2; i++) {
		char own[4096];
		char theirs[4096];
		int r = cgroup_file_read(folder_fd, files[i], own, sizeof(own));

		if (r == 0)
			r = cgroup_file_read(parent, files[i], theirs,
					     sizeof(theirs));
		if (r < 0)
			return err_set(err, -r, "read %s: %s", files[i],
				       strerror(-r));
		if (!*own && cgroup_file_write(folder_fd, files[i], theirs,
					       err) < 0)
			return -err->code;
	}
	return 0;
}

int cgroup_cpu_used(int folder_fd, bool v2, uint64_t *out_ns)
{
	uint64_t used = 0;
	int r = v2 ? cgroup_file_key(folder_fd, "cpu.stat", "usage_usec",
				     &used) :
		     cgroup_file_get(folder_fd, "cpuacct.usage", &used);

	if (r == 0)
		*out_ns = v2 ? used * 1000 : used;
	return r;
}
