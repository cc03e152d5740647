/* runtime/forward_parts.h - the forwarder's own state, shared by its files.
 *
 *   forward.c      the process and its loop over epoll(7)
 *   forward_tcp.c  connections: two sockets, and a pipe each way
 *   forward_udp.c  datagrams: a socket for each who sends some
 *
 * Nobody else includes this. */
#ifndef RUNTIME_FORWARD_PARTS_H
#define RUNTIME_FORWARD_PARTS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct flow;
struct forwarder;
struct link;
struct watched;

/* Something that epoll looks at. The first member of what it belongs to. */
typedef void forward_server(struct forwarder *f, struct watched *watched,
			    uint32_t events);
struct watched {
	int fd;
	forward_server *serve;
};

/* A published port. */
struct listener {
	struct watched watched;
	struct sockaddr_in to;
};

/* Links in the order of their last use: `next` was used longer ago. */
struct links {
	struct link *first;
	struct link *last;
	int count;
};

enum { FORWARD_PIPES_KEPT = 32 };

/* A pipe that is not in use. */
struct forward_pipe {
	int ends[2];
};

enum { FLOW_BUCKETS = 256 };

/* links     connections, the last used first; at most most_links
 * ready     those that had more to do than their turn allowed
 * ended     those to be freed after this round: events of theirs may be in hand
 * deaf      listeners of TCP are not looked at: there is no place for more
 * pipes     empty ones, kept for the next who needs one
 * flows     of UDP: by sender, and in the order of their last use */
struct forwarder {
	int epoll_fd;
	struct listener *listeners;
	int listener_count;
	struct links links;
	int most_links;
	struct link *ready;
	struct link *ended;
	bool deaf;
	struct forward_pipe pipes[FORWARD_PIPES_KEPT];
	int pipe_count;
	struct flow *buckets[FLOW_BUCKETS];
	struct flow *newest;
	struct flow *oldest;
	int flow_count;
	int most_flows;
	struct flow *gone;
	int64_t now_ms;
};

/* Adds it to what epoll looks at. */
int forward_watch(struct forwarder *f, struct watched *watched,
		  uint32_t events);

/* ---- forward_tcp.c ---- */
void forward_tcp_listen(struct forwarder *f, struct watched *watched,
			uint32_t events);
/* Gives each link that waits for it another turn. */
void forward_tcp_go_on(struct forwarder *f);
/* Listens again, where there is place again. */
void forward_tcp_tick(struct forwarder *f);
void forward_tcp_sweep(struct forwarder *f);

/* ---- forward_udp.c ---- */
void forward_udp_listen(struct forwarder *f, struct watched *watched,
			uint32_t events);
/* Ends flows that were not used for long. */
void forward_udp_tick(struct forwarder *f);
void forward_udp_sweep(struct forwarder *f);

#endif
