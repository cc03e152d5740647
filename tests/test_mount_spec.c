/* tests/test_mount_spec.c - the words of --mount, --tmpfs, --ulimit, --sysctl. */
#include "runtime/mount_spec.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/rlimits.h"
#include "runtime/sysctl.h"
#include "runtime/tmpfs.h"
#include "tests/test.h"

static void reads_all_keys_in_any_case(void **state)
{
	OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_ok(
		mount_spec_parse(
			"TYPE=Bind,src=/a,DST=/b,ro,bind-propagation=rslave,bind-nonrecursive=true",
			&mount, &err),
		&err);
	assert_string_equal(mount.type, "bind");
	assert_string_equal(mount.source, "/a");
	assert_string_equal(mount.target, "/b");
	assert_string_equal(mount.propagation, "rslave");
	assert_true(mount.readonly);
	assert_true(mount.nonrecursive);
}

static void is_a_volume_where_nothing_else_is_said(void **state)
{
	OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_ok(mount_spec_parse("target=/x,readonly=false", &mount, &err),
		  &err);
	assert_string_equal(mount.type, "volume");
	assert_false(mount.readonly);
	assert_null(mount.source);
}

static void says_what_docker_says_of_bad_ones(void **state)
{
	static const char *const bad[][2] = {
		{ "", "EOF" },
		{ "type=bind", "target is required" },
		{ "type=,target=/x", "type is required" },
		{ "foo", "invalid field 'foo' must be a key=value pair" },
		{ "foo=bar", "unexpected key 'foo' in 'foo=bar'" },
		{ "target=/x,anonymous",
		  "invalid field 'anonymous' must be a key=value pair" },
		{ "target=/x,readonly=maybe",
		  "invalid value for readonly: maybe" },
		{ "type=tmpfs,target=/x,tmpfs-size=z",
		  "invalid value for tmpfs-size: z" },
		{ "type=tmpfs,target=/x,tmpfs-mode=9",
		  "invalid value for tmpfs-mode: 9" },
		{ "type=bind,target=/x,volume-nocopy",
		  "cannot mix 'volume-*' options with mount type 'bind'" },
		{ "type=volume,target=/x,bind-nonrecursive",
		  "cannot mix 'bind-*' options with mount type 'volume'" },
		{ "type=bind,target=/x,tmpfs-mode=1",
		  "cannot mix 'tmpfs-*' options with mount type 'bind'" },
		{ "a\"b",
		  "parse error on line 1, column 2: bare \" in non-quoted-field" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
		struct err err = { 0 };

		assert_int_equal(mount_spec_parse(bad[i][0], &mount, &err),
				 -EINVAL);
		assert_string_equal(err.msg, bad[i][1]);
	}
}

static void comes_back_as_it_was_written(void **state)
{
	static const char *const texts[] = {
		"type=bind,source=/a,target=/b,readonly",
		"type=volume,source=data,target=/b,volume-nocopy,volume-label=x=y",
		"type=volume,source=0123,target=/b,anonymous",
		"type=tmpfs,target=/t,tmpfs-size=1048576,tmpfs-mode=1770",
		"type=bind,\"source=/a,b \"\"c\"\"\",target=/b",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
		OWN_BUF struct buf out = { 0 };
		struct err err = { 0 };

		assert_ok(mount_spec_read(texts[i], &mount, &err), &err);
		mount_spec_write(&mount, &out);
		assert_string_equal(buf_text(&out), texts[i]);
	}
}

static void counts_folders(void **state)
{
	(void)state;
	assert_int_equal(mount_spec_depth("/"), 0);
	assert_int_equal(mount_spec_depth("/a"), 1);
	assert_int_equal(mount_spec_depth("/a/b//c/"), 3);
}

static void gives_tmpfs_its_options(void **state)
{
	OWN_BUF struct buf data = { 0 };
	unsigned long flags = 0;
	struct err err = { 0 };

	(void)state;
	assert_ok(tmpfs_options("exec,size=5k,mode=700,size=6k,ro", &flags,
				&data, &err),
		  &err);
	assert_int_equal(flags, MS_NOSUID | MS_NODEV | MS_RDONLY);
	assert_string_equal(buf_text(&data), "size=6k,mode=700");
	assert_int_equal(tmpfs_options("foobar", &flags, &data, &err), -EINVAL);
	assert_string_equal(err.msg, "invalid tmpfs option [\"foobar\"]");
	assert_int_equal(tmpfs_options("a=b", &flags, &data, &err), -EINVAL);
	assert_string_equal(err.msg, "invalid tmpfs option [\"a\" \"b\"]");
}

static void reads_limits_and_their_mistakes(void **state)
{
	static const char *const bad[][2] = {
		{ "nofile", "invalid ulimit argument: nofile" },
		{ "foo=1", "invalid ulimit type: foo" },
		{ "nofile=5:3",
		  "ulimit soft limit must be less than or equal to hard limit: 5 > 3" },
		{ "nofile=1:2:3",
		  "too many limit value arguments - 1:2:3, can only have up to two, `soft[:hard]`" },
		{ "nofile=x",
		  "strconv.ParseInt: parsing \"x\": invalid syntax" },
		{ "core=-1:5",
		  "ulimit soft limit must be less than or equal to hard limit: soft: -1 (unlimited), hard: 5" },
	};
	struct rlimit_wish wish;
	struct err err = { 0 };

	(void)state;
	assert_ok(rlimits_parse("nofile=1024:2048", &wish, &err), &err);
	assert_int_equal(wish.resource, RLIMIT_NOFILE);
	assert_int_equal(wish.value.rlim_cur, 1024);
	assert_int_equal(wish.value.rlim_max, 2048);
	assert_ok(rlimits_parse("core=-1", &wish, &err), &err);
	assert_true(wish.value.rlim_max == RLIM_INFINITY);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(rlimits_parse(bad[i][0], &wish, &err),
				 -EINVAL);
		assert_string_equal(err.msg, bad[i][1]);
	}
}

static void lets_only_settings_of_namespaces_through(void **state)
{
	static const char *const good[] = { "net.core.somaxconn=1",
					    "kernel.shmmax=1",
					    "fs.mqueue.msg_max=1",
					    "net.ipv4.conf.eth0/1.mtu=1" };
	static const char *const bad[] = {
		"kernel.core_pattern=x", "net.core.somaxconn",
		"vm.swappiness=1",       "net.../../kernel.core_pattern=x",
		"net./../kernel=1",      "net.core+kernel.core_pattern=x"
	};
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_ok(sysctl_check(good[i], &err), &err);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(sysctl_check(bad[i], &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_all_keys_in_any_case),
		TEST(is_a_volume_where_nothing_else_is_said),
		TEST(says_what_docker_says_of_bad_ones),
		TEST(comes_back_as_it_was_written),
		TEST(counts_folders),
		TEST(gives_tmpfs_its_options),
		TEST(reads_limits_and_their_mistakes),
		TEST(lets_only_settings_of_namespaces_through),
	};

	return cmocka_run_group_tests_name("mount_spec", tests, NULL, NULL);
}
