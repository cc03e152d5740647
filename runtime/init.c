/* runtime/init.c - see init.h
 *
 *   process 1                        child
 *   ---------                        -----
 *   block all signals
 *   fork --------------------------> waits
 *   execveat(the file in memory)
 *     it closes the pipe ----------> goes on: a process group of its own, the
 *   (init/program.c)                 terminal's foreground, signals as they were
 *                                    execve
 */
#include "runtime/init.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"

/* Made by the build: static const unsigned char init_program[] = { ... }; */
#include "runtime/init_program.h"

int init_prepare(struct err *err)
{
	OWN_FD int fd =
		memfd_create("docker-init", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	char path[40];
	int readable;
	int r;

	if (fd < 0)
		return err_errno(err, "memfd_create");
	r = fs_write_all(fd, init_program, sizeof(init_program));
	errno = -r;
	if (r < 0 ||
	    fcntl(fd, F_ADD_SEALS,
		  F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return err_errno(err, "make the program of process 1");
	/* What is open for writing cannot be executed. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	readable = open(path, O_RDONLY | O_CLOEXEC);
	return readable < 0 ? err_errno(err, "open %s", path) : readable;
}

/* Returns only where it failed. What is open is close-on-exec, but for the
 * streams. */
static int become(int program, pid_t child, const struct strs *args,
		  struct err *err)
{
	OWN_STRS struct strs words = { 0 };
	OWN_FREE char *number = mem_fmt("CHILD=%d", child);
	char *environment[] = { number, NULL };

	strs_add(&words, "/sbin/docker-init");
	strs_add(&words, "--");
	strs_copy(&words, args);
	for (int i = 0; i < 3; i++)
		close(i);
	(void)syscall(SYS_execveat, program, "", strs_vector(&words),
		      environment, AT_EMPTY_PATH);
	err_errno(err, "execveat(the program of process 1)");
	return err_hint(
		err,
		_("--init needs programs in memory: sysctl vm.memfd_noexec must be less than 2"));
}

/* With a terminal, its keys are for the program. Who is not in front may not ask
 * for it, unless SIGTTOU is blocked: it still is. */
static void take_terminal(void)
{
	if (setpgid(0, 0) == 0)
		(void)tcsetpgrp(0,
				getpgrp()); /* no terminal: nothing to take */
}

/* Its descriptors are closed a moment before it has its name and its words in ps;
 * then it sends a SIGCONT, which is blocked here, and so waits to be taken. */
static void wait_for_init(void)
{
	const struct timespec longest = { .tv_sec = 5 };
	sigset_t go;

	sigemptyset(&go);
	sigaddset(&go, SIGCONT);
	(void)sigtimedwait(&go, NULL, &longest);
}

int init_split(int program, const struct strs *args, struct err *err)
{
	OWN_FD int hear = -1;
	OWN_FD int say = -1;
	sigset_t all;
	sigset_t before;
	char failed;
	pid_t child;
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_errno(err, "pipe");
	hear = pair[0];
	say = pair[1];
	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	child = fork();
	if (child < 0)
		return err_errno(err, "fork the program of process 1");
	if (child > 0) {
		(void)become(program, child, args, err);
		(void)!write(say, "!", 1);
		return -err->code;
	}
	close(own_give_fd(&say));
	if (read(hear, &failed, 1) != 0)
		_exit(1); /* process 1 says why */
	wait_for_init();
	take_terminal();
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return 0;
}
