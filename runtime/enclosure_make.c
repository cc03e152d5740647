/* runtime/enclosure_make.c - the usher: from the account's rights to nobody's.
 *
 * Two user namespaces lie around an enclosure, one in the other. The first has the ids:
 * the account's own, or, where root makes it, a range that belongs to nobody, so that
 * root's rights end here. The second maps them one to one and is there for a number: how
 * many processes a user namespace may have in all, whoever they are in there and however
 * deep they hide in further ones, is the RLIMIT_NPROC of who makes it. No cgroup is
 * needed for it, and nothing in there can raise it.
 *
 * Source: user_namespaces(7); kernel/ucount.c, inc_rlimit_ucounts() (Linux 5.14). */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/enclosure_parts.h"
#include "runtime/sys.h"
#include "runtime/userns.h"

static int wait_for_go(int control)
{
	char go;

	return recv(control, &go, 1, 0) == 1 ? 0 : -EPIPE;
}

static _Noreturn void fail(const struct enclosure_making *making,
			   const struct err *err)
{
	enclosure_tell(making->control, ENCLOSURE_FAILED, 0, -1, err);
	_exit(1);
}

/* Whoever maps it is outside: the account's helpers, or root. */
static int become_mapped(const struct enclosure_making *making, struct err *err)
{
	bool single = !making->first && userns_kind() == USERNS_SINGLE;

	if (single)
		return userns_map_self(err);
	enclosure_tell(making->control, ENCLOSURE_MAP_ME, 0, -1, NULL);
	if (wait_for_go(making->control) < 0)
		_exit(1); /* they could not, and say so */
	if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 ||
	    setresuid(0, 0, 0) < 0)
		return err_errno(err, "become root of the enclosure's ids");
	return 0;
}

/* The same ids one namespace further in. A line of the map must lie within one of the
 * map above it, so the lines are the same, too. */
static int write_same(pid_t pid, const char *map, struct err *err)
{
	OWN_FREE char *above = mem_fmt("/proc/self/%s", map);
	OWN_FREE char *path = mem_fmt("/proc/%d/%s", pid, map);
	OWN_FILE FILE *file = fopen(above, "re");
	OWN_BUF struct buf text = { 0 };
	OWN_FD int fd = -1;
	unsigned long inside;
	unsigned long outside;
	unsigned long count;

	/* NOLINTNEXTLINE(cert-err34-c): numbers of the kernel's own making */
	while (file && fscanf(file, "%lu %lu %lu", &inside, &outside, &count) == 3)
		buf_fmt(&text, "%lu %lu %lu\n", inside, inside, count);
	fd = fs_open(AT_FDCWD, path, O_WRONLY, 0, err);
	if (fd < 0)
		return fd;
	if (write(fd, buf_text(&text), text.len) < 0)
		return err_errno(err, "write '%s' to %s", buf_text(&text), path);
	return 0;
}

/* The number counts at the second namespace's birth; afterwards it is a bound of each
 * user's own in there. A hard limit below it stays. */
static int limit_processes(const struct enclosure_making *making,
			   struct err *err)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NPROC, &limit) < 0)
		return err_errno(err, "getrlimit(RLIMIT_NPROC)");
	if ((rlim_t)making->limits.processes < limit.rlim_max)
		limit.rlim_max = (rlim_t)making->limits.processes;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NPROC, &limit) < 0)
		return err_errno(err, "setrlimit(RLIMIT_NPROC)");
	return 0;
}

static int prepare(const struct enclosure_making *making, int *out_disk,
		   struct err *err)
{
	int r = making->first ? 0 : become_mapped(making, err);

	if (r == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_errno(err, "make all mounts private");
	if (r == 0)
		r = enclosure_tree(making, out_disk, err);
	if (r < 0 || !making->first)
		return r;
	if (unshare(CLONE_NEWUSER) < 0) {
		err_errno(err, "unshare(CLONE_NEWUSER)");
		return userns_explain_clone(err);
	}
	return become_mapped(making, err);
}

_Noreturn void enclosure_usher(const struct enclosure_making *making)
{
	const uint64_t flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID |
			       CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
			       CLONE_NEWCGROUP | CLONE_PARENT;
	struct err err = { 0 };
	int disk = -1;
	int go[2];
	pid_t pid;

	trace_to_pipe(-1);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (prepare(making, &disk, &err) < 0 ||
	    limit_processes(making, &err) < 0)
		fail(making, &err);
	if (pipe2(go, O_CLOEXEC) < 0) {
		(void)err_errno(&err, "pipe");
		fail(making, &err);
	}
	/* The change of ids made us a stranger to our own files in /proc, and the
	 * child inherits that. */
	(void)prctl(PR_SET_DUMPABLE, 1L, 0L, 0L, 0L);
	pid = sys_clone(flags, NULL);
	if (pid == 0) {
		char byte;

		close(go[1]);
		if (read(go[0], &byte, 1) != 1)
			_exit(1);
		close(go[0]);
		enclosure_process_1(making);
	}
	if (pid < 0) {
		(void)err_errno(&err, "clone3(CLONE_NEWUSER and the others)");
		(void)userns_explain_clone(&err);
		fail(making, &err);
	}
	if (write_same(pid, "uid_map", &err) < 0 ||
	    write_same(pid, "gid_map", &err) < 0)
		fail(making, &err);
	enclosure_tell(making->control, ENCLOSURE_BORN, pid, disk, NULL);
	(void)!write(go[1], "g", 1);
	_exit(0);
}
