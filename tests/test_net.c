/* tests/test_net.c - real containers on real networks. */
#include "runtime/net.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/endpoint.h"
#include "runtime/network.h"
#include "runtime/userns.h"
#include "tests/box.h"

static void make_network(struct box *box, const char *name, bool internal,
			 struct network *out)
{
	struct err err = { 0 };

	*out = (struct network){ .name = mem_str(name), .internal = internal };
	assert_ok(network_create(&box->home, out, &err), &err);
}

/* A container that sleeps; `network` NULL: on the default one. */
static void start(struct box *box, const char *name, const char *network)
{
	OWN_SPEC struct spec spec = { 0 };

	box_spec(&spec, "exec sleep 1000");
	spec.name = mem_str(name);
	spec.network_mode = mem_str(network);
	box_start(box, &spec);
}

/* Runs a script on a network and returns its exit code; out may be NULL. */
static int run_on(struct box *box, const char *network, const char *script,
		  struct buf *out)
{
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_spec(&spec, script);
	spec.auto_remove = true;
	spec.network_mode = mem_str(network);
	box_run(box, &spec, NULL, &run);
	assert_ok(run.result, &run.err);
	if (out)
		buf_add(out, buf_text(&run.out), run.out.len);
	return run.exit_code;
}

/* Whether a container on `network` reaches an address. */
static bool reaches(struct box *box, const char *network, const char *address,
		    int seconds)
{
	OWN_FREE char *script = mem_fmt("ping -c 1 -W %d %s", seconds, address);

	return run_on(box, network, script, NULL) == 0;
}

/* Its address on a network, given; NULL: it has none there. */
static char *address_on(struct box *box, const char *name,
			const struct network *network)
{
	OWN_CONTAINER struct container c = { 0 };
	struct err err = { 0 };

	assert_ok(container_find(&box->home, name, &c, &err), &err);
	for (size_t i = 0; i < c.spec.networks.count; i++)
		if (network_has(network, &c.spec.networks.items[i]))
			return mem_str(c.spec.networks.items[i].ip);
	return NULL;
}

/* Whether a container that writes down which devices it has comes to have one, or
 * to have it no more. */
static bool comes_to_have(struct box *box, const char *name, const char *device,
			  bool wanted)
{
	for (int i = 0; i < 500; i++) {
		OWN_BUF struct buf text = { 0 };
		struct err err = { 0 };
		OWN_FD int fd = container_open_file(&box->home, name,
						    "/tmp/seen", &err);

		if (fd >= 0 && fs_read_fd(fd, 4096, &text, &err) == 0 &&
		    text.len && !!strstr(buf_text(&text), device) == wanted)
			return true;
		usleep(10000);
	}
	return false;
}

static void two_containers_reach_each_other_and_the_next_network_does_not(
	void **state)
{
	OWN_BOX struct box box;
	OWN_NETWORK struct network bridge = { 0 };
	OWN_NETWORK struct network front = { 0 };
	OWN_FREE char *on_bridge = NULL;
	OWN_FREE char *on_front = NULL;
	struct err err = { 0 };

	box_make(*state, &box);
	make_network(&box, "front", false, &front);
	start(&box, "aa", NULL);
	start(&box, "bb", "front");
	assert_ok(network_find(&box.home, "bridge", &bridge, &err), &err);
	on_bridge = address_on(&box, "aa", &bridge);
	on_front = address_on(&box, "bb", &front);
	assert_non_null(on_bridge);
	assert_non_null(on_front);
	assert_true(reaches(&box, NULL, on_bridge, 5));
	assert_true(reaches(&box, "front", on_front, 5));
	assert_false(reaches(&box, "front", on_bridge, 1));
	assert_int_equal(network_remove(&box.home, "front", &err), -EBUSY);
}

static void comes_to_a_network_and_leaves_it_while_it_runs(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_NETWORK struct network late = { 0 };
	OWN_FREE char *there = NULL;
	OWN_FREE char *gone = NULL;
	struct err err = { 0 };

	box_make(*state, &box);
	make_network(&box, "late", true, &late);
	box_spec(&spec, "while :; do ls /sys/class/net >/tmp/new; mv /tmp/new /tmp/seen; sleep 0.02; done");
	spec.name = mem_str("web");
	box_start(&box, &spec);
	assert_true(comes_to_have(&box, "web", "eth1", false));
	assert_ok(network_connect(&box.home, "late", "web", NULL, &err), &err);
	there = address_on(&box, "web", &late);
	assert_non_null(there);
	assert_true(comes_to_have(&box, "web", "eth1", true));
	assert_true(reaches(&box, "late", there, 5));
	assert_int_equal(network_connect(&box.home, "late", "web", NULL, &err),
			 -EEXIST);
	assert_string_equal(err.msg,
			    "endpoint with name web already exists in network late");
	assert_ok(network_disconnect(&box.home, "late", "web", false, &err),
		  &err);
	gone = address_on(&box, "web", &late);
	assert_null(gone);
	assert_true(comes_to_have(&box, "web", "eth1", false));
	assert_ok(network_remove(&box.home, "late", &err), &err);
}

static void shares_the_network_and_the_names_of_another(void **state)
{
	static const char script[] = "hostname; ip -4 -o addr; cat /etc/hosts";
	OWN_BOX struct box box;
	OWN_CONTAINER struct container web = { 0 };
	OWN_SPEC struct spec spec = { 0 };
	OWN_FREE char *mode = NULL;
	OWN_RUN struct box_run run = { 0 };
	OWN_BUF struct buf out = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	start(&box, "web", NULL);
	assert_ok(container_find(&box.home, "web", &web, &err), &err);
	mode = mem_fmt("container:%s", web.spec.id);
	assert_int_equal(run_on(&box, mode, script, &out), 0);
	assert_int_equal(strncmp(buf_text(&out), web.spec.hostname,
				 strlen(web.spec.hostname)),
			 0);
	assert_non_null(strstr(buf_text(&out), web.spec.networks.items[0].ip));
	assert_ok(container_remove(&box.home, "web", true, &err), &err);
	box_spec(&spec, "true");
	spec.network_mode = mem_str(mode);
	box_run(&box, &spec, NULL, &run);
	assert_true(run.result < 0);
}

static void takes_an_address_back_from_a_monitor_that_was_killed(void **state)
{
	OWN_BOX struct box box;
	OWN_NETWORK struct network bridge = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	OWN_FREE char *first = NULL;
	OWN_FREE char *none = NULL;
	OWN_BUF struct buf out = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	start(&box, "web", NULL);
	assert_ok(network_find(&box.home, "bridge", &bridge, &err), &err);
	first = address_on(&box, "web", &bridge);
	assert_ok(container_find(&box.home, "web", &c, &err), &err);
	assert_int_equal(kill(c.monitor_pid, SIGKILL), 0);
	for (int i = 0; i < 500 && c.status == CONTAINER_RUNNING; i++) {
		usleep(10000);
		container_done(&c);
		assert_ok(container_find(&box.home, "web", &c, &err), &err);
	}
	assert_int_equal(c.status, CONTAINER_EXITED);
	none = address_on(&box, "web", &bridge);
	assert_null(none);
	/* Of what it had locked, its end gives back one after the other. */
	for (int i = 0; i < 50 && !strstr(buf_text(&out), first); i++) {
		buf_clear(&out);
		assert_int_equal(run_on(&box, NULL, "ip -4 -o addr show eth0",
					&out),
				 0);
	}
	assert_non_null(strstr(buf_text(&out), first));
}

static void names_the_network_that_is_not_there(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "true");
	spec.network_mode = mem_str("nosuch");
	box_run(&box, &spec, NULL, &run);
	assert_int_equal(run.result, -ENOENT);
	assert_string_equal(run.err.msg, "network nosuch not found");
	assert_int_equal(run.err.status, 125);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(two_containers_reach_each_other_and_the_next_network_does_not),
		TEST_IN_SCRATCH(comes_to_a_network_and_leaves_it_while_it_runs),
		TEST_IN_SCRATCH(shares_the_network_and_the_names_of_another),
		TEST_IN_SCRATCH(takes_an_address_back_from_a_monitor_that_was_killed),
		TEST_IN_SCRATCH(names_the_network_that_is_not_there),
	};

	return cmocka_run_group_tests_name("net", tests, NULL, NULL);
}
