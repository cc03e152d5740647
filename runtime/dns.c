/* runtime/dns.c - see dns.h */
#include "runtime/dns.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/clock.h"

enum { PREFIX = 2, AT_ONCE = 64 /* datagrams before others have their turn */ };

static void end_client(struct dns *dns, struct dns_client *client)
{
	dns_forward_forget(&dns->forward, (int)(client - dns->clients));
	close(client->fd);
	buf_done(&client->in);
	buf_done(&client->out);
	*client = (struct dns_client){ .fd = -1 };
}

static void send_rest(struct dns *dns, struct dns_client *client)
{
	ssize_t n = send(client->fd, client->out.data + client->sent,
			 client->out.len - client->sent, MSG_NOSIGNAL);

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			end_client(dns, client);
		return;
	}
	client->sent += (size_t)n;
	if (client->sent == client->out.len) {
		buf_clear(&client->out);
		client->sent = 0;
	}
}

static void reply(void *arg, const struct dns_asker *asker,
		  const uint8_t *bytes, size_t len)
{
	struct dns *dns = arg;
	struct dns_client *client;

	if (asker->client < 0) {
		/* Who is not there any more does not hear it. */
		(void)sendto(dns->udp, bytes, len, MSG_NOSIGNAL,
			     (const struct sockaddr *)&asker->address,
			     sizeof(asker->address));
		return;
	}
	client = &dns->clients[asker->client];
	client->waiting = false;
	client->due_ms = clock_ms() + DNS_IDLE_MS;
	buf_char(&client->out, (char)(len >> 8));
	buf_char(&client->out, (char)len);
	buf_add(&client->out, bytes, len);
}

/* ---- what is known here ---- */

/* The length of our own answer, 0 where others are to be asked. */
static size_t answer_address(struct dns *dns, const struct dns_question *q,
			     const uint8_t *bytes, uint8_t *out, size_t size)
{
	union dns_address found[DNS_ADDRESSES];
	bool known = false;
	size_t count = dns->source.find_name(
		dns->source.arg, q->name,
		q->type == DNS_AAAA ? AF_INET6 : AF_INET, found, DNS_ADDRESSES,
		&known);

	if (!known)
		return 0;
	/* A name that has none of the kind is a name all the same. */
	return q->type == DNS_MX || count == 0 ?
		       dns_write_code(q, bytes, DNS_OK, out, size) :
		       dns_write_addresses(q, bytes, found, count, out, size);
}

static size_t answer_name(struct dns *dns, const struct dns_question *q,
			  const uint8_t *bytes, uint8_t *out, size_t size)
{
	char name[DNS_MAX_NAME + 1];
	union dns_address address;
	int family;

	if (!dns_read_reverse(q->name, &family, &address) ||
	    !dns->source.find_address(dns->source.arg, family, &address, name))
		return 0;
	return dns_write_name(q, bytes, name, out, size);
}

static size_t answer(struct dns *dns, const struct dns_question *q,
		     const uint8_t *bytes, uint8_t *out, size_t size)
{
	size_t len = 0;

	if (q->class != DNS_CLASS_IN || !q->name[0])
		return 0;
	if (q->type == DNS_A || q->type == DNS_AAAA || q->type == DNS_MX)
		len = answer_address(dns, q, bytes, out, size);
	else if (q->type == DNS_PTR)
		len = answer_name(dns, q, bytes, out, size);
	if (len == 0 && dns->hold_back && !strchr(q->name, '.') &&
	    (q->type == DNS_A || q->type == DNS_AAAA))
		len = dns_write_code(q, bytes, DNS_OK, out, size);
	return len;
}

static void take_question(struct dns *dns, const struct dns_asker *asker,
			  const uint8_t *bytes, size_t len)
{
	static uint8_t out[DNS_LARGEST];
	struct dns_question q;
	int r = dns_read_question(bytes, len, &q);
	size_t size = asker->client >= 0 ? sizeof(out) : q.room;
	size_t n = 0;

	if (r == -EINVAL)
		return;
	if (dns->source.prepare)
		dns->source.prepare(dns->source.arg);
	if (r < 0)
		n = dns_write_code(&q, bytes, DNS_GARBLED, out, size);
	else if (q.class == 0)
		n = dns_write_code(&q, bytes, DNS_NOT_DONE, out, size);
	else
		n = answer(dns, &q, bytes, out, size);
	/* Where nobody else can be asked, what we do not know is not there. */
	if (n == 0 && dns->forward.server_count == 0)
		n = dns_write_code(&q, bytes, DNS_NO_SUCH_NAME, out, size);
	if (n > 0) {
		reply(dns, asker, out, n);
		return;
	}
	if (asker->client >= 0)
		dns->clients[asker->client].waiting = true;
	dns_forward_ask(&dns->forward, asker, &q, bytes, len);
}

/* ---- UDP ---- */

static void receive_datagrams(struct dns *dns)
{
	uint8_t bytes[DNS_MAX_QUERY];
	struct dns_asker asker = { .client = -1 };

	for (int i = 0; i < AT_ONCE; i++) {
		socklen_t size = sizeof(asker.address);
		ssize_t len = recvfrom(dns->udp, bytes, sizeof(bytes), MSG_TRUNC,
				       (struct sockaddr *)&asker.address,
				       &size);

		if (len < 0 && errno != EINTR)
			return;
		if (len > 0 && (size_t)len <= sizeof(bytes))
			take_question(dns, &asker, bytes, (size_t)len);
	}
}

/* ---- TCP ---- */

static void accept_client(struct dns *dns)
{
	int fd = accept4(dns->tcp, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	for (int i = 0; i < DNS_CLIENTS; i++)
		if (dns->clients[i].fd < 0) {
			dns->clients[i] = (struct dns_client){
				.fd = fd, .due_ms = clock_ms() + DNS_IDLE_MS
			};
			return;
		}
	close(fd); /* all places are taken */
}

/* Takes one whole question out of what has come in. */
static void take_from_stream(struct dns *dns, struct dns_client *client)
{
	const struct dns_asker asker = { .client = (int)(client - dns->clients) };
	uint8_t bytes[DNS_MAX_QUERY];
	size_t len;

	if (client->in.len < PREFIX)
		return;
	len = dns_id((const uint8_t *)client->in.data); /* two bytes */
	if (len > sizeof(bytes) || len == 0) {
		end_client(dns, client);
		return;
	}
	if (client->in.len < PREFIX + len)
		return;
	memcpy(bytes, client->in.data + PREFIX, len);
	client->in.len -= PREFIX + len;
	memmove(client->in.data, client->in.data + PREFIX + len, client->in.len);
	take_question(dns, &asker, bytes, len);
}

static void receive_stream(struct dns *dns, struct dns_client *client)
{
	char bytes[DNS_MAX_QUERY];
	ssize_t n = recv(client->fd, bytes, sizeof(bytes), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		end_client(dns, client);
		return;
	}
	buf_add(&client->in, bytes, (size_t)n);
}

/* What it waits for: its reader, our upstream server, or its next question. While
 * there is something to be done for it, it is not read from. */
static short events_of(const struct dns_client *client)
{
	if (client->out.len)
		return POLLOUT;
	return client->waiting ? (short)0 : (short)POLLIN;
}

static void serve_client(struct dns *dns, struct dns_client *client,
			 short events)
{
	if (events & POLLOUT)
		send_rest(dns, client);
	else if (events & POLLIN)
		receive_stream(dns, client);
	else if (events & (POLLHUP | POLLERR))
		end_client(dns, client);
	/* Several questions may have come at once. */
	while (client->fd >= 0 && !client->waiting && client->out.len == 0) {
		size_t before = client->in.len;

		take_from_stream(dns, client);
		if (client->in.len == before)
			break;
	}
	if (client->fd >= 0 && !client->waiting && client->due_ms <= clock_ms())
		end_client(dns, client);
}

/* ---- the loop ---- */

enum { AT_STOP, AT_UDP, AT_TCP, AT_CLIENTS, AT_FORWARD = AT_CLIENTS + DNS_CLIENTS,
       AT_END = AT_FORWARD + DNS_PENDING };

void dns_init(struct dns *dns, int udp, int tcp, const struct dns_source *source)
{
	*dns = (struct dns){ .udp = udp, .tcp = tcp, .source = *source };
	dns_forward_init(&dns->forward);
	dns->forward.answer = reply;
	dns->forward.arg = dns;
	for (int i = 0; i < DNS_CLIENTS; i++)
		dns->clients[i].fd = -1;
}

void dns_done(struct dns *dns)
{
	for (int i = 0; i < DNS_CLIENTS; i++)
		if (dns->clients[i].fd >= 0)
			end_client(dns, &dns->clients[i]);
	dns_forward_done(&dns->forward);
	if (dns->udp >= 0)
		close(dns->udp);
	if (dns->tcp >= 0)
		close(dns->tcp);
}

static int time_left(const struct dns *dns, int timeout_ms)
{
	int64_t due = dns_forward_due_ms(&dns->forward);
	int64_t left;

	for (int i = 0; i < DNS_CLIENTS; i++)
		if (dns->clients[i].fd >= 0 && !dns->clients[i].waiting &&
		    dns->clients[i].due_ms < due)
			due = dns->clients[i].due_ms;
	if (due == INT64_MAX)
		return timeout_ms;
	left = due - clock_ms();
	if (left < 0)
		left = 0;
	return timeout_ms >= 0 && timeout_ms < left ? timeout_ms : (int)left;
}

bool dns_serve(struct dns *dns, int stop_fd, int timeout_ms)
{
	struct pollfd fds[AT_END];
	int count = dns_forward_watch(&dns->forward, fds + AT_FORWARD);

	fds[AT_STOP] = (struct pollfd){ stop_fd, POLLIN, 0 };
	fds[AT_UDP] = (struct pollfd){ dns->udp, POLLIN, 0 };
	fds[AT_TCP] = (struct pollfd){ dns->tcp, POLLIN, 0 };
	for (int i = 0; i < DNS_CLIENTS; i++)
		fds[AT_CLIENTS + i] = (struct pollfd){
			dns->clients[i].fd, events_of(&dns->clients[i]), 0
		};
	if (poll(fds, AT_FORWARD + (nfds_t)count, time_left(dns, timeout_ms)) < 0)
		return true; /* EINTR */
	if (fds[AT_STOP].revents)
		return false;
	dns_forward_serve(&dns->forward, fds + AT_FORWARD, count);
	for (int i = 0; i < DNS_CLIENTS; i++)
		if (dns->clients[i].fd >= 0)
			serve_client(dns, &dns->clients[i],
				     fds[AT_CLIENTS + i].revents);
	if (fds[AT_UDP].revents)
		receive_datagrams(dns);
	if (fds[AT_TCP].revents)
		accept_client(dns);
	return true;
}
