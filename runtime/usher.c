/* runtime/usher.c - who leads a container into views of another one; see stages.h
 *
 * A container that joins views of another one (--pid container:x) is led in by an
 * usher, for who enters a pid namespace stays outside of it, and who enters a user
 * namespace cannot come back:
 *
 *   monitor                usher                    child
 *     |---- clone3() ------> setns(user, pid)
 *     |                      clone3(CLONE_PARENT) -----> sibling of the usher,
 *     |<--- its number ------ ends                       child of the monitor
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/calls.h"
#include "runtime/cgroup.h"
#include "runtime/namespaces.h"
#include "runtime/stages.h"
#include "runtime/stages_parts.h"
#include "runtime/sys.h"

static int read_whole(int fd, void *bytes, size_t len)
{
	char *at = bytes;

	while (len > 0) {
		ssize_t got = read(fd, at, len);

		if (got <= 0)
			return -EIO;
		at += got;
		len -= (size_t)got;
	}
	return 0;
}

/* What the usher says before it ends. */
struct ushered {
	pid_t pid; /* negative: an errno */
	struct trace_kept steps; /* for whoever looks at them */
	struct err err;
};

/* It is our program in reach of the other container's processes, and so is the
 * child until its exec: neither is dumpable. */
static _Noreturn void usher_main(const struct stages *stages, uint64_t flags,
				 const int control[2], int report)
{
	struct ushered said = { 0 };
	bool traced = trace_is_on();
	int r;

	close(control[0]);
	trace_to_pipe(-1);
	trace_as(TRACE_HELPER);
	if (traced)
		(void)trace_add_sink(trace_keep, &said.steps);
	r = stages_set_oom_score(stages->spec, &said.err);
	(void)prctl(PR_SET_DUMPABLE, 0L);
	if (r == 0)
		r = namespaces_enter_user_and_pid(stages->namespaces,
						  &said.err);
	if (r == 0) {
		trace_begin();
		r = said.pid = sys_clone_into(flags | CLONE_PARENT,
					      stages->cgroup->v2, NULL);
		if (r != 0)
			stages_tell_clone(stages, flags | CLONE_PARENT, r);
	}
	if (r == 0) {
		close(report);
		stages_child_main(stages, control[1], traced);
	}
	if (r < 0)
		said.pid = said.err.code ? r : stages_cannot_clone(flags, &said.err);
	(void)fs_write_all(report, &said, sizeof(said));
	_exit(0);
}

pid_t usher_clone(const struct stages *stages, uint64_t flags,
			    const int control[2], int *out_pidfd,
			    struct err *err)
{
	struct ushered said = { .pid = -EIO };
	OWN_FD int hear = -1;
	OWN_FD int say = -1;
	int pair[2];
	pid_t usher;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_errno(err, "pipe");
	hear = pair[0];
	say = pair[1];
	trace_begin();
	usher = sys_clone(0, NULL);
	if (usher != 0)
		call_cloned(TRACE_HELPER_FORK, 0, usher);
	if (usher < 0)
		return err_errno(err, "clone3");
	if (usher == 0)
		usher_main(stages, flags, control, say);
	close(own_give_fd(&say));
	if (read_whole(hear, &said, sizeof(said)) < 0)
		(void)err_set(&said.err, EIO,
			      _("the helper process ended without an answer"));
	(void)waitpid(usher, NULL, 0);
	for (size_t i = 0; i < said.steps.count; i++)
		said.steps.events[i].pid = usher;
	trace_deliver_kept(&said.steps);
	if (said.pid < 0) {
		*err = said.err;
		return -err->code;
	}
	/* Nobody but us can reap it, so the number is still its own. */
	*out_pidfd = sys_pidfd_open(said.pid);
	return *out_pidfd < 0 ? err_errno(err, "pidfd_open") : said.pid;
}
