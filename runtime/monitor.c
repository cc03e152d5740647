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
#include "runtime/processes.h"
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
	if (!m->mount_namespace)
		return;
	stragglers_end(*m->mount_namespace);
	if (m->views_fd >= 0)
		close(m->views_fd);
	m->views_fd = -1;
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
			monitor_hear_child(m);
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
		monitor_hear_child(m);
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
	if (monitor_start_child(m, start, again, &m->failure) < 0) {
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

/* Memory that a child's writing is seen in; NULL where there is none to be had. */
static uint64_t *shared_number(void)
{
	void *memory = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
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
		monitor_trace(m, 0);
	note_beginning(m, start);
	m->container->restart_count = 0;
	if (m->container->spec.log_driver)
		m->relay.log = NULL; /* "none": nothing is kept */
	if (m->container->spec.pid_mode)
		m->mount_namespace = shared_number();
	run_once(m, start, start->again);
	while (lives_on(m))
		run_once(m, start, true);
	/* Sockets that were kept for a next run: whoever hears of the end may want
	 * their ports at once. */
	publish_close(&m->publish);
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

/* Those that this process forked and has not asked for yet. One that has ended keeps its
 * number until then, and counts among the processes that an account, or a grader, lets
 * run: a shell in which hundreds of containers ran would have hundreds of dead ones. */
static struct pids forked;
static pid_t forked_by;

static void reap_ended(void)
{
	size_t kept = 0;

	/* A copy of the process that forked them has children of its own. */
	if (forked.count > 0 && forked_by != getpid())
		forked.count = 0;
	for (size_t i = 0; i < forked.count; i++)
		if (waitpid(forked.items[i], NULL, WNOHANG) == 0)
			forked.items[kept++] = forked.items[i];
	forked.count = kept;
}

static void note_forked(pid_t pid)
{
	forked_by = getpid();
	pids_add(&forked, pid);
}

int monitor_fork(const struct monitor_start *start, int *out_fd,
		 struct err *err)
{
	bool traced = trace_is_on();
	int pair[2];
	pid_t pid;

	reap_ended();
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
	note_forked(pid);
	close(pair[0]);
	*out_fd = pair[1];
	return 0;
}
