/* tests/test_world.c - the start of a step is kept and comes back exactly. */
#include "lessons/world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/copy.h"
#include "tests/test.h"

static struct stat stat_of(const struct scratch *scratch, const char *path)
{
	struct stat st;

	assert_int_equal(fstatat(scratch->fd, path, &st, AT_SYMLINK_NOFOLLOW),
			 0);
	return st;
}

static void a_copy_has_content_mode_time_and_links(void **state)
{
	struct scratch *scratch = *state;
	const struct timespec times[2] = { { 100, 5 }, { 200, 123456789 } };
	struct err err = { 0 };
	struct stat a;
	struct stat b;

	scratch_write(scratch, "a/sub/file", "content");
	assert_int_equal(fchmodat(scratch->fd, "a/sub/file", 04751, 0), 0);
	assert_int_equal(utimensat(scratch->fd, "a/sub/file", times, 0), 0);
	assert_int_equal(
		linkat(scratch->fd, "a/sub/file", scratch->fd, "a/again", 0),
		0);
	assert_int_equal(symlinkat("/nowhere", scratch->fd, "a/link"), 0);
	assert_int_equal(mkfifoat(scratch->fd, "a/fifo", 0600), 0);
	assert_int_equal(fchmodat(scratch->fd, "a/sub", 0700, 0), 0);
	assert_ok(copy_tree(scratch->fd, "a", scratch->fd, "b", &err), &err);
	assert_string_equal(scratch_read(scratch, "b/sub/file"), "content");
	a = stat_of(scratch, "a/sub/file");
	b = stat_of(scratch, "b/sub/file");
	assert_int_equal(a.st_mode, b.st_mode);
	assert_int_equal(b.st_mtim.tv_sec, 200);
	assert_int_equal(b.st_mtim.tv_nsec, 123456789);
	assert_int_equal(b.st_ino, stat_of(scratch, "b/again").st_ino);
	assert_int_not_equal(a.st_ino, b.st_ino);
	assert_true(S_ISLNK(stat_of(scratch, "b/link").st_mode));
	assert_true(S_ISFIFO(stat_of(scratch, "b/fifo").st_mode));
	assert_int_equal(stat_of(scratch, "b/sub").st_mode & 07777, 0700);
}

static void a_copy_has_whiteouts_and_attributes_but_no_sockets(void **state)
{
	struct scratch *scratch = *state;
	OWN_FREE char *folder = scratch_path(scratch, "a");
	OWN_FREE char *copied = scratch_path(scratch, "b");
	struct sockaddr_un where = { .sun_family = AF_UNIX };
	OWN_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct err err = { 0 };
	char value[8] = "";

	scratch_mkdir(scratch, "a");
	(void)snprintf(where.sun_path, sizeof(where.sun_path), "%s/socket",
		       folder);
	assert_int_equal(bind(fd, (struct sockaddr *)&where, sizeof(where)), 0);
	if (mknodat(scratch->fd, "a/gone", S_IFCHR | 0600, 0) < 0)
		skip(); /* a kernel older than 5.8, as a plain user */
	if (setxattr(folder, "user.overlay.opaque", "y", 1, 0) < 0)
		skip(); /* no such attributes on this file system */
	assert_ok(copy_tree(scratch->fd, "a", scratch->fd, "b", &err), &err);
	assert_true(S_ISCHR(stat_of(scratch, "b/gone").st_mode));
	assert_int_equal(stat_of(scratch, "b/gone").st_rdev, 0);
	assert_int_equal(
		getxattr(copied, "user.overlay.opaque", value, sizeof(value)),
		1);
	assert_false(scratch_has(scratch, "b/socket"));
}

static void a_copy_stays_what_it_was_when_the_original_changes(void **state)
{
	struct scratch *scratch = *state;
	struct err err = { 0 };

	scratch_write(scratch, "a/file", "before");
	assert_ok(copy_tree(scratch->fd, "a", scratch->fd, "b", &err), &err);
	scratch_write(scratch, "a/file", "after");
	assert_string_equal(scratch_read(scratch, "b/file"), "before");
}

static void what_is_in_a_folder_keeps_its_hard_links(void **state)
{
	struct scratch *scratch = *state;
	struct err err = { 0 };

	scratch_write(scratch, "a/one", "content");
	scratch_mkdir(scratch, "a/sub");
	scratch_mkdir(scratch, "b");
	assert_int_equal(linkat(scratch->fd, "a/one", scratch->fd, "a/two", 0),
			 0);
	assert_int_equal(
		linkat(scratch->fd, "a/one", scratch->fd, "a/sub/three", 0), 0);
	assert_ok(copy_inside(scratch->fd, "a", scratch->fd, "b", &err), &err);
	assert_int_equal(stat_of(scratch, "b/one").st_nlink, 3);
	assert_int_equal(stat_of(scratch, "b/one").st_ino,
			 stat_of(scratch, "b/sub/three").st_ino);
}

static void a_folder_that_may_not_be_read_is_copied_whole(void **state)
{
	struct scratch *scratch = *state;
	struct err err = { 0 };

	scratch_write(scratch, "a/work/file", "kept");
	assert_int_equal(fchmodat(scratch->fd, "a/work", 0, 0), 0);
	assert_ok(copy_tree(scratch->fd, "a", scratch->fd, "b", &err), &err);
	assert_int_equal(stat_of(scratch, "b/work").st_mode & 07777, 0);
	assert_int_equal(fchmodat(scratch->fd, "a/work", 0700, 0), 0);
	assert_int_equal(fchmodat(scratch->fd, "b/work", 0700, 0), 0);
	assert_string_equal(scratch_read(scratch, "b/work/file"), "kept");
}

static void a_file_that_may_not_be_read_is_copied_whole(void **state)
{
	struct scratch *scratch = *state;
	struct err err = { 0 };

	scratch_write(scratch, "a/closed", "secret");
	assert_int_equal(fchmodat(scratch->fd, "a/closed", 0, 0), 0);
	assert_ok(copy_tree(scratch->fd, "a", scratch->fd, "b", &err), &err);
	assert_int_equal(stat_of(scratch, "b/closed").st_mode & 07777, 0);
	assert_int_equal(fchmodat(scratch->fd, "b/closed", 0400, 0), 0);
	assert_string_equal(scratch_read(scratch, "b/closed"), "secret");
}

static void a_tree_too_deep_is_an_error_not_a_crash(void **state)
{
	struct scratch *scratch = *state;
	struct err err = { 0 };
	int fd = fcntl(scratch->fd, F_DUPFD_CLOEXEC, 0);

	for (int i = 0; i < COPY_MAX_DEPTH + 5; i++) {
		int next;

		assert_int_equal(mkdirat(fd, "d", 0755), 0);
		next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(fd);
		fd = next;
	}
	close(fd);
	assert_int_equal(copy_tree(scratch->fd, "d", scratch->fd, "b", &err),
			 -ELOOP);
}

static void what_is_not_there_is_no_error(void **state)
{
	struct scratch *scratch = *state;
	struct err err = { 0 };

	assert_ok(copy_tree(scratch->fd, "none", scratch->fd, "b", &err), &err);
	assert_false(scratch_has(scratch, "b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(a_copy_has_content_mode_time_and_links),
		TEST_IN_SCRATCH(
			a_copy_has_whiteouts_and_attributes_but_no_sockets),
		TEST_IN_SCRATCH(
			a_copy_stays_what_it_was_when_the_original_changes),
		TEST_IN_SCRATCH(what_is_in_a_folder_keeps_its_hard_links),
		TEST_IN_SCRATCH(a_folder_that_may_not_be_read_is_copied_whole),
		TEST_IN_SCRATCH(a_file_that_may_not_be_read_is_copied_whole),
		TEST_IN_SCRATCH(a_tree_too_deep_is_an_error_not_a_crash),
		TEST_IN_SCRATCH(what_is_not_there_is_no_error),
	};

	return cmocka_run_group_tests_name("world", tests, NULL, NULL);
}
