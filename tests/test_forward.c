/* tests/test_forward.c - ports that are listened on, and what comes through them.
 *
 * 127.0.0.2 stands in for a container: an address of this machine like any of
 * 127.0.0.0/8. */
#include "runtime/forward.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "runtime/publish.h"
#include "runtime/spec.h"
#include "tests/test.h"

#define INSIDE "127.0.0.2"
#define SECONDS 10

/* ---- sockets of a test ---- */

static struct sockaddr_in at(const char *ip, int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };

	address.sin_port = htons((uint16_t)port);
	assert_int_equal(inet_pton(AF_INET, ip, &address.sin_addr), 1);
	return address;
}

static int port_of(int fd)
{
	struct sockaddr_in address = { 0 };
	socklen_t size = sizeof(address);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	return ntohs(address.sin_port);
}

/* A server inside, at any port. */
static int serve(int type)
{
	struct sockaddr_in address = at(INSIDE, 0);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)),
			 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 512), 0);
	return fd;
}

static int dial(int type, const char *ip, int port)
{
	struct timeval patience = { .tv_sec = SECONDS };
	struct sockaddr_in address = at(ip, port);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address,
				 sizeof(address)),
			 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

/* The next visitor of a server; the test fails where none comes. */
static int welcome(int server)
{
	struct pollfd fds = { server, POLLIN, 0 };
	int fd;

	assert_int_equal(poll(&fds, 1, SECONDS * 1000), 1);
	fd = accept(server, NULL, NULL);
	assert_true(fd >= 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
			 strlen(text));
}

static void hear(int fd, const char *text)
{
	char got[64] = "";
	ssize_t len = recv(fd, got, strlen(text), MSG_WAITALL);

	assert_int_equal(len, strlen(text));
	assert_string_equal(got, text);
}

/* ---- a published port ---- */

struct gate {
	struct home home;
	struct spec spec;
	struct publish publish;
	struct strs entries;
	struct forward forward;
	int port;
};

static int open_ports(struct scratch *s, struct gate *gate, const char *wish,
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

static void open_gate(struct scratch *s, struct gate *gate, const char *ip,
		      int server, bool udp)
{
	char wish[64];
	struct err err = { 0 };

	snprintf(wish, sizeof(wish), "%s::%d/%s", ip, port_of(server),
		 udp ? "udp" : "tcp");
	assert_ok(open_ports(s, gate, wish, &err), &err);
	assert_ok(forward_begin(&gate->publish, at(INSIDE, 0).sin_addr,
				&gate->forward, &err),
		  &err);
	gate->port = port_of(gate->publish.items[0].fd);
}

static void close_gate(struct gate *gate)
{
	forward_end(&gate->forward);
	publish_close(&gate->publish);
	strs_done(&gate->entries);
	spec_done(&gate->spec);
}

static int descriptors_of(pid_t pid)
{
	char path[64];
	DIR *dir;
	int count = -2; /* . and .. */

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

/* ---- connections ---- */

static void both_ways_and_each_end_by_itself(void **state)
{
	struct gate gate;
	OWN_FD int server = serve(SOCK_STREAM);
	OWN_FD int client = -1;
	OWN_FD int inside = -1;
	char end;

	open_gate(*state, &gate, "127.0.0.1", server, false);
	client = dial(SOCK_STREAM, "127.0.0.1", gate.port);
	say(client, "request");
	inside = welcome(server);
	hear(inside, "request");
	/* The client has said all, and the answer comes only then. */
	assert_int_equal(shutdown(client, SHUT_WR), 0);
	assert_int_equal(recv(inside, &end, 1, 0), 0);
	say(inside, "answer");
	hear(client, "answer");
	assert_int_equal(shutdown(inside, SHUT_WR), 0);
	assert_int_equal(recv(client, &end, 1, 0), 0);
	close_gate(&gate);
}

static unsigned char byte_at(size_t i)
{
	return (unsigned char)(i * 2654435761U >> 13);
}

/* Writes many bytes into a socket and leaves. */
static pid_t send_much(int fd, size_t total)
{
	pid_t pid = fork();
	unsigned char part[50000];

	if (pid != 0)
		return pid;
	for (size_t done = 0; done < total;) {
		size_t len = total - done < sizeof(part) ? total - done
							 : sizeof(part);
		size_t sent = 0;

		for (size_t i = 0; i < len; i++)
			part[i] = byte_at(done + i);
		while (sent < len) {
			ssize_t put = send(fd, part + sent, len - sent,
					   MSG_NOSIGNAL);

			if (put < 0)
				_exit(1);
			sent += (size_t)put;
		}
		done += len;
	}
	_exit(0);
}

static void much_arrives_whole_while_a_slow_one_waits(void **state)
{
	enum { TOTAL = 24 << 20 };
	struct gate gate;
	OWN_FD int server = serve(SOCK_STREAM);
	OWN_FD int slow = -1;
	OWN_FD int slow_inside = -1;
	OWN_FD int fast = -1;
	OWN_FD int fast_inside = -1;
	static unsigned char got[65536];
	size_t done = 0;
	pid_t talks_to_the_slow;
	pid_t talks;

	open_gate(*state, &gate, "127.0.0.1", server, false);
	slow = dial(SOCK_STREAM, "127.0.0.1", gate.port);
	assert_true(slow >= 0);
	slow_inside = welcome(server);
	talks_to_the_slow = send_much(slow_inside, (size_t)1 << 30);
	fast = dial(SOCK_STREAM, "127.0.0.1", gate.port);
	fast_inside = welcome(server);
	talks = send_much(fast_inside, TOTAL);
	while (done < TOTAL) {
		ssize_t len = recv(fast, got, sizeof(got), 0);

		assert_true(len > 0);
		for (ssize_t i = 0; i < len; i++)
			if (got[i] != byte_at(done + (size_t)i))
				fail_msg("byte %zu is another",
					 done + (size_t)i);
		done += (size_t)len;
	}
	assert_int_equal(child_status(talks), 0);
	/* The slow one's sender is held back: nothing piles up between. */
	assert_int_equal(waitpid(talks_to_the_slow, NULL, WNOHANG), 0);
	close_gate(&gate); /* breaks it off */
	close(own_give_fd(&slow_inside));
	assert_int_equal(child_status(talks_to_the_slow), 1);
}

static void a_break_is_no_end(void **state)
{
	struct linger at_once = { .l_onoff = 1 };
	struct gate gate;
	OWN_FD int server = serve(SOCK_STREAM);
	OWN_FD int client = -1;
	char got[8];
	int inside;

	open_gate(*state, &gate, "127.0.0.1", server, false);
	client = dial(SOCK_STREAM, "127.0.0.1", gate.port);
	say(client, "x");
	inside = welcome(server);
	setsockopt(inside, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	hear(inside, "x");
	close(inside);
	assert_int_equal(recv(client, got, sizeof(got), 0), -1);
	assert_int_equal(errno, ECONNRESET);
	close_gate(&gate);
}

static void nobody_inside_is_told_at_once(void **state)
{
	struct gate gate;
	OWN_FD int server = serve(SOCK_STREAM);
	OWN_FD int client = -1;
	char got[8];

	open_gate(*state, &gate, "127.0.0.1", server, false);
	close(own_give_fd(&server));
	client = dial(SOCK_STREAM, "127.0.0.1", gate.port);
	assert_int_equal(recv(client, got, sizeof(got), 0), -1);
	assert_int_equal(errno, ECONNRESET);
	close_gate(&gate);
}

static void a_crowd_takes_no_more_than_there_is(void **state)
{
	enum { CROWD = 100, MOST = 300 };
	const struct rlimit few = { MOST, MOST };
	struct gate gate;
	OWN_FD int server = serve(SOCK_STREAM);
	OWN_FD int late = -1;
	OWN_FD int inside = -1;
	int crowd[CROWD];

	open_gate(*state, &gate, "127.0.0.1", server, false);
	forward_end(&gate.forward);
	gate.forward.pid = fork();
	if (gate.forward.pid == 0) {
		setrlimit(RLIMIT_NOFILE, &few);
		forward_serve(&gate.publish, at(INSIDE, 0).sin_addr);
	}
	for (int i = 0; i < CROWD; i++)
		crowd[i] = dial(SOCK_STREAM, "127.0.0.1", gate.port);
	late = dial(SOCK_STREAM, "127.0.0.1", gate.port);
	say(late, "me too");
	assert_true(descriptors_of(gate.forward.pid) < MOST);
	/* They were let in as far as there is place; when they go, others are. */
	for (int i = 0; i < CROWD; i++)
		close(crowd[i]);
	for (;;) {
		char got[6] = "";

		inside = welcome(server);
		if (recv(inside, got, sizeof(got), MSG_WAITALL) == 6)
			break;
		close(own_give_fd(&inside));
	}
	say(inside, "welcome");
	hear(late, "welcome");
	close_gate(&gate);
}

static void who_ends_takes_it_along(void **state)
{
	struct gate gate;
	OWN_FD int server = serve(SOCK_STREAM);
	int pair[2];
	pid_t pid;
	pid_t forwarder = 0;

	open_gate(*state, &gate, "127.0.0.1", server, false);
	forward_end(&gate.forward);
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		struct forward child = { 0 };
		struct err err = { 0 };

		(void)forward_begin(&gate.publish, at(INSIDE, 0).sin_addr,
				    &child, &err);
		(void)!write(pair[1], &child.pid, sizeof(child.pid));
		(void)kill(getpid(), SIGKILL);
	}
	close(pair[1]);
	assert_int_equal(read(pair[0], &forwarder, sizeof(forwarder)),
			 sizeof(forwarder));
	assert_int_equal(child_status(pid), 128 + SIGKILL);
	/* It is an orphan now; whoever adopted it reaps it. */
	for (int i = 0; i < SECONDS * 100; i++) {
		char path[40];
		char line[512] = "";
		OWN_FD int fd = -1;

		snprintf(path, sizeof(path), "/proc/%d/stat", forwarder);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || read(fd, line, sizeof(line) - 1) <= 0 ||
		    strstr(line, ") Z "))
			break;
		assert_true(i < SECONDS * 100 - 1);
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	close(pair[0]);
	close_gate(&gate);
}

/* ---- datagrams ---- */

static void datagrams_find_their_way_back(void **state)
{
	struct gate gate;
	struct sockaddr_in from[2] = { 0 };
	socklen_t size = sizeof(from[0]);
	OWN_FD int server = serve(SOCK_DGRAM);
	int clients[2];
	char got[16] = "";

	open_gate(*state, &gate, "0.0.0.0", server, true);
	clients[0] = dial(SOCK_DGRAM, "127.0.0.1", gate.port);
	/* Its answers must come from 127.0.0.3, or they are not heard. */
	clients[1] = dial(SOCK_DGRAM, "127.0.0.3", gate.port);
	for (int i = 0; i < 2; i++) {
		say(clients[i], i ? "two" : "one");
		assert_int_equal(recvfrom(server, got, sizeof(got), 0,
					  (struct sockaddr *)&from[i], &size),
				 3);
		assert_memory_equal(got, i ? "two" : "one", 3);
	}
	assert_int_not_equal(from[0].sin_port, from[1].sin_port);
	for (int i = 1; i >= 0; i--) {
		const char *answer = i ? "2" : "1";

		assert_int_equal(sendto(server, answer, 1, 0,
					(struct sockaddr *)&from[i],
					sizeof(from[i])),
				 1);
		hear(clients[i], answer);
		close(clients[i]);
	}
	close_gate(&gate);
}

/* ---- which port ---- */

static void a_taken_port_says_who_has_it(void **state)
{
	struct gate gate;
	struct gate other;
	struct err err = { 0 };
	OWN_FD int server = serve(SOCK_STREAM);
	char wish[64];

	snprintf(wish, sizeof(wish), INSIDE ":%d:80/tcp", port_of(server));
	assert_int_equal(open_ports(*state, &gate, wish, &err), -EADDRINUSE);
	snprintf(wish, sizeof(wish),
		 "listen tcp4 " INSIDE ":%d: bind: address already in use",
		 port_of(server));
	assert_non_null(strstr(err.msg, wish));
	assert_non_null(strstr(err.msg, "external connectivity on endpoint web ("));
	snprintf(wish, sizeof(wish), "process %d", getpid());
	assert_non_null(strstr(err.hint, wish));
	close_gate(&gate);

	/* The same container twice. */
	assert_ok(open_ports(*state, &other, "127.0.0.1::80/tcp", &err), &err);
	close_gate(&other);
	snprintf(wish, sizeof(wish), "127.0.0.1:%d:80/tcp 127.0.0.1:%d:81/tcp",
		 port_of(server), port_of(server));
	assert_int_equal(open_ports(*state, &gate, wish, &err), -EADDRINUSE);
	assert_non_null(strstr(err.msg, "failed: port is already allocated"));
	assert_int_equal(gate.publish.count, 0);
	close_gate(&gate);
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
		struct sockaddr_in address = at("127.0.0.1", 20000 + 7 * i);

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
	assert_ok(open_ports(*state, &gate, wish, &err), &err);
	assert_true(port_of(gate.publish.items[0].fd) > low);
	assert_true(port_of(gate.publish.items[0].fd) <= low + 6);
	close_gate(&gate);
	snprintf(wish, sizeof(wish), "127.0.0.1:%d-%d:80/tcp", low, low);
	assert_int_equal(open_ports(*state, &gate, wish, &err), -EADDRINUSE);
	snprintf(wanted, sizeof(wanted), "127.0.0.1:%d:", low);
	assert_non_null(strstr(err.msg, wanted));
	close_gate(&gate);
	close(fds[0]);
}

static void ports_that_may_be_any_come_in_turn(void **state)
{
	struct gate gate;
	struct err err = { 0 };
	int first;

	assert_ok(open_ports(*state, &gate, "::80/tcp ::53/udp", &err), &err);
	first = port_of(gate.publish.items[0].fd);
	/* Where the machine has IPv6, there are two sockets a port. */
	assert_int_equal(gate.publish.count, gate.entries.count);
	assert_true(strncmp(gate.entries.items[0], "0.0.0.0:", 8) == 0);
	close_gate(&gate);
	assert_ok(open_ports(*state, &gate, "127.0.0.1::80/tcp", &err), &err);
	assert_int_not_equal(port_of(gate.publish.items[0].fd), first);
	close_gate(&gate);
}

static void what_cannot_be_listened_on_says_what_to_do(void **state)
{
	struct gate gate;
	struct err err = { 0 };

	assert_int_equal(open_ports(*state, &gate, "192.0.2.1:0:80/tcp", &err),
			 -EADDRNOTAVAIL);
	assert_non_null(strstr(err.msg, "bind: cannot assign requested address"));
	assert_non_null(strstr(err.hint, "192.0.2.1 is no address"));
	close_gate(&gate);
	assert_int_equal(open_ports(*state, &gate, "::80/sctp", &err),
			 -EPROTONOSUPPORT);
	close_gate(&gate);
	if (getuid() == 0)
		return;
	assert_int_equal(open_ports(*state, &gate, ":1:80/tcp", &err), -EACCES);
	assert_non_null(strstr(err.msg, "cannot expose privileged port 1, "));
	assert_non_null(strstr(err.hint, "-p 8001:80"));
	close_gate(&gate);
}

static void a_port_rests_and_is_kept(void **state)
{
	struct gate gate;
	struct gate other;
	struct err err = { 0 };
	char wish[64];
	OWN_FD int server = serve(SOCK_STREAM);
	OWN_FD int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	OWN_FD int inside = -1;
	struct sockaddr_in address;

	open_gate(*state, &gate, "127.0.0.1", server, false);
	address = at("127.0.0.1", gate.port);
	forward_end(&gate.forward);
	publish_rest(&gate.publish);
	publish_rest(&gate.publish);
	assert_int_equal(connect(client, (struct sockaddr *)&address,
				 sizeof(address)),
			 -1);
	assert_int_equal(errno, ECONNREFUSED);
	snprintf(wish, sizeof(wish), "127.0.0.1:%d:80/tcp", gate.port);
	assert_int_equal(open_ports(*state, &other, wish, &err), -EADDRINUSE);
	close_gate(&other);
	assert_ok(publish_resume(&gate.publish, &err), &err);
	assert_ok(forward_begin(&gate.publish, at(INSIDE, 0).sin_addr,
				&gate.forward, &err),
		  &err);
	close(own_give_fd(&client));
	client = dial(SOCK_STREAM, "127.0.0.1", gate.port);
	inside = welcome(server);
	say(inside, "hello");
	hear(client, "hello");
	close_gate(&gate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(both_ways_and_each_end_by_itself),
		TEST_IN_SCRATCH(much_arrives_whole_while_a_slow_one_waits),
		TEST_IN_SCRATCH(a_break_is_no_end),
		TEST_IN_SCRATCH(nobody_inside_is_told_at_once),
		TEST_IN_SCRATCH(a_crowd_takes_no_more_than_there_is),
		TEST_IN_SCRATCH(who_ends_takes_it_along),
		TEST_IN_SCRATCH(datagrams_find_their_way_back),
		TEST_IN_SCRATCH(a_taken_port_says_who_has_it),
		TEST_IN_SCRATCH(a_range_gives_the_next_that_is_free),
		TEST_IN_SCRATCH(ports_that_may_be_any_come_in_turn),
		TEST_IN_SCRATCH(what_cannot_be_listened_on_says_what_to_do),
		TEST_IN_SCRATCH(a_port_rests_and_is_kept),
	};

	return cmocka_run_group_tests_name("forward", tests, NULL, NULL);
}
