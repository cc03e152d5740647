/* runtime/net_keeper.c - see net_keeper.h
 *
 * Making a bridge is quick, taking one down takes the kernel some 40 ms, for which
 * everybody who wants to change any network waits. So it is not done at the end of each
 * container, but once none has been there for a while. */
#include "runtime/net_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/calls.h"
#include "runtime/home.h"
#include "runtime/keeper.h"
#include "runtime/net_bridge.h"
#include "runtime/net_way_out.h"
#include "runtime/sys.h"
#include "runtime/userns.h"

enum { LINGER_S = 3 };

/* What the keeper begins with. go, report: its ends of the pipes; exit: of one that is
 * closed when it ends, by whatever end. */
struct beginning {
	const struct home *home;
	int inside;
	int go;
	int report;
	int exit;
};

static int settle_in(const struct beginning *begin, int fd, struct err *err)
{
	bool fresh = begin->inside < 0 && userns_kind() != USERNS_NONE;
	int r = 0;

	if (begin->inside >= 0)
		r = userns_enter(begin->inside, CLONE_NEWUSER | CLONE_NEWNET,
				 err);
	else if (fresh)
		r = userns_map_self(err);
	if (r == 0 && net_lock_set(fd, NET_KEEPER, F_WRLCK, false) < 0)
		r = err_errno(err, "lock run/net");
	/* Whoever finds this and no keeper knows that something was left. */
	if (r == 0 && pwrite(fd, "up\n", 3, 0) != 3)
		r = err_errno(err, "write run/net");
	if (r == 0 && fresh)
		net_bridge_prepare_namespace();
	return r;
}

/* SIGTERM is blocked, and ends this. */
static void linger(void)
{
	const struct timespec while_s = { .tv_sec = LINGER_S };
	sigset_t hurry;

	sigemptyset(&hurry);
	sigaddset(&hurry, SIGTERM);
	(void)sigtimedwait(&hurry, NULL, &while_s);
}

/* Returns once nobody is there, with DOOR locked: nobody comes in any more. */
static void wait_for_the_last(int fd)
{
	for (;;) {
		/* A deadlock that the kernel believes to see is none. */
		if (net_lock_set(fd, NET_USERS, F_WRLCK, true) == 0)
			(void)net_lock_set(fd, NET_USERS, F_UNLCK, false);
		linger();
		if (net_lock_holder(fd, NET_USERS) != 0 ||
		    net_lock_set(fd, NET_DOOR, F_WRLCK, true) < 0)
			continue;
		if (net_lock_holder(fd, NET_USERS) == 0)
			return;
		(void)net_lock_set(fd, NET_DOOR, F_UNLCK, false);
	}
}

static _Noreturn void keeper_main(const struct beginning *begin)
{
	const int keep[] = { begin->home->fd, begin->inside, begin->go,
			     begin->report, begin->exit };
	struct err err = { 0 };
	sigset_t hurry;
	char go;
	int fd;

	keeper_leave_starter("dsh-net", keep, 5);
	sigemptyset(&hurry);
	sigaddset(&hurry, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &hurry, NULL);
	trace_to_pipe(-1);
	if (read(begin->go, &go, 1) != 1)
		_exit(1); /* whoever wanted us gave up */
	fd = net_place_open(begin->home, true, &err);
	if (fd >= 0)
		(void)settle_in(begin, fd, &err);
	(void)fs_write_all(begin->report, &err, sizeof(err));
	close(begin->report);
	if (err.code)
		_exit(1);
	wait_for_the_last(fd);
	way_out_end(fd);
	if (userns_kind() == USERNS_NONE)
		net_bridge_remove_all(begin->home);
	(void)!ftruncate(fd, 0);
	/* Whoever waits for DOOR finds nobody, and begins anew. */
	_exit(0);
}

static int hear(int report, struct err *err)
{
	struct err said = { .code = EIO };
	size_t have = 0;

	while (have < sizeof(said)) {
		ssize_t got = read(report, (char *)&said + have,
				   sizeof(said) - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return err_set(err, EIO,
				       _("the helper process ended without an answer"));
		have += (size_t)got;
	}
	if (said.code)
		*err = said;
	return -said.code;
}

static int make_pipe(int *out_read, int *out_write, struct err *err)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_errno(err, "pipe");
	*out_read = pair[0];
	*out_write = pair[1];
	return 0;
}

static int cannot_clone(bool fresh, struct err *err)
{
	err_errno(err, "clone3(%s)", fresh ? "CLONE_NEWUSER|NEWNET" : "");
	return fresh ? userns_explain_clone(err) : -err->code;
}

int net_keeper_start(const struct home *home, int lock_fd, int inside,
		     pid_t *out_way_out, struct err *err)
{
	bool fresh = inside < 0 && userns_kind() != USERNS_NONE;
	struct beginning begin = { home, inside, -1, -1, -1 };
	OWN_FD int go_read = -1;
	OWN_FD int go_write = -1;
	OWN_FD int report_read = -1;
	OWN_FD int report_write = -1;
	OWN_FD int exit_read = -1;
	OWN_FD int exit_write = -1;
	pid_t pid;
	int r = make_pipe(&go_read, &go_write, err);

	if (r == 0)
		r = make_pipe(&report_read, &report_write, err);
	if (r == 0)
		r = make_pipe(&exit_read, &exit_write, err);
	if (r < 0)
		return r;
	begin.go = go_read;
	begin.report = report_write;
	begin.exit = exit_write;
	trace_begin();
	pid = sys_clone(fresh ? CLONE_NEWUSER | CLONE_NEWNET : 0, NULL);
	if (pid != 0)
		call_cloned(TRACE_NET_KEEPER,
			    fresh ? CLONE_NEWUSER | CLONE_NEWNET : 0, pid);
	if (pid < 0)
		return cannot_clone(fresh, err);
	if (pid == 0) {
		close(go_write);
		keeper_main(&begin);
	}
	close(own_give_fd(&report_write));
	if (fresh)
		r = userns_write_maps(pid, err);
	if (r == 0) {
		(void)!write(go_write, "g", 1);
		r = hear(report_read, err);
	}
	close(own_give_fd(&go_write));
	if (r < 0)
		(void)waitpid(pid, NULL, 0);
	if (r == 0 && fresh)
		*out_way_out = way_out_start(lock_fd, pid, exit_read);
	return r;
}
