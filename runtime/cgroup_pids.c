/* runtime/cgroup_pids.c - see cgroup_pids.h */
#include "runtime/cgroup_pids.h"

#include "runtime/base/err.h"
#include "runtime/cgroup_file.h"

int cgroup_pids_set(int folder_fd, int64_t limit, struct err *err)
{
	return limit > 0 ?
		       cgroup_file_number(folder_fd, "pids.max", limit, err) :
		       cgroup_file_write(folder_fd, "pids.max", "max", err);
}

int cgroup_pids_count(int folder_fd, uint64_t *out)
{
	return cgroup_file_get(folder_fd, "pids.current", out);
}
