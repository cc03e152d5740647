/* runtime/publish.c - see publish.h
 *
 * Ports that were named are taken first, then those that may lie in a range, then
 * those that may be any: else `-p 80 -p 32768:81` could take the second's port for
 * the first. Source: moby libnetwork/portallocator, portmapper (20.10);
 * go-connections nat.SortPortMap. */
#include "runtime/publish.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/calls.h"
#include "runtime/endpoint.h"
#include "runtime/home.h"
#include "runtime/network.h"
#include "runtime/port_refusal.h"
#include "runtime/port_spec.h"
#include "runtime/spec.h"

enum {
	BACKLOG = 4096, /* the kernel lowers it to net.core.somaxconn */
	DEFAULT_FIRST = 49153, /* Docker's, where the kernel names no range */
	DEFAULT_LAST = 65535,
};

/* What is under way.
 *
 * usual  the address for ports of which none was named; "": each one
 * asks   only whether it could be: nobody listens, nothing is noted
 * next   the port to try next where any will do; 0: not yet known
 * first, last   the range of those */
struct opening {
	const struct home *home;
	const struct spec *spec;
	struct publish *publish;
	struct strs *entries;
	char usual[PORT_IP_SIZE];
	bool asks;
	int next;
	int first;
	int last;
};

bool publish_is_wanted(const struct spec *spec)
{
	return (spec->ports.count > 0 ||
		(spec->publish_all && spec->exposed.count > 0)) &&
	       spec_is_networked(spec);
}

/* ---- one socket ---- */

static void make_address(const char *ip, int port, struct sockaddr_storage *out)
{
	struct sockaddr_in four = { .sin_family = AF_INET };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };

	*out = (struct sockaddr_storage){ 0 };
	four.sin_port = six.sin6_port = htons((uint16_t)port);
	if (!*ip || inet_pton(AF_INET, ip, &four.sin_addr) == 1) {
		memcpy(out, &four, sizeof(four));
		return;
	}
	(void)inet_pton(AF_INET6, ip, &six.sin6_addr); /* it was looked at */
	if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) {
		memcpy(&four.sin_addr, six.sin6_addr.s6_addr + 12, 4);
		memcpy(out, &four, sizeof(four));
	} else {
		memcpy(out, &six, sizeof(six));
	}
}

/* Two sockets may have the same port as long as neither listens, if both say
 * SO_REUSEADDR. */
static void share_port(int fd, bool yes)
{
	int value = yes;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, sizeof(value));
}

/* UDP has no connections: each datagram has to say to which of the machine's
 * addresses it came, for the answer to come from there. */
static int set_options(int fd, int family, bool udp)
{
	int on = 1;
	int r = 0;

	/* TCP: a port whose last connections are only just over is free. */
	if (!udp)
		r = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (r == 0 && family == AF_INET6)
		r = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (r == 0 && udp)
		r = family == AF_INET6 ? setsockopt(fd, IPPROTO_IPV6,
						    IPV6_RECVPKTINFO, &on,
						    sizeof(on))
				       : setsockopt(fd, IPPROTO_IP, IP_PKTINFO,
						    &on, sizeof(on));
	return r;
}

static int open_socket(const struct opening *o,
		       const struct sockaddr_storage *address, bool udp)
{
	int family = address->ss_family;
	socklen_t size = family == AF_INET6 ? sizeof(struct sockaddr_in6)
					    : sizeof(struct sockaddr_in);
	OWN_FD int fd = TRACED(
		TRACE_PUBLISH,
		socket(family,
		       (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC |
			       SOCK_NONBLOCK,
		       0),
		"socket(%s, %s|SOCK_CLOEXEC|SOCK_NONBLOCK, IPPROTO_IP)",
		family == AF_INET6 ? "AF_INET6" : "AF_INET",
		udp ? "SOCK_DGRAM" : "SOCK_STREAM");

	if (fd < 0 || set_options(fd, family, udp) < 0 ||
	    call_bind(TRACE_PUBLISH, fd, (const struct sockaddr *)address,
		      size) < 0 ||
	    (!udp && !o->asks &&
	     call_listen(TRACE_PUBLISH, fd, BACKLOG) < 0))
		return -errno;
	/* Without a listener this alone keeps the next of ours away. */
	if (o->asks && !udp)
		share_port(fd, false);
	return own_give_fd(&fd);
}

/* ---- one port ---- */

static void keep(struct opening *o, int fd, const struct port_spec *port,
		 const struct sockaddr_storage *address, int number)
{
	struct publish *p = o->publish;
	char ip[INET6_ADDRSTRLEN] = "";
	struct sockaddr_in6 six;
	struct sockaddr_in four;

	memcpy(&six, address, sizeof(six));
	memcpy(&four, address, sizeof(four));
	if (address->ss_family == AF_INET6)
		(void)inet_ntop(AF_INET6, &six.sin6_addr, ip, sizeof(ip));
	else
		(void)inet_ntop(AF_INET, &four.sin_addr, ip, sizeof(ip));
	p->items = mem_grow(p->items, p->count + 1, sizeof(*p->items));
	p->items[p->count++] = (struct publish_socket){
		.fd = fd,
		.udp = strcmp(port->proto, "udp") == 0,
		.inside = port->port,
	};
	strs_addf(o->entries, "%s:%d:%d/%s", ip, number, port->port,
		  port->proto);
}

/* Lets go of what was opened beyond the first `count`. */
static void drop_to(struct opening *o, size_t count)
{
	while (o->publish->count > count) {
		close(o->publish->items[--o->publish->count].fd);
		strs_remove(o->entries, o->entries->count - 1);
	}
}

/* Opens a port of the machine at the address that was named, or at all of them, of
 * IPv4 and IPv6. A machine without IPv6 has only the former. out_address: where it
 * failed. */
static int open_port(struct opening *o, const struct port_spec *port, int number,
		     struct sockaddr_storage *out_address)
{
	const char *const all[] = { "0.0.0.0", "::", NULL };
	const char *const named[] = { port->ip, NULL };
	const char *const *ip = *port->ip ? named : all;
	bool udp = strcmp(port->proto, "udp") == 0;
	size_t before = o->publish->count;

	for (; *ip; ip++) {
		int fd;

		make_address(*ip, number, out_address);
		fd = open_socket(o, out_address, udp);
		if (fd < 0 && ip == all + 1 &&
		    (fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL))
			break;
		if (fd < 0) {
			drop_to(o, before);
			return fd;
		}
		keep(o, fd, port, out_address, number);
	}
	return 0;
}

/* ---- where any will do ---- */

#define NEXT_PORT "run/next-port"

/* Ports are given out in turn, so that one that was given back is not another's at
 * once; a file remembers the last. It is advice: two starts at the same time may
 * read the same, and the second finds the port taken. */
static void find_turn(struct opening *o)
{
	OWN_BUF struct buf text = { 0 };
	OWN_BUF struct buf range = { 0 };
	struct err ignored = { 0 };
	char *end = NULL;

	o->first = DEFAULT_FIRST;
	o->last = DEFAULT_LAST;
	if (fs_read(AT_FDCWD, "/proc/sys/net/ipv4/ip_local_port_range", 64,
		    &range, &ignored) == 0) {
		long first = strtol(buf_text(&range), &end, 10);
		long last = strtol(end, NULL, 10);

		if (first > 0 && last >= first && last <= PORT_HIGHEST) {
			o->first = (int)first;
			o->last = (int)last;
		}
	}
	if (fs_read(o->home->fd, NEXT_PORT, 64, &text, &ignored) == 0)
		o->next = (int)strtol(buf_text(&text), NULL, 10);
	if (o->next < o->first || o->next > o->last)
		o->next = o->first;
}

static void note_turn(const struct opening *o)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d\n", o->next);
	OWN_FD int fd = openat(o->home->fd, NEXT_PORT,
			       O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
				       O_CLOEXEC,
			       0600);

	if (fd >= 0)
		(void)fs_write_all(fd, text, (size_t)len); /* advice */
}

static int open_any(struct opening *o, const struct port_spec *port,
		    struct err *err)
{
	struct sockaddr_storage address;
	int r = -EADDRINUSE;

	if (!o->next)
		find_turn(o);
	for (int i = o->first; i <= o->last && r == -EADDRINUSE; i++) {
		int number = o->next;

		o->next = number == o->last ? o->first : number + 1;
		r = open_port(o, port, number, &address);
	}
	if (!o->asks)
		note_turn(o);
	if (r == -EADDRINUSE)
		return port_refusal_none_left(o->spec, err);
	return r < 0 ? port_refusal(o->home, o->spec, port, &address, -r, err)
		     : 0;
}

/* ---- all ---- */

static int open_one_of(struct opening *o, const struct port_spec *port,
		       struct err *err)
{
	struct sockaddr_storage address;
	int r = -EADDRINUSE;

	for (int i = port->first; i <= port->last && r == -EADDRINUSE; i++)
		r = open_port(o, port, i, &address);
	if (r == 0)
		return 0;
	if (r == -EADDRINUSE && port->first != port->last)
		return port_refusal_none_left(o->spec, err);
	for (size_t i = 0; i < o->entries->count; i++)
		if (r == -EADDRINUSE &&
		    port_refusal_is_held(o->entries->items[i], port->proto,
					 &address))
			return port_refusal_twice(o->spec, &address, err);
	return port_refusal(o->home, o->spec, port, &address, -r, err);
}

enum rank { NAMED, IN_A_RANGE, ANY, RANKS };

static enum rank rank_of(const struct port_spec *port)
{
	return port->first == 0		    ? ANY
	       : port->first == port->last ? NAMED
					    : IN_A_RANGE;
}

static int open_entry(struct opening *o, const char *entry, enum rank rank,
		      struct err *err)
{
	struct port_spec port;

	if (!port_spec_read(entry, &port) || rank_of(&port) != rank)
		return 0;
	if (strcmp(port.proto, "sctp") == 0)
		return port_refusal_sctp(o->spec, err);
	if (!*port.ip)
		memcpy(port.ip, o->usual, sizeof(port.ip));
	return rank == ANY ? open_any(o, &port, err)
			   : open_one_of(o, &port, err);
}

/* What -P adds: "80/tcp" is wished for as "::80/tcp", unless a -p says where. */
static void add_exposed(const struct spec *spec, struct strs *wanted)
{
	for (size_t i = 0; i < spec->exposed.count; i++) {
		const char *exposed = spec->exposed.items[i];
		bool said = false;

		for (size_t k = 0; k < spec->ports.count && !said; k++)
			said = strcmp(port_spec_inside(spec->ports.items[k]),
				      exposed) == 0;
		if (!said)
			strs_addf(wanted, "::%s", exposed);
	}
}

/* Whether the container is reached by this network: it has a way out. It may have a usual
 * address; the built-in one has none, and is not looked for, since that would make its
 * record. */
static bool leads_by(struct opening *o, const char *name)
{
	OWN_NETWORK struct network network = { 0 };
	struct err none = { 0 };

	if (strcmp(name, "bridge") == 0)
		return true;
	if (network_find(o->home, name, &network, &none) < 0 ||
	    network.internal)
		return false;
	snprintf(o->usual, sizeof(o->usual), "%s", network_binding(&network));
	return true;
}

/* As monitor_ports.c finds the container's own address: by the first such network. */
static void find_usual(struct opening *o)
{
	const struct endpoints *on = &o->spec->networks;
	bool found = on->count == 0 && leads_by(o, network_of_mode(o->spec));

	for (size_t i = 0; i < on->count && !found; i++)
		found = leads_by(o, on->items[i].network);
}

static int open_all(struct opening *o, struct err *err)
{
	OWN_STRS struct strs wanted = { 0 };
	int r = 0;

	find_usual(o);
	strs_copy(&wanted, &o->spec->ports);
	if (o->spec->publish_all)
		add_exposed(o->spec, &wanted);
	for (enum rank rank = NAMED; rank < RANKS; rank++)
		for (size_t i = 0; i < wanted.count && r == 0; i++)
			r = open_entry(o, wanted.items[i], rank, err);
	return r;
}

int publish_open(const struct home *home, const struct spec *spec,
		 struct publish *out, struct strs *out_entries,
		 struct err *err)
{
	struct publish publish = { 0 };
	struct strs entries = { 0 };
	struct opening o = {
		.home = home,
		.spec = spec,
		.publish = &publish,
		.entries = &entries,
	};
	int r = open_all(&o, err);

	if (r < 0) {
		publish_close(&publish);
		strs_done(&entries);
		return r;
	}
	*out = publish;
	strs_done(out_entries);
	*out_entries = entries;
	return 0;
}

int publish_foresee(const struct home *home, const struct spec *spec,
		    struct strs *out_entries, struct err *err)
{
	struct publish publish = { 0 };
	struct strs entries = { 0 };
	struct opening o = {
		.home = home,
		.spec = spec,
		.publish = &publish,
		.entries = &entries,
		.asks = true,
	};
	int r = open_all(&o, err);

	publish_close(&publish);
	strs_done(out_entries);
	*out_entries = entries;
	return r;
}

void publish_close(struct publish *publish)
{
	for (size_t i = 0; i < publish->count; i++)
		close(publish->items[i].fd);
	free(publish->items);
	*publish = (struct publish){ 0 };
}

/* A socket that was shut down listens no more and keeps its port. Shut down once
 * more, all who come later would find it shut. */
void publish_rest(struct publish *publish)
{
	for (size_t i = 0; i < publish->count && !publish->rests; i++) {
		if (publish->items[i].udp)
			continue;
		share_port(publish->items[i].fd, false);
		(void)shutdown(publish->items[i].fd, SHUT_RDWR);
	}
	publish->rests = true;
}

int publish_resume(struct publish *publish, struct err *err)
{
	char old[1];

	for (size_t i = 0; i < publish->count && publish->rests; i++) {
		const struct publish_socket *socket = &publish->items[i];

		if (!socket->udp) {
			share_port(socket->fd, true);
			if (listen(socket->fd, BACKLOG) < 0)
				return err_errno(err, "listen");
		}
		/* What came while nobody was there is nobody's. */
		while (socket->udp && recv(socket->fd, old, sizeof(old), 0) >= 0)
			continue;
	}
	publish->rests = false;
	return 0;
}
