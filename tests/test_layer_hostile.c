/* tests/test_layer_hostile.c - hostile archives do not become layers, nor anything
 * else. Beside the store lies a folder "host" that nothing may touch. */
#include "images/layer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "images/archive.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/userns.h"
#include "tests/tarball.h"

static struct stat stat_of(struct shop *shop, const char *path)
{
	struct stat st;

	assert_int_equal(fstatat(shop->scratch->fd,
				 shop_file(shop, "t", path), &st,
				 AT_SYMLINK_NOFOLLOW),
			 0);
	return st;
}

static bool has(struct shop *shop, const char *path)
{
	return scratch_has(shop->scratch, shop_file(shop, "t", path));
}

/* The entries are refused with a message that has these words, the host is as it
 * was, and nothing half made is left. */
static void refused(struct scratch *scratch, const struct tar_entry *entries,
		    const char *words)
{
	OWN_SHOP struct shop shop;
	OWN_FREE char *host = scratch_path(scratch, "host");
	struct err err = { 0 };
	char command[PATH_MAX + 200];

	shop_open(scratch, &shop);
	scratch_write(scratch, "host/victim", "as it was");
	assert_true(shop_import_entries(&shop, entries, "t", &err) < 0);
	if (!strstr(err.msg, words))
		fail_msg("'%s' is not in: %s", words, err.msg);
	assert_string_equal(scratch_read(scratch, "host/victim"), "as it was");
	snprintf(command, sizeof(command),
		 "cd %s && test \"$(ls -A ../home/layers ../home/l ../home/blobs/sha256 | grep -c '[0-9a-f]')\" = 3 && test \"$(ls -A)\" = victim",
		 host);
	assert_int_equal(test_shell(command), 0);
}

/* ---- what hostile ones try ---- */

static void paths_out_of_the_archive_are_refused(void **state)
{
	static const struct tar_entry dots[] = {
		{ .name = "../../../host/victim", .type = '0', .content = "!" },
		{ 0 },
	};
	static const struct tar_entry hidden[] = {
		{ .name = "a/../../b", .type = '0', .content = "!" },
		{ 0 },
	};

	refused(*state, dots, "leads out of it");
	refused(*state, hidden, "leads out of it");
}

/* ".." that stays inside is honest, if strange; so is a leading '/'. */
static void absolute_names_begin_at_the_layer(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "/etc/a", .type = '0', .content = "x" },
		{ .name = "b/../c", .type = '0', .content = "x" },
		{ .name = "//tmp/./d", .type = '0', .content = "x" },
		{ 0 },
	};
	OWN_SHOP struct shop shop;
	struct err err = { 0 };

	shop_open(*state, &shop);
	assert_ok(shop_import_entries(&shop, entries, "t", &err), &err);
	assert_true(has(&shop, "etc/a") && has(&shop, "c") &&
		    has(&shop, "tmp/d"));
}

/* What is written through a link lands inside, wherever the link points. */
static void links_lead_nowhere_outside(void **state)
{
	OWN_SHOP struct shop shop;
	OWN_FREE char *host = scratch_path(*state, "host");
	struct tar_entry entries[] = {
		{ .name = "abs", .type = '2', .link = host },
		{ .name = "abs/victim", .type = '0', .content = "!" },
		{ 0 },
	};
	struct err err = { 0 };

	shop_open(*state, &shop);
	scratch_write(*state, "host/victim", "as it was");
	/* The link's way does not exist inside, so nothing can lie in it. */
	assert_true(shop_import_entries(&shop, entries, "t", &err) < 0);
	entries[0].link = "../../../../../../../../../etc";
	entries[1].name = "abs/passwd-of-a-test";
	assert_true(shop_import_entries(&shop, entries, "t", &err) < 0);
	assert_true(access("/etc/passwd-of-a-test", F_OK) < 0);
	assert_string_equal(scratch_read(*state, "host/victim"), "as it was");
}

static void a_link_within_the_layer_is_followed(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "run/", .type = '5' },
		{ .name = "var/run", .type = '2', .link = "/run" },
		{ .name = "up", .type = '2', .link = "../../run" },
		{ .name = "var/run/a", .type = '0', .content = "x" },
		{ .name = "up/b", .type = '0', .content = "x" },
		{ 0 },
	};
	OWN_SHOP struct shop shop;
	struct err err = { 0 };

	shop_open(*state, &shop);
	assert_ok(shop_import_entries(&shop, entries, "t", &err), &err);
	assert_true(has(&shop, "run/a") && has(&shop, "run/b"));
}

static void links_into_proc_lead_nowhere(void **state)
{
	static const struct tar_entry cwd[] = {
		{ .name = "p", .type = '2', .link = "/proc/self/cwd" },
		{ .name = "p/x", .type = '0', .content = "!" },
		{ 0 },
	};
	static const struct tar_entry root[] = {
		{ .name = "p", .type = '2', .link = "/proc/self/root/host" },
		{ .name = "p/victim", .type = '0', .content = "!" },
		{ 0 },
	};

	refused(*state, cwd, "p/x");
	refused(*state, root, "p/victim");
}

static void the_root_stays_a_folder(void **state)
{
	static const struct tar_entry link[] = {
		{ .name = "./", .type = '2', .link = "/" },
		{ 0 },
	};
	static const struct tar_entry dot[] = {
		{ .name = "/.", .type = '2', .link = "../host" },
		{ 0 },
	};
	static const struct tar_entry file[] = {
		{ .name = ".", .type = '0', .content = "!" },
		{ 0 },
	};
	static const struct tar_entry hard[] = {
		{ .name = "a", .type = '0' },
		{ .name = ".", .type = '1', .link = "a" },
		{ 0 },
	};

	refused(*state, link, "root is not a folder");
	refused(*state, dot, "root is not a folder");
	refused(*state, file, "root is not a folder");
	refused(*state, hard, "");
}

static void hard_links_stay_inside(void **state)
{
	static const struct tar_entry dots[] = {
		{ .name = "a", .type = '1', .link = "../../../../etc/passwd" },
		{ 0 },
	};
	static const struct tar_entry missing[] = {
		{ .name = "a", .type = '1', .link = "/etc/passwd" },
		{ 0 },
	};
	static const struct tar_entry through[] = {
		{ .name = "l", .type = '2', .link = "/etc" },
		{ .name = "a", .type = '1', .link = "l/passwd" },
		{ 0 },
	};
	static const struct tar_entry folder[] = {
		{ .name = "d/", .type = '5' },
		{ .name = "a", .type = '1', .link = "d" },
		{ 0 },
	};

	refused(*state, dots, "leads out of it");
	refused(*state, missing, "which is not in it");
	refused(*state, through, "which is not in it");
	refused(*state, folder, "");
}

static void absolute_hard_links_are_of_the_archive(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "bin/a", .type = '0', .content = "x" },
		{ .name = "bin/b", .type = '1', .link = "/bin/a" },
		{ .name = "bin/a", .type = '1', .link = "bin/b" },
		{ .name = "l", .type = '2', .link = "/etc/passwd" },
		{ .name = "m", .type = '1', .link = "l" },
		{ 0 },
	};
	OWN_SHOP struct shop shop;
	struct err err = { 0 };

	shop_open(*state, &shop);
	assert_ok(shop_import_entries(&shop, entries, "t", &err), &err);
	assert_int_equal(stat_of(&shop, "bin/a").st_ino,
			 stat_of(&shop, "bin/b").st_ino);
	assert_true(S_ISLNK(stat_of(&shop, "m").st_mode));
}

static void false_whiteouts_are_refused(void **state)
{
	static const struct tar_entry device[] = {
		{ .name = "etc/passwd", .type = '3' },
		{ 0 },
	};
	static const struct tar_entry empty[] = {
		{ .name = ".wh.", .type = '0' },
		{ 0 },
	};
	static const struct tar_entry dot[] = {
		{ .name = "a/.wh..", .type = '0' },
		{ 0 },
	};
	static const struct tar_entry dots[] = {
		{ .name = ".wh...", .type = '0' },
		{ 0 },
	};
	static const struct tar_entry outside[] = {
		{ .name = "../.wh.host", .type = '0' },
		{ 0 },
	};

	refused(*state, device, "whiteout in disguise");
	refused(*state, empty, "no name");
	refused(*state, dot, "no name");
	refused(*state, dots, "no name");
	refused(*state, outside, "leads out of it");
}

static void owners_that_are_none_are_refused(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "a", .type = '0', .uid = 4294967295u },
		{ 0 },
	};

	refused(*state, entries, "no user");
}

static void devices_are_made_or_noted(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "dev/null", .type = '3', .major = 1, .minor = 3 },
		{ 0 },
	};
	OWN_SHOP struct shop shop;
	struct err err = { 0 };

	shop_open(*state, &shop);
	assert_ok(shop_import_entries(&shop, entries, "t", &err), &err);
	if (userns_kind() == USERNS_NONE) {
		assert_true(S_ISCHR(stat_of(&shop, "dev/null").st_mode));
		return;
	}
	assert_true(S_ISREG(stat_of(&shop, "dev/null").st_mode));
	assert_string_equal(scratch_read(*state, shop_file(&shop, "t",
							   "../owners")),
			    "c 0 0 644 1 3 dev/null");
}

/* ---- bounds ---- */

static void too_deep_a_path_is_refused_by_name(void **state)
{
	char path[2 * TAR_MAX_DEPTH + 8] = "";
	struct tar_entry entries[] = { { .name = path, .type = '0' }, { 0 } };

	for (int i = 0; i < TAR_MAX_DEPTH + 1; i++)
		memcpy(path + (ptrdiff_t)2 * i, "d/", 3);
	refused(*state, entries, "256 names, the limit");
}

static void too_long_a_path_is_refused_by_name(void **state)
{
	static char path[PATH_MAX + 200];
	static char name[400];
	struct tar_entry long_path[] = { { .name = path, .type = '0' }, { 0 } };
	struct tar_entry long_name[] = { { .name = name, .type = '0' }, { 0 } };

	for (size_t i = 0; i + 100 < sizeof(path); i += 100) {
		memset(path + i, 'p', 99);
		path[i + 99] = '/';
	}
	memset(name, 'n', 300);
	refused(*state, long_path, "4095 bytes, the limit");
	refused(*state, long_name, "255 bytes, the limit");
}

static void a_file_of_a_terabyte_is_refused_unwritten(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "huge", .type = '0', .size = 1ULL << 40 },
		{ 0 },
	};

	refused(*state, entries, "32 GiB, the limit");
}

static void a_huge_header_is_refused(void **state)
{
	struct tar_entry big = { .name = "pax", .type = 'x' };
	OWN_SHOP struct shop shop;
	OWN_BUF struct buf tar = { 0 };
	struct err err = { 0 };

	big.size = 100 << 20;
	shop_open(*state, &shop);
	tarball_add(&tar, &big);
	/* Only the first block of it is there: the size alone decides. */
	tarball_end(&tar);
	assert_true(shop_import(&shop, &tar, "t", NULL, &err) < 0);
	assert_non_null(strstr(err.msg, "1 MiB, the limit"));
}

/* 2 GiB of zeros in 2 MB. */
static void a_bomb_is_defused(void **state)
{
	OWN_SHOP struct shop shop;
	OWN_FREE char *bomb = scratch_path(*state, "bomb.gz");
	OWN_BUF struct buf tar = { 0 };
	struct tar_entry zeros = { .name = "zeros", .type = '0',
				   .size = 2ULL << 30 };
	struct err err = { 0 };
	OWN_FREE char *command = NULL;

	need_program("gzip");
	shop_open(*state, &shop);
	tarball_add(&tar, &zeros);
	scratch_write(*state, "head", "");
	{
		OWN_FREE char *head = scratch_path(*state, "head");
		OWN_FD int fd = open(head, O_WRONLY | O_CLOEXEC);

		assert_true(write(fd, tar.data, tar.len) == (ssize_t)tar.len);
		/* A gzip file may be several, one behind the other. */
		command = mem_fmt("zeros=$(mktemp) && head -c 12000000 /dev/zero | gzip -1 >$zeros && "
				  "{ gzip -1 <%s; for i in $(seq 100); do cat $zeros; done; } >%s && rm $zeros",
				  head, bomb);
	}
	assert_int_equal(test_shell(command), 0);
	{
		OWN_BUF struct buf whole = { 0 };
		OWN_FD int fd = open(bomb, O_RDONLY | O_CLOEXEC);
		char block[4096];
		ssize_t got;

		while ((got = read(fd, block, sizeof(block))) > 0)
			buf_add(&whole, block, (size_t)got);
		assert_true(shop_import(&shop, &whole, "t", NULL, &err) < 0);
	}
	assert_non_null(strstr(err.msg, "200 times its size, the limit"));
	assert_false(scratch_has(*state, "home/layers/tmp-"));
}

/* ---- what programs and libraries of the archive could do ---- */

/* An archive may bring an xz, a libnss and conversions of its own: nothing of it
 * is run or loaded while it is unpacked. */
static void nothing_of_the_archive_is_run(void **state)
{
	static const char script[] = "#!/bin/sh\necho x >>/ran\n";
	static const struct tar_entry entries[] = {
		{ .name = "bin/xz", .type = '0', .content = script,
		  .mode = 0755 },
		{ .name = "usr/bin/zstd", .type = '0', .content = script,
		  .mode = 0755 },
		{ .name = "usr/lib/x86_64-linux-gnu/gconv/gconv-modules",
		  .type = '0', .content = "module UTF-8// INTERNAL EVIL 1\n" },
		{ .name = "etc/nsswitch.conf", .type = '0',
		  .content = "passwd: evil\n" },
		{ .name = "usr/share/locale/ja/LC_MESSAGES/libc.mo",
		  .type = '0', .content = "no catalogue" },
		{ .name = "name\xe6\x97\xa5", .type = '0',
		  .xattr = "user.a=\xe6\x97\xa5" },
		{ 0 },
	};
	OWN_SHOP struct shop shop;
	struct err err = { 0 };

	shop_open(*state, &shop);
	assert_ok(shop_import_entries(&shop, entries, "t", &err), &err);
	assert_false(has(&shop, "ran"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(paths_out_of_the_archive_are_refused),
		TEST_IN_SCRATCH(absolute_names_begin_at_the_layer),
		TEST_IN_SCRATCH(links_lead_nowhere_outside),
		TEST_IN_SCRATCH(a_link_within_the_layer_is_followed),
		TEST_IN_SCRATCH(links_into_proc_lead_nowhere),
		TEST_IN_SCRATCH(the_root_stays_a_folder),
		TEST_IN_SCRATCH(hard_links_stay_inside),
		TEST_IN_SCRATCH(absolute_hard_links_are_of_the_archive),
		TEST_IN_SCRATCH(false_whiteouts_are_refused),
		TEST_IN_SCRATCH(owners_that_are_none_are_refused),
		TEST_IN_SCRATCH(devices_are_made_or_noted),
		TEST_IN_SCRATCH(too_deep_a_path_is_refused_by_name),
		TEST_IN_SCRATCH(too_long_a_path_is_refused_by_name),
		TEST_IN_SCRATCH(a_file_of_a_terabyte_is_refused_unwritten),
		TEST_IN_SCRATCH(a_huge_header_is_refused),
		TEST_IN_SCRATCH(a_bomb_is_defused),
		TEST_IN_SCRATCH(nothing_of_the_archive_is_run),
	};

	return cmocka_run_group_tests_name("layer_hostile", tests, NULL, NULL);
}
