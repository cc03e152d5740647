/* tests/test_progress.c - what a learner did is kept, whatever happens. */
#include "lessons/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "tests/test.h"

static void a_record_comes_back_as_it_was(void **state)
{
	struct scratch *scratch = *state;
	struct progress one;
	struct progress two = { 0 };
	struct err err = { 0 };

	progress_init(&one);
	free(one.step);
	one.step = mem_str("touch");
	one.phase = PHASE_READY;
	one.asked = 1;
	one.log_from = 77;
	one.seen_start = 1;
	one.finished_ns = 1234567890123456789;
	strs_add(&one.met, "touch/ran");
	strs_add(&one.vars, "port=8080");
	strs_add(&one.seen, "container hoge");
	json_object_set_new(one.answers, "touch/why", json_string("2"));
	assert_ok(progress_write(scratch->fd, "diff", &one, true, &err), &err);
	assert_ok(progress_read(scratch->fd, "diff", &two, &err), &err);
	assert_string_equal(two.step, "touch");
	assert_int_equal(two.phase, PHASE_READY);
	assert_int_equal(two.log_from, 77);
	assert_int_equal(two.seen_start, 1);
	assert_true(two.finished_ns == 1234567890123456789);
	assert_true(strs_has(&two.met, "touch/ran"));
	assert_true(strs_has(&two.seen, "container hoge"));
	assert_string_equal(strs_get_env(&two.vars, "port"), "8080");
	assert_string_equal(
		json_string_value(json_object_get(two.answers, "touch/why")),
		"2");
	progress_done(&one);
	progress_done(&two);
}

static void what_begins_again_keeps_its_best_result(void **state)
{
	struct scratch *scratch = *state;
	struct progress one;
	struct progress kept = { 0 };
	struct err err = { 0 };

	progress_init(&one);
	one.best = 7;
	one.finished_ns = 1234;
	strs_add(&one.met, "touch/ran");
	scratch_write(scratch, "diff.log", "{}\n");
	assert_ok(progress_begin_again(scratch->fd, "diff", &one, &err), &err);
	assert_ok(progress_read(scratch->fd, "diff", &kept, &err), &err);
	assert_int_equal(kept.best, 7);
	assert_true(kept.done_ns == 1234);
	assert_true(kept.finished_ns == 0 && one.finished_ns == 0);
	assert_int_equal(kept.met.count, 0);
	assert_false(scratch_has(scratch, "diff.log"));
	/* Once more, unfinished: the first end is not forgotten. */
	progress_done(&one);
	assert_ok(progress_begin_again(scratch->fd, "diff", &kept, &err), &err);
	assert_true(kept.done_ns == 1234);
	progress_done(&kept);
}

static void a_record_that_is_broken_is_put_aside(void **state)
{
	struct scratch *scratch = *state;
	struct progress progress = { 0 };
	struct err err = { 0 };

	scratch_write(scratch, "diff.json", "{ \"step\": \"tou");
	assert_ok(progress_read(scratch->fd, "diff", &progress, &err), &err);
	assert_string_equal(progress.step, "");
	assert_true(scratch_has(scratch, "diff.json.broken"));
	assert_int_equal(err.code, 0);
	progress_done(&progress);
}

static void lines_are_kept_and_begin_anew_at_a_mark(void **state)
{
	struct scratch *scratch = *state;
	struct progress_log log = { scratch->fd, "diff" };
	static const struct progress_line typed[] = {
		{ "touch", "run a", 0, 5 },
		{ "touch", NULL, 0, 0 },
		{ "touch", "run \"b\"\ttab", 1, 12 },
		{ "wreck", "run c", 0, -1 },
	};
	OWN_STRS struct strs lines = { 0 };
	json_t *whole = NULL;
	struct err err = { 0 };

	assert_ok(progress_log_read(&log, 0, "touch", &lines, &err), &err);
	assert_int_equal(lines.count, 0);
	for (size_t i = 0; i < 4; i++)
		assert_ok(progress_log_add(&log, &typed[i], &err), &err);
	assert_ok(progress_log_read(&log, 0, "touch", &lines, &err), &err);
	assert_int_equal(lines.count, 1);
	assert_string_equal(lines.items[0], "run \"b\"\ttab");
	assert_ok(progress_log_lines(&log, 0, "touch", &whole, &err), &err);
	assert_int_equal(json_integer_value(json_object_get(
				 json_array_get(whole, 0), "ms")),
			 12);
	json_decref(whole);
}

static void the_seed_is_the_learners_and_differs_by_lesson(void **state)
{
	struct scratch *scratch = *state;
	struct home home = { .path = scratch->path, .fd = scratch->fd };
	uint64_t first = 0;
	uint64_t again = 0;
	uint64_t other = 0;
	struct err err = { 0 };

	assert_ok(progress_seed(&home, "diff", &first, &err), &err);
	assert_ok(progress_seed(&home, "diff", &again, &err), &err);
	assert_ok(progress_seed(&home, "life", &other, &err), &err);
	assert_true(first == again);
	assert_true(first != other);
}

static void the_lesson_under_way_is_remembered_and_forgotten(void **state)
{
	struct scratch *scratch = *state;
	struct home home = { .path = scratch->path, .fd = scratch->fd };
	OWN_FREE char *id = NULL;
	struct err err = { 0 };

	assert_ok(progress_current(&home, &id, &err), &err);
	assert_null(id);
	assert_ok(progress_set_current(&home, "diff", &err), &err);
	assert_ok(progress_current(&home, &id, &err), &err);
	assert_string_equal(id, "diff");
	free(own_give_ptr(&id));
	assert_ok(progress_set_current(&home, NULL, &err), &err);
	assert_ok(progress_current(&home, &id, &err), &err);
	assert_null(id);
	assert_ok(progress_left(&home, &id, &err), &err);
	assert_string_equal(id, "diff");
	assert_int_equal(err.code, 0);
}

/* Adds one to a number in the record, many times; a window of its own. */
static void count_up(int fd, int times)
{
	struct err err = { 0 };

	for (int i = 0; i < times; i++) {
		int lock = progress_lock(fd, "diff", &err);
		struct progress progress = { 0 };

		if (lock < 0 || progress_read(fd, "diff", &progress, &err) < 0)
			_exit(1);
		progress.asked++;
		if (progress_write(fd, "diff", &progress, false, &err) < 0)
			_exit(2);
		progress_done(&progress);
		close(lock);
	}
}

static void two_windows_lose_nothing_of_each_other(void **state)
{
	struct scratch *scratch = *state;
	struct progress progress = { 0 };
	struct err err = { 0 };
	pid_t child = fork();

	if (child == 0) {
		count_up(scratch->fd, 100);
		_exit(0);
	}
	count_up(scratch->fd, 100);
	assert_int_equal(child_status(child), 0);
	assert_ok(progress_read(scratch->fd, "diff", &progress, &err), &err);
	assert_int_equal(progress.asked, 200);
	progress_done(&progress);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(a_record_comes_back_as_it_was),
		TEST_IN_SCRATCH(what_begins_again_keeps_its_best_result),
		TEST_IN_SCRATCH(a_record_that_is_broken_is_put_aside),
		TEST_IN_SCRATCH(lines_are_kept_and_begin_anew_at_a_mark),
		TEST_IN_SCRATCH(the_seed_is_the_learners_and_differs_by_lesson),
		TEST_IN_SCRATCH(
			the_lesson_under_way_is_remembered_and_forgotten),
		TEST_IN_SCRATCH(two_windows_lose_nothing_of_each_other),
	};

	return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
