/* tests/test_relay.c - what is typed, and how large the screen is, before the program's
 * terminal is there; and what is kept for who reads slowly. */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/relay.h"
#include "tests/test.h"

static void serve_once(struct relay *m)
{
	struct pollfd fds[RELAY_MAX_FDS];

	assert_int_equal(poll(fds, (nfds_t)relay_watch(m, fds), 9000), 1);
	relay_serve(m, fds);
}

/* A master, and what a program would have as its terminal. */
static int open_terminal(int *out_slave)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	*out_slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(*out_slave >= 0);
	return master;
}

static void keeps_what_is_typed_before_the_terminal_is_there(void **state)
{
	const struct wire_size size = { .rows = 30, .columns = 100 };
	const struct wire_attach all = { .input = 1, .output = 1, .error = 1 };
	struct pollfd typed = { .events = POLLIN };
	struct winsize seen;
	struct relay m;
	char line[16] = "";
	int pair[2];
	int slave;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	relay_init(&m);
	m.tty = true;
	relay_add_client(&m, pair[0], all, true);
	assert_int_equal(wire_send(pair[1], WIRE_RESIZE, &size, sizeof(size)),
			 0);
	serve_once(&m);
	assert_int_equal(wire_send(pair[1], WIRE_INPUT, "exit\n", 5), 0);
	serve_once(&m);

	relay_take_terminal(&m, open_terminal(&slave));
	typed.fd = slave;
	assert_int_equal(poll(&typed, 1, 9000), 1);
	assert_int_equal(read(slave, line, sizeof(line) - 1), 5);
	assert_string_equal(line, "exit\n");
	assert_int_equal(ioctl(slave, TIOCGWINSZ, &seen), 0);
	assert_int_equal(seen.ws_row, 30);
	assert_int_equal(seen.ws_col, 100);

	close(slave);
	relay_close_streams(&m);
	close(pair[0]);
	close(pair[1]);
	buf_done(&m.clients[0].in);
	buf_done(&m.clients[0].queue);
	buf_done(&m.pending);
}

/* What it has read is kept no longer, though there is always something left to read. */
static void who_is_always_a_little_behind_takes_no_more_memory(void **state)
{
	enum { TURNS = 600, WRITTEN = 48 << 10, READ = 16 << 10 };
	const struct wire_attach output = { .output = 1 };
	struct pollfd fds[RELAY_MAX_FDS];
	char *bytes = test_calloc(1, WRITTEN);
	size_t heard = 0;
	struct relay m;
	int stdio[3];
	int pair[2];
	struct err err = { 0 };

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	relay_init(&m);
	assert_ok(relay_make_pipes(&m, false, stdio, &err), &err);
	assert_int_equal(fcntl(stdio[1], F_SETFL, O_NONBLOCK), 0);
	relay_add_client(&m, pair[0], output, true);
	for (int i = 0; i < TURNS; i++) {
		ssize_t got;

		(void)!write(stdio[1], bytes, WRITTEN); /* as far as it fits */
		if (poll(fds, (nfds_t)relay_watch(&m, fds), 0) > 0)
			relay_serve(&m, fds);
		got = recv(pair[1], bytes, READ, MSG_DONTWAIT);
		heard += got > 0 ? (size_t)got : 0;
	}
	assert_true(heard > (4 << 20));
	assert_true(m.clients[0].queue.size < (2 << 20));

	relay_close_streams(&m);
	close(stdio[1]);
	close(stdio[2]);
	close(pair[0]);
	close(pair[1]);
	buf_done(&m.clients[0].in);
	buf_done(&m.clients[0].queue);
	test_free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			keeps_what_is_typed_before_the_terminal_is_there),
		cmocka_unit_test(
			who_is_always_a_little_behind_takes_no_more_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
