/* tests/test_life.c - what goes on between a container's first start and its end:
 * restart policies, stop, restart, rename, and what a monitor leaves. */
#include "runtime/container.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/monitor.h"
#include "tests/box.h"

/* Polls until the container is in that state with that many restarts, for a
 * minute at most. */
static void wait_until(struct box *box, const char *id,
		       enum container_status status, int restarts)
{
	int64_t end = clock_ms() + 60000;
	struct err err = { 0 };

	for (;;) {
		OWN_CONTAINER struct container c = { 0 };

		assert_ok(container_find(&box->home, id, &c, &err), &err);
		if (c.status == status && c.restart_count >= restarts)
			return;
		if (clock_ms() >= end)
			fail_msg("it is %s after %d restarts",
				 container_status_name(c.status),
				 c.restart_count);
		usleep(3000);
	}
}

static void set_policy(struct spec *spec, const char *policy, int max)
{
	spec->restart_policy = mem_str(policy);
	spec->restart_max = max;
}

static void starts_again_after_failures_as_often_as_was_said(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	OWN_BUF struct buf log = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "echo run; exit 7");
	set_policy(&spec, "on-failure", 2);
	box_start(&box, &spec);
	wait_until(&box, spec.id, CONTAINER_EXITED, 2);
	assert_ok(container_find(&box.home, spec.id, &c, &err), &err);
	assert_int_equal(c.restart_count, 2);
	assert_int_equal(c.exit_code, 7);
	assert_false(c.asked_to_stop);
	box_log(&box, spec.id, &log);
	assert_string_equal(buf_text(&log), "run\nrun\nrun\n");
}

static void a_success_is_not_started_again_on_failure(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	/* fails once, then succeeds */
	box_spec(&spec, "test -e /tmp/mark && exit 0; touch /tmp/mark; exit 1");
	set_policy(&spec, "on-failure", 0);
	box_start(&box, &spec);
	wait_until(&box, spec.id, CONTAINER_EXITED, 1);
	assert_ok(container_find(&box.home, spec.id, &c, &err), &err);
	assert_int_equal(c.restart_count, 1);
	assert_int_equal(c.exit_code, 0);
}

static void stop_ends_the_waiting_for_the_next_start_at_once(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	struct err err = { 0 };
	int64_t before;

	box_make(*state, &box);
	box_spec(&spec, "exit 3");
	set_policy(&spec, "always", 0);
	box_start(&box, &spec);
	/* by then it waits for 800 ms */
	wait_until(&box, spec.id, CONTAINER_RESTARTING, 4);
	before = clock_ms();
	assert_ok(container_stop(&box.home, spec.id, 10, &err), &err);
	assert_in_range(clock_ms() - before, 0, 700);
	assert_ok(container_find(&box.home, spec.id, &c, &err), &err);
	assert_int_equal(c.status, CONTAINER_EXITED);
	assert_int_equal(c.exit_code, 3);
	assert_true(c.asked_to_stop);
	/* and `start` begins anew */
	assert_ok(container_start(&box.home, spec.id, NULL, NULL, &err), &err);
	wait_until(&box, spec.id, CONTAINER_RESTARTING, 1);
	assert_ok(container_kill(&box.home, spec.id, SIGKILL, &err), &err);
	wait_until(&box, spec.id, CONTAINER_EXITED, 0);
}

static void is_removed_by_force_while_it_waits_for_the_next_start(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "exit 3");
	set_policy(&spec, "unless-stopped", 0);
	box_start(&box, &spec);
	wait_until(&box, spec.id, CONTAINER_RESTARTING, 3);
	assert_int_equal(container_remove(&box.home, spec.id, false, &err),
			 -EBUSY);
	assert_non_null(strstr(err.msg, "You cannot remove a restarting container"));
	assert_ok(container_remove(&box.home, spec.id, true, &err), &err);
	assert_int_equal(container_find(&box.home, spec.id, &c, &err),
			 -ENOENT);
}

static void an_end_that_was_asked_for_is_final(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	struct err err = { 0 };
	int code = 0;

	box_make(*state, &box);
	box_spec(&spec, "sleep 1000");
	set_policy(&spec, "always", 0);
	box_start(&box, &spec);
	assert_ok(container_kill(&box.home, spec.id, SIGKILL, &err), &err);
	assert_ok(container_wait(&box.home, spec.id, &code, &err), &err);
	assert_int_equal(code, 137);
	assert_ok(container_find(&box.home, spec.id, &c, &err), &err);
	assert_int_equal(c.status, CONTAINER_EXITED);
	assert_int_equal(c.restart_count, 0);
}

static void says_that_its_policy_ended_with_its_monitor(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "sleep 1000");
	set_policy(&spec, "always", 0);
	box_start(&box, &spec);
	assert_ok(container_find(&box.home, spec.id, &c, &err), &err);
	assert_int_equal(kill(c.monitor_pid, SIGKILL), 0);
	wait_until(&box, spec.id, CONTAINER_EXITED, 0);
	container_done(&c);
	assert_ok(container_find(&box.home, spec.id, &c, &err), &err);
	assert_int_equal(c.exit_code, 255);
	assert_non_null(strstr(c.error, "restart policy"));
}

static void restarts_in_place_and_keeps_one_to_be_removed(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINER struct container before = { 0 };
	OWN_CONTAINER struct container after = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "sleep 1000");
	spec.auto_remove = true;
	box_start(&box, &spec);
	assert_ok(container_find(&box.home, spec.id, &before, &err), &err);
	assert_ok(container_restart(&box.home, spec.id, 0, &err), &err);
	assert_ok(container_find(&box.home, spec.id, &after, &err), &err);
	assert_int_equal(after.status, CONTAINER_RUNNING);
	assert_int_not_equal(after.pid, before.pid);
	assert_int_equal(after.monitor_pid, before.monitor_pid);
	assert_int_equal(after.restart_count, 0);
	assert_ok(container_stop(&box.home, spec.id, 0, &err), &err);
	container_done(&after);
	assert_int_equal(container_find(&box.home, spec.id, &after, &err),
			 -ENOENT);
}

static void restart_starts_one_that_does_not_run(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "test -e /tmp/mark && sleep 1000; touch /tmp/mark");
	box_run(&box, &spec, NULL, &run);
	assert_ok(container_restart(&box.home, spec.id, 0, &err), &err);
	wait_until(&box, spec.id, CONTAINER_RUNNING, 0);
}

static void a_stop_is_finished_though_whoever_asked_is_gone(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	OWN_BUF struct buf in = { 0 };
	struct err err = { 0 };
	int fd;

	box_make(*state, &box);
	box_spec(&spec, "trap '' TERM; while :; do sleep 0.05; done");
	box_start(&box, &spec);
	fd = container_stop_begin(&box.home, spec.id, 1, &in, &err);
	assert_ok(fd, &err);
	close(fd); /* Ctrl-C */
	wait_until(&box, spec.id, CONTAINER_EXITED, 0);
	assert_ok(container_find(&box.home, spec.id, &c, &err), &err);
	assert_int_equal(c.exit_code, 137);
}

static void keeps_its_new_name_over_its_end(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_SPEC struct spec other = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "sleep 1000");
	spec.name = mem_str("old");
	box_start(&box, &spec);
	assert_ok(container_rename(&box.home, "old", "new", &err), &err);
	assert_int_equal(container_find(&box.home, "old", &c, &err), -ENOENT);
	assert_ok(container_stop(&box.home, "new", 0, &err), &err);
	assert_ok(container_find(&box.home, "new", &c, &err), &err);
	assert_string_equal(c.spec.name, "new");
	/* and the old one is free */
	box_spec(&other, "true");
	other.name = mem_str("old");
	box_start(&box, &other);
	assert_int_equal(container_rename(&box.home, "old", "new", &err),
			 -EEXIST);
	assert_non_null(strstr(err.msg, "Error when allocating new name: Conflict. The container name \"/new\" is already in use"));
}

static void gives_both_names_back_with_auto_remove(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "sleep 1000");
	spec.name = mem_str("old");
	spec.auto_remove = true;
	box_start(&box, &spec);
	assert_ok(container_rename(&box.home, "old", "new", &err), &err);
	assert_ok(container_stop(&box.home, "new", 0, &err), &err);
	assert_false(fs_exists(box.home.fd, "containers/by-name/old"));
	assert_false(fs_exists(box.home.fd, "containers/by-name/new"));
}

/* Whoever builds may be killed before it has made a layer of it. */
static void a_step_that_ended_well_is_no_container_any_more(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	const struct attach nobody = { .in_fd = -1, .out_fd = -1, .err_fd = -1 };
	struct containers left = { 0 };
	struct err err = { 0 };
	int lock_fd = -1;
	int code = -1;

	box_make(*state, &box);
	box_spec(&spec, "true");
	assert_ok(container_run_for_layer(&box.home, &spec, &nobody, &code,
					  &lock_fd, &err),
		  &err);
	assert_int_equal(code, 0);
	assert_ok(container_list(&box.home, &left, &err), &err);
	assert_int_equal(left.count, 0);
	assert_true(fs_exists(lock_fd, "upper"));
	container_clear(&box.home, &spec, lock_fd);
}

/* In a shell of one day there are hundreds. */
static void who_starts_many_keeps_no_dead_monitors(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_SPEC struct spec next = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	siginfo_t info = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "sleep 1000");
	box_start(&box, &spec);
	assert_ok(container_find(&box.home, spec.id, &c, &err), &err);
	assert_ok(container_kill(&box.home, spec.id, SIGKILL, &err), &err);
	assert_int_equal(waitid(P_PID, (id_t)c.monitor_pid, &info,
				WEXITED | WNOWAIT),
			 0);
	box_spec(&next, "true");
	box_start(&box, &next);
	assert_int_equal(waitid(P_PID, (id_t)c.monitor_pid, &info,
				WEXITED | WNOHANG | WNOWAIT),
			 -1);
	wait_until(&box, next.id, CONTAINER_EXITED, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(starts_again_after_failures_as_often_as_was_said),
		TEST_IN_SCRATCH(a_success_is_not_started_again_on_failure),
		TEST_IN_SCRATCH(stop_ends_the_waiting_for_the_next_start_at_once),
		TEST_IN_SCRATCH(is_removed_by_force_while_it_waits_for_the_next_start),
		TEST_IN_SCRATCH(an_end_that_was_asked_for_is_final),
		TEST_IN_SCRATCH(says_that_its_policy_ended_with_its_monitor),
		TEST_IN_SCRATCH(restarts_in_place_and_keeps_one_to_be_removed),
		TEST_IN_SCRATCH(restart_starts_one_that_does_not_run),
		TEST_IN_SCRATCH(a_stop_is_finished_though_whoever_asked_is_gone),
		TEST_IN_SCRATCH(keeps_its_new_name_over_its_end),
		TEST_IN_SCRATCH(gives_both_names_back_with_auto_remove),
		TEST_IN_SCRATCH(a_step_that_ended_well_is_no_container_any_more),
		TEST_IN_SCRATCH(who_starts_many_keeps_no_dead_monitors),
	};

	return cmocka_run_group_tests_name("life", tests, NULL, NULL);
}
