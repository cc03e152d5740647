/* tests/test_mounts.c - folders of the machine, volumes and tmpfs in real
 * containers. */
#include "runtime/mounts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/userns.h"
#include "tests/box.h"

/* Runs a script with these mounts and gives what it printed; asserts that it
 * started. */
static void run_with(struct box *box, struct spec *spec, struct box_run *run)
{
	spec->auto_remove = true;
	box_run(box, spec, NULL, run);
	assert_ok(run->result, &run->err);
	assert_string_equal(buf_text(&run->err_out), "");
}

static void bind(struct spec *spec, const struct scratch *scratch,
		 const char *source, const char *rest)
{
	OWN_FREE char *path = scratch_path(scratch, source);

	strs_addf(&spec->mounts, "type=bind,source=%s,%s", path, rest);
}

static void shows_a_folder_of_the_machine(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	scratch_write(*state, "host/a", "from outside\n");
	box_spec(&spec, "cat /mnt/a; echo inside >/mnt/b");
	bind(&spec, *state, "host", "target=/mnt");
	run_with(&box, &spec, &run);
	assert_string_equal(buf_text(&run.out), "from outside\n");
	assert_string_equal(scratch_read(*state, "host/b"), "inside\n");
}

static void lets_nobody_write_where_it_is_read_only(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	scratch_write(*state, "host/a", "kept\n");
	box_spec(
		&spec,
		"for f in /mnt/a /mnt/b /f; do echo x 2>/dev/null >$f || echo refused; done 2>/dev/null; mount -o remount,rw /mnt 2>/dev/null || echo stays");
	bind(&spec, *state, "host", "target=/mnt,readonly");
	bind(&spec, *state, "host/a", "target=/f,readonly");
	run_with(&box, &spec, &run);
	assert_string_equal(buf_text(&run.out),
			    "refused\nrefused\nrefused\nstays\n");
	assert_string_equal(scratch_read(*state, "host/a"), "kept\n");
	assert_false(scratch_has(*state, "host/b"));
}

static void mounts_what_lies_higher_first(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	scratch_write(*state, "low/x", "low\n");
	scratch_write(*state, "high/y", "high\n");
	box_spec(&spec, "cat /m/y /m/sub/x; touch /m/sub/t/z");
	bind(&spec, *state, "low", "target=/m/sub");
	bind(&spec, *state, "high", "target=/m");
	strs_add(&spec.tmpfs, "/m/sub/t:mode=755");
	run_with(&box, &spec, &run);
	assert_string_equal(buf_text(&run.out), "high\nlow\n");
	assert_true(scratch_has(*state, "high/sub")); /* as Docker makes it */
	assert_false(scratch_has(*state, "low/t/z"));
}

static void shows_new_mount_points_as_added(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	scratch_write(*state, "host/a", "a\n");
	box_spec(&spec, "touch /vol/inside /t/inside");
	bind(&spec, *state, "host", "target=/vol");
	strs_add(&spec.tmpfs, "/t");
	box_run(&box, &spec, NULL, &run);
	assert_ok(run.result, &run.err);
	box_changed(&box, spec.id,
		    "A /t\nA /vol\n");
}

/* A layer whose links point out of the container. */
static void add_links(struct box *box, struct scratch *scratch)
{
	OWN_FREE char *canary = scratch_path(scratch, "canary");
	struct err err = { 0 };
	OWN_FD int root = fs_open_dir(box->home.fd, "layers/aa/diff", &err);

	scratch_mkdir(scratch, "canary");
	assert_ok(root, &err);
	assert_int_equal(symlinkat(canary, root, "out"), 0);
	assert_int_equal(symlinkat("../../../../../../../../../..", root, "up"),
			 0);
	assert_int_equal(symlinkat("/srv", root, "in"), 0);
	assert_int_equal(symlinkat("../../not/./yet/there/", root, "new"), 0);
}

static void never_follows_a_link_out_of_the_container(void **state)
{
	static const char *const targets[] = { "/in/v", "/up/v", "/up/srv/w" };
	OWN_BOX struct box box;
	OWN_SPEC struct spec good = { 0 };
	OWN_SPEC struct spec inside = { 0 };
	OWN_RUN struct box_run first = { 0 };
	OWN_RUN struct box_run second = { 0 };

	box_make(*state, &box);
	add_links(&box, *state);
	scratch_write(*state, "host/a", "a\n");
	box_spec(&good, "cat /srv/v/a /v/a /srv/w/a");
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		OWN_FREE char *rest = mem_fmt("target=%s", targets[i]);

		bind(&good, *state, "host", rest);
	}
	run_with(&box, &good, &first);
	assert_string_equal(buf_text(&first.out), "a\na\na\n");

	/* Where the link's end is not in the image it is made, in there. */
	box_spec(&inside, "cat /out/v/a /new/a; ls -d /not/yet/there");
	bind(&inside, *state, "host", "target=/out/v");
	bind(&inside, *state, "host", "target=/new");
	run_with(&box, &inside, &second);
	assert_string_equal(buf_text(&second.out), "a\na\n/not/yet/there\n");
	assert_false(scratch_has(*state, "canary/v"));
}

static void refuses_what_would_change_proc(void **state)
{
	static const char *const targets[] = { "/proc", "/proc/self",
					       "/proc/sys/kernel" };
	OWN_BOX struct box box;

	box_make(*state, &box);
	scratch_write(*state, "host/a", "a\n");
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		OWN_SPEC struct spec spec = { 0 };
		OWN_RUN struct box_run run = { 0 };
		OWN_FREE char *rest = mem_fmt("target=%s", targets[i]);

		box_spec(&spec, "true");
		bind(&spec, *state, "host", rest);
		box_run(&box, &spec, NULL, &run);
		assert_int_equal(run.result, -EPERM);
		assert_non_null(
			strstr(run.err.msg,
			       "cannot be mounted because it is inside /proc"));
	}
}

static void says_when_a_folder_meets_a_file(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	scratch_mkdir(*state, "host");
	box_spec(&spec, "true");
	bind(&spec, *state, "host", "target=/etc/passwd");
	box_run(&box, &spec, NULL, &run);
	assert_int_equal(run.result, -ENOTDIR);
	assert_int_equal(run.err.status, 125);
	assert_non_null(
		strstr(run.err.msg,
		       "Are you trying to mount a directory onto a file"));
}

static void takes_the_users_file_before_its_own(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	scratch_write(*state, "hosts", "1.2.3.4 mine\n");
	box_spec(&spec, "cat /etc/hosts; ls /dev/shm");
	bind(&spec, *state, "hosts", "target=/etc/hosts");
	scratch_write(*state, "shm/there", "");
	bind(&spec, *state, "shm", "target=/dev/shm");
	run_with(&box, &spec, &run);
	assert_string_equal(buf_text(&run.out), "1.2.3.4 mine\nthere\n");
}

static void gives_a_tmpfs_of_that_size_and_mode(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	box_spec(
		&spec,
		"stat -c %a /a /b /srv/deep; dd if=/dev/zero of=/a/f bs=1k count=100 2>/dev/null || echo full; cp /bin/busybox /b/ls 2>/dev/null; /b/ls / 2>/dev/null || echo noexec; ls /srv/deep");
	strs_add(&spec.tmpfs, "/a:size=8k,mode=700");
	strs_add(&spec.tmpfs, "/b");
	strs_add(&spec.tmpfs, "/srv/deep");
	run_with(&box, &spec, &run);
	assert_string_equal(buf_text(&run.out),
			    "700\n1777\n755\nfull\nnoexec\n");
}

static void fills_an_empty_volume_from_the_image(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec first = { 0 };
	OWN_SPEC struct spec second = { 0 };
	OWN_SPEC struct spec third = { 0 };
	OWN_RUN struct box_run one = { 0 };
	OWN_RUN struct box_run two = { 0 };
	OWN_RUN struct box_run three = { 0 };

	box_make(*state, &box);
	box_spec(&first, "cat /srv/deep/file; echo more >/srv/more");
	strs_add(&first.mounts, "type=volume,source=data,target=/srv");
	run_with(&box, &first, &one);
	assert_string_equal(buf_text(&one.out), "below\n");

	/* What is in it stays, and goes to the next one. */
	box_spec(&second, "cat /data/more /data/deep/file; ls /data");
	strs_add(&second.mounts,
		 "type=volume,source=data,target=/data,readonly");
	run_with(&box, &second, &two);
	assert_string_equal(buf_text(&two.out), "more\nbelow\ndeep\nmore\n");

	box_spec(&third, "ls /srv");
	strs_add(&third.mounts,
		 "type=volume,source=other,target=/srv,volume-nocopy");
	run_with(&box, &third, &three);
	assert_string_equal(buf_text(&three.out), "");
}

static void keeps_owners_and_modes_in_a_volume(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	assert_int_equal(
		fchmodat(box.home.fd, "layers/aa/diff/srv/deep", 01750, 0), 0);
	box_spec(&spec, "stat -c '%a %u' /srv/deep; readlink /bin/ls");
	strs_add(&spec.mounts, "type=volume,source=v1,target=/srv/deep");
	strs_add(&spec.mounts, "type=volume,source=v2,target=/bin");
	run_with(&box, &spec, &run);
	assert_string_equal(buf_text(&run.out), "1750 0\nbusybox\n");
}

static void removes_a_volume_without_a_name_with_its_container(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };

	box_make(*state, &box);
	box_spec(&spec, "echo x >/v/x; mkdir -m 0 /v/closed");
	strs_add(&spec.mounts, "type=volume,source=abc,target=/v,anonymous");
	strs_add(&spec.mounts, "type=volume,source=named,target=/w");
	run_with(&box, &spec, &run);
	assert_false(scratch_has(*state, "home/volumes/abc"));
	assert_true(scratch_has(*state, "home/volumes/named/_data"));
}

static void makes_nothing_on_the_machine_itself(void **state)
{
	static const char *const names[] = { "/vol", "/mqueue", "/shm", "/pts",
					     "/scratch-of-a-test" };
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_RUN struct box_run run = { 0 };
	bool there[5];

	box_make(*state, &box);
	for (size_t i = 0; i < 5; i++)
		there[i] = access(names[i], F_OK) == 0;
	scratch_mkdir(*state, "host");
	box_spec(&spec, "true");
	bind(&spec, *state, "host", "target=/scratch-of-a-test/a/b");
	strs_add(&spec.tmpfs, "/vol");
	run_with(&box, &spec, &run);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(access(names[i], F_OK) == 0, there[i]);
}

static void gives_a_device_of_the_machine(void **state)
{
	OWN_BOX struct box box;
	OWN_SPEC struct spec spec = { 0 };
	OWN_SPEC struct spec missing = { 0 };
	OWN_RUN struct box_run run = { 0 };
	OWN_RUN struct box_run failed = { 0 };

	box_make(*state, &box);
	box_spec(
		&spec,
		"head -c 5 /dev/nulo | tr '\\0' x; test -c /dev/nulo && echo device");
	strs_add(&spec.devices, "/dev/zero:/dev/nulo:rwm");
	run_with(&box, &spec, &run);
	assert_string_equal(buf_text(&run.out), "xxxxxdevice\n");
	box_spec(&missing, "true");
	strs_add(&missing.devices, "/dev/nosuch:/dev/nosuch:rwm");
	box_run(&box, &missing, NULL, &failed);
	assert_int_equal(failed.result, -ENOENT);
	assert_string_equal(
		failed.err.msg,
		"error gathering device information while adding custom device \"/dev/nosuch\": no such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(shows_a_folder_of_the_machine),
		TEST_IN_SCRATCH(lets_nobody_write_where_it_is_read_only),
		TEST_IN_SCRATCH(mounts_what_lies_higher_first),
		TEST_IN_SCRATCH(shows_new_mount_points_as_added),
		TEST_IN_SCRATCH(never_follows_a_link_out_of_the_container),
		TEST_IN_SCRATCH(refuses_what_would_change_proc),
		TEST_IN_SCRATCH(says_when_a_folder_meets_a_file),
		TEST_IN_SCRATCH(takes_the_users_file_before_its_own),
		TEST_IN_SCRATCH(gives_a_tmpfs_of_that_size_and_mode),
		TEST_IN_SCRATCH(fills_an_empty_volume_from_the_image),
		TEST_IN_SCRATCH(keeps_owners_and_modes_in_a_volume),
		TEST_IN_SCRATCH(
			removes_a_volume_without_a_name_with_its_container),
		TEST_IN_SCRATCH(makes_nothing_on_the_machine_itself),
		TEST_IN_SCRATCH(gives_a_device_of_the_machine),
	};

	return cmocka_run_group_tests_name("mounts", tests, NULL, NULL);
}
