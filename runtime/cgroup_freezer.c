/* runtime/cgroup_freezer.c - see cgroup_freezer.h */
#include "runtime/cgroup_freezer.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/cgroup.h"
#include "runtime/cgroup_file.h"

enum { WAIT_MS = 2000, STEP_MS = 2 };

bool cgroup_freezer_is_there(const struct cgroup *cgroup)
{
	bool v2;

	return cgroup_folder(cgroup, CGROUP_FREEZER, &v2) >= 0;
}

static int tell(const struct cgroup *cgroup, bool frozen, struct err *err)
{
	bool v2;
	int fd = cgroup_folder(cgroup, CGROUP_FREEZER, &v2);
	const char *file = v2 ? "cgroup.freeze" : "freezer.state";
	const char *value = v2 ? (frozen ? "1" : "0") :
				 (frozen ? "FROZEN" : "THAWED");

	if (fd < 0)
		return err_set(err, ENOENT, _("there is no freezer"));
	return cgroup_file_write(fd, file, value, err);
}

/* In version 1 the state is FREEZING until the last process stands. */
static bool stands(const struct cgroup *cgroup)
{
	bool v2;
	int fd = cgroup_folder(cgroup, CGROUP_FREEZER, &v2);
	uint64_t frozen = 0;
	char state[16];

	if (v2)
		return cgroup_file_key(fd, "cgroup.events", "frozen",
				       &frozen) == 0 &&
		       frozen == 1;
	return cgroup_file_read(fd, "freezer.state", state, sizeof(state)) ==
		       0 &&
	       strcmp(state, "FROZEN") == 0;
}

int cgroup_freezer_freeze(const struct cgroup *cgroup, struct err *err)
{
	struct err ignored = { 0 };
	int r = tell(cgroup, true, err);

	if (r < 0)
		return r;
	for (int waited = 0; waited < WAIT_MS; waited += STEP_MS) {
		if (stands(cgroup))
			return 0;
		(void)poll(NULL, 0, STEP_MS);
	}
	(void)tell(cgroup, false, &ignored);
	return err_set(err, ETIMEDOUT, _("a process does not stand still: it waits for something in the kernel"));
}

int cgroup_freezer_thaw(const struct cgroup *cgroup, struct err *err)
{
	return tell(cgroup, false, err);
}
