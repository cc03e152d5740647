/* runtime/container_control.c - see container_control.h */
#include "runtime/container_control.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/limits.h"
#include "runtime/monitor.h"
#include "runtime/state.h"
#include "runtime/wire.h"

enum { CONNECT_TRIES = 50, ANSWER_MS = 30000 };

static bool runs(const struct container *c)
{
	return c->status == CONTAINER_RUNNING ||
	       c->status == CONTAINER_PAUSED ||
	       c->status == CONTAINER_RESTARTING;
}

static int not_running(const char *id, struct err *err)
{
	return err_docker(err, ERR_DAEMON, ESRCH, "Container %s is not running",
			  id);
}

/* Waits for WIRE_ANSWER. -ESRCH: the monitor has gone. */
static int hear_answer(int fd, struct err *err)
{
	OWN_BUF struct buf in = { 0 };

	for (;;) {
		struct pollfd news = { fd, POLLIN, 0 };
		struct wire_message message;
		struct err answer;
		size_t at = 0;
		int n;

		while (wire_next(&in, &at, &message, NULL)) {
			if (monitor_told_step(&message) ||
			    message.kind != WIRE_ANSWER ||
			    message.len != sizeof(answer))
				continue;
			memcpy(&answer, message.bytes, sizeof(answer));
			if (answer.code)
				*err = answer;
			return -answer.code;
		}
		n = poll(&news, 1, ANSWER_MS);
		if (n < 0)
			return interrupt_err(err);
		if (n == 0)
			return err_set(err, ETIMEDOUT,
				       _("the container's monitor does not answer"));
		if (wire_read(fd, &in) == 0)
			return -ESRCH;
	}
}

/* Says it to the monitor of a container and hears what came of it. */
static int ask(const struct home *home, const char *id, enum wire_kind kind,
	       const struct limits_change *change, struct err *err)
{
	OWN_FD int fd = -ESRCH;
	int r;

	/* One that is just starting has its lock before its socket. */
	for (int i = 0; i < CONNECT_TRIES && fd == -ESRCH; i++) {
		fd = monitor_connect(home, id, err);
		if (fd == -ESRCH)
			usleep(2000);
	}
	if (fd < 0)
		return fd;
	r = wire_send(fd, kind, change, change ? sizeof(*change) : 0);
	if (r == -EPIPE)
		return -ESRCH;
	if (r < 0)
		return err_set(err, -r, _("speak to the container's monitor: %s"),
			       strerror(-r));
	return hear_answer(fd, err);
}

static int pause_or_not(const struct home *home, const char *name,
			enum wire_kind kind, struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	int r = container_find(home, name, &c, err);

	if (r < 0)
		return r;
	if (!runs(&c))
		return kind == WIRE_PAUSE ?
			       not_running(c.spec.id, err) :
			       err_docker(err, ERR_DAEMON, EBUSY,
					  "Container %s is not paused",
					  c.spec.id);
	r = ask(home, c.spec.id, kind, NULL, err);
	return r == -ESRCH ? not_running(c.spec.id, err) : r;
}

int container_pause(const struct home *home, const char *name, struct err *err)
{
	return pause_or_not(home, name, WIRE_PAUSE, err);
}

int container_unpause(const struct home *home, const char *name,
		      struct err *err)
{
	return pause_or_not(home, name, WIRE_UNPAUSE, err);
}

int container_networks_changed(const struct home *home, const char *id,
			       struct err *err)
{
	int r = ask(home, id, WIRE_NETWORKS, NULL, err);

	/* One that has ended meanwhile is on them at its next start. */
	return r == -ESRCH ? 0 : r;
}

/* ---- update ---- */

/* -EBUSY: a monitor has it. */
static int update_stopped(const struct home *home, const char *id,
			  const struct limits_change *change, struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	OWN_FD int folder_fd = container_lock_idle(home, id, err);
	int r;

	if (folder_fd < 0)
		return folder_fd;
	r = state_read(folder_fd, &c, err);
	if (r < 0)
		return r;
	r = limits_apply(change, &c.spec, err);
	if (r < 0)
		return err_wrap(err, "Cannot update container %s", id);
	return state_write(folder_fd, &c, err);
}

int container_update(const struct home *home, const char *name,
		     const struct limits_change *change,
		     struct spec *out_spec, struct err *err)
{
	OWN_CONTAINER struct container c = { 0 };
	int r = container_find(home, name, &c, err);

	if (r < 0)
		return r;
	/* It may start or end while we look: whoever has the lock is asked. */
	r = -ESRCH;
	for (int tries = 0; tries < 3 && r == -ESRCH; tries++) {
		r = runs(&c) ? -EBUSY :
			       update_stopped(home, c.spec.id, change, err);
		if (r == -EBUSY)
			r = ask(home, c.spec.id, WIRE_UPDATE, change, err);
	}
	if (r == -ESRCH)
		r = update_stopped(home, c.spec.id, change, err);
	if (r < 0 || !out_spec)
		return r;
	container_done(&c);
	r = container_find(home, name, &c, err);
	if (r < 0)
		return r;
	spec_done(out_spec);
	*out_spec = c.spec;
	c.spec = (struct spec){ 0 };
	return 0;
}
