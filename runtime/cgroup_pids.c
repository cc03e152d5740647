/* runtime/cgroup_pids.c - see cgroup_pids.h */
#include "runtime/cgroup_pids.h"

#include <inttypes.h>
#include <stdio.h>

#include "runtime/base/err.h"
#include "runtime/cgroup_file.h"

int cgroup_pids_set(int folder_fd, int64_t limit, struct err *err)
{
	char text[24] = "max";
	int r;

	if (limit > 0)
		snprintf(text, sizeof(text), "%" PRId64, limit);
	r = cgroup_file_write(folder_fd, "pids.max", text, err);
	return r;
}

int cgroup_pids_count(int folder_fd, uint64_t *out)
{
	return cgroup_file_get(folder_fd, "pids.current", out);
}
