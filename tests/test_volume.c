/* tests/test_volume.c - volumes on disk, in a home of their own. */
#include "runtime/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/home.h"
#include "runtime/names.h"
#include "runtime/state.h"
#include "tests/test.h"

static struct home home_in(const struct scratch *scratch)
{
	struct home home = { 0 };
	struct err err = { 0 };
	OWN_FREE char *path = NULL;

	assert_ok(fs_path_of(scratch->fd, &path, &err), &err);
	assert_ok(home_open(path, &home, &err), &err);
	return home;
}

static void make(const struct home *home, const char *name, const char *label)
{
	OWN_VOLUME struct volume wish = { .name = mem_str(name) };
	struct err err = { 0 };

	if (label)
		strs_add(&wish.labels, label);
	assert_ok(volume_make(home, &wish, &err), &err);
}

static void keeps_what_it_was_made_with(void **state)
{
	struct home home = home_in(*state);
	OWN_VOLUME struct volume found = { 0 };
	OWN_VOLUME struct volume nameless = { 0 };
	struct err err = { 0 };
	struct stat st;

	make(&home, "data", "a=\"quoted\"\n");
	make(&home, "data", "b=later"); /* it stays as it is */
	assert_ok(volume_find(&home, "data", &found, &err), &err);
	assert_int_equal(found.labels.count, 1);
	assert_string_equal(found.labels.items[0], "a=\"quoted\"\n");
	assert_true(found.created_ns > 0);
	assert_false(found.anonymous);
	assert_int_equal(fstatat(home.fd, "volumes/data/_data", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_ok(volume_make(&home, &nameless, &err), &err);
	assert_int_equal(strlen(nameless.name), ID_LEN);
	assert_true(nameless.anonymous);
	home_close(&home);
}

static void lists_numbers_as_numbers_and_sweeps(void **state)
{
	struct home home = home_in(*state);
	OWN_VOLUMES struct volumes all = { 0 };
	struct err err = { 0 };
	OWN_FD int held = -1;

	make(&home, "v10", NULL);
	make(&home, "v9", NULL);
	assert_int_equal(mkdirat(home.fd, "volumes/by-hand", 0700), 0);
	assert_int_equal(mkdirat(home.fd, "volumes/.new-dead", 0700), 0);
	assert_int_equal(mkdirat(home.fd, "volumes/.old-alive", 0700), 0);
	held = fs_open_dir(home.fd, "volumes/.old-alive", &err);
	assert_int_equal(flock(held, LOCK_EX), 0);
	assert_ok(volume_list(&home, &all, &err), &err);
	assert_int_equal(all.count, 3);
	assert_string_equal(all.items[0].name, "by-hand");
	assert_true(all.items[0].implied);
	assert_string_equal(all.items[1].name, "v9");
	assert_string_equal(all.items[2].name, "v10");
	assert_false(fs_exists(home.fd, "volumes/.new-dead"));
	assert_true(fs_exists(home.fd, "volumes/.old-alive"));
	home_close(&home);
}

/* A record as container_create leaves one. */
static void write_container(int fd, const char *id, const char *mount)
{
	struct container c = { 0 };
	struct err err = { 0 };

	spec_init(&c.spec);
	c.spec.id = mem_str(id);
	c.spec.name = mem_str("box");
	strs_add(&c.spec.mounts, mount);
	assert_ok(state_write(fd, &c, &err), &err);
	container_done(&c);
}

static void is_kept_by_its_users(void **state)
{
	struct home home = home_in(*state);
	char id[ID_LEN + 1];
	struct err err = { 0 };
	OWN_FREE char *wanted = NULL;
	OWN_FD int fd = -1;

	make(&home, "data", NULL);
	assert_ok(names_random_id(id, &err), &err);
	fd = state_make_folder(&home, id, &err);
	assert_true(fd >= 0);
	write_container(fd, id, "type=volume,source=data,target=/x");
	wanted = mem_fmt("remove data: volume is in use - [%s]", id);
	assert_int_equal(volume_remove(&home, "data", NULL, &err), -EBUSY);
	assert_string_equal(err.msg, wanted);
	/* The one that leaves together with it does not count. */
	err = (struct err){ 0 };
	assert_ok(volume_remove(&home, "data", id, &err), &err);
	assert_int_equal(volume_remove(&home, "data", NULL, &err), -ENOENT);
	assert_string_equal(err.msg, "No such volume: data");
	home_close(&home);
}

/* Whoever is being made may mount it: its record is waited for. */
static void waits_for_who_is_being_made(void **state)
{
	struct home home = home_in(*state);
	char id[ID_LEN + 1];
	struct err err = { 0 };
	pid_t pid;
	int status = 0;
	OWN_FD int fd = -1;

	make(&home, "data", NULL);
	assert_ok(names_random_id(id, &err), &err);
	fd = state_make_folder(&home, id, &err); /* locked, no record */
	assert_true(fd >= 0);
	pid = fork();
	if (pid == 0) {
		int r = volume_remove(&home, "data", NULL, &err);

		_exit(r == -EBUSY && strstr(err.msg, id) ? 0 : 1);
	}
	usleep(30000); /* any length is right; this one lets it wait */
	write_container(fd, id, "type=volume,source=data,target=/x");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	home_close(&home);
}

static void refuses_what_docker_refuses(void **state)
{
	static const char *const bad[][2] = {
		{ "foo=1", "create x: invalid option: \"foo\"" },
		{ "type=tmpfs", "create x: missing required option: \"device\"" },
		{ "o=bind", "create x: missing required option: \"device\"" },
		{ "size=1g",
		  "create x: quota size requested but no quota support" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		OWN_STRS struct strs options = { 0 };
		struct err err = { 0 };

		strs_add(&options, bad[i][0]);
		assert_int_equal(volume_check_options("x", &options, &err),
				 -EINVAL);
		assert_string_equal(err.msg, bad[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(keeps_what_it_was_made_with),
		TEST_IN_SCRATCH(lists_numbers_as_numbers_and_sweeps),
		TEST_IN_SCRATCH(is_kept_by_its_users),
		TEST_IN_SCRATCH(waits_for_who_is_being_made),
		cmocka_unit_test(refuses_what_docker_refuses),
	};

	return cmocka_run_group_tests_name("volume", tests, NULL, NULL);
}
