/* runtime/forward_tcp.c - connections through a published port.
 *
 *   client socket --splice--> pipe --splice--> container socket
 *   client socket <--splice-- pipe <--splice-- container socket
 *
 * splice(2) moves pages from socket to socket by way of a pipe, and no byte of them
 * comes into this process. A way has a pipe only while there is something in it,
 * so that one who connects and is silent costs two descriptors.
 *
 * - Whoever reads slowly is waited for by the pipe, which is not filled again before
 *   it is empty; the socket behind it fills up, and so the sender is slowed down.
 * - An end of input is passed on once everything before it is through (half-close);
 *   the other way stays open.
 * - A connection that breaks is broken on the other side too: half of a page must
 *   not look like a whole one.
 *
 * epoll says once that a socket has become readable or writable (EPOLLET). That is
 * remembered until the kernel says EAGAIN. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/forward_parts.h"

enum {
	PIPE_BYTES = 256 << 10, /* wished for; the kernel may give 64 KiB */
	TURN_BYTES = 1 << 20,   /* carried before it is another's turn */
	ACCEPTS = 64,           /* let in at a time */
	IDLE_MS = 10000,        /* who is silent for that long may be sent off */
	KEEPALIVE_S = 15,       /* as Docker's */
	CLIENT = 0,
	CONTAINER = 1,
};

/* One side of a link. */
struct side {
	struct watched watched;
	struct link *link;
	bool readable;
	bool writable;
};

/* From side [i] to the other. */
struct way {
	struct forward_pipe pipe; /* {0, 0}: none */
	size_t held;              /* bytes in it */
	bool ended;               /* the sender sends no more */
	bool shut;                /* and the receiver was told */
};

struct link {
	struct side sides[2];
	struct way ways[2];
	bool connected;
	bool waits; /* in f->ready */
	bool over;
	int64_t used_ms;
	struct link *newer;
	struct link *older;
	struct link *next; /* in f->ready, then f->ended */
};

/* ---- pipes ---- */

static int take_pipe(struct forwarder *f, struct way *way)
{
	if (way->pipe.ends[1])
		return 0;
	if (f->pipe_count) {
		way->pipe = f->pipes[--f->pipe_count];
		return 0;
	}
	if (pipe2(way->pipe.ends, O_CLOEXEC | O_NONBLOCK) < 0) {
		way->pipe = (struct forward_pipe){ 0 };
		return -1;
	}
	/* A plain user may have only so much of it: then it stays smaller. */
	(void)fcntl(way->pipe.ends[1], F_SETPIPE_SZ, PIPE_BYTES);
	return 0;
}

static void close_pipe(struct way *way)
{
	if (way->pipe.ends[1]) {
		close(way->pipe.ends[0]);
		close(way->pipe.ends[1]);
	}
	way->pipe = (struct forward_pipe){ 0 };
	way->held = 0;
}

static void give_pipe(struct forwarder *f, struct way *way)
{
	if (!way->pipe.ends[1] || way->held)
		return;
	if (f->pipe_count == FORWARD_PIPES_KEPT) {
		close_pipe(way);
		return;
	}
	f->pipes[f->pipe_count++] = way->pipe;
	way->pipe = (struct forward_pipe){ 0 };
}

/* ---- the list ---- */

static void unlist(struct forwarder *f, struct link *link)
{
	if (link->newer)
		link->newer->older = link->older;
	else
		f->links.first = link->older;
	if (link->older)
		link->older->newer = link->newer;
	else
		f->links.last = link->newer;
	link->newer = link->older = NULL;
	f->links.count--;
}

static void list_first(struct forwarder *f, struct link *link)
{
	link->used_ms = f->now_ms;
	link->older = f->links.first;
	if (f->links.first)
		f->links.first->newer = link;
	else
		f->links.last = link;
	f->links.first = link;
	f->links.count++;
}

static void note_use(struct forwarder *f, struct link *link)
{
	link->used_ms = f->now_ms;
	if (f->links.first == link)
		return;
	unlist(f, link);
	list_first(f, link);
}

/* ---- its end ---- */

static void set_listening(struct forwarder *f, bool on)
{
	f->deaf = !on;
	for (int i = 0; i < f->listener_count; i++) {
		struct watched *watched = &f->listeners[i].watched;
		struct epoll_event event = { .events = on ? EPOLLIN : 0,
					     .data.ptr = watched };

		if (watched->serve == forward_tcp_listen)
			(void)epoll_ctl(f->epoll_fd, EPOLL_CTL_MOD,
					watched->fd, &event);
	}
}

/* What was not carried to its end is reset: no linger. */
static void break_off(struct forwarder *f, struct link *link, bool reset)
{
	struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	if (link->over)
		return;
	link->over = true;
	unlist(f, link);
	for (int i = 0; i < 2; i++) {
		int fd = link->sides[i].watched.fd;

		close_pipe(&link->ways[i]);
		if (fd < 0)
			continue;
		if (reset)
			(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once,
					 sizeof(at_once));
		close(fd);
	}
	if (!link->waits) {
		link->next = f->ended;
		f->ended = link;
	}
}

void forward_tcp_sweep(struct forwarder *f)
{
	bool any = f->ended != NULL;

	while (f->ended) {
		struct link *link = f->ended;

		f->ended = link->next;
		free(link);
	}
	if (any && f->deaf && f->links.count < f->most_links)
		set_listening(f, true);
}

void forward_tcp_tick(struct forwarder *f)
{
	/* Too many descriptors were open, here or in the whole machine; or all
	 * places were taken by some who may have been silent since. */
	if (f->deaf)
		set_listening(f, true);
}

/* ---- carrying ---- */

enum moved { NOTHING, SOME, BROKEN };

/* Into the pipe. An empty pipe that takes nothing means an empty socket. */
static enum moved fill(struct forwarder *f, struct side *from, struct way *way)
{
	ssize_t got;

	if (way->ended || way->held || !from->readable)
		return NOTHING;
	if (take_pipe(f, way) < 0)
		return BROKEN;
	got = splice(from->watched.fd, NULL, way->pipe.ends[1], NULL,
		     PIPE_BYTES, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (got > 0) {
		way->held = (size_t)got;
		return SOME;
	}
	if (got == 0) {
		way->ended = true;
		return SOME;
	}
	if (errno == EINTR)
		return SOME;
	from->readable = false;
	return errno == EAGAIN ? NOTHING : BROKEN;
}

static enum moved drain(struct side *to, struct way *way)
{
	ssize_t put;

	if (!to->writable)
		return NOTHING;
	if (!way->held) {
		if (!way->ended || way->shut)
			return NOTHING;
		way->shut = true;
		return shutdown(to->watched.fd, SHUT_WR) == 0 ? SOME : BROKEN;
	}
	put = splice(way->pipe.ends[0], NULL, to->watched.fd, NULL, way->held,
		     SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (put > 0) {
		way->held -= (size_t)put;
		return SOME;
	}
	if (put < 0 && errno == EINTR)
		return SOME;
	to->writable = false;
	return put < 0 && errno != EAGAIN ? BROKEN : NOTHING;
}

/* Whether it could go on when its turn was over. */
static enum moved carry(struct forwarder *f, struct link *link, int i)
{
	struct way *way = &link->ways[i];
	size_t carried = 0;

	while (carried < TURN_BYTES) {
		enum moved in = fill(f, &link->sides[i], way);
		enum moved out = NOTHING;

		carried += in == SOME ? way->held : 0;
		if (in != BROKEN)
			out = drain(&link->sides[1 - i], way);
		if (in == BROKEN || out == BROKEN)
			return BROKEN;
		if (in == NOTHING && out == NOTHING) {
			give_pipe(f, way);
			return NOTHING;
		}
	}
	return SOME;
}

static void wait_for_turn(struct forwarder *f, struct link *link)
{
	if (link->waits)
		return;
	link->waits = true;
	link->next = f->ready;
	f->ready = link;
}

static void pump(struct forwarder *f, struct link *link)
{
	enum moved there;
	enum moved back;

	if (!link->connected)
		return;
	there = carry(f, link, CLIENT);
	back = there == BROKEN ? BROKEN : carry(f, link, CONTAINER);
	if (there == BROKEN || back == BROKEN)
		break_off(f, link, true);
	else if (link->ways[0].shut && link->ways[1].shut)
		break_off(f, link, false);
	else if (there == SOME || back == SOME)
		wait_for_turn(f, link);
}

void forward_tcp_go_on(struct forwarder *f)
{
	struct link *link = f->ready;

	f->ready = NULL;
	while (link) {
		struct link *next = link->next;

		link->waits = false;
		if (link->over) {
			link->next = f->ended;
			f->ended = link;
		} else {
			pump(f, link);
		}
		link = next;
	}
}

/* ---- news ---- */

/* The connection to the container stands, or was refused: then nobody listens inside.
 * The client was let in already, and is sent off as by docker-proxy: it hears an end, and
 * where it has spoken before, a reset. With a reset at once it could look as if nobody had
 * let it in. */
static bool hear_connected(struct forwarder *f, struct link *link)
{
	int error = 0;
	socklen_t size = sizeof(error);

	if (link->connected)
		return true;
	if (getsockopt(link->sides[CONTAINER].watched.fd, SOL_SOCKET, SO_ERROR,
		       &error, &size) < 0 ||
	    error) {
		break_off(f, link, false);
		return false;
	}
	link->connected = true;
	return true;
}

static void serve_side(struct forwarder *f, struct watched *watched,
		       uint32_t events)
{
	struct side *side = (struct side *)watched;
	struct link *link = side->link;

	if (link->over)
		return;
	note_use(f, link);
	/* A client that broke off before the container answered. */
	if (events & EPOLLERR && !link->connected &&
	    side == &link->sides[CLIENT]) {
		break_off(f, link, true);
		return;
	}
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		side->readable = true;
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		side->writable = true;
	if (side == &link->sides[CONTAINER] && side->writable &&
	    !hear_connected(f, link))
		return;
	pump(f, link);
}

/* ---- a new one ---- */

/* As Docker sets them: small pieces are sent at once, and one whose other end has
 * vanished (a pulled cable) is found out. */
static void set_options(int fd)
{
	int on = 1;
	int seconds = KEEPALIVE_S;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds,
			 sizeof(seconds));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &seconds,
			 sizeof(seconds));
}

static struct link *make_link(struct forwarder *f, int client, int container)
{
	const int fds[] = { client, container };
	struct link *link = mem_zero(1, sizeof(*link));

	for (int i = 0; i < 2; i++) {
		link->sides[i].watched.fd = fds[i];
		link->sides[i].watched.serve = serve_side;
		link->sides[i].link = link;
		set_options(fds[i]);
	}
	list_first(f, link);
	return link;
}

/* Takes the client's descriptor. false: descriptors have run out. */
static bool let_in(struct forwarder *f, const struct listener *l, int client)
{
	const uint32_t events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
	int container = socket(AF_INET,
			       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct link *link;

	if (container < 0) {
		close(client);
		return false;
	}
	link = make_link(f, client, container);
	if ((connect(container, (const struct sockaddr *)&l->to,
		     sizeof(l->to)) < 0 &&
	     errno != EINPROGRESS) ||
	    forward_watch(f, &link->sides[CONTAINER].watched, events) < 0 ||
	    forward_watch(f, &link->sides[CLIENT].watched, events) < 0)
		break_off(f, link, false);
	return true;
}

/* Where all places are taken, the one who has been silent for longest makes room,
 * if that is long at all: a crowd of silent visitors keeps nobody out for ever. */
static bool make_room(struct forwarder *f)
{
	struct link *oldest = f->links.last;

	if (f->links.count < f->most_links)
		return true;
	if (!oldest || f->now_ms - oldest->used_ms < IDLE_MS)
		return false;
	break_off(f, oldest, true);
	return true;
}

void forward_tcp_listen(struct forwarder *f, struct watched *watched,
			uint32_t events)
{
	const struct listener *l = (const struct listener *)watched;

	(void)events;
	for (int i = 0; i < ACCEPTS; i++) {
		int fd;

		if (!make_room(f)) {
			set_listening(f, false);
			return;
		}
		fd = accept4(watched->fd, NULL, NULL,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0 && errno == EAGAIN)
			return;
		if (fd < 0 || !let_in(f, l, fd)) {
			set_listening(f, false); /* until the next tick */
			return;
		}
	}
}
