/* tests/test_network.c - ranges, records of networks, and who has which address. */
#include "runtime/network.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/endpoint.h"
#include "runtime/home.h"
#include "runtime/leases.h"
#include "runtime/subnet.h"
#include "tests/test.h"

static void open_home(struct scratch *scratch, struct home *home)
{
	OWN_FREE char *path = scratch_path(scratch, "home");
	struct err err = { 0 };

	assert_ok(home_open(path, home, &err), &err);
}

#define OWN_HOME __attribute__((cleanup(home_close)))

/* ---- ranges ---- */

static void reads_what_is_a_range_and_nothing_else(void **state)
{
	static const char *const good[] = { "10.0.0.0/8", "172.17.5.4/16",
					    "0.0.0.0/0",  "fd00::/64",
					    "::1/128",	  "10.1.2.3/32" };
	static const char *const bad[] = { "",		"10.0.0.0",  "10.0.0.0/",
					   "10.0.0/8",	"10.0.0.0/33", "fd00::/129",
					   "/8",	"10.0.0.0/-1", "10.0.0.0/8x",
					   "10.0.0.256/8", "x/8" };
	struct subnet subnet;
	char text[SUBNET_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(subnet_parse(good[i], &subnet));
		subnet_text(&subnet, text);
		assert_string_equal(text, good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(subnet_parse(bad[i], &subnet));
}

static struct subnet range_of(const char *text)
{
	struct subnet subnet = { 0 };

	assert_true(subnet_parse(text, &subnet));
	return subnet;
}

static void counts_addresses_there_and_back(void **state)
{
	static const char *const ranges[] = { "172.18.0.0/16", "10.9.8.128/25",
					      "fd00:1::/64", "fd00::/112" };
	char text[SUBNET_TEXT];
	struct address address;
	struct subnet range;

	(void)state;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		for (uint64_t n = 0; n < 127; n += 9) {
			range = range_of(ranges[i]);
			subnet_address(&range, n, &address);
			assert_true(subnet_contains(&range, &address));
			assert_int_equal(subnet_number(&range, &address), n);
		}
	range = range_of("172.18.0.0/16");
	subnet_address(&range, subnet_last(&range), &address);
	address_text(&address, text);
	assert_string_equal(text, "172.18.255.255");
}

static void knows_which_ranges_overlap(void **state)
{
	const struct subnet wide = range_of("172.16.0.0/12");
	const struct subnet in_it = range_of("172.18.3.0/24");
	const struct subnet other = range_of("172.32.0.0/16");
	const struct subnet six = range_of("::/0");

	(void)state;
	assert_true(subnet_overlaps(&wide, &in_it));
	assert_true(subnet_overlaps(&in_it, &wide));
	assert_false(subnet_overlaps(&wide, &other));
	assert_false(subnet_overlaps(&wide, &six));
}

/* ---- records ---- */

static void has_the_three_networks_of_docker_at_once(void **state)
{
	OWN_HOME struct home home = { .fd = -1 };
	OWN_NETWORKS struct networks all = { 0 };
	OWN_NETWORK struct network again = { 0 };
	struct err err = { 0 };

	open_home(*state, &home);
	assert_ok(network_list(&home, &all, &err), &err);
	assert_int_equal(all.count, 3);
	assert_string_equal(all.items[0].name, "bridge");
	assert_string_equal(all.items[1].name, "host");
	assert_string_equal(all.items[2].name, "none");
	assert_string_equal(all.items[0].gateway, "172.17.0.1");
	/* Its id stays, and is a way to it. */
	assert_ok(network_find(&home, all.items[0].id, &again, &err), &err);
	assert_string_equal(again.name, "bridge");
}

static int create(struct home *home, const char *name, const char *subnet,
		  struct network *out, struct err *err)
{
	*out = (struct network){ .name = mem_str(name),
				 .subnet = mem_str(subnet) };
	return network_create(home, out, err);
}

static void makes_finds_and_removes_one(void **state)
{
	OWN_HOME struct home home = { .fd = -1 };
	OWN_NETWORK struct network made = { 0 };
	OWN_NETWORK struct network found = { 0 };
	OWN_FREE char *prefix = NULL;
	struct err err = { 0 };

	open_home(*state, &home);
	made.name = mem_str("front");
	made.internal = true;
	strs_add(&made.labels, "a=b");
	assert_ok(network_create(&home, &made, &err), &err);
	assert_int_equal(strlen(made.id), 64);
	assert_non_null(made.subnet);
	prefix = mem_strn(made.id, 8);
	assert_ok(network_find(&home, prefix, &found, &err), &err);
	assert_string_equal(found.name, "front");
	assert_string_equal(found.driver, "bridge");
	assert_true(found.internal);
	assert_string_equal(found.labels.items[0], "a=b");
	assert_ok(network_remove(&home, "front", &err), &err);
	network_done(&found);
	assert_int_equal(network_find(&home, "front", &found, &err), -ENOENT);
	assert_string_equal(err.msg, "network front not found");
}

static void gives_no_range_twice(void **state)
{
	OWN_HOME struct home home = { .fd = -1 };
	OWN_NETWORK struct network a = { 0 };
	OWN_NETWORK struct network b = { 0 };
	OWN_NETWORK struct network c = { 0 };
	OWN_NETWORK struct network d = { 0 };
	struct err err = { 0 };

	open_home(*state, &home);
	assert_ok(create(&home, "a", NULL, &a, &err), &err);
	assert_ok(create(&home, "b", NULL, &b, &err), &err);
	assert_string_not_equal(a.subnet, b.subnet);
	assert_string_not_equal(a.subnet, "172.17.0.0/16");
	assert_ok(create(&home, "c", "10.231.0.0/16", &c, &err), &err);
	assert_string_equal(c.gateway, "10.231.0.1");
	assert_int_equal(create(&home, "d", "10.231.7.0/24", &d, &err),
			 -EADDRINUSE);
	assert_string_equal(err.msg,
			    "Pool overlaps with other one on this address space");
}

static void refuses_what_docker_refuses_in_its_words(void **state)
{
	static const struct {
		const char *name;
		const char *driver;
		const char *subnet;
		const char *message;
	} cases[] = {
		{ "none", NULL, NULL,
		  "operation is not permitted on predefined none network " },
		{ "x", "host", NULL,
		  "only one instance of \"host\" network is allowed" },
		{ "x", "nosuch", NULL, "plugin \"nosuch\" not found" },
		{ "x", NULL, "10.0.0.0", "invalid CIDR address: 10.0.0.0" },
		{ "taken", NULL, NULL,
		  "network with name taken already exists" },
	};
	OWN_HOME struct home home = { .fd = -1 };
	OWN_NETWORK struct network taken = { 0 };
	struct err err = { 0 };

	open_home(*state, &home);
	assert_ok(create(&home, "taken", NULL, &taken, &err), &err);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		OWN_NETWORK struct network wish = {
			.name = mem_str(cases[i].name),
			.driver = mem_str(cases[i].driver),
			.subnet = mem_str(cases[i].subnet),
		};

		assert_true(network_create(&home, &wish, &err) < 0);
		assert_string_equal(err.msg, cases[i].message);
	}
	assert_int_equal(network_remove(&home, "bridge", &err), -EPERM);
	assert_string_equal(err.msg,
			    "bridge is a pre-defined network and cannot be removed");
}

static void makes_a_broken_record_of_its_own_anew(void **state)
{
	OWN_HOME struct home home = { .fd = -1 };
	OWN_NETWORK struct network bridge = { 0 };
	OWN_NETWORKS struct networks all = { 0 };
	struct err err = { 0 };

	open_home(*state, &home);
	scratch_write(*state, "home/networks/bridge.json", "{ \"id\": 7");
	scratch_write(
		*state,
		"home/networks/0123456789012345678901234567890123456789012345678901234567890123.json",
		"half");
	assert_ok(network_find(&home, "bridge", &bridge, &err), &err);
	assert_string_equal(bridge.subnet, "172.17.0.0/16");
	assert_ok(network_list(&home, &all, &err), &err);
	assert_int_equal(all.count, 3);
}

/* ---- addresses ---- */

/* Takes one, tells it (its last byte), and stays until it is killed. */
static _Noreturn void take_and_stay(const struct home *home,
				    const struct network *network, int to)
{
	struct address address = { 0 };
	struct err err = { 0 };
	int fd = leases_open(home, network, &err);

	if (fd < 0 ||
	    leases_take(fd, network, AF_INET, NULL, &address, &err) < 0 ||
	    write(to, &address.bytes[3], 1) != 1)
		_exit(1);
	pause();
	_exit(0);
}

static void gives_twenty_at_once_an_address_each_and_takes_them_back(void **state)
{
	enum { COUNT = 20 };
	OWN_HOME struct home home = { .fd = -1 };
	OWN_NETWORK struct network network = { 0 };
	struct address address;
	struct err err = { 0 };
	bool seen[256] = { false };
	pid_t pids[COUNT];
	int pair[2];
	int fd;

	open_home(*state, &home);
	assert_ok(create(&home, "n", "10.232.0.0/24", &network, &err), &err);
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	for (int i = 0; i < COUNT; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			take_and_stay(&home, &network, pair[1]);
	}
	for (int i = 0; i < COUNT; i++) {
		unsigned char last;

		assert_int_equal(read(pair[0], &last, 1), 1);
		assert_false(seen[last]);
		seen[last] = true;
	}
	assert_false(seen[1]); /* the gateway's */
	fd = leases_open(&home, &network, &err);
	assert_ok(fd, &err);
	assert_true(leases_any(fd));
	assert_int_equal(network_remove(&home, "n", &err), -EBUSY);
	assert_non_null(strstr(err.msg, "has active endpoints"));
	close(fd);
	for (int i = 0; i < COUNT; i++) {
		kill(pids[i], SIGKILL);
		assert_int_equal(child_status(pids[i]), 128 + SIGKILL);
	}
	fd = leases_open(&home, &network, &err);
	assert_false(leases_any(fd));
	assert_ok(leases_take(fd, &network, AF_INET, NULL, &address, &err), &err);
	assert_int_equal(address.bytes[3], 2); /* the lowest is free again */
	close(fd);
	close(pair[0]);
	close(pair[1]);
}

static void keeps_to_what_was_asked_of_a_range(void **state)
{
	OWN_HOME struct home home = { .fd = -1 };
	OWN_NETWORK struct network network = {
		.name = mem_str("n"),
		.subnet = mem_str("10.233.0.0/16"),
		.ip_range = mem_str("10.233.4.0/30"),
		.subnet6 = mem_str("fd33::/64"),
		.ipv6 = true,
	};
	static const char *const expected[] = { "10.233.4.2", "10.233.4.3" };
	struct address address;
	char text[SUBNET_TEXT];
	struct err err = { 0 };
	OWN_FD int fd = -1;

	open_home(*state, &home);
	strs_add(&network.aux, "printer=10.233.4.1");
	assert_ok(network_create(&home, &network, &err), &err);
	assert_string_equal(network.gateway, "10.233.4.0");
	fd = leases_open(&home, &network, &err);
	for (int i = 0; i < 2; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			_exit(0);
		(void)child_status(pid); /* a child's end takes nothing back */
		assert_ok(leases_take(fd, &network, AF_INET, expected[i],
				      &address, &err),
			  &err);
		address_text(&address, text);
		assert_string_equal(text, expected[i]);
	}
	assert_int_equal(leases_take(fd, &network, AF_INET, "10.234.0.9",
				     &address, &err),
			 -EINVAL);
	assert_int_equal(leases_take(fd, &network, AF_INET, "10.233.4.0",
				     &address, &err),
			 -EADDRINUSE);
	assert_string_equal(err.msg, "Address already in use");
	assert_ok(leases_take(fd, &network, AF_INET6, NULL, &address, &err),
		  &err);
	address_text(&address, text);
	assert_string_equal(text, "fd33::2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_what_is_a_range_and_nothing_else),
		TEST(counts_addresses_there_and_back),
		TEST(knows_which_ranges_overlap),
		TEST_IN_SCRATCH(has_the_three_networks_of_docker_at_once),
		TEST_IN_SCRATCH(makes_finds_and_removes_one),
		TEST_IN_SCRATCH(gives_no_range_twice),
		TEST_IN_SCRATCH(refuses_what_docker_refuses_in_its_words),
		TEST_IN_SCRATCH(makes_a_broken_record_of_its_own_anew),
		TEST_IN_SCRATCH(gives_twenty_at_once_an_address_each_and_takes_them_back),
		TEST_IN_SCRATCH(keeps_to_what_was_asked_of_a_range),
	};

	return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
