/* runtime/process_1.c - see process_1.h */
#include "runtime/process_1.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/sys.h"

/* `name`: as it was asked for. */
static int not_running(const struct container *c, const char *name,
		       struct err *err)
{
	if (c->status == CONTAINER_PAUSED)
		return err_docker(
			err, ERR_DAEMON, EBUSY,
			"Container %s is paused, unpause the container before exec",
			name);
	if (c->status == CONTAINER_RESTARTING)
		return err_docker(
			err, ERR_DAEMON, EBUSY,
			"Container %s is restarting, wait until the container is running",
			c->spec.id);
	return err_docker(err, ERR_DAEMON, ESRCH, "Container %s is not running",
			  c->spec.id);
}

/* Whose child a process is: the fourth field of /proc/PID/stat, counted behind
 * the name, which may hold anything. */
static pid_t parent_of(pid_t pid)
{
	char path[40];
	char text[512];
	OWN_FD int fd = -1;
	const char *end;
	ssize_t got;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	text[got > 0 ? got : 0] = '\0';
	end = strrchr(text, ')');
	/* ") S 1234": one letter of state stands between */
	return end && strlen(end) > 4 ? (pid_t)strtol(end + 4, NULL, 10) : 0;
}

/* A descriptor of process 1. Numbers of processes are used again: the descriptor
 * stays with the process that had the number when it was opened, and that is the
 * right one if it is the monitor's child and still alive afterwards. */
static int open_process_1(const struct container *c, struct err *err)
{
	OWN_FD int pidfd = c->pid > 0 ? sys_pidfd_open(c->pid) : -1;

	if (pidfd < 0 || parent_of(c->pid) != c->monitor_pid ||
	    sys_pidfd_send_signal(pidfd, 0) < 0)
		return not_running(c, c->spec.id, err);
	return own_give_fd(&pidfd);
}

int process_1_hold(const struct home *home, const struct container *c,
		   struct err *err)
{
	OWN_CONTAINER struct container again = { 0 };
	OWN_FD int pidfd = open_process_1(c, err);
	int r;

	if (pidfd < 0)
		return pidfd;
	r = container_find(home, c->spec.id, &again, err);
	if (r < 0)
		return r;
	if (again.status != c->status || again.pid != c->pid ||
	    again.started_ns != c->started_ns)
		return not_running(&again, again.spec.id, err);
	return own_give_fd(&pidfd);
}

int process_1_open(const struct home *home, const char *name,
		   struct container *c, struct err *err)
{
	int r = container_find(home, name, c, err);

	if (r < 0)
		return r;
	if (c->status != CONTAINER_RUNNING)
		return not_running(c, name, err);
	return process_1_hold(home, c, err);
}
