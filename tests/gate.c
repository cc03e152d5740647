/* tests/gate.c - see gate.h */
#include "tests/gate.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "runtime/base/err.h"

#define SECONDS 10

/* ---- sockets ---- */

struct sockaddr_in gate_at(const char *ip, int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };

	address.sin_port = htons((uint16_t)port);
	assert_int_equal(inet_pton(AF_INET, ip, &address.sin_addr), 1);
	return address;
}

int gate_port_of(int fd)
{
	struct sockaddr_in address = { 0 };
	socklen_t size = sizeof(address);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size),
			 0);
	return ntohs(address.sin_port);
}

int gate_serve(int type)
{
	struct sockaddr_in address = gate_at(GATE_INSIDE, 0);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)),
			 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 512), 0);
	return fd;
}

int gate_dial(int type, const char *ip, int port)
{
	struct timeval patience = { .tv_sec = SECONDS };
	struct sockaddr_in address = gate_at(ip, port);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(
		connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

int gate_welcome(int server)
{
	struct pollfd fds = { server, POLLIN, 0 };
	int fd;

	assert_int_equal(poll(&fds, 1, SECONDS * 1000), 1);
	fd = accept(server, NULL, NULL);
	assert_true(fd >= 0);
	return fd;
}

void gate_say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
			 strlen(text));
}

void gate_hear(int fd, const char *text)
{
	char got[64] = "";
	ssize_t len = recv(fd, got, strlen(text), MSG_WAITALL);

	assert_int_equal(len, strlen(text));
	assert_string_equal(got, text);
}

/* ---- a published port ---- */

int gate_open_ports(struct scratch *s, struct gate *gate, const char *wish,
		    struct err *err)
{
	*gate = (struct gate){ .home = { s->path, s->fd, false } };
	if (!scratch_has(s, "run"))
		scratch_mkdir(s, "run");
	if (!scratch_has(s, "containers/by-name"))
		scratch_mkdir(s, "containers/by-name");
	spec_init(&gate->spec);
	gate->spec.id = strdup("me");
	gate->spec.name = strdup("web");
	strs_split(&gate->spec.ports, wish, ' ');
	return publish_open(&gate->home, &gate->spec, &gate->publish,
			    &gate->entries, err);
}

void gate_open(struct scratch *s, struct gate *gate, const char *ip, int server,
	       bool udp)
{
	char wish[64];
	struct err err = { 0 };

	snprintf(wish, sizeof(wish), "%s::%d/%s", ip, gate_port_of(server),
		 udp ? "udp" : "tcp");
	assert_ok(gate_open_ports(s, gate, wish, &err), &err);
	assert_ok(forward_begin(&gate->publish,
				gate_at(GATE_INSIDE, 0).sin_addr,
				&gate->forward, &err),
		  &err);
	gate->port = gate_port_of(gate->publish.items[0].fd);
}

void gate_close(struct gate *gate)
{
	forward_end(&gate->forward);
	publish_close(&gate->publish);
	strs_done(&gate->entries);
	spec_done(&gate->spec);
}
