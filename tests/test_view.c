/* tests/test_view.c - bars, sizes and times of the views. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/own.h"
#include "shell/view.h"
#include "tests/test.h"

static struct shell a_shell;

static void begin(struct view *view, bool plain, bool ascii)
{
	struct view_opts opts = { .plain = plain };

	setenv("LC_ALL", "C.UTF-8", 1);
	a_shell = (struct shell){ .out = stdout, .ascii = ascii };
	view_begin(view, &a_shell, &opts);
}

static void test_bars(void **state)
{
	OWN_VIEW struct view view;

	(void)state;
	begin(&view, false, false);
	view_bar(&view, 0, 8);
	assert_string_equal(buf_text(&view.out), "");
	view_bar(&view, 0.0001, 8);
	assert_string_equal(buf_text(&view.out), "▏");
	buf_clear(&view.out);
	view_bar(&view, 0.5, 3);
	assert_string_equal(buf_text(&view.out), "█▌");
	buf_clear(&view.out);
	view.ascii = true;
	view_bar(&view, 7, 3);
	assert_string_equal(buf_text(&view.out), "###");
}

static void test_sizes_and_times(void **state)
{
	static const struct {
		int64_t value;
		const char *drawn;
		const char *plain;
	} sizes[] = { { 0, "0B", "0 bytes" },
		      { 6040000, "6.04MB", "6.04 megabytes" },
		      { 1500, "1.5kB", "1.5 kilobytes" },
		      { 1, "1B", "1 byte" },
		      { 999999, "1MB", "1 megabyte" } },
	  times[] = { { 14321, "14 us", "14 microseconds" },
		      { 6500000, "6.5 ms", "6.5 milliseconds" },
		      { 7, "7 ns", "7 nanoseconds" },
		      { 61000000000, "61 s", "61 seconds" } };
	OWN_VIEW struct view drawn;
	OWN_VIEW struct view plain;

	(void)state;
	begin(&plain, true, false);
	begin(&drawn, false, false);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		OWN_FREE char *d = view_size(&drawn, sizes[i].value);
		OWN_FREE char *p = view_size(&plain, sizes[i].value);

		assert_string_equal(d, sizes[i].drawn);
		assert_string_equal(p, sizes[i].plain);
	}
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		OWN_FREE char *d = view_time(&drawn, times[i].value);
		OWN_FREE char *p = view_time(&plain, times[i].value);

		assert_string_equal(d, times[i].drawn);
		assert_string_equal(p, times[i].plain);
	}
}

static void test_next_names_the_program_outside_of_the_prompt(void **state)
{
	OWN_VIEW struct view view;

	(void)state;
	begin(&view, false, false);
	view_next(&view, "why %s", "web");
	assert_string_equal(buf_text(&view.out), "Next: dockershell why web\n");
	buf_clear(&view.out);
	a_shell.interactive = true;
	view_next(&view, "why web");
	assert_string_equal(buf_text(&view.out), "Next: why web\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bars),
		cmocka_unit_test(test_sizes_and_times),
		cmocka_unit_test(
			test_next_names_the_program_outside_of_the_prompt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
