/* runtime/container_end.c - how containers end: stop, kill, wait, remove.
 *
 * A signal goes through the monitor, so that it knows who asked for the end. The
 * monitor's last message is the exit code: waiting is reading. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/cgroup.h"
#include "runtime/container.h"
#include "runtime/container_files.h"
#include "runtime/events.h"
#include "runtime/home.h"
#include "runtime/monitor.h"
#include "runtime/state.h"
#include "runtime/wire.h"

/* Reads until a message of `kind` (its number in *out_number), at most
 * timeout_ms (-1: for ever). What came behind it stays in `in`. Returns 1, 0 at the
 * time limit, -EPIPE when the monitor is gone, -EINTR when a signal came. */
static int wait_for(int fd, struct buf *in, enum wire_kind kind,
		    int64_t timeout_ms, int32_t *out_number)
{
	int64_t end = clock_ms() + timeout_ms;

	for (;;) {
		struct pollfd news = { fd, POLLIN, 0 };
		struct wire_message message;
		int64_t left = timeout_ms < 0 ? -1 : end - clock_ms();
		size_t at = 0;
		int n;

		while (wire_next(in, &at, &message, NULL)) {
			if (monitor_told_step(&message) ||
			    message.kind != kind ||
			    message.len < sizeof(*out_number))
				continue;
			memcpy(out_number, message.bytes, sizeof(*out_number));
			wire_taken(in, &at);
			return 1;
		}
		if (timeout_ms >= 0 && left <= 0)
			return 0;
		n = poll(&news, 1, (int)left);
		if (n < 0)
			return -errno;
		if (n > 0 && wire_read(fd, in) == 0)
			return -EPIPE;
	}
}

/* Asks the monitor to send a signal and hears whether it went. -ESRCH: process 1
 * has ended by itself meanwhile. */
static int ask(int fd, struct buf *in, enum wire_kind kind, const void *bytes,
	       size_t len, struct err *err)
{
	int32_t signal;
	int32_t result = 0;
	int r = wire_send(fd, kind, bytes, len);

	memcpy(&signal, bytes, sizeof(signal)); /* both kinds begin with it */
	if (r == 0)
		r = wait_for(fd, in, WIRE_DONE, 10000, &result);
	if (r == -EPIPE || result == ESRCH)
		return -ESRCH;
	if (r == -EINTR)
		return interrupt_err(err);
	if (r == 0)
		r = -ETIMEDOUT;
	if (r < 0 || result) {
		errno = result ? result : -r;
		return err_errno(err, "send signal %d", signal);
	}
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
	if (container_has_monitor(&c)) {
		fd = connect_to(home, &c, err);
		r = fd < 0 ? fd : wait_for(fd, &in, WIRE_EXIT, -1, &code);
		if (r == 1) {
			*out_exit = code;
			return 0;
		}
		if (r == -EINTR)
			return interrupt_err(err);
		container_done(&c);
		r = container_find(home, id, &c, err);
		if (r < 0)
			return r;
	}
	*out_exit = c.exit_code;
	return 0;
}

static struct wire_end end_of(const struct container *c, int timeout_s,
			      enum wire_how how)
{
	return (struct wire_end){
		.signal = c->spec.stop_signal,
		.timeout_s = timeout_s == CONTAINER_OWN_TIMEOUT ?
				     c->spec.stop_timeout_s :
			     timeout_s < 0 ? -1 :
					     timeout_s,
		.how = (int32_t)how,
	};
}

/* Asks for the end. Returns a descriptor (given) on which it will be told, or
 * -ESRCH. What the monitor has said already, behind its answer, is in `in`: where it
 * was quick, all of it. */
static int ask_for_end(const struct home *home, const struct container *c,
		       const struct wire_end *end, struct buf *in,
		       struct err *err)
{
	OWN_FD int fd = -1;
	int r;

	if (!container_has_monitor(c))
		return -ESRCH;
	fd = connect_to(home, c, err);
	if (fd < 0)
		return fd;
	r = ask(fd, in, WIRE_END, end, sizeof(*end), err);
	return r < 0 ? r : own_give_fd(&fd);
}

int container_stop_begin(const struct home *home, const char *id, int timeout_s,
			 struct buf *in, struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	struct wire_end end;
	int r = container_find(home, id, &c, err);

	if (r < 0)
		return r;
	end = end_of(&c, timeout_s, WIRE_TO_STOP);
	r = ask_for_end(home, &c, &end, in, err);
	return r < 0 && r != -ESRCH ? err_wrap(err, "stop %s", id) : r;
}

int container_stop_wait(int fd, struct buf *in, struct err *err)
{
	int32_t code = 0;

	/* A monitor that is gone is as good as one that says that it goes. */
	return wait_for(fd, in, WIRE_EXIT, -1, &code) == -EINTR ?
		       interrupt_err(err) :
		       0;
}

int container_stop(const struct home *home, const char *id, int timeout_s,
		   struct err *err)
{
	OWN_BUF struct buf in = { 0 };
	OWN_FD int fd = container_stop_begin(home, id, timeout_s, &in, err);

	if (fd < 0)
		return fd == -ESRCH ? 0 : fd;
	return container_stop_wait(fd, &in, err);
}

/* What a monitor that starts its container again has said: 1 it runs, 0 nothing
 * yet, or the failure. */
static int hear_start(struct buf *in, struct err *err)
{
	struct wire_message message;
	size_t at = 0;
	int r = 0;

	while (wire_next(in, &at, &message, NULL)) {
		if (message.kind == WIRE_STARTED)
			r = 1;
		(void)monitor_told_step(&message);
		if (message.kind != WIRE_FAILED ||
		    message.len != sizeof(*err))
			continue;
		memcpy(err, message.bytes, sizeof(*err));
		r = -err->code;
	}
	return r;
}

/* The same monitor goes on with the container: hears how that went. */
static int wait_for_start(int fd, struct buf *in, struct err *err)
{
	int r;

	while ((r = hear_start(in, err)) == 0) {
		struct pollfd news = { fd, POLLIN, 0 };

		if (poll(&news, 1, -1) < 0)
			return interrupt_err(err);
		if (wire_read(fd, in) == 0)
			return err_set(err, EPIPE,
				       _("the container's monitor ended without a word"));
	}
	return r < 0 ? r : 0;
}

int container_restart(const struct home *home, const char *id, int timeout_s,
		      struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	OWN_BUF struct buf in = { 0 };
	OWN_FD int fd = -1;
	struct wire_end end;
	int r = container_find(home, id, &c, err);

	if (r < 0)
		return r;
	end = end_of(&c, timeout_s, WIRE_TO_RESTART);
	fd = ask_for_end(home, &c, &end, &in, err);
	if (fd >= 0) {
		r = wait_for_start(fd, &in, err);
	} else if (fd == -ESRCH) {
		r = container_start(home, c.spec.id, NULL, NULL, err);
		if (r == 0)
			events_note_container(home, &c.spec, "restart", NULL);
	} else {
		r = fd;
	}
	if (r < 0 && err->code != EINTR) {
		char text[sizeof(err->msg)];

		memcpy(text, err->msg, sizeof(text));
		err_docker(err, ERR_DAEMON, err->code,
			   "Cannot restart container %s: %s", id, text);
	}
	return r;
}

int container_kill(const struct home *home, const char *id, int signal,
		   struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	const struct wire_signal message = { signal, WIRE_KILL };
	OWN_BUF struct buf in = { 0 };
	OWN_FD int fd = -1;
	int32_t code = 0;
	int r = container_find(home, id, &c, err);

	if (r < 0)
		return r;
	if (container_has_monitor(&c)) {
		fd = connect_to(home, &c, err);
		r = fd < 0 ? fd :
			     ask(fd, &in, WIRE_SIGNAL, &message,
				 sizeof(message), err);
	}
	if (!container_has_monitor(&c) || r == -ESRCH)
		return err_docker(err, ERR_DAEMON, ESRCH,
				  "Cannot kill container: %s: Container %s is not running",
				  id, c.spec.id);
	if (r < 0)
		return err->code == EINTR ? r : err_wrap(err, "kill %s", id);
	/* SIGKILL is sure to end it: the next command should see that. */
	if (signal == SIGKILL &&
	    wait_for(fd, &in, WIRE_EXIT, 10000, &code) == -EINTR)
		return interrupt_err(err);
	return 0;
}

/* `start x; rm x` works where x does its work in a blink: Docker's start takes
 * that long by itself, ours does not. So one that was started a moment ago is
 * given that moment. */
static int await_short_life(const struct home *home, struct container *c,
			    struct err *err)
{
	enum { MOMENT_MS = 1000, STEP_MS = 10 };
	OWN_FREE char *id = mem_str(c->spec.id);
	int64_t until_ns = c->started_ns + MOMENT_MS * 1000000LL;
	int r = 0;

	/* The steps are counted too: somebody may set the clock back. */
	for (int ms = 0; r == 0 && c->status == CONTAINER_RUNNING &&
			 ms < MOMENT_MS && clock_now_ns() < until_ns;
	     ms += STEP_MS) {
		(void)poll(NULL, 0, STEP_MS);
		container_done(c);
		r = container_find(home, id, c, err);
	}
	return r;
}

/* One try to have it for oneself: its folder, locked. -EAGAIN: somebody has started it
 * meanwhile. */
static int hold_for_removal(const struct home *home, const char *id, bool force,
			    struct container *out, struct err *err)
{
	struct err ended = { 0 };
	int r = container_find(home, id, out, err);

	if (r == 0 && !force)
		r = await_short_life(home, out, err);
	if (r < 0)
		return r;
	if (container_has_monitor(out) && !force)
		return err_docker(err, ERR_DAEMON, EBUSY,
				  "You cannot remove a %s container %s. %s the container before attempting removal or force remove",
				  container_status_name(out->status),
				  out->spec.id,
				  out->status == CONTAINER_PAUSED ?
					  "Unpause and then stop" :
					  "Stop");
	if (container_has_monitor(out) &&
	    container_kill(home, out->spec.id, SIGKILL, &ended) < 0 &&
	    ended.code != ESRCH && ended.code != ENOENT) {
		*err = ended;
		return -err->code;
	}
	r = container_lock_idle(home, out->spec.id, err);
	return r == -EBUSY ? -EAGAIN : r;
}

int container_remove(const struct home *home, const char *id, bool force,
		     struct err *err)
{
	enum { TRIES = 20 };
	OWN_CONTAINER struct container c = { 0 };
	OWN_FD int folder_fd = -EAGAIN;
	struct err why = { 0 };
	int r;

	for (int tries = 0; folder_fd == -EAGAIN && tries < TRIES; tries++) {
		container_done(&c);
		why = (struct err){ 0 };
		folder_fd = hold_for_removal(home, id, force, &c, &why);
	}
	if (folder_fd == -ENOENT && c.spec.id)
		return 0; /* --rm was quicker */
	if (folder_fd < 0) {
		*err = why;
		return -err->code;
	}
	cgroup_remove(folder_fd, c.spec.id); /* of a monitor that was killed */
	r = container_files_remove(home, folder_fd, &c.spec, err);
	if (r == 0)
		events_note_container(home, &c.spec, "destroy", NULL);
	return r;
}
