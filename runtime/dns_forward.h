/* runtime/dns_forward.h - questions passed on to other name servers.
 *
 * Owns what is under way: which question was sent where, until when an answer is
 * waited for, and who is to get it. Each goes out from a socket and with an id of
 * its own, so that nobody can guess an answer into it. A server that does not
 * answer or fails is followed by the next one; where none is left the one who asked
 * hears of it. Bounded: what does not fit is answered with a failure at once. */
#ifndef RUNTIME_DNS_FORWARD_H
#define RUNTIME_DNS_FORWARD_H

#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "runtime/dns_message.h"

enum {
	DNS_SERVERS = 3,  /* tried one after the other, as in Docker */
	DNS_PENDING = 64,
	DNS_PATIENCE_MS = 2000, /* with each */
};

/* Who asked: a client over TCP, by its number, or an address over UDP (-1). */
struct dns_asker {
	int client;
	struct sockaddr_in address;
};

struct dns_server {
	struct sockaddr_storage address;
	socklen_t len;
};

/* One question under way. fd -1: none.
 *
 * query    its length (two bytes, which TCP wants), then the question with our id;
 *          query_len is without the two
 * done     over TCP: bytes of the query that were sent, then of in that have come */
struct dns_pending {
	int fd;
	struct dns_asker asker;
	struct dns_question question;
	uint8_t *query;
	size_t query_len;
	uint16_t id;
	int server;
	int64_t due_ms;
	bool sending;
	size_t done;
	uint8_t *in;
};

/* open_socket  makes the socket of a question (SOCK_DGRAM or SOCK_STREAM) where the
 *              servers can be reached from; NULL: socket(2)
 *              with open_arg
 * answer       gets what is to be sent back, with the asker's id, and arg */
struct dns_forward {
	struct dns_server servers[DNS_SERVERS];
	int server_count;
	struct dns_pending pending[DNS_PENDING];
	int (*open_socket)(void *arg, int family, int type);
	void *open_arg;
	void (*answer)(void *arg, const struct dns_asker *asker,
		       const uint8_t *bytes, size_t len);
	void *arg;
};

void dns_forward_init(struct dns_forward *forward);
void dns_forward_done(struct dns_forward *forward);

/* Adds a server: an address as text, "10.0.0.1" or "fe80::1". Anything else, and
 * more than there is room for, is left out. */
void dns_forward_add_server(struct dns_forward *forward, const char *address);

/* Passes a question on; sooner or later `answer` is called once, unless the asker
 * is forgotten first. */
void dns_forward_ask(struct dns_forward *forward, const struct dns_asker *asker,
		     const struct dns_question *question, const uint8_t *bytes,
		     size_t len);

/* A client over TCP has gone. */
void dns_forward_forget(struct dns_forward *forward, int client);

/* What to wait for: fills at most DNS_PENDING of fds, returns how many; then does
 * what there is to do. due_ms: the next moment that something is to be done at
 * without any news, INT64_MAX where there is none. */
int dns_forward_watch(const struct dns_forward *forward, struct pollfd *fds);
void dns_forward_serve(struct dns_forward *forward, const struct pollfd *fds,
		       int count);
int64_t dns_forward_due_ms(const struct dns_forward *forward);

#endif
