/* shell/running.c - see running.h */
#include "shell/running.h"

#include <errno.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/container.h"
#include "shell/cmd.h"

int running_find(const struct shell *shell, const char *name,
		 struct container *out, struct err *err)
{
	struct container c = { 0 };
	int r = container_find(shell->home, name, &c, err);

	if (r < 0)
		return r;
	if ((c.status == CONTAINER_RUNNING || c.status == CONTAINER_PAUSED) &&
	    c.pid > 0) {
		*out = c;
		return 0;
	}
	err_set(err, ESRCH,
		_("the container %s does not run (%s): it has no process, and what is private to it exists only while it has one"),
		c.spec.name, container_status_name(c.status));
	if (c.started_ns == 0)
		err_hint(err,
			 _("it has never been started: `start %s` does that"),
			 c.spec.name);
	else
		err_hint(
			err,
			_("`start %s` runs it again; `logs %s` shows what it said before it ended"),
			c.spec.name, c.spec.name);
	container_done(&c);
	return -err->code;
}
