/* tests/test_copy_sums.c - COPY and ADD: what sum a copy has, what becomes of archives. */
#include "tests/copying.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"

/* ---- checksums ---- */

/* Docker's own, recorded. */
static void sums_are_docker_s(void **state)
{
	struct shop shop;
	OWN_ANSWER struct answer file;
	OWN_ANSWER struct answer dir;
	OWN_ANSWER struct answer multi;
	static const struct tar_entry base[] = {
		{ .name = "a", .type = '0', .content = "" }, { 0 }
	};
	OWN_ANSWER struct answer of_image;
	struct err err = { 0 };

	shop_make(*state, &shop);
	scratch_write(*state, "ctx/hello.txt", "hello\n");
	scratch_write(*state, "ctx/subdir/file2", "");
	scratch_write(*state, "ctx/dir2/file.b", "file.b");
	scratch_write(*state, "ctx/dir2/file2.b", "file2.b");
	scratch_write(*state, "ctx/dir2/file.c", "file.c");
	assert_ok(shop_import_entries(&shop, base, "a", &err), &err);
	assert_ok(ask(&shop,
		      &(struct ask){ .sources = "hello.txt", .dest = "." },
		      &file),
		  &file.err);
	assert_ok(ask(&shop,
		      &(struct ask){ .sources = "subdir/", .dest = "test/" },
		      &dir),
		  &dir.err);
	assert_ok(ask(&shop,
		      &(struct ask){ .sources = "dir2/*.b|dir2/*.c",
				     .dest = "/x/" },
		      &multi),
		  &multi.err);
	assert_ok(
		ask(&shop,
		    &(struct ask){ .sources = "/a", .dest = "/", .from = "a" },
		    &of_image),
		&of_image.err);
	assert_string_equal(
		file.sum,
		"file:7d1b8e6c9123955c22ae5efea6309bc3436ed116b03932f650caae30c06ab651");
	assert_string_equal(
		dir.sum,
		"dir:55149725020738295fd56684b99d5959d3e27498a500ea42d3ceac33ed295279");
	assert_string_equal(
		multi.sum,
		"multi:9566f2d00526c04fe17c5c2769055b1880d925053293bacfb24a96be68206a72");
	assert_string_equal(
		of_image.sum,
		"file:8ed9149243db0a696d4c0d681fdccc409cc244ce5456c9fb83549e5f3efd149a");
}

static void times_do_not_count_and_modes_do(void **state)
{
	struct shop shop;
	const struct ask what = { .sources = "d", .dest = "/d/" };
	OWN_FREE char *path = scratch_path(*state, "ctx/d/a");
	const struct timespec times[2] = { { 1000, 0 }, { 1000, 0 } };
	struct answer answers[3];

	shop_make(*state, &shop);
	scratch_write(*state, "ctx/d/a", "A");
	assert_ok(ask(&shop, &what, &answers[0]), &answers[0].err);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	assert_ok(ask(&shop, &what, &answers[1]), &answers[1].err);
	assert_int_equal(chmod(path, 0600), 0);
	assert_ok(ask(&shop, &what, &answers[2]), &answers[2].err);
	assert_string_equal(answers[0].sum, answers[1].sum);
	assert_string_not_equal(answers[1].sum, answers[2].sum);
	/* The same files with the same times are the same layer. */
	answer_done(&answers[0]);
	assert_ok(ask(&shop, &what, &answers[0]), &answers[0].err);
	assert_string_equal(answers[0].diff, answers[2].diff);
	for (size_t i = 0; i < 3; i++)
		answer_done(&answers[i]);
}

/* One pass gives what two passes give. */
static void sums_that_are_made_late_are_the_same(void **state)
{
	static const char *const sources[] = { ".", "d", "d/a",
					       "d/*|Dockerfile" };
	struct shop shop;
	struct scratch *scratch = *state;

	shop_make(scratch, &shop);
	scratch_write(scratch, "ctx/d/a", "A");
	scratch_write(scratch, "ctx/d/sub/c", "C");
	assert_int_equal(
		linkat(scratch->fd, "ctx/d/a", scratch->fd, "ctx/d/b", 0), 0);
	assert_int_equal(symlinkat("a", scratch->fd, "ctx/d/l"), 0);
	for (size_t i = 0; i < 4; i++) {
		struct ask what = { .sources = sources[i],
				    .dest = "/n/",
				    .on = "t" };
		OWN_ANSWER struct answer early;
		OWN_ANSWER struct answer late;

		assert_ok(ask(&shop, &what, &early), &early.err);
		what.late = true;
		assert_ok(ask(&shop, &what, &late), &late.err);
		assert_string_equal(early.sum, late.sum);
		assert_string_equal(early.diff, late.diff);
	}
}

/* ---- archives ---- */

static void write_tar(struct scratch *scratch, const char *path,
		      const struct tar_entry *entries)
{
	OWN_BUF struct buf tar = { 0 };
	OWN_FD int fd =
		openat(scratch->fd, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	tarball_make(&tar, entries);
	assert_true(fd >= 0);
	assert_int_equal(fs_write_all(fd, tar.data, tar.len), 0);
}

static void add_unpacks_archives_as_they_are(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "./", .type = '5', .mode = 0700 },
		{ .name = "./lib/", .type = '2', .link = "elsewhere" },
		{ .name = "s/t",
		  .type = '0',
		  .content = "t",
		  .uid = 5,
		  .gid = 6,
		  .mode = 04755 },
		{ .name = "s/h", .type = '1', .link = "s/t" },
		{ .name = "s/old", .type = '1', .link = "app/old" },
		{ .name = "app/", .type = '5', .mode = 0711, .uid = 9 },
		{ .name = "link/in", .type = '0', .content = "in" },
		{ 0 },
	};
	struct shop shop;

	shop_make(*state, &shop);
	write_tar(*state, "ctx/any.name", entries);
	gives(&shop,
	      &(struct ask){ .sources = "any.name",
			     .dest = "/",
			     .on = "t",
			     .add = true,
			     .chown = "1" },
	      "l 644 0:0 lib > elsewhere\n"
	      "d 755 0:0 s\n- 4755 5:6 s/t = t\nh 644 0:0 s/h > s/t\n"
	      "d 750 3:4 app\n- 644 0:0 app/old = old\nh 644 0:0 s/old > app/old\n"
	      "d 711 9:0 app\n- 644 0:0 app/in = in\n");
	/* COPY copies. */
	gives(&shop,
	      &(struct ask){
		      .sources = "Dockerfile", .dest = "/D", .add = true },
	      "- 644 0:0 D = FROM t\n\n");
}

static void links_of_the_image_are_followed_and_kept(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "lib/new", .type = '0', .content = "n" },
		{ .name = "/abs", .type = '0', .content = "a" },
		{ 0 },
	};
	struct shop shop;

	shop_make(*state, &shop);
	write_tar(*state, "ctx/a.tar", entries);
	/* lib is a link to usr/lib in the image. */
	gives(&shop,
	      &(struct ask){
		      .sources = "a.tar", .dest = "/", .on = "t", .add = true },
	      "d 755 0:0 usr\nd 755 0:0 usr/lib\n- 644 0:0 usr/lib/new = n\n"
	      "- 644 0:0 abs = a\n");
	gives(&shop,
	      &(struct ask){ .sources = "a.tar",
			     .dest = "/new/d",
			     .on = "t",
			     .add = true },
	      "d 755 0:0 new\nd 755 0:0 new/d\nd 755 0:0 new/d/lib\n"
	      "- 644 0:0 new/d/lib/new = n\n- 644 0:0 new/d/abs = a\n");
}

static void hostile_archives_stay_where_they_are_put(void **state)
{
	static const struct tar_entry up[] = {
		{ .name = "../evil", .type = '0', .content = "e" }, { 0 }
	};
	static const struct tar_entry through[] = {
		{ .name = "l", .type = '2', .link = "../../../../etc" },
		{ .name = "l/evil", .type = '0', .content = "e" },
		{ 0 },
	};
	static const struct tar_entry nowhere[] = {
		{ .name = "h", .type = '1', .link = "../../etc/shadow" }, { 0 }
	};
	struct shop shop;

	shop_make(*state, &shop);
	write_tar(*state, "ctx/up.tar", up);
	write_tar(*state, "ctx/through.tar", through);
	write_tar(*state, "ctx/nowhere.tar", nowhere);
	fails(&shop,
	      &(struct ask){ .sources = "up.tar",
			     .dest = "/x/",
			     .on = "t",
			     .add = true },
	      "failed to copy files: Error processing tar file(exit status 1): \"../evil\" is outside of \"/\"");
	gives(&shop,
	      &(struct ask){ .sources = "through.tar",
			     .dest = "/x/",
			     .on = "t",
			     .add = true },
	      "d 755 0:0 x\nl 644 0:0 x/l > ../../../../etc\n"
	      "d 755 0:0 x/etc\n- 644 0:0 x/etc/evil = e\n");
	fails(&shop,
	      &(struct ask){ .sources = "nowhere.tar",
			     .dest = "/x/",
			     .on = "t",
			     .add = true },
	      "failed to copy files: Error processing tar file(exit status 1): \"../../etc/shadow\" is outside of \"/\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(sums_are_docker_s),
		TEST_IN_SCRATCH(times_do_not_count_and_modes_do),
		TEST_IN_SCRATCH(sums_that_are_made_late_are_the_same),
		TEST_IN_SCRATCH(add_unpacks_archives_as_they_are),
		TEST_IN_SCRATCH(links_of_the_image_are_followed_and_kept),
		TEST_IN_SCRATCH(hostile_archives_stay_where_they_are_put),
	};

	return cmocka_run_group_tests_name("copy_sums", tests, NULL, close_common);
}
