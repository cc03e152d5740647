/* tests/test_limits.c - limits of real containers: their rules and their keeping, and what
 * the containers use. */
#include "runtime/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/cgroup.h"
#include "runtime/cgroup_file.h"
#include "runtime/container_control.h"
#include "runtime/container_usage.h"
#include "runtime/join.h"
#include "runtime/state.h"
#include "tests/box.h"

/* ---- the rules ---- */

static void expect_refused(const struct spec *spec, bool update,
			   const char *words)
{
	struct err err = { 0 };

	assert_int_equal(limits_check(spec, update, &err), -EINVAL);
	assert_string_equal(err.msg, words);
	assert_int_equal(err.voice, ERR_DAEMON);
}

static void limits_are_refused_in_dockers_words(void **state)
{
	char bad_cpus[] = "0-1-2";
	char bad_mems[] = "1-42--";
	char good_cpus[] = "0,0-0";
	char no_node[] = "0,1000";
	struct spec s = { .memory_bytes = 1 };
	struct err err = { 0 };

	(void)state;
	expect_refused(&s, false, "Minimum memory limit allowed is 6MB");
	s = (struct spec){ .memory_bytes = 64 << 20,
			   .memory_swap_bytes = 32 << 20 };
	expect_refused(&s, false, "Minimum memoryswap limit should be larger than memory limit, see usage");
	s = (struct spec){ .memory_swap_bytes = 32 << 20 };
	expect_refused(&s, false, "You should always set the Memory limit when using Memoryswap limit, see usage");
	assert_ok(limits_check(&s, true, &err), &err);
	s = (struct spec){ .memory_bytes = 8 << 20,
			   .memory_reservation_bytes = 16 << 20 };
	expect_refused(&s, false, "Minimum memory limit can not be less than memory reservation limit, see usage");
	s = (struct spec){ .nano_cpus = 500000000, .cpu_period_us = 1000 };
	expect_refused(&s, false, "Conflicting options: Nano CPUs and CPU Period cannot both be set");
	s = (struct spec){ .cpuset_cpus = bad_cpus };
	expect_refused(&s, false, "Invalid value 0-1-2 for cpuset cpus: invalid format: 0-1-2");
	s = (struct spec){ .cpuset_mems = bad_mems };
	expect_refused(&s, false, "Invalid value 1-42-- for cpuset mems: invalid format: 1-42--");
	s = (struct spec){ .cpuset_mems = no_node };
	assert_int_equal(limits_check(&s, false, &err), -EINVAL);
	assert_non_null(strstr(err.msg, "Requested memory nodes are not available - requested 0,1000, available: 0"));
	err = (struct err){ 0 };
	s = (struct spec){ .blkio_weight = 5 };
	if (limits_weighs_disks())
		expect_refused(&s, false, "Range of blkio weight is from 10 to 1000");
	else
		assert_ok(limits_check(&s, false, &err), &err);
	s = (struct spec){ .oom_score_adj = 1001 };
	expect_refused(&s, false, "Invalid value 1001, range for oom score adj is [-1000, 1000]");
	s = (struct spec){ .cpuset_cpus = good_cpus, .memory_swap_bytes = -1 };
	assert_ok(limits_check(&s, false, &err), &err);
}

static void a_processor_that_is_not_there_is_named(void **state)
{
	char far_cpu[] = "1023";
	struct spec s = { .cpuset_cpus = far_cpu };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(limits_check(&s, false, &err), -EINVAL);
	assert_non_null(strstr(err.msg, "Requested CPUs are not available - requested 1023, available: "));
}

static void restart_policies_are_checked_as_docker_does(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_ok(limits_check_restart("on-failure", 3, &err), &err);
	assert_ok(limits_check_restart("unless-stopped", 0, &err), &err);
	assert_int_equal(limits_check_restart("always", 3, &err), -EINVAL);
	assert_string_equal(err.msg, "maximum retry count cannot be used with restart policy 'always'");
	assert_int_equal(limits_check_restart("sometimes", 0, &err), -EINVAL);
	assert_string_equal(err.msg, "invalid restart policy 'sometimes'");
	assert_int_equal(limits_check_restart("on-failure", -1, &err), -EINVAL);
}

static void a_change_leaves_what_it_does_not_name(void **state)
{
	struct limits_change change = { .given = LIMITS_PIDS |
						 LIMITS_CPU_SHARES,
					.pids_limit = -1,
					.cpu_shares = 512 };
	OWN_SPEC struct spec s = { 0 };
	struct err err = { 0 };

	(void)state;
	s.memory_bytes = 64 << 20;
	s.memory_swap_bytes = 128 << 20;
	s.pids_limit = 9;
	assert_ok(limits_apply(&change, &s, &err), &err);
	assert_int_equal(s.pids_limit, -1);
	assert_int_equal(s.cpu_shares, 512);
	assert_int_equal(s.memory_bytes, 64 << 20);
	change = (struct limits_change){ .given = LIMITS_MEMORY,
					 .memory_bytes = 256 << 20 };
	assert_int_equal(limits_apply(&change, &s, &err), -EINVAL);
	assert_string_equal(err.msg, "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time");
	assert_int_equal(s.memory_bytes, 64 << 20);
	/* Only memory was asked for: as much swap again is allowed. */
	s.memory_swap_bytes = 0;
	change.memory_bytes = 100 << 20;
	assert_ok(limits_apply(&change, &s, &err), &err);
	assert_int_equal(s.memory_swap_bytes, 128 << 20);
}

/* ---- their keeping ---- */

/* The folder of a controller that a container has by its note; -1: none. */
static int folder_of(struct box *box, const char *id,
		     enum cgroup_controller controller, bool *out_v2)
{
	OWN_CGROUP struct cgroup cgroup;
	struct err err = { 0 };
	OWN_FD int folder_fd = state_open_folder(&box->home, id, &err);
	int fd;

	assert_ok(folder_fd, &err);
	cgroup_open(&cgroup, folder_fd);
	fd = cgroup_folder(&cgroup, controller, out_v2);
	return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

static void who_takes_too_much_memory_is_killed_and_it_is_known(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };
	OWN_CONTAINER struct container c = { 0 };

	need_root();
	box_make(*state, &box);
	box_spec(&spec, "exec dd if=/dev/zero of=/dev/null bs=64M count=1");
	spec.memory_bytes = 16 << 20;
	box_run(&box, &spec, NULL, &run);
	assert_ok(run.result, &run.err);
	assert_int_equal(run.exit_code, 137);
	assert_ok(container_find(&box.home, spec.id, &c, &run.err), &run.err);
	assert_true(c.oom_killed);
	assert_int_equal(c.exit_code, 137);
}

static void a_plain_user_gets_limits_of_each_process(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	need_plain_user();
	box_make(*state, &box);
	box_spec(&spec, "dd if=/dev/zero of=/dev/null bs=64M count=1; ulimit -u");
	spec.memory_bytes = 16 << 20;
	spec.pids_limit = 20;
	box_run(&box, &spec, NULL, &run);
	assert_ok(run.result, &run.err);
	assert_string_equal(buf_text(&run.out), "20\n");
	assert_non_null(strstr(buf_text(&run.err_out), "out of memory"));
}

static void one_more_process_than_allowed_is_refused(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "for i in 1 2 3 4 5 6 7 8; do sleep 9 & done; echo all");
	spec.pids_limit = 5;
	box_run(&box, &spec, NULL, &run);
	assert_ok(run.result, &run.err);
	assert_non_null(strstr(buf_text(&run.err_out), "can't fork"));
	assert_string_equal(buf_text(&run.out), "");
}

static void the_limits_stand_in_the_cgroup_and_go_with_it(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_FREE char *path = NULL;
	struct err err = { 0 };
	OWN_FD int cpu = -1;
	OWN_FD int set = -1;
	char text[64];
	bool v2;

	need_root();
	box_make(*state, &box);
	box_spec(&spec, "sleep 1000");
	spec.nano_cpus = 250000000;
	spec.cpuset_cpus = mem_str("0");
	box_start(&box, &spec);
	cpu = folder_of(&box, spec.id, CGROUP_CPU, &v2);
	assert_true(cpu >= 0);
	assert_int_equal(cgroup_file_read(cpu, v2 ? "cpu.max" :
						    "cpu.cfs_quota_us",
					  text, sizeof(text)), 0);
	assert_string_equal(text, v2 ? "25000 100000" : "25000");
	set = folder_of(&box, spec.id, CGROUP_CPUSET, &v2);
	assert_int_equal(cgroup_file_read(set, "cpuset.cpus", text,
					  sizeof(text)), 0);
	assert_string_equal(text, "0");
	assert_ok(fs_path_of(cpu, &path, &err), &err);
	assert_ok(container_remove(&box.home, spec.id, true, &err), &err);
	assert_int_equal(access(path, F_OK), -1);
}

static void a_further_program_is_under_the_same_limits(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_STRS struct strs args = { 0 };
	struct join join = { .args = &args };
	struct attach attach = { .in_fd = -1, .out_fd = -1, .err_fd = -1 };
	struct attach_end end = { 0 };
	struct err err = { 0 };

	need_root();
	box_make(*state, &box);
	box_spec(&spec, "sleep 1000");
	spec.memory_bytes = 16 << 20;
	box_start(&box, &spec);
	strs_split(&args, "dd,if=/dev/zero,of=/dev/null,bs=64M,count=1", ',');
	assert_ok(join_run(&box.home, spec.id, &join, &attach, &end, &err),
		  &err);
	assert_int_equal(end.exit_code, 137);
}

static void a_running_container_gets_limits_late(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	struct limits_change change = { .given = LIMITS_MEMORY |
						 LIMITS_MEMORY_SWAP,
					.memory_bytes = 64 << 20,
					.memory_swap_bytes = -1 };
	struct limits_change too_much = change;
	struct err err = { 0 };
	OWN_FD int memory = -1;
	uint64_t limit = 0;
	bool v2;

	need_root();
	box_make(*state, &box);
	box_spec(&spec, "sleep 1000 & sleep 1000 & wait");
	box_start(&box, &spec);
	/* One that is refused in the middle leaves nothing of it in force. */
	too_much.cpu_quota_us = INT64_C(1) << 60;
	assert_true(container_update(&box.home, spec.id, &too_much, NULL,
				     &err) < 0);
	memory = folder_of(&box, spec.id, CGROUP_MEMORY, &v2);
	assert_true(memory >= 0);
	assert_int_equal(cgroup_file_get(memory, v2 ? "memory.max" :
						      "memory.limit_in_bytes",
					 &limit), 0);
	assert_true(limit > 64 << 20);
	err = (struct err){ 0 };
	assert_ok(container_update(&box.home, spec.id, &change, NULL, &err),
		  &err);
	assert_int_equal(cgroup_file_get(memory, v2 ? "memory.max" :
						      "memory.limit_in_bytes",
					 &limit), 0);
	assert_int_equal(limit, 64 << 20);
	assert_ok(container_find(&box.home, spec.id, &c, &err), &err);
	assert_int_equal(c.spec.memory_bytes, 64 << 20);
	assert_int_equal(c.spec.memory_swap_bytes, -1);
}

static void what_does_not_run_is_changed_in_its_record(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	struct limits_change change = { .given = LIMITS_PIDS | LIMITS_RESTART,
					.pids_limit = 7,
					.restart_max = 3,
					.restart_policy = "on-failure" };
	struct err err = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "true");
	assert_ok(container_create(&box.home, &spec, &err), &err);
	assert_ok(container_update(&box.home, spec.id, &change, NULL, &err),
		  &err);
	assert_ok(container_find(&box.home, spec.id, &c, &err), &err);
	assert_int_equal(c.spec.pids_limit, 7);
	assert_string_equal(c.spec.restart_policy, "on-failure");
	assert_int_equal(c.spec.restart_max, 3);
	assert_int_equal(container_update(&box.home, "nosuch", &change, NULL,
					  &err), -ENOENT);
}

/* ---- what it uses ---- */

static void a_busy_loop_shows_in_the_usage(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	struct usage usage = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "sleep 1000 & while :; do :; done");
	box_start(&box, &spec);
	assert_ok(container_find(&box.home, spec.id, &c, &err), &err);
	/* On a slow machine the start alone may take as much, before there are two. */
	for (int i = 0; i < 3000 && (usage.cpu_ns < 100000000 || usage.pids != 2);
	     i++) {
		usleep(10000);
		assert_ok(container_usage(&box.home, &c, &usage, &err), &err);
	}
	assert_true(usage.cpu_ns >= 100000000);
	assert_int_equal(usage.pids, 2);
	assert_true(usage.memory > 0 && usage.memory < 64 << 20);
	assert_true(usage.memory_limit > usage.memory);
	c.status = CONTAINER_EXITED;
	assert_ok(container_usage(&box.home, &c, &usage, &err), &err);
	assert_int_equal(usage.pids, 0);
}

static void its_processes_are_all_of_its_pid_namespace(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_PIDS struct pids pids = { 0 };
	struct err err = { 0 };

	box_make(*state, &box);
	/* One loses its parent: it is still one of the container's. */
	box_spec(&spec, "(sleep 1000 &); sleep 1000 & echo >/ready; wait");
	box_start(&box, &spec);
	for (int i = 0; i < 3000 && pids.count != 3; i++) {
		pids_done(&pids);
		assert_ok(container_processes(&box.home, spec.id, &pids, &err),
			  &err);
		usleep(10000);
	}
	assert_int_equal(pids.count, 3);
	assert_ok(container_stop(&box.home, spec.id, 0, &err), &err);
	assert_int_equal(container_processes(&box.home, spec.id, &pids, &err),
			 -ESRCH);
	assert_non_null(strstr(err.msg, " is not running"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(limits_are_refused_in_dockers_words),
		TEST(a_processor_that_is_not_there_is_named),
		TEST(restart_policies_are_checked_as_docker_does),
		TEST(a_change_leaves_what_it_does_not_name),
		TEST_IN_SCRATCH(who_takes_too_much_memory_is_killed_and_it_is_known),
		TEST_IN_SCRATCH(a_plain_user_gets_limits_of_each_process),
		TEST_IN_SCRATCH(one_more_process_than_allowed_is_refused),
		TEST_IN_SCRATCH(the_limits_stand_in_the_cgroup_and_go_with_it),
		TEST_IN_SCRATCH(a_further_program_is_under_the_same_limits),
		TEST_IN_SCRATCH(a_running_container_gets_limits_late),
		TEST_IN_SCRATCH(what_does_not_run_is_changed_in_its_record),
		TEST_IN_SCRATCH(a_busy_loop_shows_in_the_usage),
		TEST_IN_SCRATCH(its_processes_are_all_of_its_pid_namespace),
	};

	return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
