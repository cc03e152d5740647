/* tests/test_fs.c - whole files, trees, and paths that stay beneath a root. */
#include "runtime/base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "tests/test.h"

static void names_the_file_that_is_not_there(void **state)
{
	struct scratch *dir = *state;
	OWN_BUF struct buf buf = { 0 };
	struct err err = { 0 };

	assert_int_equal(fs_read(dir->fd, "no/such", 100, &buf, &err), -ENOENT);
	assert_string_equal(err.msg, "open no/such: No such file or directory");
}

static void refuses_a_file_that_is_larger_than_allowed(void **state)
{
	struct scratch *dir = *state;
	OWN_BUF struct buf buf = { 0 };
	struct err err = { 0 };

	scratch_write(dir, "f", "12345");
	assert_int_equal(fs_read(dir->fd, "f", 4, &buf, &err), -EFBIG);
	assert_non_null(strstr(err.msg, "f: more than 4 bytes"));
	buf_clear(&buf);
	assert_ok(fs_read(dir->fd, "f", 5, &buf, &err), &err);
	assert_string_equal(buf_text(&buf), "12345");
}

static void every_descriptor_is_closed_by_exec(void **state)
{
	struct scratch *dir = *state;
	struct err err = { 0 };
	OWN_FD int fd = fs_open_dir(dir->fd, ".", &err);
	OWN_FD int in = fs_open_beneath(dir->fd, "/", O_PATH, 0, &err);

	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(fcntl(in, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

static void a_link_out_of_the_root_ends_in_the_root(void **state)
{
	struct scratch *dir = *state;
	struct err err = { 0 };
	OWN_FD int root = -1;
	OWN_FD int fd = -1;
	char text[8] = "";

	scratch_write(dir, "secret", "outside");
	scratch_write(dir, "root/secret", "inside");
	assert_int_equal(symlinkat("/secret", dir->fd, "root/absolute"), 0);
	assert_int_equal(symlinkat("../../../secret", dir->fd, "root/dots"), 0);
	root = fs_open_dir(dir->fd, "root", &err);
	for (int i = 0; i < 3; i++) {
		static const char *const names[] = { "absolute", "dots",
						     "/../secret" };

		own_close_fd(&fd);
		fd = fs_open_beneath(root, names[i], O_RDONLY, 0, &err);
		assert_ok(fd, &err);
		assert_int_equal(read(fd, text, sizeof(text)), 6);
		assert_memory_equal(text, "inside", 6);
	}
}

/* The kernel answers a walk over ".." with EAGAIN where anything on the machine was
 * renamed meanwhile. */
static void other_peoples_renames_stop_no_walk(void **state)
{
	struct scratch *dir = *state;
	struct err err = { 0 };
	OWN_FD int root = -1;
	pid_t other;

	scratch_write(dir, "root/a/b/file", "inside");
	scratch_write(dir, "one", "");
	assert_int_equal(symlinkat("/a/b/../b/../../a/b", dir->fd, "root/link"),
			 0);
	root = fs_open_dir(dir->fd, "root", &err);
	other = fork();
	assert_true(other >= 0);
	if (other == 0) {
		while (getppid() != 1) {
			(void)renameat(dir->fd, "one", dir->fd, "two");
			(void)renameat(dir->fd, "two", dir->fd, "one");
		}
		_exit(0);
	}
	for (int i = 0; i < 5000; i++) {
		OWN_FD int fd = fs_open_beneath(root, "link/../b/file",
						O_RDONLY, 0, &err);

		if (fd < 0)
			break;
	}
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	assert_ok(err.code ? -err.code : 0, &err);
}

static void magic_links_lead_nowhere(void **state)
{
	struct scratch *dir = *state;
	struct err err = { 0 };
	OWN_FD int proc = fs_open_dir(AT_FDCWD, "/proc", &err);

	(void)dir;
	assert_ok(proc, &err);
	assert_int_equal(
		fs_open_beneath(proc, "self/root/etc", O_PATH, 0, &err),
		-ELOOP);
}

static void makes_folders_that_are_half_there(void **state)
{
	struct scratch *dir = *state;
	struct err err = { 0 };

	assert_ok(fs_make_dirs(dir->fd, "a/b", 0755, &err), &err);
	assert_ok(fs_make_dirs(dir->fd, "a/b/c/d", 0755, &err), &err);
	assert_ok(fs_make_dirs(dir->fd, "a/b/c/d", 0755, &err), &err);
	assert_true(scratch_has(dir, "a/b/c/d"));
	scratch_write(dir, "file", "");
	assert_int_equal(fs_make_dirs(dir->fd, "file/x", 0755, &err), -ENOTDIR);
}

static void a_replaced_file_is_whole_and_leaves_nothing_beside_it(void **state)
{
	struct scratch *dir = *state;
	struct err err = { 0 };
	struct stat st;

	scratch_write(dir, "d/f", "old and longer");
	assert_ok(fs_replace(dir->fd, "d/f", "new", 3, 0600, false, &err),
		  &err);
	assert_string_equal(scratch_read(dir, "d/f"), "new");
	assert_ok(fs_replace(dir->fd, "d/f", "safe", 4, 0600, true, &err),
		  &err);
	assert_string_equal(scratch_read(dir, "d/f"), "safe");
	assert_int_equal(fstatat(dir->fd, "d/f", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(unlinkat(dir->fd, "d/f", 0), 0);
	assert_int_equal(unlinkat(dir->fd, "d", AT_REMOVEDIR), 0);
}

static void removes_a_tree_that_forbids_it(void **state)
{
	struct scratch *dir = *state;
	struct err err = { 0 };

	scratch_write(dir, "t/work/work/f", "");
	scratch_write(dir, "keep/f", "kept");
	assert_int_equal(symlinkat("../keep", dir->fd, "t/link"), 0);
	assert_int_equal(fchmodat(dir->fd, "t/work/work", 0, 0), 0);
	assert_int_equal(fchmodat(dir->fd, "t/work", 0500, 0), 0);
	assert_ok(fs_remove_tree(dir->fd, "t", &err), &err);
	assert_false(scratch_has(dir, "t"));
	assert_string_equal(scratch_read(dir, "keep/f"), "kept");
	assert_ok(fs_remove_tree(dir->fd, "t", &err), &err); /* gone is fine */
}

/* Deeper than there are descriptors; what is in the way of it has its name. */
static void removes_a_tree_that_is_too_deep(void **state)
{
	struct scratch *dir = *state;
	struct rlimit before;
	struct rlimit few;
	struct err err = { 0 };
	int fd;

	scratch_write(dir, "t/too-deep-1", "");
	scratch_write(dir, "t/too-deep-2/f", "");
	fd = openat(dir->fd, "t", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < 3000; i++) {
		int next;

		assert_int_equal(mkdirat(fd, "d", 0700), 0);
		next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		assert_int_equal(fchmod(fd, i % 100 ? 0700 : 0500), 0);
		close(fd);
		fd = next;
	}
	close(fd);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = 200;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_ok(fs_remove_tree(dir->fd, "t", &err), &err);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_false(scratch_has(dir, "t"));
}

static void a_size_is_the_files_lengths_hard_links_once(void **state)
{
	struct scratch *dir = *state;
	unsigned long long bytes = 0;
	unsigned long long inodes = 0;
	struct err err = { 0 };

	scratch_write(dir, "t/a", "12345");
	scratch_write(dir, "t/sub/b", "123");
	assert_int_equal(linkat(dir->fd, "t/a", dir->fd, "t/sub/again", 0), 0);
	assert_int_equal(symlinkat("a", dir->fd, "t/link"), 0);
	assert_ok(fs_tree_size(dir->fd, "t", &bytes, &inodes, &err), &err);
	assert_int_equal(bytes, 9); /* the link is 1 */
	assert_int_equal(inodes, 5); /* t, sub, a, b, link */
}

static void cleans_paths_as_go_does(void **state)
{
	static const char *const table[][2] = {
		{ "", "." },           { "/", "/" },
		{ "//a//b/", "/a/b" }, { "/../a", "/a" },
		{ "a/../..", ".." },   { "/a/./b/../c", "/a/c" },
		{ "./x", "x" },        { "../../x", "../../x" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		OWN_FREE char *clean = fs_clean_path(table[i][0]);

		assert_string_equal(clean, table[i][1]);
	}
}

static void reads_a_path_as_the_kernel_writes_it(void **state)
{
	char path[] = "/a\\040b/c\\134\\011";
	char plain[] = "/a\\b\\";

	(void)state;
	fs_unescape(path);
	assert_string_equal(path, "/a b/c\\\t");
	fs_unescape(plain);
	assert_string_equal(plain, "/a\\b\\");
}

/* Whoever shares a pipe with us may have made it one that does not wait. */
static void waits_for_a_full_pipe(void **state)
{
	enum { SIZE = 1 << 20 };
	char *bytes = test_calloc(1, SIZE);
	size_t heard = 0;
	int pair[2];
	pid_t pid;
	ssize_t got;

	(void)state;
	assert_int_equal(pipe2(pair, O_CLOEXEC | O_NONBLOCK), 0);
	pid = fork();
	if (pid == 0)
		_exit(fs_write_all(pair[1], bytes, SIZE) == 0 ? 0 : 1);
	close(pair[1]);
	assert_int_equal(fcntl(pair[0], F_SETFL, 0), 0);
	while ((got = read(pair[0], bytes, SIZE)) > 0)
		heard += (size_t)got;
	assert_int_equal(heard, SIZE);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(pair[0]);
	test_free(bytes);
}

static void knows_the_path_of_what_is_open(void **state)
{
	struct scratch *dir = *state;
	OWN_FREE char *path = NULL;
	OWN_FREE char *real = realpath(dir->path, NULL);
	struct err err = { 0 };

	assert_ok(fs_path_of(dir->fd, &path, &err), &err);
	assert_string_equal(path, real);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(names_the_file_that_is_not_there),
		TEST_IN_SCRATCH(refuses_a_file_that_is_larger_than_allowed),
		TEST_IN_SCRATCH(every_descriptor_is_closed_by_exec),
		TEST_IN_SCRATCH(a_link_out_of_the_root_ends_in_the_root),
		TEST_IN_SCRATCH(other_peoples_renames_stop_no_walk),
		TEST_IN_SCRATCH(magic_links_lead_nowhere),
		TEST_IN_SCRATCH(makes_folders_that_are_half_there),
		TEST_IN_SCRATCH(
			a_replaced_file_is_whole_and_leaves_nothing_beside_it),
		TEST_IN_SCRATCH(removes_a_tree_that_forbids_it),
		TEST_IN_SCRATCH(removes_a_tree_that_is_too_deep),
		TEST_IN_SCRATCH(a_size_is_the_files_lengths_hard_links_once),
		TEST(cleans_paths_as_go_does),
		TEST_IN_SCRATCH(reads_a_path_as_the_kernel_writes_it),
		TEST_IN_SCRATCH(waits_for_a_full_pipe),
		TEST_IN_SCRATCH(knows_the_path_of_what_is_open),
	};

	return cmocka_run_group_tests_name("fs", tests, NULL, NULL);
}
