/* runtime/sys.c - see sys.h */
#include "runtime/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"

/* NOLINTNEXTLINE(readability-non-const-parameter): the kernel writes there */
pid_t sys_clone_into(uint64_t flags, int cgroup_fd, int *out_pidfd)
{
	struct clone_args args = {
		.flags = flags | (out_pidfd ? CLONE_PIDFD : 0u) |
			 (cgroup_fd >= 0 ? CLONE_INTO_CGROUP : 0u),
		.pidfd = (uint64_t)(uintptr_t)out_pidfd,
		/* A sibling ends with the signal that its maker ends with. */
		.exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD,
		.cgroup = cgroup_fd >= 0 ? (uint64_t)(unsigned)cgroup_fd : 0,
	};

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

pid_t sys_clone(uint64_t flags, int *out_pidfd)
{
	return sys_clone_into(flags, -1, out_pidfd);
}

/* The headers of glibc 2.35 know neither call nor constant: those of the kernel's
 * linux/mount.h, which cannot be included beside sys/mount.h. */
int sys_open_tree(int fd, const char *path, bool recursive)
{
	enum { TREE_CLONE = 1 };
	unsigned flags = TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH |
			 (recursive ? AT_RECURSIVE : 0);

	return (int)syscall(SYS_open_tree, fd, path, flags);
}

int sys_move_mount(int tree_fd, int at_fd)
{
	enum { FROM_EMPTY_PATH = 0x4, TO_EMPTY_PATH = 0x40 };

	return (int)syscall(SYS_move_mount, tree_fd, "", at_fd, "",
			    FROM_EMPTY_PATH | TO_EMPTY_PATH);
}

int sys_mount_nodev(int tree_fd)
{
	enum { NUMBER = 442, NODEV = 0x4, EMPTY_PATH = 0x1000,
	       RECURSIVE = 0x8000 };
	/* struct mount_attr of <linux/mount.h>, which older headers lack. */
	const struct {
		uint64_t set;
		uint64_t clear;
		uint64_t propagation;
		uint64_t userns_fd;
	} attr = { .set = NODEV };

	return (int)syscall(NUMBER, tree_fd, "", EMPTY_PATH | RECURSIVE, &attr,
			    sizeof(attr));
}

int sys_pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(SYS_pivot_root, new_root, put_old);
}

void sys_default_signal(int signal)
{
	/* The kernel's struct sigaction: handler, flags, restorer, mask. SIG_DFL
	 * is 0 in all four. */
	static const unsigned long as_it_comes[4];

	(void)syscall(SYS_rt_sigaction, signal, as_it_comes, NULL, 8L);
}

int sys_pidfd_open(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

int sys_pidfd_send_signal(int pidfd, int signal)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int sys_cloexec_from(unsigned first)
{
	return (int)syscall(SYS_close_range, first, UINT_MAX,
			    CLOSE_RANGE_CLOEXEC);
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

void sys_close_all_but(unsigned first, const int *keep, int count)
{
	OWN_FREE int *sorted = mem_zero((size_t)count + 1, sizeof(int));
	int used = 0;

	for (int i = 0; i < count; i++)
		if (keep[i] >= (int)first)
			sorted[used++] = keep[i];
	qsort(sorted, (size_t)used, sizeof(int), by_number);
	for (int i = 0; i < used; i++) {
		if ((unsigned)sorted[i] > first)
			(void)syscall(SYS_close_range, first,
				      (unsigned)sorted[i] - 1, 0);
		first = (unsigned)sorted[i] + 1;
	}
	(void)syscall(SYS_close_range, first, UINT_MAX, 0);
}
