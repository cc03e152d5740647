/* runtime/monitor.c - see monitor.h
 *
 * One loop over poll(2):
 *
 *     process 1 --stdout, stderr--> pipes ---+--> log file
 *     (or one terminal)                      +--> queue of each client that
 *                                                 asked for it
 *     process 1 <--stdin---------- pending <----- the client's input
 *     pidfd: it ended              control: the start goes on, or failed
 *
 * Nothing here ever waits for a client: what it has not read yet is queued, and
 * while a queue is long the container's output is not read, so that a slow
 * terminal slows the program down as it would without a container. */
#include "runtime/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
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
#include "runtime/log.h"
#include "runtime/news.h"
#include "runtime/oci_spec.h"
#include "runtime/stages.h"
#include "runtime/state.h"
#include "runtime/sys.h"

enum {
	QUEUE_HIGH = 256 << 10, /* stop reading output above this */
	INPUT_HIGH = 64 << 10,	/* stop reading a client above this */
	CHUNK = 32 << 10,
	MAX_CLIENTS = 64,
	DRAIN_MS = 500, /* how long output may linger after the end */
};

struct client {
	int fd;
	struct wire_attach streams;
	bool starter;
	struct buf in;
	struct buf queue;
	size_t sent; /* of the queue */
};

struct monitor {
	const struct home *home;
	struct container *container;
	int folder_fd;
	struct stages_child child;
	int output[2]; /* our ends of stdout and stderr, or the terminal in [0] */
	int input;     /* our end of stdin, or -1 */
	bool input_ends;
	struct buf pending;
	size_t written; /* of pending */
	int listener;
	struct client clients[MAX_CLIENTS];
	int client_count;
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

/* ---- clients ---- */

static void add_client(struct monitor *m, int fd, struct wire_attach streams,
		       bool starter)
{
	if (m->client_count == MAX_CLIENTS) {
		close(fd);
		return;
	}
	m->clients[m->client_count++] = (struct client){
		.fd = fd,
		.streams = streams,
		.starter = starter,
	};
}

static void drop_client(struct monitor *m, int index)
{
	struct client *client = &m->clients[index];

	/* Whoever typed is gone: the program sees the end of its input, as if
	 * the pipe had been its own. A terminal stays open. */
	if (client->streams.input && !m->container->spec.tty)
		m->input_ends = true;
	close(client->fd);
	buf_done(&client->in);
	buf_done(&client->queue);
	m->clients[index] = m->clients[--m->client_count];
}

static void flush_client(struct monitor *m, int index)
{
	struct client *client = &m->clients[index];

	while (client->sent < client->queue.len) {
		ssize_t put = send(client->fd,
				   client->queue.data + client->sent,
				   client->queue.len - client->sent,
				   MSG_NOSIGNAL | MSG_DONTWAIT);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno == EAGAIN)
			return;
		if (put < 0) {
			drop_client(m, index);
			return;
		}
		client->sent += (size_t)put;
	}
	buf_clear(&client->queue);
	client->sent = 0;
}

static void tell(struct monitor *m, int index, enum wire_kind kind,
		 const void *bytes, size_t len)
{
	wire_queue(&m->clients[index].queue, kind, bytes, len);
	flush_client(m, index);
}

static void tell_all(struct monitor *m, enum wire_kind kind, const void *bytes,
		     size_t len)
{
	/* Backwards: a client that is dropped is replaced by the last one. */
	for (int i = m->client_count - 1; i >= 0; i--)
		tell(m, i, kind, bytes, len);
}

static void send_event(void *arg, const struct trace_event *event)
{
	struct monitor *m = arg;

	for (int i = m->client_count - 1; i >= 0; i--)
		if (m->clients[i].starter)
			tell(m, i, WIRE_EVENT, event, sizeof(*event));
}

/* ---- output and input ---- */

static void give_output(struct monitor *m, int stream, const char *bytes,
			size_t len)
{
	log_write(&m->log, stream == 0 ? LOG_STDOUT : LOG_STDERR, bytes, len);
	for (int i = m->client_count - 1; i >= 0; i--)
		if (stream == 0 ? m->clients[i].streams.output :
				  m->clients[i].streams.error)
			tell(m, i, stream == 0 ? WIRE_OUTPUT : WIRE_ERROR,
			     bytes, len);
}

static void close_stream(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* To be called when poll says that there is something. */
static void read_output(struct monitor *m, int stream)
{
	char bytes[CHUNK];
	ssize_t got = read(m->output[stream], bytes, sizeof(bytes));

	if (got > 0)
		give_output(m, stream, bytes, (size_t)got);
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		/* The end. A terminal says EIO when its last program is gone:
		 * that is process 1 or nothing ever more. */
		close_stream(&m->output[stream]);
}

static void write_input(struct monitor *m)
{
	while (m->input >= 0 && m->written < m->pending.len) {
		ssize_t put = write(m->input, m->pending.data + m->written,
				    m->pending.len - m->written);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno == EAGAIN)
			return;
		if (put < 0) { /* the program reads no more */
			m->input_ends = true;
			break;
		}
		m->written += (size_t)put;
	}
	buf_clear(&m->pending);
	m->written = 0;
	if (m->input_ends && !m->container->spec.tty)
		close_stream(&m->input);
}

static void resize(struct monitor *m, const struct wire_size *size)
{
	struct winsize win = { .ws_row = size->rows, .ws_col = size->columns };

	if (m->container->spec.tty && m->output[0] >= 0)
		(void)ioctl(m->output[0], TIOCSWINSZ, &win);
}

static void pass_signal(struct monitor *m, int index,
			const struct wire_signal *signal)
{
	int32_t result = 0;

	if (m->ended || m->child.pidfd < 0)
		result = ESRCH;
	else if (sys_pidfd_send_signal(m->child.pidfd, signal->signal) < 0)
		result = errno;
	tell(m, index, WIRE_DONE, &result, sizeof(result));
}

/* Messages are as long as their struct says, or are not ours to understand. */
static void obey(struct monitor *m, int index,
		 const struct wire_message *message)
{
	struct client *client = &m->clients[index];

	switch (message->kind) {
	case WIRE_ATTACH:
		if (message->len == sizeof(struct wire_attach))
			memcpy(&client->streams, message->bytes, message->len);
		break;
	case WIRE_INPUT:
		if (m->input >= 0 && !m->input_ends)
			buf_add(&m->pending, message->bytes, message->len);
		break;
	case WIRE_INPUT_END:
		if (!m->container->spec.tty)
			m->input_ends = true;
		break;
	case WIRE_RESIZE:
		if (message->len == sizeof(struct wire_size))
			resize(m, message->bytes);
		break;
	case WIRE_SIGNAL:
		if (message->len == sizeof(struct wire_signal))
			pass_signal(m, index, message->bytes);
		break;
	case WIRE_BROKEN:
		if (client->starter) {
			close_stream(&m->output[0]);
			if (!m->container->spec.tty)
				close_stream(&m->output[1]);
		}
		break;
	case WIRE_STARTED:
	case WIRE_FAILED:
	case WIRE_OUTPUT:
	case WIRE_ERROR:
	case WIRE_EXIT:
	case WIRE_EVENT:
	case WIRE_DONE:
		break; /* ours to say */
	}
}

static void hear_client(struct monitor *m, int index)
{
	int fd = m->clients[index].fd;
	struct wire_message message;
	size_t at = 0;
	bool bad = false;
	int r = wire_read(fd, &m->clients[index].in);

	if (r == -EAGAIN)
		return;
	while (r > 0 && wire_next(&m->clients[index].in, &at, &message, &bad)) {
		obey(m, index, &message);
		if (index >= m->client_count || m->clients[index].fd != fd)
			return; /* it was dropped while being answered */
	}
	if (r <= 0 || bad)
		drop_client(m, index);
	write_input(m);
}

static void welcome(struct monitor *m)
{
	struct wire_attach none = { 0 };
	int fd = accept4(m->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0)
		add_client(m, fd, none, false);
}

/* ---- the start ---- */

static void tell_started(struct monitor *m)
{
	int32_t pid = m->child.pid;

	m->started = true;
	/* Whoever sees the program's output needs no word that it runs. */
	for (int i = m->client_count - 1; i >= 0; i--)
		if (!m->clients[i].streams.output)
			tell(m, i, WIRE_STARTED, &pid, sizeof(pid));
}

static void hear_child(struct monitor *m)
{
	struct trace_event event;
	int fd = -1;

	switch (news_receive(m->child.control, &fd, &event, &m->failure)) {
	case NEWS_EXEC:
		close_stream(&m->child.control);
		if (!m->failed)
			tell_started(m);
		break;
	case NEWS_FAILED:
		m->failed = true;
		break;
	case NEWS_TTY:
		(void)fcntl(fd, F_SETFL, O_NONBLOCK);
		m->output[0] = fd;
		m->input = dup(fd);
		break;
	case NEWS_EVENT:
		trace_deliver(&event);
		break;
	case NEWS_NOTHING:
		break;
	}
}

static int make_pipe(int *ours, int *theirs, bool we_read, struct err *err)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_errno(err, "pipe");
	*ours = pair[we_read ? 0 : 1];
	*theirs = pair[we_read ? 1 : 0];
	/* Reading waits for poll to say that there is something; how much a
	 * pipe takes, only trying can tell. */
	if (!we_read && fcntl(*ours, F_SETFL, O_NONBLOCK) < 0)
		return err_errno(err, "fcntl");
	return 0;
}

static int make_streams(struct monitor *m, struct stages *stages,
			struct err *err)
{
	int r = 0;

	if (m->container->spec.tty)
		return 0;
	if (m->container->spec.open_stdin)
		r = make_pipe(&m->input, &stages->stdio[0], false, err);
	for (int i = 0; i < 2 && r == 0; i++)
		r = make_pipe(&m->output[i], &stages->stdio[i + 1], true, err);
	return r;
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
	m->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			     0);
	if (m->listener < 0)
		return err_errno(err, "socket");
	if (bind(m->listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(m->listener, 16) < 0)
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
	int r = make_streams(m, &stages, err);

	if (r == 0)
		r = listen_for_clients(m, err);
	if (r == 0 && !c->spec.seccomp_off && !c->spec.privileged)
		r = syscalls_prepare(c->spec.caps, &stages.filter, err);
	if (r == 0)
		r = stages_begin(&stages, &m->child, err);
	for (int i = 0; i < 3; i++)
		close_stream(&stages.stdio[i]);
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

static bool clients_keep_up(const struct monitor *m)
{
	for (int i = 0; i < m->client_count; i++)
		if (m->clients[i].queue.len - m->clients[i].sent > QUEUE_HIGH)
			return false;
	return true;
}

enum { AT_PIDFD, AT_CONTROL, AT_OUT, AT_ERR, AT_IN, AT_LISTEN, AT_CLIENTS };

static int wait_for_news(struct monitor *m, struct pollfd *fds, int timeout_ms)
{
	bool read_more = clients_keep_up(m);
	bool input_waits = m->written < m->pending.len;
	int n;

	fds[AT_PIDFD] = (struct pollfd){ m->ended ? -1 : m->child.pidfd, POLLIN,
					 0 };
	fds[AT_CONTROL] = (struct pollfd){ m->child.control, POLLIN, 0 };
	fds[AT_OUT] =
		(struct pollfd){ read_more ? m->output[0] : -1, POLLIN, 0 };
	fds[AT_ERR] =
		(struct pollfd){ read_more ? m->output[1] : -1, POLLIN, 0 };
	fds[AT_IN] = (struct pollfd){ input_waits ? m->input : -1, POLLOUT, 0 };
	fds[AT_LISTEN] = (struct pollfd){ m->listener, POLLIN, 0 };
	for (int i = 0; i < m->client_count; i++) {
		struct client *c = &m->clients[i];
		short events = 0;

		if (m->pending.len < INPUT_HIGH)
			events |= POLLIN;
		if (c->sent < c->queue.len)
			events |= POLLOUT;
		fds[AT_CLIENTS + i] = (struct pollfd){ c->fd, events, 0 };
	}
	n = poll(fds, (nfds_t)(AT_CLIENTS + m->client_count), timeout_ms);
	return n < 0 && errno == EINTR ? 0 : n;
}

static void serve_clients(struct monitor *m, const struct pollfd *fds)
{
	for (int i = m->client_count - 1; i >= 0; i--) {
		short got = fds[AT_CLIENTS + i].revents;
		int fd = m->clients[i].fd;

		if (fd != fds[AT_CLIENTS + i].fd)
			continue; /* the list has changed: next round */
		if (got & POLLOUT)
			flush_client(m, i);
		if (i < m->client_count && m->clients[i].fd == fd &&
		    (got & (POLLIN | POLLHUP | POLLERR)))
			hear_client(m, i);
	}
}

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

static void round_of_news(struct monitor *m, const struct pollfd *fds)
{
	if (fds[AT_CONTROL].revents)
		hear_child(m);
	for (int i = 0; i < 2; i++) {
		if (fds[AT_OUT + i].revents & POLLIN)
			read_output(m, i);
		else if (fds[AT_OUT + i].revents)
			close_stream(&m->output[i]); /* all writers left */
	}
	if (fds[AT_IN].revents)
		write_input(m);
	if (fds[AT_LISTEN].revents)
		welcome(m);
	serve_clients(m, fds);
	if (m->input_ends)
		write_input(m);
	if (fds[AT_PIDFD].revents)
		reap(m);
}

static void watch(struct monitor *m)
{
	struct pollfd fds[AT_CLIENTS + MAX_CLIENTS];

	while (!m->ended)
		if (wait_for_news(m, fds, -1) > 0)
			round_of_news(m, fds);
	/* A very short program may end before its start was heard of. */
	while (m->child.control >= 0)
		hear_child(m);
	/* What it printed is still in the pipes. All its processes are gone, so
	 * the end comes at once, unless one gave its end away. */
	while (m->output[0] >= 0 || m->output[1] >= 0) {
		int n = wait_for_news(m, fds, DRAIN_MS);

		if (n == 0 && clients_keep_up(m))
			break;
		if (n > 0)
			round_of_news(m, fds);
	}
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
	struct pollfd fds[AT_CLIENTS + MAX_CLIENTS];
	int32_t code = m->exit_code;

	if (m->failed)
		tell_all(m, WIRE_FAILED, &m->failure, sizeof(m->failure));
	else
		tell_all(m, WIRE_EXIT, &code, sizeof(code));
	/* Clients read at their own pace; meanwhile the container is free for
	 * others. */
	for (;;) {
		bool waiting = false;

		for (int i = 0; i < m->client_count; i++)
			waiting |= m->clients[i].sent < m->clients[i].queue.len;
		if (!waiting)
			break;
		close_stream(&m->folder_fd);
		if (wait_for_news(m, fds, -1) > 0)
			serve_clients(m, fds);
	}
}

static void leave_home(struct monitor *m)
{
	char path[40];

	snprintf(path, sizeof(path), "run/%.12s.sock", m->container->spec.id);
	(void)unlinkat(m->home->fd, path, 0);
}

/* A process of its own: no terminal, no folder, no stream of whoever started
 * it, so that `$(run -d ...)` ends when the starter does. */
static void leave_starter(const struct monitor_start *start, int client_fd)
{
	int keep[] = { start->home->fd, start->folder_fd, client_fd };
	int null_fd = open("/dev/null", O_RDWR);
	sigset_t pipe_only;

	(void)setsid();
	for (int i = 0; i < 3 && null_fd >= 0; i++)
		(void)dup2(null_fd, i);
	sys_close_all_but(3, keep, 3);
	(void)!chdir("/");
	(void)prctl(PR_SET_NAME, "dsh-monitor");
	/* Only blocked, not ignored: ignoring would be inherited. */
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	sigprocmask(SIG_SETMASK, &pipe_only, NULL);
}

static _Noreturn void monitor_main(const struct monitor_start *start,
				   int client_fd, bool traced)
{
	static struct monitor monitor; /* 64 clients are much for a stack */
	struct monitor *m = &monitor;

	*m = (struct monitor){
		.home = start->home,
		.container = start->container,
		.folder_fd = start->folder_fd,
		.child = { .pidfd = -1, .control = -1 },
		.output = { -1, -1 },
		.input = -1,
		.listener = -1,
	};
	leave_starter(start, client_fd);
	trace_to_pipe(-1);
	add_client(m, client_fd, start->streams, true);
	if (traced)
		(void)trace_add_sink(send_event, m);
	log_open(&m->log, m->folder_fd);
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
