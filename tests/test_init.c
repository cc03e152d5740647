/* tests/test_init.c - the small process 1, and views that are shared. */
#include "runtime/init.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "tests/box.h"

static void run_with_init(struct box *box, const char *script,
			  struct box_run *run)
{
	OWN_SPEC struct spec spec = { 0 };

	box_spec(&spec, script);
	spec.init = true;
	spec.auto_remove = true;
	box_run(box, &spec, NULL, run);
}

static void stands_in_front_of_the_program(void **state)
{
	OWN_BOX struct box box;
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	run_with_init(
		&box,
		"echo $$; tr '\\0' ' ' </proc/1/cmdline | cut -c1-27; cat /proc/1/comm; ls /proc/1/fd | wc -l; exit 7",
		&run);
	assert_ok(run.result, &run.err);
	assert_int_equal(run.exit_code, 7);
	assert_string_equal(buf_text(&run.out),
			    "2\n/sbin/docker-init -- sh -c \ndocker-init\n0\n");
}

static void ends_as_the_program_does(void **state)
{
	OWN_BOX struct box box;
	OWN_RUN struct box_run killed = { 0 };
	OWN_RUN struct box_run missing = { 0 };
	OWN_SPEC struct spec spec = { 0 };

	box_make(*state, &box);
	run_with_init(&box, "kill -9 $$", &killed);
	assert_ok(killed.result, &killed.err);
	assert_int_equal(killed.exit_code, 128 + SIGKILL);
	box_spec(&spec, "");
	strs_clear(&spec.args);
	strs_add(&spec.args, "nosuch");
	spec.init = true;
	box_run(&box, &spec, NULL, &missing);
	assert_int_equal(missing.result, -ENOENT);
	assert_int_equal(missing.err.status, 127);
}

static void reaps_what_others_leave(void **state)
{
	OWN_BOX struct box box;
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	/* Orphans become process 1's; a zombie would stay in /proc. */
	run_with_init(
		&box,
		"for i in 1 2 3; do (sh -c 'sleep 0.05 & echo $!' >>/tmp/pids); done; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do left=0; for p in $(cat /tmp/pids); do test -d /proc/$p && left=1; done; test $left = 0 && break; sleep 0.1; done; echo left $left",
		&run);
	assert_ok(run.result, &run.err);
	assert_string_equal(buf_text(&run.out), "left 0\n");
}

static void wait_for_output(struct box *box, const struct spec *spec)
{
	OWN_FREE char *log = mem_fmt("containers/%s/log", spec->id);

	for (int i = 0; i < 1000 && !fs_exists(box->home.fd, log); i++)
		usleep(5000);
}

static void passes_signals_on(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	struct err err = { 0 };
	int code = 0;

	box_make(*state, &box);
	box_spec(&spec,
		 "trap 'exit 3' TERM; echo up; while :; do sleep 0.05; done");
	spec.init = true;
	box_start(&box, &spec);
	wait_for_output(&box, &spec);
	assert_ok(container_stop(&box.home, spec.id, 20, &err), &err);
	assert_ok(container_wait(&box.home, spec.id, &code, &err), &err);
	assert_int_equal(code, 3);
}

static void is_not_our_program(void **state)
{
	OWN_BOX struct box box;
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	run_with_init(
		&box,
		"readlink /proc/1/exe | cut -c1-19; echo x 2>/dev/null >>/proc/1/exe || echo refused; env -i cat /proc/1/environ | tr '\\0' '\\n'",
		&run);
	assert_ok(run.result, &run.err);
	assert_string_equal(buf_text(&run.out),
			    "/memfd:docker-init \nrefused\nCHILD=2\n");
}

/* ---- views ---- */

static void sees_the_processes_of_another_container(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec donor = { 0 };
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	box_spec(&donor,
		 "echo $(hostname) >/dev/shm/name; echo up; sleep 4321; true");
	donor.ipc_mode = mem_str("shareable");
	box_start(&box, &donor);
	wait_for_output(&box, &donor);
	box_spec(
		&spec,
		"cut -d' ' -f1 /proc/1/comm; test $$ -ne 1 && echo other; test $(hostname) = $(cat /dev/shm/name) && echo same; sleep 1000 & exit 6");
	spec.pid_mode = mem_fmt("container:%s", donor.id);
	spec.ipc_mode = mem_fmt("container:%s", donor.id);
	spec.uts_mode = mem_fmt("container:%s", donor.id);
	box_run(&box, &spec, NULL, &run);
	assert_ok(run.result, &run.err);
	assert_string_equal(buf_text(&run.out), "sh\nother\nsame\n");
	assert_int_equal(run.exit_code, 6);
	assert_false(access("/mqueue", F_OK) == 0);
}

static void says_when_the_other_one_does_not_run(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec donor = { 0 };
	OWN_SPEC struct spec by_pid = { 0 };
	OWN_SPEC struct spec by_ipc = { 0 };
	OWN_RUN struct box_run first = { 0 };
	OWN_RUN struct box_run second = { 0 };
	OWN_FREE char *pid_words = NULL;
	OWN_FREE char *ipc_words = NULL;
	struct err err = { 0 };

	box_make(*state, &box);
	box_spec(&donor, "true");
	assert_ok(container_create(&box.home, &donor, &err), &err);
	pid_words = mem_fmt("container %s is not running", donor.id);
	ipc_words = mem_fmt(
		"can't join IPC of container %s: container %s is not running",
		donor.id, donor.id);
	box_spec(&by_pid, "true");
	by_pid.pid_mode = mem_fmt("container:%s", donor.id);
	box_run(&box, &by_pid, NULL, &first);
	assert_int_equal(first.result, -ESRCH);
	assert_string_equal(first.err.msg, pid_words);
	box_spec(&by_ipc, "true");
	by_ipc.ipc_mode = mem_fmt("container:%s", donor.id);
	box_run(&box, &by_ipc, NULL, &second);
	assert_int_equal(second.result, -ESRCH);
	assert_string_equal(second.err.msg, ipc_words);
}

static void joins_only_ipc_that_is_shareable(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec donor = { 0 };
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	box_spec(&donor, "sleep 1000");
	box_start(&box, &donor);
	box_spec(&spec, "true");
	spec.ipc_mode = mem_fmt("container:%s", donor.id);
	box_run(&box, &spec, NULL, &run);
	assert_int_equal(run.result, -EPERM);
	assert_non_null(strstr(run.err.msg, "non-shareable IPC"));
}

/* Without a pid namespace of its own the kernel does not end the others. */
static void leaves_no_process_behind_among_the_machines(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };
	pid_t left;

	box_make(*state, &box);
	box_spec(&spec, "sleep 54321 >/dev/null 2>&1 & echo $!");
	spec.pid_mode = mem_str("host");
	box_run(&box, &spec, NULL, &run);
	assert_ok(run.result, &run.err);
	left = (pid_t)strtol(buf_text(&run.out), NULL, 10);
	assert_true(left > 1);
	for (int i = 0; i < 2000 && kill(left, 0) == 0; i++)
		usleep(1000);
	assert_int_equal(kill(left, 0), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(stands_in_front_of_the_program),
		TEST_IN_SCRATCH(ends_as_the_program_does),
		TEST_IN_SCRATCH(reaps_what_others_leave),
		TEST_IN_SCRATCH(passes_signals_on),
		TEST_IN_SCRATCH(is_not_our_program),
		TEST_IN_SCRATCH(sees_the_processes_of_another_container),
		TEST_IN_SCRATCH(says_when_the_other_one_does_not_run),
		TEST_IN_SCRATCH(joins_only_ipc_that_is_shareable),
		TEST_IN_SCRATCH(leaves_no_process_behind_among_the_machines),
	};

	return cmocka_run_group_tests_name("init", tests, NULL, NULL);
}
