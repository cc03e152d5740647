/* runtime/tracer.c - see tracer.h; the words are tracer_decode.c's. */
#include "runtime/tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/sys.h"
#include "runtime/tracer_parts.h"

/* ---- reading out of a tracee ---- */

static size_t read_memory(void *arg, uint64_t address, void *bytes, size_t len)
{
	const struct tracee *tracee = arg;
	struct iovec here = { bytes, len };
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): an address of the other's */
	struct iovec there = { (void *)(uintptr_t)address, len };
	ssize_t got = process_vm_readv(tracee->pid, &here, 1, &there, 1, 0);

	return got < 0 ? 0 : (size_t)got;
}

/* A copy of its socket tells what it is for. */
static int netlink_protocol(void *arg, int fd)
{
	const struct tracee *tracee = arg;
	OWN_FD int pidfd = sys_pidfd_open(tracee->pid);
	OWN_FD int copy =
		pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	socklen_t size = sizeof(int);
	int value = 0;

	if (copy < 0 ||
	    getsockopt(copy, SOL_SOCKET, SO_DOMAIN, &value, &size) < 0 ||
	    value != AF_NETLINK ||
	    getsockopt(copy, SOL_SOCKET, SO_PROTOCOL, &value, &size) < 0)
		return -1;
	return value;
}

/* Only what goes to the kernel's own files is a step. */
static bool writes_to_kernel(const struct tracee *tracee, int fd)
{
	char path[64];
	struct statfs fs;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", tracee->pid, fd);
	if (statfs(path, &fs) < 0)
		return errno == EACCES;
	return fs.f_type == PROC_SUPER_MAGIC || fs.f_type == SYSFS_MAGIC ||
	       fs.f_type == CGROUP_SUPER_MAGIC ||
	       fs.f_type == CGROUP2_SUPER_MAGIC;
}

/* The program that an execve is about to start, seen from its own root. */
static bool starts_setuid(struct tracee *tracee, uint64_t address)
{
	char path[512] = "";
	char there[600];
	struct stat st;
	size_t got = read_memory(tracee, address, path, sizeof(path) - 1);

	path[got < sizeof(path) ? got : sizeof(path) - 1] = '\0';
	snprintf(there, sizeof(there), "/proc/%d/root%s", tracee->pid, path);
	return path[0] == '/' && stat(there, &st) == 0 &&
	       (st.st_mode & (S_ISUID | S_ISGID));
}

/* ---- what is seen ---- */

static struct tracee *tracee_of(struct tracer_work *w, pid_t pid)
{
	for (size_t i = 0; i < w->tracee_count; i++)
		if (w->tracees[i].pid == pid)
			return &w->tracees[i];
	w->tracees =
		mem_grow(w->tracees, w->tracee_count + 1, sizeof(*w->tracees));
	w->tracees[w->tracee_count] = (struct tracee){ pid, -1 };
	w->report.processes = mem_grow(w->report.processes,
				       w->report.process_count + 1,
				       sizeof(*w->report.processes));
	w->report.processes[w->report.process_count++] = pid;
	return &w->tracees[w->tracee_count++];
}

static void forget(struct tracer_work *w, pid_t pid)
{
	for (size_t i = 0; i < w->tracee_count; i++)
		if (w->tracees[i].pid == pid)
			w->tracees[i] = w->tracees[--w->tracee_count];
}

/* How a tracee goes on after a stop. */
enum onward { GO_ON, LET_GO, THE_END };

static enum onward see_entry(struct tracer_work *w, struct tracee *tracee,
			     const struct __ptrace_syscall_info *info)
{
	OWN_BUF struct buf text = { 0 };
	struct tracer_entry entry = {
		.number = info->entry.nr,
		.read = read_memory,
		.netlink = netlink_protocol,
		.arg = tracee,
	};
	struct tracer_call *call;
	bool blind = false;

	memcpy(entry.args, info->entry.args, sizeof(entry.args));
	tracee->call = -1;
	if (tracee->pid == w->main && entry.number == SYS_shutdown &&
	    (int)entry.args[0] == w->mark_fd)
		return THE_END;
	if ((entry.number == SYS_write &&
	     !writes_to_kernel(tracee, (int)entry.args[0])) ||
	    w->report.count >= TRACER_MOST ||
	    !tracer_decode(&entry, &text, &blind)) {
		w->report.others++;
		return GO_ON;
	}
	w->report.calls = mem_grow(w->report.calls, w->report.count + 1,
				   sizeof(*w->report.calls));
	call = &w->report.calls[w->report.count];
	*call = (struct tracer_call){ .pid = tracee->pid,
				      .blind = blind };
	snprintf(call->text, sizeof(call->text), "%s", buf_text(&text));
	tracee->call = (long)w->report.count++;
	return entry.number == SYS_execve &&
			       starts_setuid(tracee, entry.args[0])
		       ? LET_GO
		       : GO_ON;
}

static void see_exit(struct tracer_work *w, const struct tracee *tracee,
		     int64_t result, bool failed)
{
	struct tracer_call *call;

	if (tracee->call < 0 || !w->report.calls)
		return;
	call = &w->report.calls[tracee->call];
	call->ended = true;
	call->result = failed ? -1 : result;
	call->error = failed ? (int)-result : 0;
}

static enum onward see_call(struct tracer_work *w, struct tracee *tracee)
{
	struct __ptrace_syscall_info info = { 0 };

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tracee->pid, sizeof(info), &info) <=
	    0)
		return GO_ON;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		return see_entry(w, tracee, &info);
	if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		see_exit(w, tracee, info.exit.rval, info.exit.is_error);
	return GO_ON;
}

/* ---- the loop ---- */

static bool is_stop(int signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN ||
	       signal == SIGTTOU;
}

static enum onward handle_stop(struct tracer_work *w, struct tracee *tracee,
			       int status)
{
	enum onward onward = GO_ON;
	int event = status >> 16;
	long signal = 0;

	if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
		onward = see_call(w, tracee);
	} else if (event == PTRACE_EVENT_EXEC) {
		see_exit(w, tracee, 0, false);
		onward = LET_GO;
	} else if (event == PTRACE_EVENT_STOP && is_stop(WSTOPSIG(status))) {
		(void)ptrace(PTRACE_LISTEN, tracee->pid, 0L, 0L);
		return GO_ON;
	} else if (event == 0) {
		signal = WSTOPSIG(status);
	}
	if (onward != GO_ON)
		(void)ptrace(PTRACE_DETACH, tracee->pid, 0L, 0L);
	else
		(void)ptrace(PTRACE_SYSCALL, tracee->pid, 0L, signal);
	if (onward != GO_ON)
		forget(w, tracee->pid);
	return onward;
}

/* Whether another program is about to take somebody's place: that it has is still to
 * be seen. */
static bool is_any_in_exec(const struct tracer_work *w)
{
	for (size_t i = 0; i < w->tracee_count; i++) {
		long call = w->tracees[i].call;

		if (call >= 0 && !w->report.calls[call].ended &&
		    strncmp(w->report.calls[call].text, "execve(", 7) == 0)
			return true;
	}
	return false;
}

static void follow(struct tracer_work *w)
{
	bool ending = false;

	while (!ending || is_any_in_exec(w)) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return;
		if (!WIFSTOPPED(status)) {
			forget(w, pid);
			if (pid == w->main && !ending)
				_exit(0); /* nobody is left to be told */
			continue;
		}
		if (handle_stop(w, tracee_of(w, pid), status) == THE_END)
			ending = true;
	}
}

static int seize(pid_t main)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
			     PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
			     PTRACE_O_TRACEEXEC;
	int status;

	if (ptrace(PTRACE_SEIZE, main, 0L, options) < 0 ||
	    ptrace(PTRACE_INTERRUPT, main, 0L, 0L) < 0)
		return errno;
	while (waitpid(main, &status, __WALL) < 0)
		if (errno != EINTR)
			return errno;
	return ptrace(PTRACE_SYSCALL, main, 0L, 0L) < 0 ? errno : 0;
}

static _Noreturn void tracer_main(pid_t main, int talk_fd, int mark_fd)
{
	struct tracer_work w = { .main = main, .mark_fd = mark_fd };
	sigset_t all;
	char go;
	int code;

	/* Ctrl-C is for those who are watched. */
	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)prctl(PR_SET_NAME, "dsh-tracer");
	trace_to_pipe(-1);
	/* A lock is held as long as anybody has its descriptor. */
	sys_close_all_but(3, &talk_fd, 1);
	if (read(talk_fd, &go, 1) != 1)
		_exit(1);
	code = seize(main);
	(void)!write(talk_fd, &code, sizeof(code));
	if (code)
		_exit(1);
	(void)tracee_of(&w, main);
	follow(&w);
	/* Whoever is still stopped goes on when we end. */
	(void)fs_write_all(talk_fd, &w.report, sizeof(w.report));
	(void)fs_write_all(talk_fd, (const char *)w.report.calls,
			   w.report.count * sizeof(*w.report.calls));
	(void)fs_write_all(talk_fd, (const char *)w.report.processes,
			   w.report.process_count *
				   sizeof(*w.report.processes));
	_exit(0);
}

/* ---- the side that is watched ---- */

static int cannot(int code, struct err *err)
{
	errno = code;
	err_errno(err, "ptrace(PTRACE_SEIZE)");
	if (code == EPERM &&
	    access("/proc/sys/kernel/yama/ptrace_scope", F_OK) == 0)
		return err_hint(
			err,
			_("either another tracer (strace, gdb) watches this program already, or the machine forbids tracing: `cat /proc/sys/kernel/yama/ptrace_scope` says 2 or 3 then, and an administrator can allow it with `sysctl kernel.yama.ptrace_scope=1`"));
	if (code == EPERM || code == ENOSYS)
		return err_hint(
			err,
			_("either another tracer (strace, gdb) watches this program already, or the container or sandbox that you are in forbids ptrace"));
	return -code;
}

static int wait_until_seized(struct tracer *tracer, struct err *err)
{
	int code = EIO;
	ssize_t got;

	/* Yama lets only ancestors trace, and whom one names. */
	(void)prctl(PR_SET_PTRACER, (unsigned long)tracer->pid, 0L, 0L, 0L);
	(void)!write(tracer->fd, "g", 1);
	do
		got = read(tracer->fd, &code, sizeof(code));
	while (got < 0 && errno == EINTR);
	(void)prctl(PR_SET_PTRACER, 0L, 0L, 0L, 0L);
	return got == (ssize_t)sizeof(code) && code == 0 ? 0
							 : cannot(code, err);
}

int tracer_begin(struct tracer *out, struct err *err)
{
	OWN_FD int ours = -1;
	OWN_FD int theirs = -1;
	pid_t self = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, "socketpair");
	ours = pair[0];
	theirs = pair[1];
	out->fd = ours;
	out->pid = fork();
	if (out->pid < 0)
		return err_errno(err, "fork the tracer");
	if (out->pid == 0) {
		int mark = ours;

		close(own_give_fd(&ours));
		tracer_main(self, theirs, mark);
	}
	if (wait_until_seized(out, err) < 0) {
		(void)waitpid(out->pid, NULL, 0);
		return -err->code;
	}
	out->fd = own_give_fd(&ours);
	return 0;
}

static int hear(int fd, void *bytes, size_t len)
{
	char *at = bytes;

	while (len > 0) {
		ssize_t got = read(fd, at, len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -EIO;
		at += got;
		len -= (size_t)got;
	}
	return 0;
}

int tracer_end(struct tracer *tracer, struct tracer_report *out,
	       struct err *err)
{
	struct tracer_report said = { 0 };
	OWN_FD int fd = tracer->fd;
	int r;

	(void)shutdown(fd, SHUT_WR); /* the mark */
	r = hear(fd, &said, sizeof(said));
	if (r == 0) {
		said.calls = mem_zero(said.count + 1, sizeof(*said.calls));
		said.processes = mem_zero(said.process_count + 1,
					  sizeof(*said.processes));
		r = hear(fd, said.calls, said.count * sizeof(*said.calls));
	} else {
		said = (struct tracer_report){ 0 };
	}
	if (r == 0)
		r = hear(fd, said.processes,
			 said.process_count * sizeof(*said.processes));
	while (waitpid(tracer->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	if (r < 0) {
		tracer_report_done(&said);
		return err_set(err, EIO,
			       _("the tracer ended without an answer"));
	}
	*out = said;
	return 0;
}

void tracer_report_done(struct tracer_report *report)
{
	free(report->calls);
	free(report->processes);
	*report = (struct tracer_report){ 0 };
}
