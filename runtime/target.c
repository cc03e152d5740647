/* runtime/target.c - see target.h */
#include "runtime/target.h"

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
	/* ") S 123 ...": 0 where it is anything else. */
	return end && strlen(end) > 4 ? (pid_t)strtol(end + 4, NULL, 10) : 0;
}

static int gone(const struct container *c, struct err *err)
{
	return err_docker(err, ERR_DAEMON, ESRCH, "Container %s is not running",
			  c->spec.id);
}

/* It is the right process if it is the monitor's child and alive after it was
 * opened, and if the record still says the same then. */
int target_open(const struct home *home, const struct container *container,
		struct err *err)
{
	OWN_CONTAINER struct container again = { 0 };
	OWN_FD int pidfd =
		container->pid > 0 ? sys_pidfd_open(container->pid) : -1;
	int r;

	if (pidfd < 0 || parent_of(container->pid) != container->monitor_pid ||
	    sys_pidfd_send_signal(pidfd, 0) < 0)
		return gone(container, err);
	r = container_find(home, container->spec.id, &again, err);
	if (r < 0)
		return r;
	if (again.status != container->status || again.pid != container->pid ||
	    again.started_ns != container->started_ns)
		return gone(container, err);
	return own_give_fd(&pidfd);
}
