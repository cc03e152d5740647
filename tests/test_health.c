/* tests/test_health.c - health checks of real containers. */
#include "runtime/health.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/container_control.h"
#include "runtime/monitor.h"
#include "runtime/state.h"
#include "runtime/wire.h"
#include "tests/box.h"

static const int64_t MS = 1000000;

/* Polls until the container's health is that, for ten seconds at most. */
static void wait_until(struct box *box, const char *id,
		       enum container_health health)
{
	int64_t end = clock_ms() + 10000;
	struct err err = { 0 };

	for (;;) {
		OWN_CONTAINER struct container c = { 0 };

		assert_ok(container_find(&box->home, id, &c, &err), &err);
		if (c.health == health)
			return;
		if (clock_ms() >= end)
			fail_msg("its health is %d after %d failures", c.health,
				 c.health_failing);
		usleep(3000);
	}
}

/* A spec that sleeps and is checked every 50 ms. */
static void checked_spec(struct spec *spec, const char *script,
			 const char *check)
{
	box_spec(spec, script);
	strs_add(&spec->health_test, "CMD-SHELL");
	strs_add(&spec->health_test, check);
	spec->health_interval_ns = 50 * MS;
	spec->health_retries = 2;
}

/* The results as they lie there; given. There is at least one. */
static json_t *results(struct box *box, const char *id)
{
	struct err err = { 0 };
	OWN_FD int folder = state_open_folder(&box->home, id, &err);

	assert_ok(folder, &err);
	for (int i = 0; i < 2000; i++) {
		OWN_BUF struct buf text = { 0 };
		json_t *list = NULL;

		if (fs_read(folder, "health.json", 1 << 20, &text, &err) == 0)
			list = json_loadb(text.data, text.len, 0, NULL);
		if (json_array_size(list) > 0)
			return list;
		json_decref(list);
		usleep(3000);
	}
	fail_msg("no result came");
	return NULL;
}

static const char *output_of(json_t *list, size_t index)
{
	return json_string_value(json_object_get(json_array_get(list, index),
						 "Output"));
}

/* Says something to the program's input. */
static void tell(struct box *box, const char *id, const char *what)
{
	const struct wire_attach streams = { .input = true };
	struct err err = { 0 };
	OWN_FD int fd = monitor_connect(&box->home, id, &err);

	assert_ok(fd, &err);
	assert_int_equal(wire_send(fd, WIRE_ATTACH, &streams, sizeof(streams)),
			 0);
	assert_int_equal(wire_send(fd, WIRE_INPUT, what, strlen(what)), 0);
}

static void one_without_a_test_is_not_checked(void **state)
{
	OWN_SPEC struct spec spec;

	(void)state;
	spec_init(&spec);
	assert_false(health_is_wanted(&spec));
	strs_add(&spec.health_test, "NONE");
	assert_false(health_is_wanted(&spec));
	strs_add(&spec.health_test, "x");
	assert_false(health_is_wanted(&spec));
}

static void goes_from_starting_to_healthy_to_unhealthy_and_back(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	struct err err = { 0 };
	json_t *list;

	box_make(*state, &box);
	checked_spec(&spec, "while read what; do echo $what >/is; done",
		     "echo check; [ \"$(cat /is)\" != ill ]");
	spec.open_stdin = true;
	box_start(&box, &spec);
	wait_until(&box, spec.id, HEALTH_HEALTHY);
	tell(&box, spec.id, "ill\n");
	wait_until(&box, spec.id, HEALTH_UNHEALTHY);
	assert_ok(container_find(&box.home, spec.id, &c, &err), &err);
	assert_true(c.health_failing >= 2);
	tell(&box, spec.id, "well\n");
	wait_until(&box, spec.id, HEALTH_HEALTHY);
	list = results(&box, spec.id);
	assert_in_range(json_array_size(list), 4, HEALTH_RESULTS);
	assert_non_null(strstr(output_of(list, 0), "check\n"));
	json_decref(list);
}

static void a_check_that_takes_too_long_has_failed(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	struct err err = { 0 };
	json_t *list;

	box_make(*state, &box);
	checked_spec(&spec, "exec sleep 1000", "sleep 1000");
	spec.health_timeout_ns = 100 * MS;
	spec.health_retries = 1;
	box_start(&box, &spec);
	wait_until(&box, spec.id, HEALTH_UNHEALTHY);
	list = results(&box, spec.id);
	assert_string_equal(output_of(list, 0),
			    "Health check exceeded timeout (100ms)");
	json_decref(list);
	/* and it holds up nobody: not the container's end either */
	assert_ok(container_stop(&box.home, spec.id, 0, &err), &err);
}

static void failures_do_not_count_while_it_may_still_start(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	checked_spec(&spec, "exec sleep 1000", "exit 1");
	spec.health_start_period_ns = 1000000 * MS;
	spec.health_retries = 1;
	box_start(&box, &spec);
	json_decref(results(&box, spec.id));
	assert_ok(container_find(&box.home, spec.id, &c, &err), &err);
	assert_int_equal(c.health, HEALTH_STARTING);
	assert_int_equal(c.health_failing, 0);
}

static void says_why_a_check_could_not_run(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	json_t *list;

	box_make(*state, &box);
	box_spec(&spec, "exec sleep 1000");
	strs_add(&spec.health_test, "CMD");
	strs_add(&spec.health_test, "/nosuch");
	spec.health_interval_ns = 50 * MS;
	box_start(&box, &spec);
	list = results(&box, spec.id);
	assert_int_equal(json_integer_value(json_object_get(
				 json_array_get(list, 0), "ExitCode")),
			 -1);
	assert_non_null(strstr(output_of(list, 0), "no such file or directory"));
	json_decref(list);
}

static void keeps_the_beginning_of_much_output(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	json_t *list;

	box_make(*state, &box);
	checked_spec(&spec, "exec sleep 1000",
		     "printf '\\377'; yes | head -n 10000");
	box_start(&box, &spec);
	list = results(&box, spec.id);
	/* what is no UTF-8 is one character of three bytes */
	assert_int_equal(strlen(output_of(list, 0)), HEALTH_OUTPUT + 2 + 3);
	assert_string_equal(output_of(list, 0) + HEALTH_OUTPUT + 2, "...");
	json_decref(list);
}

static void begins_anew_with_each_start(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	checked_spec(&spec, "exec sleep 1000", "true");
	box_start(&box, &spec);
	wait_until(&box, spec.id, HEALTH_HEALTHY);
	assert_ok(container_stop(&box.home, spec.id, 0, &err), &err);
	assert_ok(container_find(&box.home, spec.id, &c, &err), &err);
	assert_int_equal(c.health, HEALTH_UNHEALTHY); /* as in Docker */
	assert_ok(container_start(&box.home, spec.id, NULL, NULL, &err), &err);
	wait_until(&box, spec.id, HEALTH_HEALTHY);
}

static void one_that_is_paused_is_not_well_until_the_next_check(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	checked_spec(&spec, "exec sleep 1000", "true");
	box_start(&box, &spec);
	wait_until(&box, spec.id, HEALTH_HEALTHY);
	assert_ok(container_pause(&box.home, spec.id, &err), &err);
	assert_ok(container_find(&box.home, spec.id, &c, &err), &err);
	assert_int_equal(c.health, HEALTH_UNHEALTHY);
	assert_int_equal(c.health_failing, 0);
	assert_ok(container_unpause(&box.home, spec.id, &err), &err);
	wait_until(&box, spec.id, HEALTH_HEALTHY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_without_a_test_is_not_checked),
		TEST_IN_SCRATCH(goes_from_starting_to_healthy_to_unhealthy_and_back),
		TEST_IN_SCRATCH(a_check_that_takes_too_long_has_failed),
		TEST_IN_SCRATCH(failures_do_not_count_while_it_may_still_start),
		TEST_IN_SCRATCH(says_why_a_check_could_not_run),
		TEST_IN_SCRATCH(keeps_the_beginning_of_much_output),
		TEST_IN_SCRATCH(begins_anew_with_each_start),
		TEST_IN_SCRATCH(one_that_is_paused_is_not_well_until_the_next_check),
	};

	return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
