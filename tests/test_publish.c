/* tests/test_publish.c - which port is listened on, and what is said where it cannot be. */
#include "runtime/publish.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "tests/gate.h"
#include "tests/test.h"

static void a_taken_port_says_who_has_it(void **state)
{
	struct gate gate;
	struct gate other;
	struct err err = { 0 };
	OWN_FD int server = gate_serve(SOCK_STREAM);
	char wish[64];

	snprintf(wish, sizeof(wish), GATE_INSIDE ":%d:80/tcp",
		 gate_port_of(server));
	assert_int_equal(gate_open_ports(*state, &gate, wish, &err),
			 -EADDRINUSE);
	snprintf(wish, sizeof(wish),
		 "listen tcp4 " GATE_INSIDE ":%d: bind: address already in use",
		 gate_port_of(server));
	assert_non_null(strstr(err.msg, wish));
	assert_non_null(
		strstr(err.msg, "external connectivity on endpoint web ("));
	snprintf(wish, sizeof(wish), "process %d", getpid());
	assert_non_null(strstr(err.hint, wish));
	gate_close(&gate);

	/* The same container twice. */
	assert_ok(gate_open_ports(*state, &other, "127.0.0.1::80/tcp", &err),
		  &err);
	gate_close(&other);
	snprintf(wish, sizeof(wish), "127.0.0.1:%d:80/tcp 127.0.0.1:%d:81/tcp",
		 gate_port_of(server), gate_port_of(server));
	assert_int_equal(gate_open_ports(*state, &gate, wish, &err),
			 -EADDRINUSE);
	assert_non_null(strstr(err.msg, "failed: port is already allocated"));
	assert_int_equal(gate.publish.count, 0);
	gate_close(&gate);
}

static void a_range_gives_the_next_that_is_free(void **state)
{
	struct gate gate;
	struct err err = { 0 };
	char wish[128];
	char wanted[64];
	int low = 0;
	int fds[2] = { -1, -1 };

	/* Two ports that follow each other; others may be taken meanwhile. */
	for (int i = 0; i < 200 && fds[1] < 0; i++) {
		struct sockaddr_in address =
			gate_at("127.0.0.1", 20000 + 7 * i);

		low = 20000 + 7 * i;
		fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (bind(fds[0], (struct sockaddr *)&address,
			 sizeof(address)) == 0 &&
		    listen(fds[0], 1) == 0)
			fds[1] = fds[0];
		else
			close(fds[0]);
	}
	assert_true(fds[1] >= 0);
	snprintf(wish, sizeof(wish), "127.0.0.1:%d-%d:80/tcp", low, low + 6);
	assert_ok(gate_open_ports(*state, &gate, wish, &err), &err);
	assert_true(gate_port_of(gate.publish.items[0].fd) > low);
	assert_true(gate_port_of(gate.publish.items[0].fd) <= low + 6);
	gate_close(&gate);
	snprintf(wish, sizeof(wish), "127.0.0.1:%d-%d:80/tcp", low, low);
	assert_int_equal(gate_open_ports(*state, &gate, wish, &err),
			 -EADDRINUSE);
	snprintf(wanted, sizeof(wanted), "127.0.0.1:%d:", low);
	assert_non_null(strstr(err.msg, wanted));
	gate_close(&gate);
	close(fds[0]);
}

static void ports_that_may_be_any_come_in_turn(void **state)
{
	struct gate gate;
	struct err err = { 0 };
	int first;

	assert_ok(gate_open_ports(*state, &gate, "::80/tcp ::53/udp", &err),
		  &err);
	first = gate_port_of(gate.publish.items[0].fd);
	/* Where the machine has IPv6, there are two sockets a port. */
	assert_int_equal(gate.publish.count, gate.entries.count);
	assert_true(strncmp(gate.entries.items[0], "0.0.0.0:", 8) == 0);
	gate_close(&gate);
	assert_ok(gate_open_ports(*state, &gate, "127.0.0.1::80/tcp", &err),
		  &err);
	assert_int_not_equal(gate_port_of(gate.publish.items[0].fd), first);
	gate_close(&gate);
}

static void what_cannot_be_listened_on_says_what_to_do(void **state)
{
	struct gate gate;
	struct err err = { 0 };

	assert_int_equal(
		gate_open_ports(*state, &gate, "192.0.2.1:0:80/tcp", &err),
		-EADDRNOTAVAIL);
	assert_non_null(
		strstr(err.msg, "bind: cannot assign requested address"));
	assert_non_null(strstr(err.hint, "192.0.2.1 is no address"));
	gate_close(&gate);
	assert_int_equal(gate_open_ports(*state, &gate, "::80/sctp", &err),
			 -EPROTONOSUPPORT);
	gate_close(&gate);
	if (getuid() == 0)
		return;
	assert_int_equal(gate_open_ports(*state, &gate, ":1:80/tcp", &err),
			 -EACCES);
	assert_non_null(strstr(err.msg, "cannot expose privileged port 1, "));
	assert_non_null(strstr(err.hint, "-p 8001:80"));
	gate_close(&gate);
}

static void a_port_rests_and_is_kept(void **state)
{
	struct gate gate;
	struct gate other;
	struct err err = { 0 };
	char wish[64];
	OWN_FD int server = gate_serve(SOCK_STREAM);
	OWN_FD int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	OWN_FD int inside = -1;
	struct sockaddr_in address;

	gate_open(*state, &gate, "127.0.0.1", server, false);
	address = gate_at("127.0.0.1", gate.port);
	forward_end(&gate.forward);
	publish_rest(&gate.publish);
	publish_rest(&gate.publish);
	assert_int_equal(
		connect(client, (struct sockaddr *)&address, sizeof(address)),
		-1);
	assert_int_equal(errno, ECONNREFUSED);
	snprintf(wish, sizeof(wish), "127.0.0.1:%d:80/tcp", gate.port);
	assert_int_equal(gate_open_ports(*state, &other, wish, &err),
			 -EADDRINUSE);
	gate_close(&other);
	assert_ok(publish_resume(&gate.publish, &err), &err);
	assert_ok(forward_begin(&gate.publish, gate_at(GATE_INSIDE, 0).sin_addr,
				&gate.forward, &err),
		  &err);
	close(own_give_fd(&client));
	client = gate_dial(SOCK_STREAM, "127.0.0.1", gate.port);
	inside = gate_welcome(server);
	gate_say(inside, "hello");
	gate_hear(client, "hello");
	gate_close(&gate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(a_taken_port_says_who_has_it),
		TEST_IN_SCRATCH(a_range_gives_the_next_that_is_free),
		TEST_IN_SCRATCH(ports_that_may_be_any_come_in_turn),
		TEST_IN_SCRATCH(what_cannot_be_listened_on_says_what_to_do),
		TEST_IN_SCRATCH(a_port_rests_and_is_kept),
	};

	return cmocka_run_group_tests_name("publish", tests, NULL, NULL);
}
