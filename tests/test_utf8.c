/* tests/test_utf8.c */
#include "runtime/base/utf8.h"

#include "tests/test.h"

static void finds_the_end_of_each_length(void **state)
{
	(void)state;
	assert_int_equal(utf8_len("a", UTF8_MOST), 1);
	assert_int_equal(utf8_len("\xc3\xa9", UTF8_MOST), 2);
	assert_int_equal(utf8_len("\xe2\x82\xac", UTF8_MOST), 3);
	assert_int_equal(utf8_len("\xed\x9f\xbf", UTF8_MOST), 3);
	assert_int_equal(utf8_len("\xef\xbf\xbd", UTF8_MOST), 3);
	assert_int_equal(utf8_len("\xf0\x9f\x90\xb3", UTF8_MOST), 4);
	assert_int_equal(utf8_len("\xf4\x8f\xbf\xbf", UTF8_MOST), 4);
}

static void takes_nothing_that_is_not_well_formed(void **state)
{
	static const char *const bad[] = {
		"\x80", "\xff", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(",
		"\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82", "\xe2\x82(",
		"\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xf0\x9f\x90",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(utf8_len(bad[i], UTF8_MOST), 0);
}

static void looks_no_further_than_it_may(void **state)
{
	(void)state;
	assert_int_equal(utf8_len("a", 0), 0);
	assert_int_equal(utf8_len("\xe2\x82\xac", 2), 0);
	assert_int_equal(utf8_len("\xe2\x82\xac", 3), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_the_end_of_each_length),
		TEST(takes_nothing_that_is_not_well_formed),
		TEST(looks_no_further_than_it_may),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
