/* tests/test_hops.c - the way to a published port, judged by facts that are made up. */
#include "runtime/hops.h"

#include <string.h>

#include "runtime/container.h"
#include "runtime/port_refusal.h"
#include "runtime/sides.h"
#include "runtime/userns.h"
#include "tests/test.h"

static const char tcp_table[] =
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12345 1 0000 100 0 0 10 0\n"
	"   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1 0000 100 0 0 10 0\n"
	"   2: 0200A8C0:0050 0300A8C0:D431 01 00000000:00000000 00:00000000 00000000     0        0 78 1 0000 100 0 0 10 0\n"
	"half a line";
static const char tcp6_table[] =
	"   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 99 1\n"
	"   1: 00000000000000000000000001000000:0051 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 98 1\n";

static void only_sockets_that_wait_are_read(void **state)
{
	OWN_LISTENERS struct listeners l = { 0 };

	(void)state;
	listeners_parse(tcp_table, false, false, &l);
	listeners_parse(tcp6_table, false, true, &l);
	assert_int_equal(l.count, 4);
	assert_string_equal(l.items[0].ip, "127.0.0.1");
	assert_int_equal(l.items[0].port, 8080);
	assert_int_equal(l.items[0].uid, 1000);
	assert_int_equal(l.items[0].inode, 12345);
	assert_true(listener_is_loopback(&l.items[0]));
	assert_false(listener_is_reached(&l.items[0], "172.17.0.2"));
	assert_true(listener_is_reached(&l.items[1], "172.17.0.2"));
	assert_string_equal(l.items[2].ip, "::");
	assert_true(listener_is_reached(&l.items[2], "172.17.0.2"));
	assert_string_equal(l.items[3].ip, "::1");
	assert_true(listener_is_loopback(&l.items[3]));
}

/* A container that runs, with 8080 published to its port 80. */
struct world {
	struct container container;
	struct hops_outside outside;
	enum hops_try tried;
	struct listener inside;
	struct sides holder;
	struct hops_facts facts;
};

static void make_world(struct world *w)
{
	struct endpoint *endpoint;

	*w = (struct world){
		.outside = { .ip = "0.0.0.0",
			     .port = 8080,
			     .inside = 80,
			     .listens = true,
			     .ours = true },
		.tried = HOPS_ARRIVED,
		.inside = { .ip = "0.0.0.0", .port = 80, .pid = 9 },
		.holder = { .pid = 9, .inside = 1, .name = "httpd" }
	};
	spec_init(&w->container.spec);
	w->container.spec.name = strdup("web");
	w->container.spec.image = strdup("site");
	w->container.status = CONTAINER_RUNNING;
	endpoint = endpoints_add(&w->container.spec.networks, "bridge");
	endpoint->ip = strdup("172.17.0.2");
	endpoint->device = strdup("eth0");
	w->facts = (struct hops_facts){
		.container = &w->container,
		.outside = &w->outside,
		.outside_count = 1,
		.tried = &w->tried,
		.forwarder = 77,
		.device_up = true,
		.inside = { &w->inside, 1 },
		.holders = &w->holder,
	};
}

/* The first way of that world has this end. */
static void expect_end(struct world *w, enum hop_cause cause, int hop)
{
	OWN_PORT_WAYS struct port_ways ways = { 0 };

	hops_judge(&w->facts, &ways);
	assert_true(ways.count >= 1);
	assert_string_equal(hop_cause_name(ways.items[0].cause),
			    hop_cause_name(cause));
	if (cause == HOP_CAUSE_NONE) {
		assert_int_equal(ways.items[0].failed, -1);
	} else {
		assert_int_equal(ways.items[0].hops[ways.items[0].failed].kind,
				 hop);
		assert_int_equal(ways.items[0].hops[ways.items[0].failed].state,
				 HOP_FAILS);
		assert_non_null(ways.items[0].fix);
	}
	/* What comes next is nothing that this account may not do. */
	if (ways.items[0].command && strstr(ways.items[0].command, "-p 80:"))
		assert_true(userns_is_root() || port_refusal_lowest() <= 80);
	container_done(&w->container);
}

static void each_broken_hop_is_the_one_that_is_named(void **state)
{
	struct world w;

	(void)state;
	make_world(&w);
	expect_end(&w, HOP_CAUSE_NONE, 0);
	make_world(&w);
	w.container.status = CONTAINER_EXITED;
	expect_end(&w, HOP_NOT_RUNNING, HOP_RUNS);
	make_world(&w);
	w.container.status = CONTAINER_PAUSED;
	expect_end(&w, HOP_PAUSED, HOP_RUNS);
	make_world(&w);
	w.container.spec.network_mode = strdup("none");
	expect_end(&w, HOP_NO_NETWORK, HOP_NETWORK);
	make_world(&w);
	w.outside.listens = false;
	expect_end(&w, HOP_NOBODY_AT_MACHINE, HOP_MACHINE);
	make_world(&w);
	w.outside.ours = false;
	expect_end(&w, HOP_OTHER_AT_MACHINE, HOP_MACHINE);
	make_world(&w);
	w.facts.forwarder = 0;
	expect_end(&w, HOP_NO_FORWARDER, HOP_FORWARDER);
	make_world(&w);
	w.facts.forwarder_stopped = true;
	expect_end(&w, HOP_STOPPED_FORWARDER, HOP_FORWARDER);
	make_world(&w);
	w.facts.device_up = false;
	expect_end(&w, HOP_NO_ADDRESS, HOP_ADDRESS);
	make_world(&w);
	w.tried = HOPS_SILENT;
	expect_end(&w, HOP_CONNECTION_SILENT, HOP_TRY);
	make_world(&w);
	w.tried = HOPS_BROKEN;
	expect_end(&w, HOP_CONNECTION_BROKEN, HOP_TRY);
}

static void a_socket_that_does_not_fit_is_told_from_none(void **state)
{
	struct world w;

	(void)state;
	make_world(&w);
	strcpy(w.inside.ip, "127.0.0.1");
	expect_end(&w, HOP_LOOPBACK_ONLY, HOP_SOCKET);
	make_world(&w);
	w.inside.port = 8000;
	expect_end(&w, HOP_OTHER_PORT, HOP_SOCKET);
	make_world(&w);
	w.inside.udp = true;
	expect_end(&w, HOP_OTHER_PROTOCOL, HOP_SOCKET);
	make_world(&w);
	w.facts.inside.count = 0;
	expect_end(&w, HOP_NOBODY_LISTENS, HOP_SOCKET);
	make_world(&w);
	strcpy(w.inside.ip,
	       "127.0.0.11"); /* the name server is nobody's socket */
	expect_end(&w, HOP_NOBODY_LISTENS, HOP_SOCKET);
	make_world(&w);
	strcpy(w.inside.ip, "172.17.0.2");
	expect_end(&w, HOP_CAUSE_NONE, 0);
}

static void what_is_only_exposed_is_not_published(void **state)
{
	struct world w;

	(void)state;
	make_world(&w);
	w.facts.outside_count = 0;
	strs_add(&w.container.spec.exposed, "80/tcp");
	expect_end(&w, HOP_NOT_PUBLISHED, HOP_PUBLISHED);
	make_world(&w);
	w.container.spec.network_mode = strdup("host");
	expect_end(&w, HOP_CAUSE_NONE, 0);
	make_world(&w);
	w.container.spec.network_mode = strdup("host");
	w.inside.port = 9000;
	expect_end(&w, HOP_HOST_NETWORK, HOP_SOCKET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_sockets_that_wait_are_read),
		cmocka_unit_test(each_broken_hop_is_the_one_that_is_named),
		cmocka_unit_test(a_socket_that_does_not_fit_is_told_from_none),
		cmocka_unit_test(what_is_only_exposed_is_not_published),
	};

	return cmocka_run_group_tests_name("hops", tests, NULL, NULL);
}
