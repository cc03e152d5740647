/* tests/test_path.c - ways through the lessons, and worlds that come and go. */
#include "lessons/path.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lessons/course.h"
#include "lessons/scene.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/copy.h"
#include "runtime/home.h"
#include "shell/frame.h"
#include "tests/test.h"

static void a_path_is_data_in_a_folder_of_lessons(void **state)
{
	struct scratch *scratch = *state;
	const struct course_entry **entries;
	const struct path *path = NULL;
	struct course course = { 0 };
	struct paths paths = { 0 };
	struct err err = { 0 };
	size_t count = 0;

	scratch_write(scratch, "10-b/lesson.lua", "");
	scratch_write(scratch, "20-a/lesson.lua", "");
	scratch_write(scratch, "paths.json",
		      "{ \"paths\": [ { \"id\": \"mine\", \"title\": "
		      "{ \"en\": \"Mine\", \"ja\": \"私の\" }, \"lessons\": "
		      "[\"a\", \"nowhere\", \"b\", \"tour\"] },"
		      "{ \"id\": \"lecture\", \"title\": \"Another\","
		      " \"lessons\": [\"b\"] },"
		      "{ \"id\": \"BAD\", \"title\": \"x\", \"lessons\": [] },"
		      "{ \"id\": \"none\", \"title\": \"x\", \"lessons\": [] } ] }");
	paths_open(scratch->path, "ja", &paths);
	assert_int_equal(paths.faults.count, 2);
	assert_non_null(strstr(paths.faults.items[0], "path 3"));
	assert_ok(paths_find(&paths, "mine", &path, &err), &err);
	assert_string_equal(path->title, "私の");
	assert_ok(course_open(scratch->path, &course, &err), &err);
	entries = path_entries(path, &course, &count);
	/* In the path's order; what is not there, and the tour, are not. */
	assert_int_equal(count, 2);
	assert_string_equal(entries[0]->id, "a");
	assert_string_equal(entries[1]->id, "b");
	free(entries);
	/* The nearer folder's wins. */
	assert_ok(paths_find(&paths, "lecture", &path, &err), &err);
	assert_string_equal(path->title, "Another");
	assert_ok(paths_find(&paths, "course", &path, &err), &err);
	assert_true(path->all);
	assert_int_equal(paths_find(&paths, "x", &path, &err), -ENOENT);
	course_done(&course);
	paths_done(&paths);
}

static void a_broken_file_of_paths_is_named_with_its_line(void **state)
{
	struct scratch *scratch = *state;
	const struct path *path = NULL;
	struct paths paths = { 0 };
	struct err err = { 0 };

	scratch_write(scratch, "paths.json", "{\n\"paths\": [,] }");
	paths_open(scratch->path, "en", &paths);
	assert_int_equal(paths.faults.count, 1);
	assert_non_null(strstr(paths.faults.items[0], "paths.json:2:"));
	assert_ok(paths_find(&paths, "course", &path, &err), &err);
	paths_done(&paths);
}

static void the_path_chosen_is_remembered(void **state)
{
	struct scratch *scratch = *state;
	const struct home home = { .path = scratch->path, .fd = scratch->fd };
	OWN_FREE char *first = path_chosen(&home);
	OWN_FREE char *then = NULL;
	struct err err = { 0 };

	assert_string_equal(first, "course");
	assert_ok(path_choose(&home, "workshop", &err), &err);
	then = path_chosen(&home);
	assert_string_equal(then, "workshop");
}

/* ---- worlds that come and go ---- */

static void a_world_left_by_a_kill_is_swept_and_none_in_use(void **state)
{
	struct scratch *scratch = *state;
	const struct home home = { .path = scratch->path, .fd = scratch->fd };
	OWN_FREE char *name = NULL;
	struct scene scene = { 0 };
	struct err err = { 0 };
	int ready[2];
	char c = 0;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		if (scene_open(&home, &scene, &err) < 0)
			_exit(1);
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	name = mem_fmt("lessons/progress/demo-%d.alive", (int)pid);
	scene_sweep(&home);
	assert_true(scratch_has(scratch, name));
	(void)kill(pid, SIGKILL);
	assert_int_equal(child_status(pid), 128 + SIGKILL);
	assert_ok(scene_open(&home, &scene, &err), &err);
	assert_false(scratch_has(scratch, name));
	free(name);
	name = mem_fmt("lessons/progress/%s.alive", scene.name);
	assert_true(scratch_has(scratch, name));
	scene_sweep(&home); /* its own stays */
	assert_true(scratch_has(scratch, name));
	scene_close(&scene);
	assert_false(scratch_has(scratch, name));
	close(ready[0]);
	close(ready[1]);
}

static void what_a_lesson_gives_away_is_the_learners(void **state)
{
	struct scratch *scratch = *state;
	struct err err = { 0 };
	struct stat st;

	scratch_write(scratch, "from/files/a", "text");
	assert_int_equal(fchmodat(scratch->fd, "from/files/a", 0, 0), 0);
	assert_int_equal(fchmodat(scratch->fd, "from/files", 0555, 0), 0);
	if (geteuid() == 0)
		assert_int_equal(fchownat(scratch->fd, "from/files/a", 1234,
					  1234, 0),
				 0);
	assert_ok(copy_for_us(scratch->fd, "from/files", scratch->fd, "to",
			      &err),
		  &err);
	assert_string_equal(scratch_read(scratch, "to/a"), "text");
	assert_int_equal(fstatat(scratch->fd, "to/a", &st, 0), 0);
	assert_int_equal(st.st_uid, geteuid());
	assert_int_equal(st.st_mode & 0600, 0600);
	assert_int_equal(fstatat(scratch->fd, "from/files/a", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0); /* as it was */
	assert_int_equal(fchmodat(scratch->fd, "from/files", 0755, 0), 0);
}

/* ---- text for a room ---- */

static void a_frame_has_margins_breaks_lines_and_stops_in_time(void **state)
{
	struct frame frame = { .columns = 10, .margin = 2, .lines_max = 3 };
	OWN_BUF struct buf out = { 0 };

	(void)state;
	frame_add(&frame, "one two three\r\nfo", 17, &out);
	frame_add(&frame, "ur\n日本語日本語\n\nsix\n", 25, &out);
	frame_end(&frame, &out);
	assert_string_equal(buf_text(&out), "  one two\n  three\n  four\n"
					    "  日本語日本\n  語\n"
					    "  (2 lines\n  more)\n");
	frame_done(&frame);
}

static void a_frame_without_margin_changes_nothing(void **state)
{
	struct frame frame = { .columns = 10 };
	OWN_BUF struct buf out = { 0 };

	(void)state;
	frame_add(&frame, "a\033[1mb\r\nno newline", 18, &out);
	frame_end(&frame, &out);
	assert_string_equal(buf_text(&out), "a\033[1mb\r\nno newline\n");
	frame_done(&frame);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(a_path_is_data_in_a_folder_of_lessons),
		TEST_IN_SCRATCH(a_broken_file_of_paths_is_named_with_its_line),
		TEST_IN_SCRATCH(the_path_chosen_is_remembered),
		TEST_IN_SCRATCH(a_world_left_by_a_kill_is_swept_and_none_in_use),
		TEST_IN_SCRATCH(what_a_lesson_gives_away_is_the_learners),
		TEST(a_frame_has_margins_breaks_lines_and_stops_in_time),
		TEST(a_frame_without_margin_changes_nothing),
	};

	return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
