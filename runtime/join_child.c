/* runtime/join_child.c - see join_child.h */
#include "runtime/join_child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/calls.h"
#include "runtime/enclosure_guard.h"
#include "runtime/exec.h"
#include "runtime/join.h"
#include "runtime/limits.h"
#include "runtime/namespaces.h"
#include "runtime/news.h"
#include "runtime/process.h"
#include "runtime/rlimits.h"
#include "runtime/spec.h"
#include "runtime/stages_parts.h"
#include "runtime/sys.h"
#include "runtime/user.h"

static int enter(const struct joining *j, struct err *err)
{
	int flags = namespaces_of_process_1(j->spec) & ~CLONE_NEWPID;

	if (call_setns(TRACE_JOIN, j->target, flags) < 0)
		return err_errno(err, "setns(process 1, CLONE_NEWNS|NEWUTS|NEWIPC|NEWCGROUP%s)",
				 flags & CLONE_NEWNET ? "|NEWNET" : "");
	return 0;
}

/* What lies at /dev/pts is up to the container: only a terminal of a devpts goes
 * out to the keeper. */
static int make_terminal(const struct joining *j, int *master, int *slave,
			 struct err *err)
{
	const int flags = O_RDWR | O_NOCTTY | O_CLOEXEC;
	struct statfs fs;
	int unlock = 0;

	*master = TRACED(
		TRACE_TERMINAL, open("/dev/pts/ptmx", flags | O_NONBLOCK),
		"openat(AT_FDCWD, \"/dev/pts/ptmx\", O_RDWR|O_NOCTTY|O_NONBLOCK|O_CLOEXEC)");
	if (*master < 0)
		return err_errno(err, "open /dev/pts/ptmx");
	if (fstatfs(*master, &fs) < 0 || fs.f_type != DEVPTS_SUPER_MAGIC ||
	    ioctl(*master, TIOCSPTLCK, &unlock) < 0)
		return err_set(err, ENOTTY, _("/dev/pts/ptmx of the container makes no terminal"));
	*slave = TRACED(TRACE_TERMINAL, ioctl(*master, TIOCGPTPEER, flags),
			"ioctl(%d, TIOCGPTPEER, O_RDWR|O_NOCTTY|O_CLOEXEC)",
			*master);
	if (*slave < 0)
		return err_errno(err, "open the terminal's other end");
	if (j->size.ws_row)
		(void)ioctl(*master, TIOCSWINSZ, &j->size);
	return 0;
}

static int go_to_folder(const struct joining *j, struct err *err)
{
	const char *cwd = j->join->cwd && *j->join->cwd ? j->join->cwd :
							  j->spec->cwd;
	int r;

	if (cwd[0] != '/') {
		err_docker(err, ERR_BARE, EINVAL,
			   "OCI runtime exec failed: exec failed: Cwd must be an absolute path: unknown");
		return err_status(err, 126);
	}
	r = process_enter_folder(cwd, err);
	if (r == -ENOENT || r == -EACCES || r == -ENOTDIR) {
		exec_failed(EXEC_JOIN, err, -r,
			    "chdir to cwd (\"%s\") set in config.json failed: %s",
			    cwd, exec_reason(-r));
		return err_status(err, 126);
	}
	return r;
}

/* Docker says this one without the voice of its daemon. */
static int find_user(const struct joining *j, struct user *user,
		     struct err *err)
{
	int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = user_look_up(root_fd, j->join->user ? j->join->user :
						      j->spec->user,
			     user, err);

	if (r == 0)
		r = user_add_groups(root_fd, &j->spec->group_add, user, err);
	if (r == 0)
		return 0;
	err->voice = err->voice == ERR_DAEMON ? ERR_BARE : err->voice;
	return err_status(err, 126);
}

static int settle(const struct joining *j, const int stdio[3], int control,
		  struct strs *env, struct err *err)
{
	OWN_FREE struct user *user = mem_zero(1, sizeof(*user));
	int master = -1;
	int slave = -1;
	char byte;
	int r;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_errno(err, "prctl(PR_SET_PDEATHSIG)");
	if (recv(control, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
		_exit(1); /* the keeper is gone already */
	(void)setsid();
	r = cgroup_enter(&j->cgroup, false, false, err);
	if (r == 0)
		r = limits_enter(&j->cgroup, j->spec, err);
	if (r == 0)
		r = enter(j, err);
	(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	if (r == 0)
		r = find_user(j, user, err);
	if (r == 0 && j->join->tty)
		r = make_terminal(j, &master, &slave, err);
	if (r < 0)
		return r;
	if (master >= 0) {
		news_send_terminal(control, master);
		close(master);
	}
	r = process_join_streams(stdio, slave, user, err);
	if (r < 0)
		return r;
	process_environment(j->spec, j->join->tty, j->join->env, user, env);
	umask(022);
	process_reset_signals();
	(void)sys_cloexec_from(3);
	if (guard_is_on() && stages_set_oom_score(j->spec, err) < 0)
		return -err->code;
	r = rlimits_set(&j->spec->ulimits, err);
	if (r == 0)
		r = rights_drop(&j->rights, user, err);
	return r == 0 ? go_to_folder(j, err) : r;
}

_Noreturn void join_child(const struct joining *joining, const int stdio[3],
			  int control, bool traced)
{
	struct strs env = { 0 };
	struct err err = { 0 };

	trace_to_pipe(-1);
	trace_as(TRACE_CHILD);
	if (traced)
		(void)trace_add_sink(news_send_event, &control);
	if (settle(joining, stdio, control, &env, &err) == 0)
		exec_program(EXEC_JOIN, joining->join->args, &env, &err);
	news_fail(control, &err);
}
