/* tests/test_dns.c - the name server: what it answers, what it passes on, and that
 * no bytes bring it off its path. The other server is one of the test's own. */
#include "runtime/dns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "tests/test.h"

enum { ID = 0x1234, ANSWER_AT = 6, CODE_AT = 3 };

/* ---- questions ---- */

static size_t put_question(const char *name, unsigned type, uint8_t *out)
{
	static const uint8_t header[DNS_HEADER] = { ID >> 8, ID & 0xff, 1, 0,
						    0,	     1 };
	size_t at = DNS_HEADER;

	memcpy(out, header, sizeof(header));
	while (*name) {
		size_t len = strcspn(name, ".");

		out[at++] = (uint8_t)len;
		memcpy(out + at, name, len);
		at += len;
		name += len + (name[len] == '.');
	}
	memcpy(out + at, (uint8_t[]){ 0, 0, (uint8_t)type, 0, 1 }, 5);
	return at + 5;
}

static void reads_a_question_and_folds_its_case(void **state)
{
	uint8_t bytes[DNS_SMALL];
	struct dns_question q;
	size_t len = put_question("Web.MyNet", DNS_A, bytes);

	(void)state;
	assert_int_equal(dns_read_question(bytes, len, &q), 0);
	assert_string_equal(q.name, "web.mynet");
	assert_int_equal(q.id, ID);
	assert_int_equal(q.type, DNS_A);
	assert_int_equal(q.len, len);
	assert_int_equal(q.room, DNS_SMALL);
	/* An OPT record behind it says how much the client takes. */
	bytes[11] = 1;
	memcpy(bytes + len, (uint8_t[]){ 0, 0, DNS_OPT, 4, 208, 0, 0, 0, 0, 0, 0 },
	       11);
	assert_int_equal(dns_read_question(bytes, len + 11, &q), 0);
	assert_int_equal(q.room, 1232);
}

static void refuses_what_is_no_question(void **state)
{
	static const uint8_t pointer[] = { 1, 2, 1, 0, 0, 1, 0, 0, 0,
					   0, 0, 0, 0xc0, 0x0c, 0, 1, 0, 1 };
	uint8_t bytes[DNS_SMALL];
	char name[256]; /* four labels of 63 */
	struct dns_question q;
	size_t len = put_question("web", DNS_A, bytes);

	(void)state;
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(dns_read_question(bytes, cut, &q),
				 cut < DNS_HEADER ? -EINVAL : -EBADMSG);
	assert_int_equal(dns_read_question(pointer, sizeof(pointer), &q),
			 -EBADMSG);
	bytes[2] |= 0x80; /* an answer is not to be answered: two would talk for ever */
	assert_int_equal(dns_read_question(bytes, len, &q), -EINVAL);
	memset(name, 'a', sizeof(name));
	for (size_t i = 63; i < sizeof(name); i += 64)
		name[i] = '.';
	name[sizeof(name) - 1] = '\0'; /* 4 labels of 63: 256 bytes, one too many */
	len = put_question(name, DNS_A, bytes);
	assert_int_equal(dns_read_question(bytes, len, &q), -EBADMSG);
}

static void says_so_where_not_all_fits(void **state)
{
	union dns_address many[DNS_ADDRESSES] = { 0 };
	uint8_t bytes[DNS_SMALL];
	uint8_t out[DNS_SMALL];
	struct dns_question q;
	size_t len = put_question("web", DNS_A, bytes);

	(void)state;
	assert_int_equal(dns_read_question(bytes, len, &q), 0);
	len = dns_write_addresses(&q, bytes, many, DNS_ADDRESSES, out,
				  sizeof(out));
	assert_in_range(len, DNS_SMALL - 16, DNS_SMALL);
	assert_true(out[2] & 0x02); /* truncated */
	len = dns_write_addresses(&q, bytes, many, 3, out, sizeof(out));
	assert_int_equal(out[ANSWER_AT + 1], 3);
	assert_int_equal(len, q.len + 48);
	assert_false(out[2] & 0x02);
}

static void reads_addresses_backwards(void **state)
{
	static const char v6[] =
		"2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa";
	static const char *const bad[] = {
		"", "in-addr.arpa", "1.2.3.in-addr.arpa", "1.2.3.4.in-addr.arpa.x",
		"256.1.1.1.in-addr.arpa", "1.2.3.4", "ip6.arpa", NULL
	};
	union dns_address address;
	char text[INET6_ADDRSTRLEN];
	int family;

	(void)state;
	assert_true(dns_read_reverse("2.0.18.172.in-addr.arpa", &family, &address));
	assert_int_equal(family, AF_INET);
	assert_string_equal(inet_ntop(AF_INET, &address, text, sizeof(text)),
			    "172.18.0.2");
	assert_true(dns_read_reverse(v6, &family, &address));
	assert_int_equal(family, AF_INET6);
	assert_string_equal(inet_ntop(AF_INET6, &address, text, sizeof(text)),
			    "fd00::2");
	for (size_t i = 0; bad[i]; i++)
		assert_false(dns_read_reverse(bad[i], &family, &address));
}

/* ---- a server, and another one behind it ---- */

struct world {
	struct dns dns;
	int client;
	int other_udp;
	int other_tcp;
};

static size_t find_name(void *arg, const char *name, int family,
			union dns_address *out, size_t size, bool *out_known)
{
	(void)arg;
	(void)size;
	*out_known = strcmp(name, "web") == 0;
	if (!*out_known || family != AF_INET)
		return 0;
	inet_pton(AF_INET, "172.18.0.2", &out->v4);
	return 1;
}

static bool find_address(void *arg, int family, const union dns_address *address,
			 char *out_name)
{
	(void)arg;
	if (family != AF_INET || address->v4.s_addr != inet_addr("172.18.0.2"))
		return false;
	memcpy(out_name, "web.mynet", sizeof("web.mynet"));
	return true;
}

static int bound(int type, struct sockaddr_in *out)
{
	int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(*out);

	*out = (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_addr = { htonl(INADDR_LOOPBACK) } };
	assert_int_equal(bind(fd, (struct sockaddr *)out, sizeof(*out)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 4), 0);
	getsockname(fd, (struct sockaddr *)out, &len);
	return fd;
}

static int connected(int type, const struct sockaddr_in *to)
{
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *)to, sizeof(*to)), 0);
	return fd;
}

static void add_other(struct world *w, const struct sockaddr_in *address)
{
	struct dns_server *server =
		&w->dns.forward.servers[w->dns.forward.server_count++];

	memcpy(&server->address, address, sizeof(*address));
	server->len = sizeof(*address);
}

/* `type`: how the client of the test asks, and thus how the other one is asked. */
static void open_world(struct world *w, int type)
{
	static const struct dns_source source = { NULL, find_name, find_address, NULL };
	struct sockaddr_in at[2];
	int udp = bound(SOCK_DGRAM, &at[0]);
	int tcp = bound(SOCK_STREAM, &at[1]);

	dns_init(&w->dns, udp, tcp, &source);
	w->client = connected(type, &at[type == SOCK_STREAM]);
	w->other_udp = w->other_tcp = -1;
}

static void close_world(struct world *w)
{
	dns_done(&w->dns);
	close(w->client);
	if (w->other_udp >= 0)
		close(w->other_udp);
	if (w->other_tcp >= 0)
		close(w->other_tcp);
}

/* Lets the server work until `fd` has something to read. */
static size_t receive(struct world *w, int fd, uint8_t *out)
{
	int64_t end = clock_ms() + 9000;

	for (;;) {
		ssize_t n = recv(fd, out, DNS_SMALL, MSG_DONTWAIT);

		if (n >= 0)
			return (size_t)n;
		assert_true(clock_ms() < end);
		assert_true(dns_serve(&w->dns, -1, 20));
	}
}

static size_t ask(struct world *w, const char *name, unsigned type,
		  uint8_t *out)
{
	uint8_t bytes[DNS_SMALL];
	size_t len = put_question(name, type, bytes);

	assert_int_equal(send(w->client, bytes, len, 0), len);
	return receive(w, w->client, out);
}

static void answers_what_it_knows(void **state)
{
	uint8_t out[DNS_SMALL];
	struct world w;
	size_t len;

	(void)state;
	open_world(&w, SOCK_DGRAM);
	len = ask(&w, "WEB", DNS_A, out);
	assert_int_equal(out[ANSWER_AT + 1], 1);
	assert_memory_equal(out + len - 4, ((uint8_t[]){ 172, 18, 0, 2 }), 4);
	/* It has no such address, but it is there: not "no such name". */
	(void)ask(&w, "web", DNS_AAAA, out);
	assert_int_equal(out[CODE_AT] & 0xf, DNS_OK);
	assert_int_equal(out[ANSWER_AT + 1], 0);
	len = ask(&w, "2.0.18.172.in-addr.arpa", DNS_PTR, out);
	assert_memory_equal(out + len - 11, "\3web\5mynet", 11);
	/* With nobody else to ask, what it does not know is not there. */
	(void)ask(&w, "nosuch", DNS_A, out);
	assert_int_equal(out[CODE_AT] & 0xf, DNS_NO_SUCH_NAME);
	close_world(&w);
}

/* As a name server of the machine's, for one question. */
static void answer_once(struct world *w, int fd, enum dns_code code, bool forged)
{
	static const union dns_address address = { .v4 = { 0x04030201 } };
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	uint8_t in[DNS_SMALL];
	uint8_t out[DNS_SMALL];
	struct dns_question q;
	ssize_t n = -1;
	size_t len;

	while (n < 0) {
		n = recvfrom(fd, in, sizeof(in), 0, (struct sockaddr *)&from,
			     &size);
		if (n < 0)
			assert_true(dns_serve(&w->dns, -1, 20));
	}
	assert_int_equal(dns_read_question(in, (size_t)n, &q), 0);
	if (forged)
		q.id = (uint16_t)~q.id;
	len = code == DNS_OK ? dns_write_addresses(&q, in, &address, 1, out,
						   sizeof(out)) :
			       dns_write_code(&q, in, code, out, sizeof(out));
	assert_int_equal(sendto(fd, out, len, 0, (struct sockaddr *)&from, size),
			 len);
	if (forged) {
		assert_int_equal(dns_serve(&w->dns, -1, 50), true);
		q.id = (uint16_t)~q.id;
		len = dns_write_addresses(&q, in, &address, 1, out, sizeof(out));
		sendto(fd, out, len, 0, (struct sockaddr *)&from, size);
	}
}

static void passes_on_what_it_does_not_know(void **state)
{
	uint8_t bytes[DNS_SMALL];
	uint8_t out[DNS_SMALL];
	struct sockaddr_in nobody;
	struct sockaddr_in at;
	struct world w;
	size_t len = put_question("example.com", DNS_A, bytes);

	(void)state;
	open_world(&w, SOCK_DGRAM);
	close(bound(SOCK_DGRAM, &nobody)); /* the first server is not there */
	add_other(&w, &nobody);
	w.other_udp = bound(SOCK_DGRAM, &at); /* the second fails, the third knows */
	add_other(&w, &at);
	add_other(&w, &at);
	assert_int_equal(send(w.client, bytes, len, 0), len);
	answer_once(&w, w.other_udp, DNS_SERVER_FAILED, false);
	answer_once(&w, w.other_udp, DNS_OK, true);
	len = receive(&w, w.client, out);
	assert_int_equal(dns_id(out), ID);
	assert_memory_equal(out + len - 4, ((uint8_t[]){ 1, 2, 3, 4 }), 4);
	close_world(&w);
}

static void says_so_where_no_server_answers(void **state)
{
	uint8_t out[DNS_SMALL] = { 0 };
	struct sockaddr_in nobody;
	struct world w;

	(void)state;
	open_world(&w, SOCK_DGRAM);
	close(bound(SOCK_DGRAM, &nobody));
	add_other(&w, &nobody);
	(void)ask(&w, "example.com", DNS_A, out);
	assert_int_equal(out[CODE_AT] & 0xf, DNS_SERVER_FAILED);
	/* More than it keeps: each is answered all the same. */
	for (int i = 0; i < 2 * DNS_PENDING; i++)
		(void)ask(&w, "example.com", DNS_AAAA, out);
	/* And with ndots set by the user, a bare name stays here. */
	w.dns.hold_back = true;
	(void)ask(&w, "nosuch", DNS_A, out);
	assert_int_equal(out[CODE_AT] & 0xf, DNS_OK);
	close_world(&w);
}

static void serves_streams_too(void **state)
{
	uint8_t bytes[DNS_SMALL] = { 0 };
	uint8_t out[DNS_SMALL] = { 0 };
	struct sockaddr_in at;
	struct world w = { .client = -1 };
	size_t len = put_question("web", DNS_A, bytes + 2);
	int server = -1;

	(void)state;
	open_world(&w, SOCK_STREAM);
	w.other_tcp = bound(SOCK_STREAM, &at);
	add_other(&w, &at);
	bytes[1] = (uint8_t)len;
	/* In pieces, and the next question on its heels. */
	assert_int_equal(send(w.client, bytes, 1, 0), 1);
	assert_true(dns_serve(&w.dns, -1, 100));
	assert_int_equal(send(w.client, bytes + 1, len + 1, 0), len + 1);
	assert_int_equal(receive(&w, w.client, out), 2 + len + 16);
	assert_int_equal(out[1], len + 16);
	len = put_question("example.com", DNS_A, bytes + 2);
	bytes[1] = (uint8_t)len;
	assert_int_equal(send(w.client, bytes, len + 2, 0), len + 2);
	while (server < 0) {
		server = accept4(w.other_tcp, NULL, NULL, SOCK_CLOEXEC);
		assert_true(dns_serve(&w.dns, -1, 20));
	}
	assert_int_equal(receive(&w, server, out), len + 2);
	out[4] |= 0x80; /* an answer, with nothing in it */
	assert_int_equal(send(server, out, len + 2, 0), len + 2);
	assert_int_equal(receive(&w, w.client, out), len + 2);
	assert_int_equal(dns_id(out + 2), ID);
	/* What is no question at all ends the talk. */
	assert_int_equal(send(w.client, "\xff\xff", 2, 0), 2);
	assert_int_equal(receive(&w, w.client, out), 0);
	close(server);
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_a_question_and_folds_its_case),
		TEST(refuses_what_is_no_question),
		TEST(says_so_where_not_all_fits),
		TEST(reads_addresses_backwards),
		TEST(answers_what_it_knows),
		TEST(passes_on_what_it_does_not_know),
		TEST(says_so_where_no_server_answers),
		TEST(serves_streams_too),
	};

	return cmocka_run_group_tests_name("dns", tests, NULL, NULL);
}
