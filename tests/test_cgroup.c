/* tests/test_cgroup.c - where cgroups are found, and what is written into them. A
 * plain folder stands in where the kernel is not the matter. */
#include "runtime/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/cgroup_cpu.h"
#include "runtime/cgroup_file.h"
#include "runtime/cgroup_freezer.h"
#include "runtime/cgroup_io.h"
#include "runtime/cgroup_memory.h"
#include "runtime/cgroup_pids.h"
#include "runtime/spec.h"
#include "tests/test.h"

/* ---- finding ---- */

static void finds_our_folder_below_what_is_mounted(void **state)
{
	OWN_CGROUP_MAP struct cgroup_map map = { 0 };

	(void)state;
	cgroup_map_read(&map,
			"31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
			"35 31 0:32 /outer /cg/memory rw - cgroup cgroup rw,memory\n"
			"32 31 0:29 / /cg/cpu rw shared:9 - cgroup cgroup rw,cpuacct,cpu\n"
			"41 31 0:38 / /cg/uni\\040fied rw - cgroup2 cgroup2 rw\n",
			"4:memory:/outer/mine\n1:cpu,cpuacct:/\n0::/user/me\n");
	assert_string_equal(map.v1[CGROUP_MEMORY], "/cg/memory/mine");
	assert_string_equal(map.v1[CGROUP_CPU], "/cg/cpu");
	assert_string_equal(map.v1[CGROUP_CPUACCT], "/cg/cpu");
	assert_null(map.v1[CGROUP_CPUSET]);
	assert_string_equal(map.v2, "/cg/uni fied/user/me");
	assert_string_equal(map.v2_top, "/cg/uni fied");
}

static void a_path_outside_of_the_mount_is_its_top(void **state)
{
	OWN_CGROUP_MAP struct cgroup_map map = { 0 };

	(void)state;
	cgroup_map_read(&map,
			"35 31 0:32 /outer /cg/pids rw - cgroup cgroup rw,pids\n"
			"36 31 0:32 / /cg rw - cgroup2 cgroup2 rw\n",
			"8:pids:/outermost\n0::/../elsewhere\n");
	assert_string_equal(map.v1[CGROUP_PIDS], "/cg/pids");
	assert_string_equal(map.v2, "/cg");
}

static void half_a_line_is_no_mount(void **state)
{
	OWN_CGROUP_MAP struct cgroup_map map = { 0 };

	(void)state;
	cgroup_map_read(&map, "35 31\n - cgroup\n35 31 0:32 / /x rw - cgroup\n",
			"nonsense\n4:memory\n");
	assert_null(map.v1[CGROUP_MEMORY]);
	assert_null(map.v2);
}

/* ---- version 2's files ---- */

static void version_2_gets_memory_and_swap_apart(void **state)
{
	struct scratch *cgroup = *state;
	struct spec spec = { .memory_bytes = 64 << 20,
			     .memory_reservation_bytes = 32 << 20 };
	struct err err = { 0 };

	scratch_write(cgroup, "memory.max", "");
	scratch_write(cgroup, "memory.swap.max", "");
	scratch_write(cgroup, "memory.low", "");
	assert_ok(cgroup_memory_set(cgroup->fd, true, &spec, &err), &err);
	assert_string_equal(scratch_read(cgroup, "memory.max"), "67108864");
	assert_string_equal(scratch_read(cgroup, "memory.swap.max"),
			    "67108864");
	assert_string_equal(scratch_read(cgroup, "memory.low"), "33554432");
	spec.memory_swap_bytes = 64 << 20; /* no swap at all */
	scratch_write(cgroup, "memory.swap.max", "");
	assert_ok(cgroup_memory_set(cgroup->fd, true, &spec, &err), &err);
	assert_string_equal(scratch_read(cgroup, "memory.swap.max"), "0");
}

static void a_kernel_without_swap_counting_gets_the_memory_limit(void **state)
{
	struct scratch *cgroup = *state;
	struct spec spec = { .memory_bytes = 64 << 20 };
	struct err err = { 0 };

	scratch_write(cgroup, "memory.max", "");
	scratch_write(cgroup, "memory.limit_in_bytes", "");
	assert_ok(cgroup_memory_set(cgroup->fd, true, &spec, &err), &err);
	assert_ok(cgroup_memory_set(cgroup->fd, false, &spec, &err), &err);
	assert_string_equal(scratch_read(cgroup, "memory.limit_in_bytes"),
			    "67108864");
}

static void a_missing_controller_is_named(void **state)
{
	struct scratch *cgroup = *state;
	struct spec spec = { .memory_bytes = 64 << 20 };
	struct err err = { 0 };

	assert_int_equal(cgroup_memory_set(cgroup->fd, true, &spec, &err),
			 -ENOENT);
	assert_non_null(strstr(err.msg, "memory.max"));
}

static void processor_time_is_a_share_of_each_tenth_of_a_second(void **state)
{
	struct scratch *cgroup = *state;
	struct spec spec = { .nano_cpus = 500000000, .cpu_shares = 1024 };
	struct err err = { 0 };

	scratch_write(cgroup, "cpu.max", "");
	scratch_write(cgroup, "cpu.weight", "");
	assert_ok(cgroup_cpu_set(cgroup->fd, true, &spec, &err), &err);
	assert_string_equal(scratch_read(cgroup, "cpu.max"), "50000 100000");
	assert_string_equal(scratch_read(cgroup, "cpu.weight"), "39");
	scratch_write(cgroup, "cpu.cfs_period_us", "");
	scratch_write(cgroup, "cpu.cfs_quota_us", "");
	scratch_write(cgroup, "cpu.shares", "");
	assert_ok(cgroup_cpu_set(cgroup->fd, false, &spec, &err), &err);
	assert_string_equal(scratch_read(cgroup, "cpu.cfs_quota_us"), "50000");
	assert_string_equal(scratch_read(cgroup, "cpu.shares"), "1024");
}

static void weights_reach_from_end_to_end(void **state)
{
	(void)state;
	assert_int_equal(cgroup_cpu_weight(2), 1);
	assert_int_equal(cgroup_cpu_weight(262144), 10000);
	assert_int_equal(cgroup_cpu_weight(0), 1);
	assert_int_equal(cgroup_cpu_weight(1 << 30), 10000);
}

static void a_limit_of_processes_can_be_lifted(void **state)
{
	struct scratch *cgroup = *state;
	struct err err = { 0 };

	scratch_write(cgroup, "pids.max", "");
	assert_ok(cgroup_pids_set(cgroup->fd, 12, &err), &err);
	assert_string_equal(scratch_read(cgroup, "pids.max"), "12");
	scratch_write(cgroup, "pids.max", "");
	assert_ok(cgroup_pids_set(cgroup->fd, -1, &err), &err);
	assert_string_equal(scratch_read(cgroup, "pids.max"), "max");
}

static void disks_are_summed_over_all_devices(void **state)
{
	struct scratch *cgroup = *state;
	uint64_t in = 0;
	uint64_t out = 0;
	struct err err = { 0 };

	scratch_write(cgroup, "io.stat",
		      "8:0 rbytes=4096 wbytes=100 rios=1 wios=1 dbytes=0 dios=0\n"
		      "8:16 rbytes=1 wbytes=2 rios=1 wios=1\n");
	assert_int_equal(cgroup_io_moved(cgroup->fd, true, &in, &out), 0);
	assert_int_equal(in, 4097);
	assert_int_equal(out, 102);
	scratch_write(cgroup, "blkio.throttle.io_service_bytes_recursive",
		      "8:0 Read 10\n8:0 Write 20\n8:0 Sync 30\n8:0 Total 30\n"
		      "8:16 Read 1\nTotal 31\n");
	assert_int_equal(cgroup_io_moved(cgroup->fd, false, &in, &out), 0);
	assert_int_equal(in, 11);
	assert_int_equal(out, 20);
	assert_int_equal(cgroup_io_set_weight(cgroup->fd, true, 500, &err),
			 -ENOENT);
	scratch_write(cgroup, "io.weight", "");
	assert_ok(cgroup_io_set_weight(cgroup->fd, true, 1000, &err), &err);
	assert_string_equal(scratch_read(cgroup, "io.weight"), "10000");
}

static void reads_numbers_and_keys(void **state)
{
	struct scratch *cgroup = *state;
	uint64_t n = 7;

	scratch_write(cgroup, "number", "42\n");
	scratch_write(cgroup, "most", "max\n");
	scratch_write(cgroup, "keys", "low 1\noom 2\noom_kill 3\n");
	assert_int_equal(cgroup_file_get(cgroup->fd, "number", &n), 0);
	assert_int_equal(n, 42);
	assert_int_equal(cgroup_file_get(cgroup->fd, "most", &n), 0);
	assert_true(n == UINT64_MAX);
	assert_int_equal(cgroup_file_key(cgroup->fd, "keys", "oom_kill", &n),
			 0);
	assert_int_equal(n, 3);
	assert_int_equal(cgroup_file_key(cgroup->fd, "keys", "kill", &n),
			 -ENOENT);
	assert_int_equal(cgroup_file_get(cgroup->fd, "nothing", &n), -ENOENT);
}

static void idle_files_are_no_use_of_memory(void **state)
{
	struct scratch *cgroup = *state;
	uint64_t used = 0;

	scratch_write(cgroup, "memory.current", "1000\n");
	scratch_write(cgroup, "memory.stat", "anon 1\ninactive_file 300\n");
	assert_int_equal(cgroup_memory_used(cgroup->fd, true, &used), 0);
	assert_int_equal(used, 700);
	scratch_write(cgroup, "memory.events", "oom 1\noom_kill 2\n");
	assert_int_equal(cgroup_memory_oom_kills(cgroup->fd, true), 2);
}

static void freezing_is_given_up_where_nothing_stands_still(void **state)
{
	struct scratch *folder = *state;
	OWN_CGROUP struct cgroup cgroup;
	struct err err = { 0 };

	cgroup_init(&cgroup);
	assert_false(cgroup_freezer_is_there(&cgroup));
	cgroup.v2 = fcntl(folder->fd, F_DUPFD_CLOEXEC, 3);
	cgroup.v2_has = CGROUP_BIT(CGROUP_FREEZER);
	scratch_write(folder, "cgroup.freeze", "");
	scratch_write(folder, "cgroup.events", "populated 1\nfrozen 0\n");
	assert_int_equal(cgroup_freezer_freeze(&cgroup, &err), -ETIMEDOUT);
	scratch_write(folder, "cgroup.events", "populated 1\nfrozen 1\n");
	assert_ok(cgroup_freezer_freeze(&cgroup, &err), &err);
}

/* ---- the note ---- */

static void a_note_cannot_lead_elsewhere(void **state)
{
	struct scratch *folder = *state;
	OWN_FREE char *victim = scratch_path(folder, "dockershell-x");
	OWN_FREE char *note = mem_fmt("memory %s\nlate v2 %s\nmemory /\nv2\n",
				      victim, victim);
	OWN_CGROUP struct cgroup cgroup;

	scratch_mkdir(folder, "dockershell-x");
	scratch_write(folder, "cgroup", note);
	cgroup_open(&cgroup, folder->fd);
	assert_false(cgroup_is_there(&cgroup)); /* no cgroup file system */
	cgroup_remove(folder->fd, "x");
	assert_true(scratch_has(folder, "dockershell-x"));
	assert_false(scratch_has(folder, "cgroup"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_our_folder_below_what_is_mounted),
		TEST(a_path_outside_of_the_mount_is_its_top),
		TEST(half_a_line_is_no_mount),
		TEST_IN_SCRATCH(version_2_gets_memory_and_swap_apart),
		TEST_IN_SCRATCH(a_kernel_without_swap_counting_gets_the_memory_limit),
		TEST_IN_SCRATCH(a_missing_controller_is_named),
		TEST_IN_SCRATCH(processor_time_is_a_share_of_each_tenth_of_a_second),
		TEST(weights_reach_from_end_to_end),
		TEST_IN_SCRATCH(a_limit_of_processes_can_be_lifted),
		TEST_IN_SCRATCH(disks_are_summed_over_all_devices),
		TEST_IN_SCRATCH(reads_numbers_and_keys),
		TEST_IN_SCRATCH(idle_files_are_no_use_of_memory),
		TEST_IN_SCRATCH(freezing_is_given_up_where_nothing_stands_still),
		TEST_IN_SCRATCH(a_note_cannot_lead_elsewhere),
	};

	return cmocka_run_group_tests_name("cgroup", tests, NULL, NULL);
}
