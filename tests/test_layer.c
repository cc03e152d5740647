/* tests/test_layer.c - archives become layers; hostile ones: test_layer_hostile.c */
#include "images/layer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

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

/* ---- what honest archives hold ---- */

static void files_get_content_mode_and_time(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "./", .type = '5', .mtime = 1000 },
		{ .name = "./etc/", .type = '5', .mode = 0750, .mtime = 2000 },
		{ .name = "./etc/conf", .type = '0', .content = "x=1\n",
		  .mode = 04711, .mtime = 3000 },
		{ .name = "./etc/link", .type = '2', .link = "/nowhere" },
		{ .name = "./etc/same", .type = '1', .link = "etc/conf" },
		{ .name = "./pipe", .type = '6' },
		{ 0 },
	};
	OWN_SHOP struct shop shop;
	struct err err = { 0 };
	char target[64] = "";

	shop_open(*state, &shop);
	assert_ok(shop_import_entries(&shop, entries, "t", &err), &err);
	assert_string_equal(scratch_read(*state, shop_file(&shop, "t",
							   "etc/conf")),
			    "x=1\n");
	assert_int_equal(stat_of(&shop, "etc/conf").st_mode, S_IFREG | 04711);
	assert_int_equal(stat_of(&shop, "etc/conf").st_mtime, 3000);
	assert_int_equal(stat_of(&shop, "etc").st_mode, S_IFDIR | 0750);
	assert_int_equal(stat_of(&shop, "etc").st_mtime, 2000);
	assert_int_equal(stat_of(&shop, ".").st_mtime, 1000);
	assert_int_equal(stat_of(&shop, "etc/same").st_ino,
			 stat_of(&shop, "etc/conf").st_ino);
	assert_true(S_ISFIFO(stat_of(&shop, "pipe").st_mode));
	assert_true(readlinkat(shop.scratch->fd,
			       shop_file(&shop, "t", "etc/link"), target,
			       sizeof(target)) == 8);
}

static void missing_folders_are_made(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "a/b/c/file", .type = '0', .content = "x" },
		{ 0 },
	};
	OWN_SHOP struct shop shop;
	struct err err = { 0 };

	shop_open(*state, &shop);
	assert_ok(shop_import_entries(&shop, entries, "t", &err), &err);
	assert_int_equal(stat_of(&shop, "a/b/c").st_mode, S_IFDIR | 0755);
}

static void the_last_entry_of_a_name_counts(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "a", .type = '0', .content = "first" },
		{ .name = "a", .type = '0', .content = "second" },
		{ .name = "b/in", .type = '0', .content = "x" },
		{ .name = "b", .type = '2', .link = "c" },
		{ .name = "d", .type = '2', .link = "/etc" },
		{ .name = "d/", .type = '5' },
		{ .name = "d/in", .type = '0', .content = "y" },
		{ 0 },
	};
	OWN_SHOP struct shop shop;
	struct err err = { 0 };

	shop_open(*state, &shop);
	assert_ok(shop_import_entries(&shop, entries, "t", &err), &err);
	assert_string_equal(scratch_read(*state, shop_file(&shop, "t", "a")),
			    "second");
	assert_true(S_ISLNK(stat_of(&shop, "b").st_mode));
	assert_true(S_ISDIR(stat_of(&shop, "d").st_mode));
	assert_true(has(&shop, "d/in"));
}

static void odd_names_go_through_unchanged(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "-dash", .type = '0' },
		{ .name = "wh.x", .type = '0' },
		{ .name = "two words\nand a line", .type = '0' },
		{ .name = "\xe6\x97\xa5\xe6\x9c\xac", .type = '0' },
		{ .name = "latin\xe9", .type = '0' },
		{ 0 },
	};
	OWN_SHOP struct shop shop;
	struct err err = { 0 };

	shop_open(*state, &shop);
	assert_ok(shop_import_entries(&shop, entries, "t", &err), &err);
	for (const struct tar_entry *e = entries; e->name; e++)
		assert_true(has(&shop, e->name));
}

static void whiteouts_hide_in_overlayfs_words(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "etc/.wh.gone", .type = '0' },
		{ .name = "dir/", .type = '5' },
		{ .name = "dir/.wh..wh..opq", .type = '0' },
		{ .name = ".wh..wh.plnk", .type = '5' },
		{ 0 },
	};
	const char *mark = userns_kind() == USERNS_NONE ?
				   "trusted.overlay.opaque" :
				   "user.overlay.opaque";
	OWN_SHOP struct shop shop;
	OWN_FREE char *path = NULL;
	struct err err = { 0 };
	char value[8] = "";

	shop_open(*state, &shop);
	assert_ok(shop_import_entries(&shop, entries, "t", &err), &err);
	assert_true(S_ISCHR(stat_of(&shop, "etc/gone").st_mode));
	assert_int_equal(stat_of(&shop, "etc/gone").st_rdev, makedev(0, 0));
	assert_false(has(&shop, "etc/.wh.gone"));
	assert_false(has(&shop, "dir/.wh..wh..opq"));
	assert_false(has(&shop, ".wh..wh.plnk"));
	path = scratch_path(*state, shop_file(&shop, "t", "dir"));
	assert_int_equal(getxattr(path, mark, value, sizeof(value)), 1);
	assert_string_equal(value, "y");
}

/* Whiteouts are about the layers below, in whatever order they come. */
static void a_whiteout_leaves_its_own_layer_alone(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "a", .type = '0', .content = "kept" },
		{ .name = ".wh.a", .type = '0' },
		{ .name = ".wh.b", .type = '0' },
		{ .name = "b", .type = '0', .content = "kept" },
		{ 0 },
	};
	OWN_SHOP struct shop shop;
	struct err err = { 0 };

	shop_open(*state, &shop);
	assert_ok(shop_import_entries(&shop, entries, "t", &err), &err);
	assert_string_equal(scratch_read(*state, shop_file(&shop, "t", "a")),
			    "kept");
	assert_string_equal(scratch_read(*state, shop_file(&shop, "t", "b")),
			    "kept");
}

static void owners_are_kept_or_noted(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "file", .type = '0', .uid = 33, .gid = 34 },
		{ .name = "link", .type = '2', .link = "x", .uid = 35,
		  .gid = 36 },
		{ 0 },
	};
	OWN_SHOP struct shop shop;
	OWN_FREE char *path = NULL;
	struct err err = { 0 };
	char value[32] = "";

	shop_open(*state, &shop);
	assert_ok(shop_import_entries(&shop, entries, "t", &err), &err);
	if (userns_kind() == USERNS_NONE) {
		assert_int_equal(stat_of(&shop, "file").st_uid, 33);
		assert_int_equal(stat_of(&shop, "link").st_gid, 36);
		return;
	}
	if (userns_kind() == USERNS_RANGE) {
		assert_int_not_equal(stat_of(&shop, "file").st_uid, geteuid());
		return;
	}
	path = scratch_path(*state, shop_file(&shop, "t", "file"));
	assert_true(getxattr(path, "user.dockershell.owner", value,
			     sizeof(value)) > 0);
	assert_string_equal(value, "33:34");
	assert_string_equal(scratch_read(*state, shop_file(&shop, "t",
							   "../owners")),
			    "l 35 36 644 0 0 link");
}

static void overlay_marks_of_the_archive_are_dropped(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "a", .type = '0', .xattr = "user.overlay.opaque=y" },
		{ .name = "b", .type = '0',
		  .xattr = "trusted.overlay.redirect=/etc" },
		{ .name = "c", .type = '0',
		  .xattr = "user.dockershell.owner=0:0" },
		{ .name = "d", .type = '0', .xattr = "user.mine=kept" },
		{ 0 },
	};
	OWN_SHOP struct shop shop;
	struct err err = { 0 };
	char list[256];

	shop_open(*state, &shop);
	assert_ok(shop_import_entries(&shop, entries, "t", &err), &err);
	for (const struct tar_entry *e = entries; e->name; e++) {
		OWN_FREE char *path =
			scratch_path(*state, shop_file(&shop, "t", e->name));
		ssize_t len = listxattr(path, list, sizeof(list));

		assert_int_equal(len, e->name[0] == 'd' ?
					      (ssize_t)sizeof("user.mine") :
					      0);
	}
}

static void the_size_counts_hard_links_once(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "a", .type = '0', .content = "12345" },
		{ .name = "b", .type = '1', .link = "a" },
		{ .name = "c", .type = '2', .link = "abc" },
		{ 0 },
	};
	OWN_SHOP struct shop shop;
	OWN_IMAGE struct image image = { 0 };
	struct err err = { 0 };

	shop_open(*state, &shop);
	assert_ok(shop_import_entries(&shop, entries, "t", &err), &err);
	assert_ok(image_find(shop.store, "t", &image, &err), &err);
	assert_int_equal(image.size_bytes, 5 + 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(files_get_content_mode_and_time),
		TEST_IN_SCRATCH(missing_folders_are_made),
		TEST_IN_SCRATCH(the_last_entry_of_a_name_counts),
		TEST_IN_SCRATCH(odd_names_go_through_unchanged),
		TEST_IN_SCRATCH(whiteouts_hide_in_overlayfs_words),
		TEST_IN_SCRATCH(a_whiteout_leaves_its_own_layer_alone),
		TEST_IN_SCRATCH(owners_are_kept_or_noted),
		TEST_IN_SCRATCH(overlay_marks_of_the_archive_are_dropped),
		TEST_IN_SCRATCH(the_size_counts_hard_links_once),
	};

	return cmocka_run_group_tests_name("layer", tests, NULL, NULL);
}
