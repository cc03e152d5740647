/* runtime/dns_forward.c - see dns_forward.h */
#include "runtime/dns_forward.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/clock.h"

enum { PORT = 53, PREFIX = 2 /* a length, before each message over TCP */ };

void dns_forward_init(struct dns_forward *forward)
{
	*forward = (struct dns_forward){ 0 };
	for (int i = 0; i < DNS_PENDING; i++)
		forward->pending[i].fd = -1;
}

static void close_socket(struct dns_pending *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

static void drop(struct dns_pending *p)
{
	close_socket(p);
	free(p->query);
	free(p->in);
	*p = (struct dns_pending){ .fd = -1 };
}

void dns_forward_done(struct dns_forward *forward)
{
	for (int i = 0; i < DNS_PENDING; i++)
		if (forward->pending[i].query)
			drop(&forward->pending[i]);
}

void dns_forward_add_server(struct dns_forward *forward, const char *address)
{
	struct dns_server *server = &forward->servers[forward->server_count];
	struct sockaddr_in v4 = { .sin_family = AF_INET,
				  .sin_port = htons(PORT) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
				   .sin6_port = htons(PORT) };

	if (forward->server_count == DNS_SERVERS)
		return;
	if (inet_pton(AF_INET, address, &v4.sin_addr) == 1) {
		memcpy(&server->address, &v4, sizeof(v4));
		server->len = sizeof(v4);
	} else if (inet_pton(AF_INET6, address, &v6.sin6_addr) == 1) {
		memcpy(&server->address, &v6, sizeof(v6));
		server->len = sizeof(v6);
	} else {
		return;
	}
	forward->server_count++;
}

static bool is_tcp(const struct dns_pending *p)
{
	return p->asker.client >= 0;
}

static uint8_t *message(const struct dns_pending *p)
{
	return p->query + PREFIX;
}

/* ---- to a server ---- */

static int open_to(struct dns_forward *forward, struct dns_pending *p)
{
	const struct dns_server *server = &forward->servers[p->server];
	int family = server->address.ss_family;
	int type = (is_tcp(p) ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK |
		   SOCK_CLOEXEC;

	p->fd = forward->open_socket ?
			forward->open_socket(forward->open_arg, family,
					     type) :
			socket(family, type, 0);
	if (p->fd < 0)
		return -1;
	/* Connected, a socket takes only what comes from there. */
	if (connect(p->fd, (const struct sockaddr *)&server->address,
		    server->len) < 0 &&
	    errno != EINPROGRESS)
		return -1;
	if (is_tcp(p))
		return 0;
	return send(p->fd, message(p), p->query_len, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

/* Sends it to the first server from p->server on that takes it. */
static bool send_on(struct dns_forward *forward, struct dns_pending *p)
{
	for (; p->server < forward->server_count; p->server++) {
		close_socket(p);
		p->done = 0;
		p->sending = is_tcp(p);
		p->due_ms = clock_ms() + DNS_PATIENCE_MS;
		if (getrandom(&p->id, sizeof(p->id), 0) < 0)
			return false;
		dns_set_id(message(p), p->id);
		if (open_to(forward, p) == 0)
			return true;
	}
	return false;
}

/* Nobody gave an answer: that is said, so that it is not waited for. */
static void give_up(struct dns_forward *forward, struct dns_pending *p)
{
	uint8_t bytes[DNS_SMALL];
	size_t len = dns_write_code(&p->question, message(p),
				    DNS_SERVER_FAILED, bytes, sizeof(bytes));

	forward->answer(forward->arg, &p->asker, bytes, len);
	drop(p);
}

static void try_next(struct dns_forward *forward, struct dns_pending *p)
{
	p->server++;
	if (!send_on(forward, p))
		give_up(forward, p);
}

void dns_forward_ask(struct dns_forward *forward, const struct dns_asker *asker,
		     const struct dns_question *question, const uint8_t *bytes,
		     size_t len)
{
	struct dns_pending extra = { .fd = -1 };
	struct dns_pending *p = &extra;

	for (int i = 0; i < DNS_PENDING && p == &extra; i++)
		if (!forward->pending[i].query)
			p = &forward->pending[i];
	p->asker = *asker;
	p->question = *question;
	p->query = mem_alloc(PREFIX + len);
	dns_set_id(p->query, (uint16_t)len); /* two bytes, as an id is */
	memcpy(message(p), bytes, len);
	p->query_len = len;
	if (p == &extra || !send_on(forward, p))
		give_up(forward, p);
}

void dns_forward_forget(struct dns_forward *forward, int client)
{
	for (int i = 0; i < DNS_PENDING; i++)
		if (forward->pending[i].query &&
		    forward->pending[i].asker.client == client)
			drop(&forward->pending[i]);
}

/* ---- and back ---- */

/* Docker's rule: a failure, a refusal, or a "no such name" of one that does not
 * speak for the domain makes the next server worth a question. */
static bool is_final(const struct dns_forward *forward,
		     const struct dns_pending *p, const uint8_t *bytes)
{
	bool authority;
	enum dns_code code = dns_answer_code(bytes, &authority);

	return code == DNS_OK || (code == DNS_NO_SUCH_NAME && authority) ||
	       p->server + 1 >= forward->server_count;
}

static void take(struct dns_forward *forward, struct dns_pending *p,
		 uint8_t *bytes, size_t len)
{
	if (!dns_is_answer(bytes, len, p->id, message(p), p->question.len))
		return; /* somebody else's: the right one may still come */
	if (!is_final(forward, p, bytes)) {
		try_next(forward, p);
		return;
	}
	dns_set_id(bytes, p->question.id);
	forward->answer(forward->arg, &p->asker, bytes, len);
	drop(p);
}

static void receive_datagram(struct dns_forward *forward, struct dns_pending *p)
{
	static uint8_t bytes[DNS_LARGEST];
	ssize_t len = recv(p->fd, bytes, sizeof(bytes), 0);

	if (len >= 0)
		take(forward, p, bytes, (size_t)len);
	else if (errno != EAGAIN && errno != EINTR)
		try_next(forward, p); /* nobody listens there */
}

/* Sends what is left of length and question. */
static bool send_stream(struct dns_pending *p)
{
	ssize_t n = send(p->fd, p->query + p->done,
			 PREFIX + p->query_len - p->done, MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	p->done += (size_t)n;
	if (p->done == PREFIX + p->query_len) {
		p->sending = false;
		p->done = 0;
	}
	return true;
}

static void receive_stream(struct dns_forward *forward, struct dns_pending *p)
{
	size_t want = PREFIX;
	ssize_t n;

	if (!p->in)
		p->in = mem_alloc(PREFIX + DNS_LARGEST);
	if (p->done >= PREFIX)
		want += dns_id(p->in); /* any number of two bytes */
	n = recv(p->fd, p->in + p->done, want - p->done, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		try_next(forward, p);
		return;
	}
	p->done += (size_t)n;
	if (p->done <= PREFIX || p->done < PREFIX + (size_t)dns_id(p->in))
		return;
	take(forward, p, p->in + PREFIX, p->done - PREFIX);
	if (p->query && p->fd >= 0 && !p->sending)
		try_next(forward, p); /* an answer to nothing that we asked */
}

int dns_forward_watch(const struct dns_forward *forward, struct pollfd *fds)
{
	int count = 0;

	for (int i = 0; i < DNS_PENDING; i++) {
		const struct dns_pending *p = &forward->pending[i];

		if (p->fd >= 0)
			fds[count++] = (struct pollfd){
				p->fd, p->sending ? POLLOUT : POLLIN, 0
			};
	}
	return count;
}

static const struct pollfd *news_of(const struct pollfd *fds, int count, int fd)
{
	for (int i = 0; i < count; i++)
		if (fds[i].fd == fd)
			return &fds[i];
	return NULL;
}

static void serve_one(struct dns_forward *forward, struct dns_pending *p)
{
	if (!is_tcp(p))
		receive_datagram(forward, p);
	else if (!p->sending)
		receive_stream(forward, p);
	else if (!send_stream(p))
		try_next(forward, p);
}

void dns_forward_serve(struct dns_forward *forward, const struct pollfd *fds,
		       int count)
{
	int64_t now = clock_ms();

	for (int i = 0; i < DNS_PENDING; i++) {
		struct dns_pending *p = &forward->pending[i];
		const struct pollfd *news =
			p->fd >= 0 ? news_of(fds, count, p->fd) : NULL;

		if (news && news->revents)
			serve_one(forward, p);
		else if (p->query && p->due_ms <= now)
			try_next(forward, p);
	}
}

int64_t dns_forward_due_ms(const struct dns_forward *forward)
{
	int64_t due = INT64_MAX;

	for (int i = 0; i < DNS_PENDING; i++)
		if (forward->pending[i].query &&
		    forward->pending[i].due_ms < due)
			due = forward->pending[i].due_ms;
	return due;
}
