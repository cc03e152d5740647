/* runtime/monitor.c - see monitor.h
 *
 * One loop over poll(2): process 1 ends (its pidfd), its start goes on or fails
 * (control), and what relay.h carries between it and its clients. */
#include "runtime/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/container_files.h"
#include "runtime/home.h"
#include "runtime/keeper.h"
#include "runtime/log.h"
#include "runtime/news.h"
#include "runtime/oci_spec.h"
#include "runtime/relay.h"
#include "runtime/stages.h"
#include "runtime/state.h"
#include "runtime/sys.h"

struct monitor {
	const struct home *home;
	struct container *container;
	int folder_fd;
	struct stages_child child;
	struct relay relay;
	struct log_writer log;
	bool started;
	bool failed;
	bool ended;
	struct err failure;
	int exit_code;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void send_event(void *arg, const struct trace_event *event)
{
	struct monitor *m = arg;

	for (int i = m->relay.client_count - 1; i >= 0; i--)
		if (m->relay.clients[i].starter)
			relay_tell(&m->relay, i, WIRE_EVENT, event, sizeof(*event));
}

static void pass_signal(void *arg, int index,
			const struct wire_message *message)
{
	struct monitor *m = arg;
	struct wire_signal signal;
	int32_t result = 0;

	/* Messages are as long as their struct says, or are not ours to
	 * understand. */
	if (message->kind != WIRE_SIGNAL || message->len != sizeof(signal))
		return;
	memcpy(&signal, message->bytes, sizeof(signal));
	if (m->ended || m->child.pidfd < 0)
		result = ESRCH;
	else if (sys_pidfd_send_signal(m->child.pidfd, signal.signal) < 0)
		result = errno;
	relay_tell(&m->relay, index, WIRE_DONE, &result, sizeof(result));
}

/* ---- the start ---- */

static void tell_started(struct monitor *m)
{
	int32_t pid = m->child.pid;

	m->started = true;
	/* Whoever sees the program's output needs no word that it runs. */
	for (int i = m->relay.client_count - 1; i >= 0; i--)
		if (!m->relay.clients[i].streams.output)
			relay_tell(&m->relay, i, WIRE_STARTED, &pid, sizeof(pid));
}

static void hear_child(struct monitor *m)
{
	struct trace_event event;
	int fd = -1;

	switch (news_receive(m->child.control, &fd, &event, &m->failure)) {
	case NEWS_EXEC:
		close_fd(&m->child.control);
		if (!m->failed)
			tell_started(m);
		break;
	case NEWS_FAILED:
		m->failed = true;
		break;
	case NEWS_TTY:
		relay_take_terminal(&m->relay, fd);
		break;
	case NEWS_EVENT:
		trace_deliver(&event);
		break;
	case NEWS_NOTHING:
		break;
	}
}

/* A socket's path may be 107 bytes long, so it is named by the descriptor of the
 * home and the container's short id. */
static void socket_address(const struct home *home, const char *id,
			   struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(address->sun_path, sizeof(address->sun_path),
		 "/proc/self/fd/%d/run/%.12s.sock", home->fd, id);
}

static int listen_for_clients(struct monitor *m, struct err *err)
{
	struct sockaddr_un address;

	socket_address(m->home, m->container->spec.id, &address);
	m->relay.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			     0);
	if (m->relay.listener < 0)
		return err_errno(err, "socket");
	if (bind(m->relay.listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(m->relay.listener, 16) < 0)
		return err_errno(err, "listen on %s", address.sun_path);
	return 0;
}

static int start_child(struct monitor *m, const struct monitor_start *start,
		       struct err *err)
{
	struct container *c = m->container;
	struct stages stages = {
		.home = start->home,
		.spec = &c->spec,
		.stdio = { -1, -1, -1 },
		.again = start->again,
		.size = start->size,
	};
	struct err ignored = { 0 };
	int r = c->spec.tty ? 0 :
			      relay_make_pipes(&m->relay,
					       c->spec.open_stdin,
					       stages.stdio, err);

	if (r == 0)
		r = listen_for_clients(m, err);
	if (r == 0 && !c->spec.seccomp_off && !c->spec.privileged)
		r = syscalls_prepare(c->spec.caps, &stages.filter, err);
	if (r == 0)
		r = stages_begin(&stages, &m->child, err);
	for (int i = 0; i < 3; i++)
		close_fd(&stages.stdio[i]);
	if (r < 0)
		return r;
	c->status = CONTAINER_RUNNING;
	c->pid = m->child.pid;
	c->monitor_pid = getpid();
	c->started_ns = now_ns();
	c->finished_ns = 0;
	c->exit_code = 0;
	c->oom_killed = false;
	r = state_write(m->folder_fd, c, err);
	/* For whoever wants to look; the container does not depend on it. */
	if (r == 0)
		(void)oci_spec_write(m->folder_fd, start->home, &c->spec,
				     &ignored);
	return r;
}

/* ---- the loop ---- */

/* The exit code as Docker counts it: 128 + n for an end by signal n. */
static void reap(struct monitor *m)
{
	siginfo_t info = { 0 };

	if (waitid(P_PIDFD, (id_t)m->child.pidfd, &info, WEXITED) < 0)
		m->exit_code = 255; /* cannot happen to a parent; say so */
	else
		m->exit_code = info.si_code == CLD_EXITED ?
				       info.si_status :
				       128 + info.si_status;
	m->ended = true;
	trace_step(TRACE_EXIT, "waitid(P_PIDFD): exit code %d", m->exit_code);
}

enum { AT_PIDFD, AT_CONTROL, AT_RELAY };

static void watch(struct monitor *m)
{
	struct pollfd fds[AT_RELAY + RELAY_MAX_FDS];

	while (!m->ended) {
		int count = relay_watch(&m->relay, fds + AT_RELAY);

		fds[AT_PIDFD] = (struct pollfd){ m->child.pidfd, POLLIN, 0 };
		fds[AT_CONTROL] = (struct pollfd){ m->child.control, POLLIN, 0 };
		if (poll(fds, (nfds_t)(AT_RELAY + count), -1) <= 0)
			continue; /* EINTR */
		if (fds[AT_CONTROL].revents)
			hear_child(m);
		relay_serve(&m->relay, fds + AT_RELAY);
		if (fds[AT_PIDFD].revents)
			reap(m);
	}
	/* A very short program may end before its start was heard of. */
	while (m->child.control >= 0)
		hear_child(m);
	relay_drain(&m->relay, -1);
}

/* ---- the end ---- */

static void record_end(struct monitor *m)
{
	struct container *c = m->container;
	struct err ignored = { 0 };

	c->status = m->failed ? CONTAINER_CREATED : CONTAINER_EXITED;
	c->pid = 0;
	c->monitor_pid = 0;
	c->finished_ns = m->failed ? 0 : now_ns();
	c->exit_code = m->exit_code;
	free(c->error);
	c->error = NULL;
	if (m->failed) {
		c->started_ns = 0;
		c->error = mem_str(m->failure.msg);
		c->exit_code = m->failure.status ? m->failure.status : 128;
	}
	if (c->spec.auto_remove)
		(void)container_files_remove(m->home, m->folder_fd, &c->spec,
					     &ignored);
	else
		/* A full disk: the lock that is free tells the next reader
		 * that it ended. */
		(void)state_write(m->folder_fd, c, &ignored);
}

static void say_end(struct monitor *m)
{
	int32_t code = m->exit_code;

	if (m->failed)
		relay_tell_all(&m->relay, WIRE_FAILED, &m->failure, sizeof(m->failure));
	else
		relay_tell_all(&m->relay, WIRE_EXIT, &code, sizeof(code));
	if (!relay_is_behind(&m->relay))
		return;
	/* Clients read at their own pace; meanwhile the container is free for
	 * others. */
	close_fd(&m->folder_fd);
	relay_flush(&m->relay);
}

static void leave_home(struct monitor *m)
{
	char path[40];

	snprintf(path, sizeof(path), "run/%.12s.sock", m->container->spec.id);
	(void)unlinkat(m->home->fd, path, 0);
}

static _Noreturn void monitor_main(const struct monitor_start *start,
				   int client_fd, bool traced)
{
	static struct monitor monitor; /* 64 clients are much for a stack */
	const int keep[] = { start->home->fd, start->folder_fd, client_fd };
	struct monitor *m = &monitor;

	*m = (struct monitor){
		.home = start->home,
		.container = start->container,
		.folder_fd = start->folder_fd,
		.child = { .pidfd = -1, .control = -1 },
	};
	relay_init(&m->relay);
	m->relay.tty = m->container->spec.tty;
	m->relay.log = &m->log;
	m->relay.obey = pass_signal;
	m->relay.arg = m;
	/* No terminal, no folder, no stream of whoever started it, so that
	 * `$(run -d ...)` ends when the starter does. */
	keeper_leave_starter("dsh-monitor", keep, 3);
	trace_to_pipe(-1);
	relay_add_client(&m->relay, client_fd, start->streams, true);
	if (traced)
		(void)trace_add_sink(send_event, m);
	log_open(&m->log, m->folder_fd, &m->container->spec);
	if (start_child(m, start, &m->failure) < 0)
		m->failed = true;
	if (m->child.pidfd >= 0)
		watch(m);
	log_close(&m->log);
	leave_home(m);
	record_end(m);
	say_end(m);
	_exit(0);
}

int monitor_fork(const struct monitor_start *start, int *out_fd,
		 struct err *err)
{
	bool traced = trace_is_on();
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, "socketpair");
	pid = fork();
	if (pid < 0) {
		err_errno(err, "fork the monitor");
		close(pair[0]);
		close(pair[1]);
		return -err->code;
	}
	if (pid == 0)
		monitor_main(start, pair[1], traced);
	trace_step(TRACE_FORK_MONITOR, "fork() = %d", pid);
	close(pair[1]);
	*out_fd = pair[0];
	return 0;
}

int monitor_connect(const struct home *home, const char *id, struct err *err)
{
	struct sockaddr_un address;
	OWN_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_errno(err, "socket");
	socket_address(home, id, &address);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return err_set(err, ESRCH, "the container %.12s has no monitor",
			       id);
	return own_give_fd(&fd);
}
