/* runtime/dns.h - the name server at 127.0.0.11 that a container on networks of the
 * user's own asks.
 *
 * Owns its loop: questions over UDP and TCP come in, a source tells who is called
 * what on the container's networks, and what it does not know is passed on to
 * other servers (dns_forward.h). Knows nothing of records and networks. All that is
 * kept for its clients is bounded: they are programs in the container. */
#ifndef RUNTIME_DNS_H
#define RUNTIME_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/buf.h"
#include "runtime/dns_forward.h"
#include "runtime/dns_message.h"

enum {
	DNS_CLIENTS = 16,  /* over TCP, at one time */
	DNS_MAX_QUERY = 4096,
	DNS_ADDRESSES = 64, /* of one name */
	DNS_IDLE_MS = 10000,
};

#define DNS_ADDRESS "127.0.0.11"

/* Who is called what.
 *
 * find_name     the addresses of a name (in lower case), of one family; returns how
 *               many, at most `size`. *out_known: the name is one of ours, whether
 *               it has such addresses or not
 * find_address  the name behind an address, "web.mynet"; false where it is nobody's
 *               out_name: DNS_MAX_NAME + 1 bytes
 * prepare       called before each question, or NULL */
struct dns_source {
	void (*prepare)(void *arg);
	size_t (*find_name)(void *arg, const char *name, int family,
			    union dns_address *out, size_t size,
			    bool *out_known);
	bool (*find_address)(void *arg, int family,
			     const union dns_address *address, char *out_name);
	void *arg;
};

/* A client over TCP: one question at a time. fd -1: none. */
struct dns_client {
	int fd;
	int64_t due_ms;
	bool waiting; /* its question was passed on */
	struct buf in;
	struct buf out;
	size_t sent;
};

/* udp, tcp   bound sockets, non-blocking; taken by dns_init. tcp -1: none
 * hold_back  a name without a dot is not passed on: the user set `ndots`
 * forward    its servers and open_socket may be set after dns_init */
struct dns {
	int udp;
	int tcp;
	bool hold_back;
	struct dns_source source;
	struct dns_forward forward;
	struct dns_client clients[DNS_CLIENTS];
};

void dns_init(struct dns *dns, int udp, int tcp, const struct dns_source *source);
void dns_done(struct dns *dns);

/* Waits for news, for timeout_ms at most (-1: any time), and serves them. stop_fd
 * (-1: none) ends the wait too when it can be read or was closed at the other end:
 * returns false then. */
bool dns_serve(struct dns *dns, int stop_fd, int timeout_ms);

#endif
