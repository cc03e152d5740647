/* runtime/forward.c - see forward.h
 *
 * Strangers come to these ports. What they send is never looked at, only carried;
 * what they can take is bounded: so many connections and senders, each with a few
 * descriptors and what the kernel holds for a socket. Nobody is waited for: every
 * socket is non-blocking, and one that has much to carry takes turns with the
 * others. */
#include "runtime/forward.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/trace.h"
#include "runtime/calls.h"
#include "runtime/forward_parts.h"
#include "runtime/publish.h"
#include "runtime/sys.h"

enum {
	ROUND = 64,       /* events taken at a time */
	TICK_MS = 1000,   /* how often what has its time is looked at */
	MOST_LINKS = 4096,
	MOST_FLOWS = 1024,
	LINK_FDS = 6,     /* two sockets, two pipes */
	SPARE_FDS = 32,
};

int forward_watch(struct forwarder *f, struct watched *watched,
		  uint32_t events)
{
	struct epoll_event event = { .events = events,
				     .data.ptr = watched };

	return epoll_ctl(f->epoll_fd, EPOLL_CTL_ADD, watched->fd, &event);
}

/* ---- how much there is place for ---- */

/* As many descriptors as this account may have, shared out. */
static void share_out(struct forwarder *f, bool has_udp)
{
	struct rlimit limit = { 0 };
	rlim_t left;

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	left = (rlim_t)f->listener_count + SPARE_FDS +
	       2 * (rlim_t)FORWARD_PIPES_KEPT;
	left = limit.rlim_cur > left ? limit.rlim_cur - left : 0;
	f->most_flows = 0;
	if (has_udp)
		f->most_flows = left / 4 < MOST_FLOWS ? (int)(left / 4)
						      : MOST_FLOWS;
	left = (left - (rlim_t)f->most_flows) / LINK_FDS;
	f->most_links = left < MOST_LINKS ? (int)left : MOST_LINKS;
	if (f->most_links < 1)
		f->most_links = 1;
}

static void listen_at_all(struct forwarder *f, const struct publish *publish,
			  struct in_addr container)
{
	bool has_udp = false;

	f->listener_count = (int)publish->count;
	f->listeners = mem_zero(publish->count + 1, sizeof(*f->listeners));
	for (size_t i = 0; i < publish->count; i++) {
		const struct publish_socket *socket = &publish->items[i];
		struct listener *l = &f->listeners[i];

		l->watched.fd = socket->fd;
		l->watched.serve = socket->udp ? forward_udp_listen
					       : forward_tcp_listen;
		l->to.sin_family = AF_INET;
		l->to.sin_addr = container;
		l->to.sin_port = htons(socket->inside);
		has_udp = has_udp || socket->udp;
		(void)forward_watch(f, &l->watched, EPOLLIN);
	}
	share_out(f, has_udp);
}

/* ---- the loop ---- */

/* Who is in the middle of something is not waited for; who has a time to be
 * looked at is not forgotten; and where nobody is here at all it sleeps. */
static int time_to_wait(const struct forwarder *f)
{
	if (f->ready)
		return 0;
	return f->deaf || f->newest ? TICK_MS : -1;
}

_Noreturn void forward_serve(const struct publish *publish,
			     struct in_addr container)
{
	static struct forwarder forwarder;
	struct forwarder *f = &forwarder;
	struct epoll_event events[ROUND];
	int64_t ticked_ms = 0;

	f->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	listen_at_all(f, publish, container);
	for (;;) {
		int count = epoll_wait(f->epoll_fd, events, ROUND,
				       time_to_wait(f));

		if (count < 0 && errno != EINTR)
			_exit(1);
		f->now_ms = clock_ms();
		for (int i = 0; i < count; i++) {
			struct watched *watched = events[i].data.ptr;

			watched->serve(f, watched, events[i].events);
		}
		forward_tcp_go_on(f);
		if (f->now_ms - ticked_ms >= TICK_MS) {
			forward_tcp_tick(f);
			forward_udp_tick(f);
			ticked_ms = f->now_ms;
		}
		forward_tcp_sweep(f);
		forward_udp_sweep(f);
	}
}

/* ---- the process ---- */

static _Noreturn void forward_main(const struct publish *publish,
				   struct in_addr container, pid_t parent)
{
	int *keep = mem_zero(publish->count + 1, sizeof(*keep));

	/* It goes when its monitor goes, even when that is killed. The monitor
	 * may have gone before this was said. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	trace_to_pipe(-1);
	(void)prctl(PR_SET_NAME, "dsh-forward");
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	for (size_t i = 0; i < publish->count; i++)
		keep[i] = publish->items[i].fd;
	sys_close_all_but(3, keep, (int)publish->count);
	free(keep);
	forward_serve(publish, container);
}

int forward_begin(const struct publish *publish, struct in_addr container,
		  struct forward *out, struct err *err)
{
	pid_t parent = getpid();
	pid_t pid;

	trace_note(_("for %zu listening sockets"), publish->count);
	trace_begin();
	pid = fork();
	if (pid == 0)
		forward_main(publish, container, parent);
	call_forked(TRACE_FORWARD, pid);
	if (pid < 0)
		return err_errno(err, "fork the forwarder");
	*out = (struct forward){ pid, container };
	return 0;
}

void forward_end(struct forward *forward)
{
	if (forward->pid <= 0)
		return;
	(void)kill(forward->pid, SIGKILL);
	while (waitpid(forward->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	*forward = (struct forward){ 0 };
}
