/* tests/test_buf.c - growable text is always text. */
#include "runtime/base/buf.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/own.h"
#include "tests/test.h"

static void an_empty_one_is_the_empty_text(void **state)
{
	OWN_BUF struct buf buf = { 0 };

	(void)state;
	assert_string_equal(buf_text(&buf), "");
	buf_clear(&buf);
	assert_string_equal(buf_text(&buf), "");
}

static void grows_past_any_size_it_had(void **state)
{
	OWN_BUF struct buf buf = { 0 };

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_char(&buf, (char)('a' + i % 26));
	assert_int_equal(buf.len, 100000);
	assert_int_equal(strlen(buf_text(&buf)), 100000);
	assert_int_equal(buf_text(&buf)[25], 'z');
}

static void keeps_bytes_that_are_no_text(void **state)
{
	OWN_BUF struct buf buf = { 0 };

	(void)state;
	buf_add(&buf, "a\0b", 3);
	buf_add(&buf, "", 0);
	assert_int_equal(buf.len, 3);
	assert_memory_equal(buf.data, "a\0b", 4); /* and a NUL behind */
}

static void formats_more_than_it_has_room_for(void **state)
{
	OWN_BUF struct buf buf = { 0 };

	(void)state;
	buf_fmt(&buf, "%s", "");
	buf_fmt(&buf, "%d-%0300d", 7, 8);
	assert_int_equal(buf.len, 302);
	assert_int_equal(strncmp(buf_text(&buf), "7-000", 5), 0);
}

static void room_is_there_before_it_is_counted(void **state)
{
	OWN_BUF struct buf buf = { 0 };
	char *room;

	(void)state;
	buf_str(&buf, "x=");
	room = buf_room(&buf, 3);
	for (int i = 0; i < 3; i++)
		room[i] = (char)('1' + i);
	buf.len += 3;
	buf_str(&buf, ";");
	assert_string_equal(buf_text(&buf), "x=123;");
}

static void what_was_given_away_is_the_callers(void **state)
{
	struct buf buf = { 0 };
	OWN_FREE char *text = NULL;
	OWN_FREE char *nothing = NULL;

	(void)state;
	buf_str(&buf, "text");
	text = buf_give(&buf);
	nothing = buf_give(&buf);
	assert_string_equal(text, "text");
	assert_string_equal(nothing, "");
	assert_null(buf.data);
}

static void copies_of_nothing_are_nothing(void **state)
{
	OWN_FREE char *half = mem_strn("abcdef", 3);

	(void)state;
	assert_null(mem_str(NULL));
	assert_string_equal(half, "abc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_one_is_the_empty_text),
		TEST(grows_past_any_size_it_had),
		TEST(keeps_bytes_that_are_no_text),
		TEST(formats_more_than_it_has_room_for),
		TEST(room_is_there_before_it_is_counted),
		TEST(what_was_given_away_is_the_callers),
		TEST(copies_of_nothing_are_nothing),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
