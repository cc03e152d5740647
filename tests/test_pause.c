/* tests/test_pause.c - containers that stand still: whole, and not for ever. */
#include "runtime/container_control.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "tests/box.h"

/* How often the script below has counted; it writes to its writable layer. */
static long counted(struct box *box, const char *id)
{
	OWN_FREE char *path = mem_fmt("containers/%s/upper/n", id);
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };

	(void)fs_read(box->home.fd, path, 1 << 20, &text, &ignored);
	return (long)text.len;
}

static const char counter[] = "while :; do echo -n x >>/n; done";

/* Waits until it has counted on, ten seconds at most. */
static bool counts_on(struct box *box, const char *id)
{
	long before = counted(box, id);

	for (int i = 0; i < 1000; i++) {
		if (counted(box, id) > before)
			return true;
		usleep(10000);
	}
	return false;
}

static void a_paused_container_stands_still_and_goes_on(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	struct err err = { 0 };
	long before;

	box_make(*state, &box);
	box_spec(&spec, counter);
	box_start(&box, &spec);
	assert_true(counts_on(&box, spec.id));
	assert_ok(container_pause(&box.home, spec.id, &err), &err);
	before = counted(&box, spec.id);
	assert_ok(container_find(&box.home, spec.id, &c, &err), &err);
	assert_int_equal(c.status, CONTAINER_PAUSED);
	assert_int_equal(container_pause(&box.home, spec.id, &err), -EBUSY);
	assert_non_null(strstr(err.msg, " is already paused"));
	usleep(200000); /* in which it would have counted hundreds of times */
	assert_int_equal(counted(&box, spec.id), before);
	assert_ok(container_unpause(&box.home, spec.id, &err), &err);
	assert_true(counts_on(&box, spec.id));
	assert_int_equal(container_unpause(&box.home, spec.id, &err), -EBUSY);
	assert_non_null(strstr(err.msg, " is not paused"));
}

static void what_forks_all_the_time_is_caught_whole(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	struct err err = { 0 };
	long before;

	box_make(*state, &box);
	box_spec(&spec, "f() { while :; do (echo -n x >>/n); done; }; f & f & f & f");
	box_start(&box, &spec);
	assert_true(counts_on(&box, spec.id));
	for (int i = 0; i < 5; i++) {
		assert_ok(container_pause(&box.home, spec.id, &err), &err);
		before = counted(&box, spec.id);
		usleep(50000);
		assert_int_equal(counted(&box, spec.id), before);
		assert_ok(container_unpause(&box.home, spec.id, &err), &err);
		assert_true(counts_on(&box, spec.id));
	}
}

static void a_paused_container_can_be_stopped_and_removed(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	int code = 0;
	int r = -EBUSY;
	struct err err = { 0 };

	box_make(*state, &box);
	/* It counts once it has its trap. */
	box_spec(&spec, "trap 'exit 3' TERM; while :; do echo -n x >>/n; sleep 0.01; done");
	box_start(&box, &spec);
	assert_true(counts_on(&box, spec.id));
	assert_ok(container_pause(&box.home, spec.id, &err), &err);
	assert_int_equal(container_start(&box.home, spec.id, NULL, NULL, &err),
			 -EBUSY);
	assert_string_equal(err.msg, "cannot start a paused container, try unpause instead");
	assert_int_equal(container_remove(&box.home, spec.id, false, &err),
			 -EBUSY);
	assert_non_null(strstr(err.msg, "Unpause and then stop the container"));
	assert_ok(container_stop(&box.home, spec.id, 10, &err), &err);
	assert_ok(container_wait(&box.home, spec.id, &code, &err), &err);
	assert_int_equal(code, 3);
	/* Its monitor may still be on its way out. */
	for (int i = 0; i < 500 && r != 0; i++) {
		usleep(10000);
		r = container_start(&box.home, spec.id, NULL, NULL, &err);
	}
	assert_ok(r, &err);
	assert_ok(container_pause(&box.home, spec.id, &err), &err);
	assert_ok(container_remove(&box.home, spec.id, true, &err), &err);
	assert_int_equal(container_find(&box.home, spec.id, &c, &err), -ENOENT);
}

static bool is_gone(pid_t pid)
{
	for (int i = 0; i < 500; i++) {
		if (kill(pid, 0) < 0 && errno == ESRCH)
			return true;
		usleep(10000);
	}
	return false;
}

static void a_killed_monitor_takes_a_paused_container_along(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	OWN_CONTAINER struct container after = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	box_spec(&spec, counter);
	spec.pids_limit = 10;
	box_start(&box, &spec);
	assert_ok(container_pause(&box.home, spec.id, &err), &err);
	assert_ok(container_find(&box.home, spec.id, &c, &err), &err);
	assert_int_equal(kill(c.monitor_pid, SIGKILL), 0);
	/* Whoever looks next sweeps: a frozen process of version 1 lives until
	 * then. */
	for (int i = 0; i < 500; i++) {
		container_done(&after);
		assert_ok(container_find(&box.home, spec.id, &after, &err),
			  &err);
		if (after.status == CONTAINER_EXITED)
			break;
		usleep(10000);
	}
	assert_int_equal(after.status, CONTAINER_EXITED);
	assert_true(is_gone(c.pid));
	assert_ok(container_remove(&box.home, spec.id, false, &err), &err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(a_paused_container_stands_still_and_goes_on),
		TEST_IN_SCRATCH(what_forks_all_the_time_is_caught_whole),
		TEST_IN_SCRATCH(a_paused_container_can_be_stopped_and_removed),
		TEST_IN_SCRATCH(
			a_killed_monitor_takes_a_paused_container_along),
	};

	return cmocka_run_group_tests_name("pause", tests, NULL, NULL);
}
