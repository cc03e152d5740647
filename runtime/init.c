/* runtime/init.c - see init.h
 *
 *   process 1                        child
 *   ---------                        -----
 *   not dumpable
 *   block all signals
 *   fork --------------------------> a process group of its own, the terminal's
 *   close all, take Docker's name    foreground
 *   wait for a signal <----------+   signals as they were
 *     SIGCHLD: reap all that ended   execve
 *     any other: to the child ---+
 *   _exit(the child's status)
 *
 * What it does is what tini does, which Docker has there. */
#include "runtime/init.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/sys.h"

/* Where the kernel keeps this process's arguments and environment, as they were
 * when it was started: fields 48 to 51 of /proc/self/stat, counted behind the
 * name. proc(5). */
static bool find_own_words(char **out_start, size_t *out_words, size_t *out_all)
{
	OWN_FD int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	char text[1024];
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	unsigned long long field[52] = { 0 };
	char *at;

	if (got <= 0)
		return false;
	text[got] = '\0';
	at = strrchr(text, ')');
	for (int i = 2; at && i < 51; i++) {
		at = strchr(at + 1, ' ');
		if (at)
			field[i + 1] = strtoull(at + 1, NULL, 10);
	}
	if (field[48] == 0 || field[49] < field[48] || field[50] != field[49] ||
	    field[51] < field[50])
		return false;
	*out_start = (char *)(uintptr_t)field[48];
	*out_words = (size_t)(field[49] - field[48]);
	*out_all = (size_t)(field[51] - field[48]);
	return true;
}

/* What stands there was typed outside of the container, and what is in the
 * environment too. A title longer than the words may run on into the environment:
 * the kernel then shows it up to the first NUL. */
static void take_name(const struct strs *args)
{
	OWN_FREE char *joined = strs_join(args, " ");
	OWN_FREE char *title = mem_fmt("/sbin/docker-init -- %s", joined);
	size_t words = 0;
	size_t all = 0;
	char *start = NULL;

	(void)prctl(PR_SET_NAME, "docker-init");
	if (!find_own_words(&start, &words, &all) || all == 0)
		return;
	memset(start, 0, all);
	memcpy(start, title,
	       strlen(title) < all - 1 ? strlen(title) : all - 1);
}

static _Noreturn void leave(int status)
{
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) :
				  128 + WTERMSIG(status));
}

/* All that ended; the end of the child is ours. */
static void reap(pid_t child)
{
	int status = 0;
	int ended = 0;
	bool ours = false;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != child)
			continue;
		ours = true;
		ended = status;
	}
	if (ours)
		leave(ended);
}

static _Noreturn void watch(pid_t child, const struct strs *args)
{
	sigset_t all;

	sys_close_all_but(0, NULL, 0);
	take_name(args);
	sigfillset(&all);
	for (;;) {
		int signal = sigwaitinfo(&all, NULL);

		if (signal == SIGCHLD)
			reap(child);
		else if (signal > 0 && signal != SIGTTIN && signal != SIGTTOU)
			(void)kill(child, signal);
	}
}

/* With a terminal, its keys are for the program. Who is not in front may not ask
 * for it, unless SIGTTOU is blocked: it still is. */
static void take_terminal(void)
{
	if (setpgid(0, 0) == 0)
		(void)tcsetpgrp(0, getpgrp()); /* no terminal: nothing to take */
}

int init_split(const struct strs *args, struct err *err)
{
	sigset_t all;
	sigset_t before;
	pid_t child;

	if (prctl(PR_SET_DUMPABLE, 0L) < 0)
		return err_errno(err, "prctl(PR_SET_DUMPABLE)");
	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	child = fork();
	if (child < 0)
		return err_errno(err, "fork the program of process 1");
	if (child > 0)
		watch(child, args);
	take_terminal();
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return 0;
}
