/* tests/test_forward.c - what comes through ports that are listened on. */
#include "runtime/forward.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "tests/gate.h"
#include "tests/test.h"

#define SECONDS 10

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
	OWN_FD int server = gate_serve(SOCK_STREAM);
	OWN_FD int client = -1;
	OWN_FD int inside = -1;
	char end;

	gate_open(*state, &gate, "127.0.0.1", server, false);
	client = gate_dial(SOCK_STREAM, "127.0.0.1", gate.port);
	gate_say(client, "request");
	inside = gate_welcome(server);
	gate_hear(inside, "request");
	/* The client has said all, and the answer comes only then. */
	assert_int_equal(shutdown(client, SHUT_WR), 0);
	assert_int_equal(recv(inside, &end, 1, 0), 0);
	gate_say(inside, "answer");
	gate_hear(client, "answer");
	assert_int_equal(shutdown(inside, SHUT_WR), 0);
	assert_int_equal(recv(client, &end, 1, 0), 0);
	gate_close(&gate);
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
	OWN_FD int server = gate_serve(SOCK_STREAM);
	OWN_FD int slow = -1;
	OWN_FD int slow_inside = -1;
	OWN_FD int fast = -1;
	OWN_FD int fast_inside = -1;
	static unsigned char got[65536];
	size_t done = 0;
	pid_t talks_to_the_slow;
	pid_t talks;

	gate_open(*state, &gate, "127.0.0.1", server, false);
	slow = gate_dial(SOCK_STREAM, "127.0.0.1", gate.port);
	assert_true(slow >= 0);
	slow_inside = gate_welcome(server);
	talks_to_the_slow = send_much(slow_inside, (size_t)1 << 30);
	fast = gate_dial(SOCK_STREAM, "127.0.0.1", gate.port);
	fast_inside = gate_welcome(server);
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
	gate_close(&gate); /* breaks it off */
	close(own_give_fd(&slow_inside));
	assert_int_equal(child_status(talks_to_the_slow), 1);
}

static void a_break_is_no_end(void **state)
{
	struct linger at_once = { .l_onoff = 1 };
	struct gate gate;
	OWN_FD int server = gate_serve(SOCK_STREAM);
	OWN_FD int client = -1;
	char got[8];
	int inside;

	gate_open(*state, &gate, "127.0.0.1", server, false);
	client = gate_dial(SOCK_STREAM, "127.0.0.1", gate.port);
	gate_say(client, "x");
	inside = gate_welcome(server);
	setsockopt(inside, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	gate_hear(inside, "x");
	close(inside);
	assert_int_equal(recv(client, got, sizeof(got), 0), -1);
	assert_int_equal(errno, ECONNRESET);
	gate_close(&gate);
}

static void nobody_inside_is_told_at_once(void **state)
{
	struct gate gate;
	OWN_FD int server = gate_serve(SOCK_STREAM);
	OWN_FD int client = -1;
	char got[8];

	gate_open(*state, &gate, "127.0.0.1", server, false);
	close(own_give_fd(&server));
	client = gate_dial(SOCK_STREAM, "127.0.0.1", gate.port);
	/* An end, as from docker-proxy: it was let in, and nobody is there. */
	assert_int_equal(recv(client, got, sizeof(got), 0), 0);
	gate_close(&gate);
}

static void a_crowd_takes_no_more_than_there_is(void **state)
{
	enum { CROWD = 100, MOST = 300 };
	const struct rlimit few = { MOST, MOST };
	struct gate gate;
	OWN_FD int server = gate_serve(SOCK_STREAM);
	OWN_FD int late = -1;
	OWN_FD int inside = -1;
	int crowd[CROWD];

	gate_open(*state, &gate, "127.0.0.1", server, false);
	forward_end(&gate.forward);
	gate.forward.pid = fork();
	if (gate.forward.pid == 0) {
		setrlimit(RLIMIT_NOFILE, &few);
		forward_serve(&gate.publish, gate_at(GATE_INSIDE, 0).sin_addr);
	}
	for (int i = 0; i < CROWD; i++)
		crowd[i] = gate_dial(SOCK_STREAM, "127.0.0.1", gate.port);
	late = gate_dial(SOCK_STREAM, "127.0.0.1", gate.port);
	gate_say(late, "me too");
	assert_true(descriptors_of(gate.forward.pid) < MOST);
	/* They were let in as far as there is place; when they go, others are. */
	for (int i = 0; i < CROWD; i++)
		close(crowd[i]);
	for (;;) {
		char got[6] = "";

		inside = gate_welcome(server);
		if (recv(inside, got, sizeof(got), MSG_WAITALL) == 6)
			break;
		close(own_give_fd(&inside));
	}
	gate_say(inside, "welcome");
	gate_hear(late, "welcome");
	gate_close(&gate);
}

static void who_ends_takes_it_along(void **state)
{
	struct gate gate;
	OWN_FD int server = gate_serve(SOCK_STREAM);
	int pair[2];
	pid_t pid;
	pid_t forwarder = 0;

	gate_open(*state, &gate, "127.0.0.1", server, false);
	forward_end(&gate.forward);
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		struct forward child = { 0 };
		struct err err = { 0 };

		(void)forward_begin(&gate.publish,
				    gate_at(GATE_INSIDE, 0).sin_addr, &child,
				    &err);
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
	gate_close(&gate);
}

/* ---- datagrams ---- */

static void datagrams_find_their_way_back(void **state)
{
	struct gate gate;
	struct sockaddr_in from[2] = { 0 };
	socklen_t size = sizeof(from[0]);
	OWN_FD int server = gate_serve(SOCK_DGRAM);
	int clients[2];
	char got[16] = "";

	gate_open(*state, &gate, "0.0.0.0", server, true);
	clients[0] = gate_dial(SOCK_DGRAM, "127.0.0.1", gate.port);
	/* Its answers must come from 127.0.0.3, or they are not heard. */
	clients[1] = gate_dial(SOCK_DGRAM, "127.0.0.3", gate.port);
	for (int i = 0; i < 2; i++) {
		gate_say(clients[i], i ? "two" : "one");
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
		gate_hear(clients[i], answer);
		close(clients[i]);
	}
	gate_close(&gate);
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
	};

	return cmocka_run_group_tests_name("forward", tests, NULL, NULL);
}
