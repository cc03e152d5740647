/* tests/test_home.c - the one folder in which everything lies. */
#include "runtime/home.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "tests/test.h"

static void is_made_for_its_owner_alone(void **state)
{
	OWN_FREE char *path = scratch_path(*state, "a/b");
	struct home home;
	struct err err = { 0 };
	struct stat st;

	assert_ok(home_open(path, &home, &err), &err);
	assert_true(home.made);
	assert_int_equal(fstat(home.fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_true(fs_exists(home.fd, "containers/by-name"));
	assert_true(fs_exists(home.fd, "blobs/sha256"));
	home_close(&home);
	assert_ok(home_open(path, &home, &err), &err);
	assert_false(home.made);
	home_close(&home);
}

/* Whoever made it was killed, or is at it still. */
static void half_made_is_made_whole(void **state)
{
	OWN_FREE char *path = scratch_path(*state, "half");
	struct home home;
	struct err err = { 0 };

	assert_ok(home_open(path, &home, &err), &err);
	assert_int_equal(unlinkat(home.fd, "run/root", AT_REMOVEDIR), 0);
	home_close(&home);
	assert_ok(home_open(path, &home, &err), &err);
	assert_true(fs_exists(home.fd, "run/root"));
	home_close(&home);
}

static void is_chosen_by_the_environment(void **state)
{
	OWN_FREE char *path = scratch_path(*state, "chosen");
	struct home home;
	struct err err = { 0 };

	setenv("DOCKERSHELL_HOME", path, 1);
	assert_ok(home_open(NULL, &home, &err), &err);
	assert_string_equal(home.path, path);
	home_close(&home);
	unsetenv("DOCKERSHELL_HOME");
}

static void names_the_way_out_where_it_cannot_be_made(void **state)
{
	OWN_FREE char *path = scratch_path(*state, "file/home");
	struct home home;
	struct err err = { 0 };

	scratch_write(*state, "file", "");
	assert_int_equal(home_open(path, &home, &err), -ENOTDIR);
	assert_non_null(strstr(err.msg, path));
	assert_non_null(strstr(err.hint, "--home DIR"));
}

static void a_world_shares_the_layers_of_its_base(void **state)
{
	OWN_FREE char *base_path = scratch_path(*state, "base");
	OWN_FREE char *world_path = scratch_path(*state, "base/lessons/w");
	struct home base;
	struct home world;
	struct err err = { 0 };

	assert_ok(home_open(base_path, &base, &err), &err);
	assert_ok(home_open_world(&base, world_path, &world, &err), &err);
	scratch_write(*state, "base/layers/x", "shared");
	assert_string_equal(scratch_read(*state, "base/lessons/w/layers/x"),
			    "shared");
	scratch_mkdir(*state, "base/lessons/w/containers/mine");
	assert_false(scratch_has(*state, "base/containers/mine"));
	home_close(&world);
	assert_ok(fs_remove_tree(base.fd, "lessons/w", &err), &err);
	assert_true(scratch_has(*state, "base/layers/x"));
	home_close(&base);
}

static void refuses_to_lie_on_an_overlay(void **state)
{
	OWN_FREE char *lower = scratch_path(*state, "l");
	OWN_FREE char *upper = scratch_path(*state, "u");
	OWN_FREE char *work = scratch_path(*state, "w");
	OWN_FREE char *merged = scratch_path(*state, "m");
	OWN_FREE char *path = scratch_path(*state, "m/home");
	OWN_FREE char *options = mem_fmt("lowerdir=%s,upperdir=%s,workdir=%s",
					 lower, upper, work);
	struct home home;
	struct err err = { 0 };
	int r;

	need_root();
	mkdir(lower, 0755);
	mkdir(upper, 0755);
	mkdir(work, 0755);
	mkdir(merged, 0755);
	assert_int_equal(mount("overlay", merged, "overlay", 0, options), 0);
	r = home_open(path, &home, &err);
	assert_false(fs_exists(AT_FDCWD, path));
	assert_int_equal(umount(merged), 0);
	assert_int_equal(r, -ENOTSUP);
	assert_non_null(strstr(err.msg, "lies on overlay"));
	assert_non_null(strstr(err.hint, "--home DIR"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(is_made_for_its_owner_alone),
		TEST_IN_SCRATCH(half_made_is_made_whole),
		TEST_IN_SCRATCH(is_chosen_by_the_environment),
		TEST_IN_SCRATCH(names_the_way_out_where_it_cannot_be_made),
		TEST_IN_SCRATCH(a_world_shares_the_layers_of_its_base),
		TEST_IN_SCRATCH(refuses_to_lie_on_an_overlay),
	};

	return cmocka_run_group_tests_name("home", tests, NULL, NULL);
}
