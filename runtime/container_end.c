/* runtime/container_end.c - how containers end: stop, kill, wait, remove.
 *
 * A signal goes through the monitor, so that it knows who asked for the end. The
 * monitor's last message is the exit code: waiting is reading. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/container.h"
#include "runtime/container_files.h"
#include "runtime/home.h"
#include "runtime/monitor.h"
#include "runtime/state.h"
#include "runtime/wire.h"

static bool runs(const struct container *c)
{
	return c->status == CONTAINER_RUNNING ||
	       c->status == CONTAINER_PAUSED ||
	       c->status == CONTAINER_RESTARTING;
}

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Reads until a message of `kind` (its number in *out_number), at most
 * timeout_ms (-1: for ever). Returns 1, 0 at the time limit, -EPIPE when the
 * monitor is gone, -EINTR when a signal came. */
static int wait_for(int fd, struct buf *in, enum wire_kind kind,
		    int64_t timeout_ms, int32_t *out_number)
{
	int64_t end = clock_ms() + timeout_ms;

	for (;;) {
		struct pollfd news = { fd, POLLIN, 0 };
		struct wire_message message;
		int64_t left = timeout_ms < 0 ? -1 : end - clock_ms();
		size_t at = 0;
		int found = 0;
		int n;

		while (wire_next(in, &at, &message, NULL)) {
			if (found || message.kind != kind ||
			    message.len < sizeof(*out_number))
				continue;
			memcpy(out_number, message.bytes, sizeof(*out_number));
			found = 1;
		}
		if (found)
			return 1;
		if (timeout_ms >= 0 && left <= 0)
			return 0;
		n = poll(&news, 1, (int)left);
		if (n < 0)
			return -errno;
		if (n > 0 && wire_read(fd, in) == 0)
			return -EPIPE;
	}
}

/* Sends one signal and hears whether it went. */
static int send_signal(int fd, struct buf *in, int signal, enum wire_why why,
		       struct err *err)
{
	struct wire_signal message = { signal, (int32_t)why };
	int32_t result = 0;
	int r = wire_send(fd, WIRE_SIGNAL, &message, sizeof(message));

	if (r == 0)
		r = wait_for(fd, in, WIRE_DONE, 10000, &result);
	if (r == -EPIPE || result == ESRCH)
		return -ESRCH; /* it ended by itself meanwhile */
	if (r < 0 || result) {
		errno = result ? result : -r;
		return err_errno(err, "send signal %d", signal);
	}
	trace_step(TRACE_KILL, "pidfd_send_signal(process 1, %s)",
		   strsignal(signal));
	return 0;
}

static int connect_to(const struct home *home, const struct container *c,
		      struct err *err)
{
	int fd = -ESRCH;

	/* One that is just starting has its lock before its socket. */
	for (int tries = 0; tries < 50 && fd == -ESRCH; tries++) {
		fd = monitor_connect(home, c->spec.id, err);
		if (fd == -ESRCH)
			usleep(2000);
	}
	return fd;
}

int container_wait(const struct home *home, const char *id, int *out_exit,
		   struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	OWN_BUF struct buf in = { 0 };
	OWN_FD int fd = -1;
	int32_t code = 0;
	int r = container_find(home, id, &c, err);

	if (r < 0)
		return r;
	if (runs(&c)) {
		fd = connect_to(home, &c, err);
		r = fd < 0 ? fd : wait_for(fd, &in, WIRE_EXIT, -1, &code);
		if (r == 1) {
			*out_exit = code;
			return 0;
		}
		if (r == -EINTR)
			return err_set(err, EINTR, "interrupted");
		container_done(&c);
		r = container_find(home, id, &c, err);
		if (r < 0)
			return r;
	}
	*out_exit = c.exit_code;
	return 0;
}

int container_stop(const struct home *home, const char *id, int timeout_s,
		   struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	OWN_BUF struct buf in = { 0 };
	OWN_FD int fd = -1;
	int32_t code = 0;
	int r = container_find(home, id, &c, err);

	if (r < 0)
		return r;
	if (!runs(&c))
		return 0;
	if (timeout_s < 0)
		timeout_s = c.spec.stop_timeout_s;
	fd = connect_to(home, &c, err);
	if (fd < 0)
		return fd == -ESRCH ? 0 : fd;
	r = send_signal(fd, &in, c.spec.stop_signal, WIRE_STOP, err);
	if (r == -ESRCH)
		return 0;
	if (r < 0)
		return err_wrap(err, "stop %s", id);
	r = wait_for(fd, &in, WIRE_EXIT, (int64_t)timeout_s * 1000, &code);
	if (r == 0) {
		r = send_signal(fd, &in, SIGKILL, WIRE_STOP, err);
		if (r < 0 && r != -ESRCH)
			return err_wrap(err, "stop %s", id);
		r = wait_for(fd, &in, WIRE_EXIT, -1, &code);
	}
	if (r == -EINTR)
		return err_set(err, EINTR, "interrupted");
	return 0;
}

int container_kill(const struct home *home, const char *id, int signal,
		   struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	OWN_BUF struct buf in = { 0 };
	OWN_FD int fd = -1;
	int32_t code = 0;
	int r = container_find(home, id, &c, err);

	if (r < 0)
		return r;
	if (runs(&c)) {
		fd = connect_to(home, &c, err);
		r = fd < 0 ? fd :
			     send_signal(fd, &in, signal, WIRE_KILL, err);
	}
	if (!runs(&c) || r == -ESRCH)
		return err_docker(err, ERR_DAEMON, ESRCH,
				  "Cannot kill container: %s: Container %s is not running",
				  id, c.spec.id);
	if (r < 0)
		return err_wrap(err, "kill %s", id);
	/* SIGKILL is sure to end it: the next command should see that. */
	if (signal == SIGKILL)
		(void)wait_for(fd, &in, WIRE_EXIT, 10000, &code);
	return 0;
}

int container_remove(const struct home *home, const char *id, bool force,
		     struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	OWN_FD int folder_fd = -1;
	struct err ended = { 0 };
	int r = container_find(home, id, &c, err);

	if (r < 0)
		return r;
	if (runs(&c) && !force)
		return err_docker(err, ERR_DAEMON, EBUSY,
				  "You cannot remove a %s container %s. %stop the container before attempting removal or force remove",
				  container_status_name(c.status), c.spec.id,
				  c.status == CONTAINER_PAUSED ?
					  "Unpause and then s" :
					  "S");
	if (runs(&c) && container_kill(home, c.spec.id, SIGKILL, &ended) < 0 &&
	    ended.code != ESRCH && ended.code != ENOENT) {
		*err = ended;
		return -err->code;
	}
	folder_fd = state_open_folder(home, c.spec.id, &ended);
	if (folder_fd < 0)
		return 0; /* --rm was quicker */
	r = state_lock(folder_fd, err);
	if (r < 0)
		return r;
	return container_files_remove(home, folder_fd, &c.spec, err);
}
