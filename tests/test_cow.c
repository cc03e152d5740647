/* tests/test_cow.c - copy-up tried in a lab, and the lab itself. */
#include "runtime/cow_lab.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "runtime/home.h"
#include "tests/test.h"

enum { MEGA = 1000000 };

static void a_lab_leaves_nothing_and_sweeps_what_a_killed_one_left(void **state)
{
	struct scratch *s = *state;
	struct home home = { s->path, s->fd, false };
	struct err err = { 0 };
	struct lab lab = LAB_NONE;

	scratch_write(s, "run/lab.99999999/file", "left");
	assert_ok(lab_begin(&home, &lab, &err), &err);
	assert_false(scratch_has(s, "run/lab.99999999"));
	assert_true(scratch_has(s, lab.name));
	assert_true(lab_free_bytes(&lab) > 0);
	lab_end(&lab);
	assert_null(lab.path);
	assert_false(fs_exists(s->fd, "run/lab.99999999"));
}

static void the_first_open_copies_the_file_and_the_second_nothing(void **state)
{
	struct scratch *s = *state;
	struct home home = { s->path, s->fd, false };
	OWN_LAB struct lab lab = LAB_NONE;
	OWN_BUF struct buf options = { 0 };
	struct err err = { 0 };
	struct cow_row row;

	need_overlay_in_userns();
	scratch_mkdir(s, "run");
	assert_ok(lab_begin(&home, &lab, &err), &err);
	assert_ok(cow_lab_measure(&lab, MEGA, &row, &options, &err), &err);
	assert_true(row.first.count >= MEASURE_FEWEST);
	assert_int_equal(row.second.count, row.first.count);
	assert_true(row.copied >= MEGA && row.copied < (int64_t)2 * MEGA);
	assert_int_not_equal(measure_compare(&row.first, &row.second, 5),
			     MEASURE_BELOW);
	assert_non_null(strstr(buf_text(&options), "upperdir="));
}

static void what_else_copies_and_what_cannot_be_done(void **state)
{
	struct scratch *s = *state;
	struct home home = { s->path, s->fd, false };
	OWN_LAB struct lab lab = LAB_NONE;
	struct err err = { 0 };
	struct cow_facts facts;

	need_overlay_in_userns();
	scratch_mkdir(s, "run");
	assert_ok(lab_begin(&home, &lab, &err), &err);
	assert_ok(cow_lab_facts(&lab, &facts, &err), &err);
	assert_true(facts.whiteout);
	assert_int_equal(facts.rename_error, EXDEV);
	assert_true(facts.chmod_copied >= MEGA);
	assert_int_equal(facts.overlay_append.count, facts.volume_append.count);
	assert_true(facts.volume_append.median_ns > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(
			a_lab_leaves_nothing_and_sweeps_what_a_killed_one_left),
		TEST_IN_SCRATCH(
			the_first_open_copies_the_file_and_the_second_nothing),
		TEST_IN_SCRATCH(what_else_copies_and_what_cannot_be_done),
	};

	return cmocka_run_group_tests_name("cow", tests, NULL, NULL);
}
