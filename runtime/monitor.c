/* runtime/monitor.c - see monitor.h
 *
 * One loop over poll(2): process 1 ends (its pidfd), its start goes on or fails
 * (control), what relay.h carries between it and its clients, and what has its
 * time (health checks, the grace of a stop).
 *
 *   start --> watch --> end --+--> say so, and end too
 *     ^                       |
 *     +----- back-off <-------+    by its restart policy, or by `restart`
 *
 * For whoever is attached, follows the log or waits, a container that is started
 * again has ended, as in Docker: its clients are told so at each end. */
#include "runtime/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "runtime/calls.h"
#include "runtime/container_files.h"
#include "runtime/ending.h"
#include "runtime/home.h"
#include "runtime/keeper.h"
#include "runtime/monitor_parts.h"
#include "runtime/namespaces.h"
#include "runtime/news.h"
#include "runtime/oci_spec.h"
#include "runtime/rights.h"
#include "runtime/stragglers.h"
#include "runtime/sys.h"
#include "runtime/volumes.h"

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

/* ---- the start ---- */

static void tell_started(struct monitor *m)
{
	int32_t pid = m->child.pid;

	m->started = true;
	volumes_add_events(&m->event_lines, &m->container->spec, "mount");
	monitor_event(m, "start", NULL, NULL);
	if (m->how == WIRE_TO_RESTART && m->restarting)
		monitor_event(m, "restart", NULL, NULL);
	monitor_events_write(m, false);
	m->restarting = false;
	health_begin(&m->health, m->home, m->container, m->folder_fd,
		     m->child.pidfd);
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
		event.pid = m->child.pid; /* it calls itself 1 */
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

/* Memory that a child's writing is seen in; NULL where there is none to be had. */
static uint64_t *shared_number(void)
{
	void *memory = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* Taking a mount namespace down takes the kernel about a millisecond, which the
 * last process in it has to stay for. One that is not needed again, and shows no
 * folder of the machine's, is held here and ends with the monitor: by then its
 * client knows the exit code. */
static void keep_views(struct monitor *m)
{
	const struct spec *spec = &m->container->spec;
	char path[40];

	if (!spec->auto_remove || spec->mounts.count)
		return;
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", m->child.pid);
	m->views_fd = open(path, O_RDONLY | O_CLOEXEC);
}

/* What is of the machine's own network is opened first: the monitor may have left it
 * after that. */
static int go_to_networks(struct monitor *m, struct err *err)
{
	struct spec *spec = &m->container->spec;
	int r = monitor_ports_open(m, err);

	if (r == 0)
		r = monitor_names_prepare(m, err);
	if (r == 0)
		r = net_begin(&m->net, m->home, spec, err);
	return r < 0 ? r : container_files_write_etc(m->home, m->folder_fd,
						     spec, err);
}

/* The child is on its way: meanwhile it is given its networks. */
static int give_networks(struct monitor *m, struct err *err)
{
	struct spec *spec = &m->container->spec;
	int r;

	if (!m->net.count)
		return monitor_ports_begin(m, err);
	r = net_attach(&m->net, m->child.pid, err);
	if (r < 0)
		r = net_refused(&m->net, spec, err);
	m->networked = r == 0 && m->net.count > 0;
	if (m->networked)
		r = monitor_names_begin(m, err);
	return r < 0 ? r : monitor_ports_begin(m, err);
}

/* What could not be had is said to whoever started it. */
static void say_why(struct monitor *m)
{
	for (int i = m->relay.client_count - 1; i >= 0 && m->net.why[0]; i--)
		if (m->relay.clients[i].starter)
			relay_tell(&m->relay, i, WIRE_WORD, m->net.why,
				   strlen(m->net.why) + 1);
}

static int start_child(struct monitor *m, const struct monitor_start *start,
		       bool again, struct err *err)
{
	struct container *c = m->container;
	struct namespaces joined = NAMESPACES_NONE;
	struct stages stages = {
		.home = start->home,
		.spec = &c->spec,
		.stdio = { -1, -1, -1 },
		.again = again,
		.size = start->size,
		.namespaces = &joined,
		.net = &m->net,
		.mount_namespace = m->mount_namespace,
		.cgroup = &m->controls.cgroup,
	};
	struct err ignored = { 0 };
	bool waits = false;
	int r = c->spec.tty ? 0 :
			      relay_make_pipes(&m->relay,
					       c->spec.open_stdin,
					       stages.stdio, err);

	if (r == 0 && m->relay.listener < 0)
		r = listen_for_clients(m, err);
	if (r == 0)
		r = rights_filter(&c->spec, &stages.filter, err);
	if (r == 0)
		r = go_to_networks(m, err);
	if (r == 0)
		r = namespaces_open(start->home, &c->spec, &joined, err);
	if (r == 0)
		r = controls_begin(&m->controls, &c->spec, err);
	close_fd(&m->views_fd);
	if (r == 0)
		r = stages_begin(&stages, &m->child, err);
	waits = r == 0 && m->net.count;
	if (r == 0)
		r = give_networks(m, err);
	if (r == 0)
		keep_views(m);
	say_why(m);
	namespaces_close(&joined);
	syscalls_done(&stages.filter);
	for (int i = 0; i < 3; i++)
		close_fd(&stages.stdio[i]);
	if (r == 0)
		r = monitor_record_start(m, again, err);
	else
		controls_end(&m->controls, c, false);
	/* Written down first: its own name server reads there what its program may
	 * ask for at once. */
	if (r == 0 && waits)
		r = stages_say_networks(&m->child, m->net.count > 0, err);
	if (r == 0 && m->networked)
		monitor_names_known(m);
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
	int r;

	trace_begin();
	r = waitid(P_PIDFD, (id_t)m->child.pidfd, &info, WEXITED);
	call_waited(TRACE_EXIT, m->child.pidfd, &info, r);
	if (r < 0)
		info.si_status = 255; /* cannot happen to a parent; say so */
	else if (info.si_code != CLD_EXITED)
		m->end_signal = info.si_status;
	m->exit_code = m->end_signal ? 128 + m->end_signal : info.si_status;
	m->ended = true;
	if (m->mount_namespace)
		stragglers_end(*m->mount_namespace);
}

/* How long to wait for news: until the next thing that has its time. */
static int time_left(const struct monitor *m)
{
	const int64_t times[] = { m->kill_at_ms, m->health.due_ms,
				  m->relay.give_up_ms };
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (times[i] && times[i] < next)
			next = times[i];
	if (next == INT64_MAX)
		return -1;
	next -= clock_ms();
	return next < 0 ? 0 : next > INT32_MAX ? INT32_MAX : (int)next;
}

enum { AT_PIDFD, AT_CONTROL, AT_HEALTH, AT_RELAY };

/* The step of a build ends with whoever builds. */
static void check_starter(struct monitor *m)
{
	if (!m->container->spec.for_layer || m->orphaned ||
	    relay_has_starter(&m->relay))
		return;
	m->orphaned = true;
	(void)sys_pidfd_send_signal(m->child.pidfd, SIGKILL);
}

static void watch(struct monitor *m)
{
	struct pollfd fds[AT_RELAY + RELAY_MAX_FDS];

	while (!m->ended) {
		int count = relay_watch(&m->relay, fds + AT_RELAY);
		int news;

		fds[AT_PIDFD] = (struct pollfd){ m->child.pidfd, POLLIN, 0 };
		fds[AT_CONTROL] = (struct pollfd){ m->child.control, POLLIN, 0 };
		fds[AT_HEALTH] = (struct pollfd){ m->health.fd, POLLIN, 0 };
		news = poll(fds, AT_RELAY + (nfds_t)count, time_left(m));
		if (news < 0)
			continue; /* EINTR */
		if (fds[AT_CONTROL].revents)
			hear_child(m);
		if (news > 0)
			relay_serve(&m->relay, fds + AT_RELAY);
		check_starter(m);
		monitor_check_stop(m);
		if (m->health.due_ms && health_serve(&m->health))
			monitor_record_health(m);
		if (fds[AT_PIDFD].revents)
			reap(m);
	}
	health_end(&m->health);
	monitor_ports_end(m);
	/* A very short program may end before its start was heard of. */
	while (m->child.control >= 0)
		hear_child(m);
	relay_drain(&m->relay, -1);
	relay_close_streams(&m->relay);
	controls_end(&m->controls, m->container,
		     m->exit_code == 128 + SIGKILL);
}

/* One run of process 1, from its start to its last byte. */
static void run_once(struct monitor *m, const struct monitor_start *start,
		     bool again)
{
	close_fd(&m->child.pidfd);
	m->before = m->container->status;
	m->started = m->failed = m->ended = m->asked = m->stopping = false;
	m->networked = false;
	m->kill_at_ms = 0;
	m->failure = (struct err){ 0 };
	m->exit_code = m->end_signal = 0;
	m->started_ms = clock_ms();
	log_open(&m->log, m->folder_fd, &m->container->spec);
	if (start_child(m, start, again, &m->failure) < 0) {
		m->failed = true;
		/* Born, but its record could not be written. */
		if (m->child.pidfd >= 0)
			(void)sys_pidfd_send_signal(m->child.pidfd, SIGKILL);
	}
	if (m->child.pidfd >= 0)
		watch(m);
	monitor_ports_end(m);
	net_end(&m->net, &m->container->spec);
	log_close(&m->log);
	if (!m->failed) {
		const struct ending_seen seen = { m->end_signal,
						  m->controls.oom_kills,
						  m->controls.memory_limit };
		char extra[32];

		ending_note_end(&m->event_lines, m->container->spec.id, &seen);
		snprintf(extra, sizeof(extra), "exitCode=%d", m->exit_code);
		if (m->container->oom_killed)
			monitor_event(m, "oom", NULL, NULL);
		monitor_event(m, "die", extra, NULL);
		if (m->networked)
			monitor_network_events(m, "disconnect");
		volumes_add_events(&m->event_lines, &m->container->spec,
				   "unmount");
		if (m->stopping)
			monitor_event(m, "stop", NULL, NULL);
	}
}

/* ---- the end ---- */

static void say_exit(struct monitor *m)
{
	int32_t code = m->exit_code;

	relay_tell_all(&m->relay, WIRE_EXIT, &code, sizeof(code));
}

static bool is_starters(const struct monitor *m)
{
	return m->container->spec.for_layer && !m->failed && !m->exit_code &&
	       !m->orphaned;
}

static void say_end(struct monitor *m)
{
	struct err ignored = { 0 };

	bool removes = monitor_removes(m) && !is_starters(m);

	/* Whoever looks at the steps wants to see them all. */
	if (removes && trace_is_on()) {
		(void)container_files_clear(m->home, m->folder_fd,
					    &m->container->spec, &ignored);
		removes = false;
	}
	/* Whoever hears of the end may want to start or remove it at once. */
	if (!monitor_removes(m))
		close_fd(&m->folder_fd);
	if (m->failed)
		relay_tell_all(&m->relay, WIRE_FAILED, &m->failure, sizeof(m->failure));
	else
		say_exit(m);
	/* With --rm nobody finds it any more: its files go while its client is
	 * on its way out already. What cannot be removed is left to a sweep.
	 * The files of a build's step that ended well are its starter's. */
	if (removes)
		(void)container_files_clear(m->home, m->folder_fd,
					    &m->container->spec, &ignored);
	/* Clients read at their own pace; meanwhile the container is free for
	 * others. */
	close_fd(&m->folder_fd);
	if (relay_is_behind(&m->relay))
		relay_flush(&m->relay);
}

static void leave_home(struct monitor *m)
{
	char path[40];

	snprintf(path, sizeof(path), "run/%.12s.sock", m->container->spec.id);
	(void)unlinkat(m->home->fd, path, 0);
}

/* ---- and again ---- */

/* Serves clients until it is time. Returns false when somebody asked for the
 * end instead. */
static bool back_off(struct monitor *m, int64_t delay_ms)
{
	struct pollfd fds[RELAY_MAX_FDS];
	int64_t end = clock_ms() + delay_ms;

	m->asked = false;
	while (!m->asked || m->how == WIRE_TO_RESTART) {
		int64_t left = m->asked ? 0 : end - clock_ms();
		int count = relay_watch(&m->relay, fds);

		if (left <= 0)
			return true;
		if (poll(fds, (nfds_t)count, (int)left) > 0)
			relay_serve(&m->relay, fds);
	}
	return false;
}

/* Whether the container goes on living after this run of it. */
static bool lives_on(struct monitor *m)
{
	int64_t delay_ms = 0;
	struct restart_end end = {
		.exit_code = m->exit_code,
		.ran_ms = clock_ms() - m->started_ms,
		.asked = m->asked,
	};

	if (m->failed)
		return false;
	if (!m->container->spec.auto_remove)
		monitor_record_refresh(m); /* `update` may have set a policy */
	if (m->stopping && m->how == WIRE_TO_RESTART) {
		m->container->restart_count = 0;
		m->restart = (struct restart){ 0 };
		m->restarting = true;
		monitor_events_write(m, false);
		say_exit(m);
		relay_end_streams(&m->relay);
		return true;
	}
	end.count = m->container->restart_count;
	if (!restart_is_due(&m->restart, &m->container->spec, &end, &delay_ms))
		return false;
	m->how = WIRE_TO_STOP;
	m->restarting = true;
	monitor_record_restarting(m);
	monitor_events_write(m, false);
	say_exit(m);
	relay_end_streams(&m->relay);
	return back_off(m, delay_ms);
}

/* What the start of a container that was not there before, or is not running, is
 * told of in events. */
static void note_beginning(struct monitor *m, const struct monitor_start *start)
{
	if (!start->again)
		monitor_event_at(m, m->container->created_ns, "create");
	if (start->streams.output || start->streams.error ||
	    start->streams.input)
		monitor_event(m, "attach", NULL, NULL);
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
		.health = { .fd = -1 },
		.events_fd = -1,
		.views_fd = -1,
		.net = NET_NONE,
		.names = DNS_HELPER_NONE,
	};
	relay_init(&m->relay);
	m->relay.tty = m->container->spec.tty;
	m->relay.stdin_once = m->container->spec.stdin_once;
	m->relay.log = &m->log;
	m->relay.obey = monitor_obey;
	m->relay.arg = m;
	controls_init(&m->controls, m->folder_fd);
	/* No terminal, no folder, no stream of whoever started it, so that
	 * `$(run -d ...)` ends when the starter does. */
	keeper_leave_starter("dsh-monitor", keep, 3);
	trace_to_pipe(-1);
	trace_as(TRACE_MONITOR);
	relay_add_client(&m->relay, client_fd, start->streams, true);
	if (traced)
		(void)trace_add_sink(send_event, m);
	note_beginning(m, start);
	m->container->restart_count = 0;
	if (m->container->spec.log_driver)
		m->relay.log = NULL; /* "none": nothing is kept */
	if (m->container->spec.pid_mode)
		m->mount_namespace = shared_number();
	run_once(m, start, start->again);
	while (lives_on(m))
		run_once(m, start, true);
	/* A stop that came while it was waited for. */
	if (m->restarting && m->stopping)
		monitor_event(m, "stop", NULL, NULL);
	leave_home(m);
	monitor_record_end(m);
	/* Whether the file of events has grown too large is a question that
	 * some of many ask, so that each start is spared it. */
	monitor_events_write(m, m->child.pid % 16 == 0);
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
	lang_prepare(); /* none is to be looked for in the container's root */
	trace_begin();
	pid = fork();
	if (pid != 0)
		call_forked(TRACE_FORK_MONITOR, pid);
	if (pid < 0) {
		err_errno(err, "fork the monitor");
		close(pair[0]);
		close(pair[1]);
		return -err->code;
	}
	if (pid == 0)
		monitor_main(start, pair[0], traced);
	close(pair[0]);
	*out_fd = pair[1];
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
		return err_set(err, ESRCH, _("the container %.12s has no monitor"),
			       id);
	return own_give_fd(&fd);
}

void monitor_tell_changed(const struct home *home, const char *id)
{
	struct err ignored = { 0 };
	OWN_FD int fd = monitor_connect(home, id, &ignored);

	if (fd >= 0)
		(void)wire_send(fd, WIRE_CHANGED, NULL, 0);
}
