/* runtime/process.c - see process.h */
#include "runtime/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/spec.h"
#include "runtime/sys.h"
#include "runtime/user.h"

int process_join_streams(const int stdio[3], int terminal,
			 const struct user *user, struct err *err)
{
	int fds[3];
	int null_fd = -1;

	for (int i = 0; i < 3; i++) {
		fds[i] = terminal >= 0 ? terminal : stdio[i];
		if (fds[i] < 0 && null_fd < 0)
			null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fds[i] < 0)
			fds[i] = null_fd;
		/* A program that reopens /dev/stdout as another user must be
		 * let in. A pipe that cannot change hands still works. */
		else if (user->uid != 0)
			(void)!fchown(fds[i], user->uid, (gid_t)-1);
	}
	/* 0, 1 and 2 may themselves be among the sources, closed or not. */
	for (int i = 0; i < 3; i++)
		if (fds[i] >= 0 && fds[i] < 3)
			fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
	for (int i = 0; i < 3; i++)
		if (fds[i] < 0 || dup2(fds[i], i) < 0)
			return err_errno(err, "join stream %d", i);
	if (terminal >= 0 && ioctl(0, TIOCSCTTY, 0) < 0)
		return err_errno(err, "ioctl(TIOCSCTTY)");
	return 0;
}

int process_enter_folder(const char *path, struct err *err)
{
	char here[4096];

	if (chdir(path) < 0) {
		err_errno(err, "chdir to cwd (\"%s\")", path);
		return -err->code;
	}
	/* A folder that /proc/self/fd/N leads to could lie outside: the kernel
	 * then has no path for it and says so. CVE-2024-21626. */
	if (syscall(SYS_getcwd, here, sizeof(here)) < 0 || here[0] != '/')
		return err_set(err, ENOENT,
			       _("the working directory '%s' is not in the container"),
			       path);
	return 0;
}

/* A handler does not survive exec, "ignore" does (nohup, a shell's background
 * job): the program must find its signals as they come with a machine. Which
 * ones are ignored, the kernel tells in one line: "SigIgn:\t0000000000001000".
 * By the system call itself: libc keeps two signals for its threads and refuses to
 * touch them, but a program that used no libc may have left them ignored. */
void process_reset_signals(void)
{
	char status[4096];
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, status, sizeof(status) - 1);
	unsigned long long ignored;
	const char *line;
	sigset_t none;

	status[got > 0 ? got : 0] = '\0';
	line = strstr(status, "SigIgn:");
	ignored = line ? strtoull(line + strlen("SigIgn:"), NULL, 16) : 0;
	for (int n = 1; n <= 64; n++)
		if (ignored >> (n - 1) & 1)
			sys_default_signal(n);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Docker's order: PATH, HOSTNAME, TERM, links, what image and user say, HOME. */
void process_environment(const struct spec *spec, bool tty,
			 const struct strs *more, const struct user *user,
			 struct strs *env)
{
	strs_add(env, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	strs_addf(env, "HOSTNAME=%s", spec->hostname);
	if (tty)
		strs_add(env, "TERM=xterm");
	for (size_t i = 0; i < spec->link_env.count; i++)
		strs_set_env(env, spec->link_env.items[i]);
	for (size_t i = 0; i < spec->env.count; i++)
		strs_set_env(env, spec->env.items[i]);
	for (size_t i = 0; more && i < more->count; i++)
		strs_set_env(env, more->items[i]);
	if (!strs_get_env(env, "HOME"))
		strs_addf(env, "HOME=%s", user->home);
}
