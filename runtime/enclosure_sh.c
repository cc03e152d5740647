/* runtime/enclosure_sh.c - see enclosure_sh.h */
#include "runtime/enclosure_sh.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/binds.h"
#include "runtime/caps.h"
#include "runtime/enclosure_parts.h"
#include "runtime/process.h"
#include "runtime/rights.h"
#include "runtime/sys.h"
#include "runtime/user.h"
#include "runtime/userns.h"

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif

#define QUIET (MS_NOSUID | MS_NODEV)

enum { TOLD_FD = 9 };

/* What goes through the pipe: `status` at the end, or, before the line ran, the failure
 * in `err`. */
struct word {
	int status;
	struct err err;
};

static void tell(int fd, int status, const struct err *err)
{
	struct word word = { .status = status };

	if (err)
		word.err = *err;
	(void)fs_write_all(fd, &word, sizeof(word));
}

/* ---- in the compartment ---- */

/* An empty folder over the home, with the way to the learner's own folder in it. */
static int cover_home(const struct enclosure_sh *sh, struct err *err)
{
	OWN_FD int tree = -1;
	OWN_FD int target = -1;

	if (sh->work) {
		tree = binds_open_tree(AT_FDCWD, sh->work, false, err);
		if (tree < 0)
			return tree;
	}
	if (mount("covered", sh->home, "tmpfs", QUIET, "size=64k,mode=755") < 0)
		return err_errno(err, "cover %s", sh->home);
	if (tree >= 0) {
		if (fs_make_dirs(AT_FDCWD, sh->work, 0755, err) < 0)
			return -err->code;
		target = fs_open(AT_FDCWD, sh->work, O_PATH | O_DIRECTORY, 0,
				 err);
		if (target < 0)
			return target;
		if (sys_move_mount(tree, target) < 0)
			return err_errno(err, "move_mount onto %s", sh->work);
	}
	if (mount(NULL, sh->home, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | QUIET,
		  NULL) < 0)
		return err_errno(err, "make %s read-only", sh->home);
	return 0;
}

static int make_views(const struct enclosure_sh *sh, const char *folder,
		      struct err *err)
{
	int r;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_errno(err, "make all mounts private");
	r = cover_home(sh, err);
	if (r == 0)
		r = enclosure_cgroup_hide(err);
	if (r < 0)
		return r;
	if (mount("proc", "/proc", "proc", QUIET | MS_NOEXEC, NULL) < 0)
		return err_errno(err, "mount proc on /proc");
	/* By its name: where we are is still below what was covered. */
	if (chdir(folder) < 0)
		return err_errno(err, "chdir %s", folder);
	return 0;
}

static void limit(int what, int64_t value)
{
	struct rlimit now;

	/* A limit that is stricter already, or that nobody may set, stays. */
	if (getrlimit((__rlimit_resource_t)what, &now) < 0)
		return;
	if ((rlim_t)value < now.rlim_max)
		now.rlim_max = (rlim_t)value;
	now.rlim_cur = now.rlim_max;
	(void)setrlimit((__rlimit_resource_t)what, &now);
}

static int give_up_rights(const struct enclosure_sh *sh,
			  const struct rights *rights, struct err *err)
{
	static const struct user root; /* of this compartment */
	OWN_FD int score = open("/proc/self/oom_score_adj",
				O_WRONLY | O_CLOEXEC);

	/* When memory runs out it goes before the engine does. */
	if (score >= 0)
		(void)!write(score, "500", 3);
	limit(RLIMIT_CORE, 0);
#ifndef UNDER_ASAN /* `docker` is this program, and its shadow memory some terabytes */
	limit(RLIMIT_DATA, sh->data_bytes);
#endif
	limit(RLIMIT_FSIZE, sh->file_bytes);
	limit(RLIMIT_NPROC, sh->processes);
	return rights_drop(rights, &root, err);
}

/* The line itself. Nothing of the engine's stays open in it. */
static _Noreturn void become_line(const struct enclosure_sh *sh)
{
	static const struct user root; /* of this compartment */
	int keep[] = { TOLD_FD };
	struct err ignored = { 0 };

	process_reset_signals();
	if (process_join_streams(sh->stdio, -1, &root, &ignored) < 0)
		_exit(126);
	if (sh->told_fd >= 0 && dup2(sh->told_fd, TOLD_FD) < 0)
		_exit(126);
	/* dup2(2) of a descriptor to itself would leave it to be closed. */
	if (sh->told_fd == TOLD_FD)
		(void)fcntl(TOLD_FD, F_SETFD, 0);
	sys_close_all_but(3, keep, sh->told_fd >= 0 ? 1 : 0);
	execve(sh->args[0], sh->args, sh->env);
	_exit(127);
}

/* Takes in orphans until nobody is left. */
static _Noreturn void attend(pid_t line, int say)
{
	int status = 0;
	pid_t pid;

	sys_close_all_but(0, &say, 1);
	for (;;) {
		pid = waitpid(-1, &status, 0);
		if (pid < 0 && errno != EINTR)
			_exit(0);
		if (pid != line)
			continue;
		tell(say,
		     WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
					   WEXITSTATUS(status),
		     NULL);
		close(say);
		say = -1;
		line = -1;
	}
}

static _Noreturn void process_1(const struct enclosure_sh *sh,
				const struct rights *rights, int go, int say)
{
	OWN_FREE char *folder = getcwd(NULL, 0);
	struct err err = { 0 };
	char byte;
	pid_t line;
	int r;

	trace_to_pipe(-1);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (read(go, &byte, 1) != 1)
		_exit(1); /* the engine gave up */
	r = userns_map_self(&err);
	if (r == 0)
		r = make_views(sh, folder ? folder : "/", &err);
	(void)setsid();
	enclosure_forget_args();
	if (r == 0)
		r = give_up_rights(sh, rights, &err);
	(void)prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
	line = r == 0 ? fork() : -1;
	if (line == 0)
		become_line(sh);
	if (r == 0 && line < 0)
		(void)err_errno(&err, "fork");
	if (line < 0) {
		tell(say, 0, &err);
		_exit(1);
	}
	attend(line, say);
}

/* ---- in the engine ---- */

/* The clone, with the number of processes that counts for the new user namespace
 * (enclosure_make.c): lower than the engine's own, so that a line that takes all it can
 * get leaves the engine some. */
static pid_t clone_limited(const struct enclosure_sh *sh)
{
	struct rlimit before;
	struct rlimit now;
	pid_t pid;
	int code;

	if (getrlimit(RLIMIT_NPROC, &before) < 0)
		return -1;
	now = before;
	if ((rlim_t)sh->processes < now.rlim_cur)
		now.rlim_cur = (rlim_t)sh->processes;
	(void)setrlimit(RLIMIT_NPROC, &now);
	pid = sys_clone(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID |
				CLONE_NEWIPC | CLONE_PARENT,
			NULL);
	if (pid == 0)
		return 0;
	code = errno;
	(void)setrlimit(RLIMIT_NPROC, &before);
	errno = code;
	return pid;
}

int enclosure_sh_start(const struct enclosure_sh *sh, int *out_fd,
		       struct err *err)
{
	struct rights rights = { .caps = CAPS_DOCKER, .no_new_privs = true };
	OWN_FD int hear = -1;
	OWN_FD int say = -1;
	OWN_FD int go_read = -1;
	OWN_FD int go_write = -1;
	int pair[2];
	pid_t pid;

	if (syscalls_prepare(CAPS_DOCKER, &rights.filter, err) < 0)
		return -err->code;
	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_errno(err, "pipe");
	hear = pair[0];
	say = pair[1];
	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_errno(err, "pipe");
	go_read = pair[0];
	go_write = pair[1];
	(void)userns_kind();
	pid = clone_limited(sh);
	if (pid == 0) {
		close(go_write);
		close(hear);
		process_1(sh, &rights, go_read, say);
	}
	syscalls_done(&rights.filter);
	if (pid < 0) {
		err_errno(err, "clone3 for a line of sh");
		return userns_explain_clone(err);
	}
	if (userns_write_maps(pid, err) < 0) {
		(void)kill(pid, SIGKILL);
		return -err->code;
	}
	(void)!write(go_write, "g", 1);
	*out_fd = own_give_fd(&hear);
	return 0;
}

int enclosure_sh_status(int fd, int *out_status, struct err *err)
{
	struct word word;
	size_t have = 0;

	while (have < sizeof(word)) {
		ssize_t got = read(fd, (char *)&word + have,
				   sizeof(word) - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			*out_status = 128 + SIGKILL;
			return 0;
		}
		have += (size_t)got;
	}
	if (word.err.code) {
		*err = word.err;
		return -err->code;
	}
	*out_status = word.status;
	return 0;
}
