/* runtime/forward_udp.c - datagrams through a published port.
 *
 * UDP has no connections, but answers must find their way back: whoever sends gets
 * a socket of its own towards the container, and what comes back to it is sent to
 * that one, from the very address that was written to. One that is not used for a
 * minute and a half is forgotten, as in Docker; where there are too many, the one
 * that was not used for longest is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/forward_parts.h"

enum {
	IDLE_MS = 90000,
	DATAGRAMS = 64,        /* carried before it is another's turn */
	LARGEST = 65536,
};

/* Who wrote, and to which of the machine's addresses. */
struct ends {
	struct sockaddr_storage from;
	socklen_t from_size;
	struct in_pktinfo at4;
	struct in6_pktinfo at6;
};

struct flow {
	struct watched watched; /* towards the container */
	const struct listener *listener;
	struct ends ends;
	unsigned hash;
	int64_t used_ms;
	struct flow *next; /* of the same bucket; then of f->gone */
	struct flow *newer;
	struct flow *older;
	bool over;
};

/* One datagram at a time; nothing of it is kept. */
static char bytes[LARGEST];

/* ---- which flow ---- */

static unsigned hash_of(const struct listener *l, const struct ends *ends)
{
	const unsigned char *at = (const unsigned char *)&ends->from;
	unsigned hash = 2166136261U ^ (unsigned)l->watched.fd;

	for (socklen_t i = 0; i < ends->from_size; i++)
		hash = (hash ^ at[i]) * 16777619U;
	return hash;
}

static bool is_same(const struct ends *a, const struct ends *b)
{
	return a->from_size == b->from_size &&
	       memcmp(&a->from, &b->from, a->from_size) == 0 &&
	       memcmp(&a->at4.ipi_spec_dst, &b->at4.ipi_spec_dst,
		      sizeof(a->at4.ipi_spec_dst)) == 0 &&
	       memcmp(&a->at6.ipi6_addr, &b->at6.ipi6_addr,
		      sizeof(a->at6.ipi6_addr)) == 0;
}

static struct flow *find(const struct forwarder *f, const struct listener *l,
			 const struct ends *ends, unsigned hash)
{
	struct flow *flow = f->buckets[hash % FLOW_BUCKETS];

	while (flow && (flow->listener != l || !is_same(&flow->ends, ends)))
		flow = flow->next;
	return flow;
}

/* ---- the order of use ---- */

static void take_out(struct forwarder *f, struct flow *flow)
{
	if (flow->newer)
		flow->newer->older = flow->older;
	else
		f->newest = flow->older;
	if (flow->older)
		flow->older->newer = flow->newer;
	else
		f->oldest = flow->newer;
	flow->newer = flow->older = NULL;
}

static void put_first(struct forwarder *f, struct flow *flow)
{
	flow->used_ms = f->now_ms;
	flow->older = f->newest;
	if (f->newest)
		f->newest->newer = flow;
	else
		f->oldest = flow;
	f->newest = flow;
}

static void note_use(struct forwarder *f, struct flow *flow)
{
	flow->used_ms = f->now_ms;
	if (f->newest == flow)
		return;
	take_out(f, flow);
	put_first(f, flow);
}

static void end_flow(struct forwarder *f, struct flow *flow)
{
	struct flow **at = &f->buckets[flow->hash % FLOW_BUCKETS];

	while (*at != flow)
		at = &(*at)->next;
	*at = flow->next;
	take_out(f, flow);
	f->flow_count--;
	close(flow->watched.fd);
	flow->over = true;
	flow->next = f->gone; /* an event of its may be in hand */
	f->gone = flow;
}

void forward_udp_sweep(struct forwarder *f)
{
	while (f->gone) {
		struct flow *flow = f->gone;

		f->gone = flow->next;
		free(flow);
	}
}

void forward_udp_tick(struct forwarder *f)
{
	while (f->oldest && f->now_ms - f->oldest->used_ms >= IDLE_MS)
		end_flow(f, f->oldest);
}

/* ---- back to who asked ---- */

/* From the address that was written to: the sender knows no other. */
static void send_back(const struct flow *flow, size_t len)
{
	const struct ends *ends = &flow->ends;
	bool six = ends->from.ss_family == AF_INET6;
	_Alignas(struct cmsghdr) char room[CMSG_SPACE(sizeof(ends->at6))] = "";
	struct sockaddr_storage to = ends->from;
	struct iovec part = { bytes, len };
	struct msghdr message = {
		.msg_name = &to,
		.msg_namelen = ends->from_size,
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = six ? CMSG_SPACE(sizeof(ends->at6))
				      : CMSG_SPACE(sizeof(ends->at4)),
	};
	struct cmsghdr *control = CMSG_FIRSTHDR(&message);

	control->cmsg_level = six ? IPPROTO_IPV6 : IPPROTO_IP;
	control->cmsg_type = six ? IPV6_PKTINFO : IP_PKTINFO;
	control->cmsg_len = six ? CMSG_LEN(sizeof(ends->at6))
				: CMSG_LEN(sizeof(ends->at4));
	if (six)
		memcpy(CMSG_DATA(control), &ends->at6, sizeof(ends->at6));
	else
		memcpy(CMSG_DATA(control), &ends->at4, sizeof(ends->at4));
	/* A datagram may get lost at any time: this one does, where its way is
	 * full. */
	(void)sendmsg(flow->listener->watched.fd, &message, MSG_NOSIGNAL);
}

static void serve_flow(struct forwarder *f, struct watched *watched,
		       uint32_t events)
{
	struct flow *flow = (struct flow *)watched;

	(void)events;
	for (int i = 0; i < DATAGRAMS && !flow->over; i++) {
		ssize_t len = recv(watched->fd, bytes, sizeof(bytes), 0);

		/* Nobody listens there: UDP has no way to tell the sender, and
		 * somebody may later. */
		if (len < 0 && (errno == ECONNREFUSED || errno == EINTR))
			continue;
		if (len < 0)
			return;
		note_use(f, flow);
		send_back(flow, (size_t)len);
	}
}

/* ---- to the container ---- */

/* NULL: there is no descriptor for it, and the datagram is lost. */
static struct flow *make_flow(struct forwarder *f, const struct listener *l,
			      const struct ends *ends, unsigned hash)
{
	struct flow *flow;
	int fd;

	if (f->flow_count >= f->most_flows && f->oldest)
		end_flow(f, f->oldest);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return NULL;
	flow = mem_zero(1, sizeof(*flow));
	flow->watched = (struct watched){ fd, serve_flow };
	flow->listener = l;
	flow->ends = *ends;
	flow->hash = hash;
	if (connect(fd, (const struct sockaddr *)&l->to, sizeof(l->to)) < 0 ||
	    forward_watch(f, &flow->watched, EPOLLIN) < 0) {
		close(fd);
		free(flow);
		return NULL;
	}
	flow->next = f->buckets[hash % FLOW_BUCKETS];
	f->buckets[hash % FLOW_BUCKETS] = flow;
	f->flow_count++;
	put_first(f, flow);
	return flow;
}

static void read_address(struct msghdr *message, struct ends *ends)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(message);

	for (; c; c = CMSG_NXTHDR(message, c))
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
			memcpy(&ends->at4, CMSG_DATA(c), sizeof(ends->at4));
		else if (c->cmsg_level == IPPROTO_IPV6 &&
			 c->cmsg_type == IPV6_PKTINFO)
			memcpy(&ends->at6, CMSG_DATA(c), sizeof(ends->at6));
	/* The way out is looked up anew, except where an address has a meaning
	 * on one link only. */
	ends->at4.ipi_ifindex = 0;
	if (!IN6_IS_ADDR_LINKLOCAL(&ends->at6.ipi6_addr))
		ends->at6.ipi6_ifindex = 0;
}

static ssize_t receive(int fd, struct ends *ends)
{
	_Alignas(struct cmsghdr) char room[128];
	struct iovec part = { bytes, sizeof(bytes) };
	struct msghdr message = {
		.msg_name = &ends->from,
		.msg_namelen = sizeof(ends->from),
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room),
	};
	ssize_t len = recvmsg(fd, &message, 0);

	ends->from_size = message.msg_namelen;
	if (len >= 0)
		read_address(&message, ends);
	return len;
}

void forward_udp_listen(struct forwarder *f, struct watched *watched,
			uint32_t events)
{
	const struct listener *l = (const struct listener *)watched;

	(void)events;
	for (int i = 0; i < DATAGRAMS; i++) {
		struct ends ends = { 0 };
		ssize_t len = receive(watched->fd, &ends);
		struct flow *flow;
		unsigned hash;

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return;
		hash = hash_of(l, &ends);
		flow = find(f, l, &ends, hash);
		if (!flow)
			flow = make_flow(f, l, &ends, hash);
		if (!flow)
			continue;
		note_use(f, flow);
		(void)send(flow->watched.fd, bytes, (size_t)len, MSG_NOSIGNAL);
	}
}
