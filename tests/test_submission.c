/* tests/test_submission.c - work is packed the same each time, and what strangers send
 * is taken in within bounds. */
#include "lessons/submission.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lessons/grade.h"
#include "lessons/made.h"
#include "lessons/progress.h"
#include "lessons/trail.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "tests/tarball.h"
#include "tests/test.h"

/* ---- taking in ---- */

/* Takes a file of these bytes into a folder; the message is in *err. */
static int take(struct scratch *scratch, const struct buf *bytes,
		struct submission *out, bool *fault, struct err *err)
{
	OWN_FREE char *path = scratch_path(scratch, "in.tar");
	OWN_FD int into = -1;

	assert_ok(fs_replace(scratch->fd, "in.tar", buf_text(bytes), bytes->len,
			     0600, false, err),
		  err);
	assert_ok(fs_remove_tree(scratch->fd, "into", err), err);
	scratch_mkdir(scratch, "into");
	into = fs_open_dir(scratch->fd, "into", err);
	*fault = false;
	return submission_take(path, into, out, fault, err);
}

static void an_archive_with_more_than_files_is_refused_by_name(void **state)
{
	static const struct {
		struct tar_entry entry;
		const char *because;
	} cases[] = {
		{ { .name = "out", .link = "/etc", .type = '2' }, "'out' is a link" },
		{ { .name = "two", .link = "files/a", .type = '1' },
		  "'two' is a hard link" },
		{ { .name = "../up", .content = "x", .type = '0' },
		  "'../up': a name with '..'" },
		{ { .name = "a/../../up", .content = "x", .type = '0' },
		  "a name with '..'" },
		{ { .name = "/etc/x", .content = "x", .type = '0' },
		  "'/etc/x': an absolute name" },
		{ { .name = "null", .type = '3', .major = 1, .minor = 3 },
		  "'null' is a device" },
		{ { .name = "disk", .type = '4', .major = 8 },
		  "'disk' is a device" },
		{ { .name = "pipe", .type = '6' }, "'pipe' is a named pipe" },
		{ { .name = "big", .size = 1ULL << 40, .type = '0' },
		  "the limit" },
		{ { .name = "a//b", .content = "x", .type = '0' },
		  "no name of a file" },
	};
	struct scratch *scratch = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		OWN_BUF struct buf tar = { 0 };
		struct submission submission = { 0 };
		struct err err = { 0 };
		bool fault = false;

		tarball_make(&tar, (struct tar_entry[]){ cases[i].entry, { 0 } });
		assert_true(take(scratch, &tar, &submission, &fault, &err) < 0);
		assert_true(fault);
		if (!strstr(err.msg, cases[i].because))
			fail_msg("%zu says: %s", i, err.msg);
		assert_false(scratch_has(scratch, "up"));
	}
}

static void names_like_options_and_escapes_are_names(void **state)
{
	static const struct tar_entry entries[] = {
		{ .name = "commands.dsh", .content = "run a\n", .type = '0' },
		{ .name = "-rf", .content = "x", .type = '0' },
		{ .name = "./--help/", .type = '5' },
		{ .name = "red\033[31m", .content = "y", .type = '0' },
		{ 0 },
	};
	struct scratch *scratch = *state;
	OWN_BUF struct buf tar = { 0 };
	struct submission submission = { 0 };
	struct err err = { 0 };
	bool fault;

	tarball_make(&tar, entries);
	assert_ok(take(scratch, &tar, &submission, &fault, &err), &err);
	assert_string_equal(scratch_read(scratch, "into/-rf"), "x");
	assert_true(scratch_has(scratch, "into/--help"));
	assert_string_equal(scratch_read(scratch, "into/red\033[31m"), "y");
	assert_false(submission.packed);
	assert_true(digest_is_valid(submission.digest));
	submission_done(&submission);
}

/* A file cannot take the place of a folder that another needs, or the other way
 * round; nor is anything written through. */
static void a_hundred_thousand_entries_are_too_many(void **state)
{
	struct scratch *scratch = *state;
	OWN_BUF struct buf tar = { 0 };
	struct submission submission = { 0 };
	struct err err = { 0 };
	bool fault;

	for (int i = 0; i < 100000; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "d%d/", i % 10);
		tarball_add(&tar, &(struct tar_entry){ .name = name,
						       .type = '5' });
	}
	tarball_end(&tar);
	assert_true(take(scratch, &tar, &submission, &fault, &err) < 0);
	assert_true(fault);
	assert_non_null(strstr(err.msg, "more than 10000 files"));
}

static void ten_gigabytes_of_zeros_packed_small_are_refused(void **state)
{
	struct scratch *scratch = *state;
	OWN_FREE char *path = scratch_path(scratch, "bomb.tar.gz");
	OWN_FREE char *line = mem_fmt(
		"cd '%s' && head -c 20M /dev/zero | gzip -1 >z.gz && "
		"tar -cf - z.gz | "
		"gzip -1 >first.gz && cat first.gz z.gz z.gz z.gz >bomb.tar.gz",
		scratch->path);
	OWN_FD int into = -1;
	struct submission submission = { 0 };
	struct err err = { 0 };
	bool fault = false;
	OWN_BUF struct buf tar = { 0 };

	/* Its header says what it holds. */
	tarball_add(&tar, &(struct tar_entry){ .name = "zeros",
					       .size = 10ULL << 30,
					       .type = '0' });
	tarball_end(&tar);
	assert_true(take(scratch, &tar, &submission, &fault, &err) < 0);
	assert_true(fault);
	assert_non_null(strstr(err.msg, "64 MiB"));

	/* Nothing announces them: they lie behind the end of the tar. */
	assert_int_equal(test_shell(line), 0);
	scratch_mkdir(scratch, "in");
	into = fs_open_dir(scratch->fd, "in", &err);
	fault = false;
	err = (struct err){ 0 };
	if (submission_take(path, into, &submission, &fault, &err) < 0)
		assert_true(fault);
	submission_done(&submission);
}

static void a_folder_is_copied_and_its_links_are_refused(void **state)
{
	struct scratch *scratch = *state;
	OWN_FREE char *path = scratch_path(scratch, "ann");
	OWN_FD int into = -1;
	OWN_FD int again = -1;
	struct submission submission = { 0 };
	struct err err = { 0 };
	bool fault = false;

	scratch_write(scratch, "ann/site/index.html", "hello\n");
	scratch_write(scratch, "ann/commands.dsh", "# seed ff\n");
	scratch_write(scratch, "ann/.git/config", "x");
	scratch_mkdir(scratch, "into");
	into = fs_open_dir(scratch->fd, "into", &err);
	assert_ok(submission_take(path, into, &submission, &fault, &err), &err);
	assert_int_equal(submission.seed, 0xff);
	assert_string_equal(scratch_read(scratch, "into/site/index.html"),
			    "hello\n");
	assert_false(scratch_has(scratch, "into/.git"));
	submission_done(&submission);

	assert_int_equal(symlinkat("/etc/passwd", scratch->fd, "ann/link"), 0);
	scratch_mkdir(scratch, "again");
	again = fs_open_dir(scratch->fd, "again", &err);
	assert_int_equal(submission_take(path, again, &submission, &fault, &err),
			 -EINVAL);
	assert_true(fault);
	assert_non_null(strstr(err.msg, "'link' is a link"));
}

static void a_name_is_what_is_left_of_a_path(void **state)
{
	static const char *const names[][2] = {
		{ "subs/ann.tar", "ann" }, { "./bob/", "bob" },
		{ "x.tar.gz", "x" },	   { "-rf.tar", "-rf" },
		{ "a.b", "a.b" },	   { ".tar", ".tar" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		OWN_FREE char *name = grade_name_of(names[i][0]);

		assert_string_equal(name, names[i][1]);
	}
}

/* ---- handing in ---- */

/* A learner's home with some work in it, in home/. */
static void do_some_work(struct scratch *scratch, struct home *home)
{
	struct progress progress;
	struct err err = { 0 };
	OWN_FREE char *path = scratch_path(scratch, "home");
	OWN_FD int folder = -1;
	OWN_FD int work = -1;
	struct progress_log log;
	struct trail trail;

	scratch_write(scratch, "lesson/lesson.lua", "lesson{}\n");
	assert_ok(home_open(path, home, &err), &err);
	folder = progress_folder(home, &err);
	log = (struct progress_log){ folder, "x" };
	scratch_write(scratch, "home/lessons/worlds/x/work/site/a", "one\n");
	work = fs_open_dir(home->fd, "lessons/worlds/x/work", &err);
	trail = (struct trail){ folder, "x", work };
	progress_init(&progress);
	free(progress.step);
	progress.step = mem_str("s");
	assert_ok(progress_write(folder, "x", &progress, false, &err), &err);
	progress_done(&progress);

	assert_ok(progress_log_add(&log,
				   &(struct progress_line){ "s", "lost", 0, 1 },
				   &err), &err);
	assert_ok(progress_log_add(&log, &(struct progress_line){ .step = "s" },
				   &err), &err);
	trail_look(&trail, "s");
	assert_ok(progress_log_add(
			  &log,
			  &(struct progress_line){ "s", "build site\n", 0, 5 },
			  &err), &err);
	assert_ok(progress_log_note(&log, "s",
				    json_pack("{s:s}", "answer", "2"), &err),
		  &err);
	scratch_write(scratch, "home/lessons/worlds/x/work/site/a", "two\n");
	trail_look(&trail, "s");
	assert_ok(progress_log_add(
			  &log, &(struct progress_line){ "s", "run a", 1, 5 },
			  &err), &err);
}

static void pack(struct scratch *scratch, const struct home *home,
		 const char *to)
{
	OWN_FREE char *dir = scratch_path(scratch, "lesson");
	const struct submission_from from = { .base = home, .dir = dir,
					      .id = "x", .lang = "en",
					      .student = "Ada" };
	struct submission_made made = { 0 };
	struct err err = { 0 };
	OWN_FD int fd = openat(scratch->fd, to,
			       O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_ok(submission_make(&from, fd, &made, &err), &err);
	assert_int_equal(made.commands, 3);
	assert_int_equal(made.files, 1);
	strs_done(&made.left);
}

static void the_same_work_is_the_same_archive(void **state)
{
	struct scratch *scratch = *state;
	struct home home = { .fd = -1 };
	OWN_BUF struct buf one = { 0 };
	OWN_BUF struct buf two = { 0 };
	struct err err = { 0 };

	do_some_work(scratch, &home);
	pack(scratch, &home, "one.tar");
	pack(scratch, &home, "two.tar");
	assert_ok(fs_read(scratch->fd, "one.tar", 1 << 20, &one, &err), &err);
	assert_ok(fs_read(scratch->fd, "two.tar", 1 << 20, &two, &err), &err);
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.data, two.data, one.len);
	home_close(&home);
}

static void take_folder(struct scratch *scratch, const char *into,
			struct submission *out)
{
	OWN_FREE char *path = scratch_path(scratch, "one.tar");
	struct err err = { 0 };
	bool fault = false;
	OWN_FD int fd = -1;

	scratch_mkdir(scratch, into);
	fd = fs_open_dir(scratch->fd, into, &err);
	assert_ok(submission_take(path, fd, out, &fault, &err), &err);
}

static void the_chain_holds_until_something_is_changed(void **state)
{
	struct scratch *scratch = *state;
	struct home home = { .fd = -1 };
	struct submission submission = { 0 };
	struct commands_and_text {
		const char *file;
		const char *sed;
		const char *says;
	};
	static const struct commands_and_text changes[] = {
		{ "commands.dsh", "s/run a/run b/", "differs at command 3" },
		{ "commands.dsh", "$a run c", "not recorded" },
		{ "evidence.jsonl", "s/\"ms\":5/\"ms\":6/", "breaks at 2" },
		{ "evidence.jsonl", "1d", "breaks at 1" },
		{ "evidence.jsonl", "$d", "not those that were packed" },
		{ "files/site/a", "s/two/three/", "not those that were packed" },
		{ "submission.json", "s/\"seed\": \"/\"seed\": \"1/",
		  "breaks at 1" },
	};

	do_some_work(scratch, &home);
	pack(scratch, &home, "one.tar");
	take_folder(scratch, "whole", &submission);
	assert_int_equal(submission.remarks.count, 0);
	assert_true(submission.packed);
	assert_string_equal(submission.lesson, "x");
	assert_string_equal(submission.student, "Ada");
	assert_string_equal(scratch_read(scratch, "whole/files/site/a"),
			    "two\n");
	assert_non_null(strstr(scratch_read(scratch, "whole/commands.dsh"),
			       "answer 2\n# file "));
	assert_null(strstr(scratch_read(scratch, "whole/commands.dsh"),
			   "lost"));
	submission_done(&submission);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		OWN_FREE char *line = mem_fmt(
			"cd '%s' && rm -rf t && mkdir t && tar xf one.tar -C t && "
			"sed -i '%s' t/%s",
			scratch->path, changes[i].sed, changes[i].file);
		OWN_FREE char *path = scratch_path(scratch, "t");
		struct err err = { 0 };
		bool fault = false;
		OWN_FD int into = -1;

		assert_int_equal(test_shell(line), 0);
		assert_ok(fs_remove_tree(scratch->fd, "into", &err), &err);
		scratch_mkdir(scratch, "into");
		into = fs_open_dir(scratch->fd, "into", &err);
		assert_ok(submission_take(path, into, &submission, &fault,
					  &err), &err);
		if (submission.remarks.count != 1 ||
		    !strstr(submission.remarks.items[0], changes[i].says))
			fail_msg("%zu says: %s", i,
				 submission.remarks.count
					 ? submission.remarks.items[0]
					 : "nothing");
		submission_done(&submission);
	}
	home_close(&home);
}

#define HEX60 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab"

static void ids_and_names_of_then_are_told_for_those_of_now(void **state)
{
	static const char *const lines[][2] = {
		{ "run --rm aaaa01234567 ls", "run --rm bbbb01234567 ls" },
		{ "run sha256:aaaa", "run sha256:bbbb" },
		{ "logs -f cccc012", "logs -f dddd012" },
		{ "docker rm 'kind_kay' x", "docker rm 'wise_bell' x" },
		{ "cp kind_kay:/a b-kind_kay2", "cp wise_bell:/a b-kind_kay2" },
		{ "run aaa cccc0x aaaa1", "run aaa cccc0x aaaa1" },
		{ "", "" },
	};
	struct made_pairs pairs = { 0 };

	(void)state;
	made_pair(&pairs, "image aaaa" HEX60, "image bbbb" HEX60);
	made_pair(&pairs, "container cccc" HEX60 " kind_kay",
		  "container dddd" HEX60 " wise_bell");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		OWN_FREE char *line = made_translate(&pairs, lines[i][0]);

		assert_string_equal(line, lines[i][1]);
	}
	assert_false(made_same_kind("image x", "container x"));
	made_pairs_done(&pairs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(
			an_archive_with_more_than_files_is_refused_by_name),
		TEST_IN_SCRATCH(names_like_options_and_escapes_are_names),
		TEST_IN_SCRATCH(a_hundred_thousand_entries_are_too_many),
		TEST_IN_SCRATCH(ten_gigabytes_of_zeros_packed_small_are_refused),
		TEST_IN_SCRATCH(a_folder_is_copied_and_its_links_are_refused),
		TEST(a_name_is_what_is_left_of_a_path),
		TEST_IN_SCRATCH(the_same_work_is_the_same_archive),
		TEST_IN_SCRATCH(the_chain_holds_until_something_is_changed),
		TEST(ids_and_names_of_then_are_told_for_those_of_now),
	};

	return cmocka_run_group_tests_name("submission", tests, NULL, NULL);
}
