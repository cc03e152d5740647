/* tests/test_ignore.c - .dockerignore, and Go's patterns. */
#include "images/ignore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "images/go_match.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "tests/test.h"

/* 1, 0, or -errno for patterns that are none. */
static int ask(const char *const *patterns, const char *path)
{
	OWN_STRS struct strs list = { 0 };
	struct ignore *ignore = NULL;
	struct err err = { 0 };
	int r;

	for (; *patterns; patterns++)
		strs_add(&list, *patterns);
	r = ignore_new(&list, &ignore, &err);
	if (r == 0)
		r = ignore_matches(ignore, path);
	ignore_free(ignore);
	return r;
}

static void check_lines(const json_t *c)
{
	const char *text = json_string_value(json_object_get(c, "file"));
	const json_t *want = json_object_get(c, "lines");
	OWN_STRS struct strs lines = { 0 };
	struct err err = { 0 };

	assert_ok(ignore_lines(text, strlen(text), &lines, &err), &err);
	assert_int_equal(lines.count, json_array_size(want));
	for (size_t i = 0; i < lines.count; i++)
		assert_string_equal(lines.items[i],
				    json_string_value(json_array_get(want, i)));
}

static int check_case(const json_t *c)
{
	const char *patterns[64] = { NULL };
	const json_t *list = json_object_get(c, "patterns");
	const char *path = json_string_value(json_object_get(c, "path"));
	int want = json_object_get(c, "error")
			   ? -EINVAL
			   : json_is_true(json_object_get(c, "match"));
	int got;

	for (size_t i = 0; i < json_array_size(list) && i < 63; i++)
		patterns[i] = json_string_value(json_array_get(list, i));
	got = ask(patterns, path);
	if (got == want)
		return 0;
	print_error("%s: '%s' gives %d, not %d\n",
		    json_string_value(json_object_get(c, "id")), path, got,
		    want);
	return 1;
}

/* The cases lie beside the project, not in it. */
static void agrees_with_the_recorded_cases(void **state)
{
	const char *folder = getenv("DOCKERSHELL_CONFORMANCE");
	OWN_FREE char *path =
		mem_fmt("%s/data/dockerignore.jsonl",
			folder ? folder : "../shared/conformance");
	OWN_FILE FILE *file = fopen(path, "re");
	OWN_FREE char *line = NULL;
	size_t room = 0;
	int failed = 0;
	int count = 0;

	(void)state;
	if (!file) {
		print_message("# no cases at %s\n", path);
		return;
	}
	while (getline(&line, &room, file) > 0) {
		json_t *c = json_loads(line, 0, NULL);

		assert_non_null(c);
		if (json_object_get(c, "file"))
			check_lines(c);
		else
			failed += check_case(c);
		count++;
		json_decref(c);
	}
	assert_int_equal(failed, 0);
	assert_true(count > 100);
}

struct expected {
	const char *pattern;
	const char *name;
	int r;
};

/* Source: Go, path/filepath/match_test.go, and what COPY makes of it. */
static void matches_as_go_does(void **state)
{
	static const struct expected cases[] = {
		{ "abc", "abc", 1 },
		{ "*", "abc", 1 },
		{ "*", "a/b", 0 },
		{ "*c", "abc", 1 },
		{ "a*", "ab/c", 0 },
		{ "a*/b", "abc/b", 1 },
		{ "a*b*c*d*e*/f", "axbxcxdxexxx/f", 1 },
		{ "a*b*c*d*e*/f", "axbxcxdxexxx/fff", 0 },
		{ "a*b?c*x", "abxbbxdbxebxczzx", 1 },
		{ "a*b?c*x", "abxbbxdbxebxczzy", 0 },
		{ "ab[^b-d]", "abc", 0 },
		{ "[^a]", "\xE2\x98\xBA", 1 },
		{ "a?b",
		  "a\xE2\x98\xBA"
		  "b",
		  1 },
		{ "a???b",
		  "a\xE2\x98\xBA"
		  "b",
		  0 },
		{ "[a-\xCE\xB6]*", "\xCE\xB1", 1 },
		{ "[\\]a]", "]", 1 },
		{ "[[]abc]", "[abc]", 1 },
		{ "a?b", "a/b", 0 },
		{ "[", "a", -EINVAL },
		{ "a[", "x", -EINVAL },
		{ "[x-]", "z", -EINVAL },
		{ "[a-b-c]", "a", -EINVAL },
		{ "\\", "a", -EINVAL },
		{ "x*[", "abc", -EINVAL },
		{ "*x", "xxx", 1 },
		{ "", "", 1 },
		{ "", "a", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (go_match(cases[i].pattern, cases[i].name) != cases[i].r)
			fail_msg("'%s' and '%s': not %d", cases[i].pattern,
				 cases[i].name, cases[i].r);
	assert_true(go_match_is_pattern("a[b"));
	assert_false(go_match_is_pattern("a\\*b"));
}

/* Where regular expressions shine through, they do here. */
static void has_the_quirks_of_dockers_regular_expressions(void **state)
{
	static const struct expected cases[] = {
		{ "[*]", "*", 0 },
		{ "[*]", "^^]", 1 },
		{ "[[:digit:]]*", "7up", 1 },
		{ "[[:nosuch:]]*", "7up", -EINVAL },
		{ "\\d*", "7up", 1 },
		{ "\\w\\x41?", "_Ab", 1 },
		{ "\\y", "y", -EINVAL },
		{ "\\pL", "a", -EINVAL },
		{ "a^b", "a^b", 1 },  /* plain text */
		{ "a^b*", "a^b", 0 }, /* '^' is the beginning now */
		{ "[z-a]", "m", -EINVAL },
		{ "a.b*", "axb", 0 },
		{ "a+(b|c)*", "a+(b|c)d", 1 },
		{ "\\Qa*", "a*", 0 },
		{ "\xFF*", "\xFE", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *const one[] = { cases[i].pattern, NULL };

		if (ask(one, cases[i].name) != cases[i].r)
			fail_msg("'%s' and '%s': not %d", cases[i].pattern,
				 cases[i].name, cases[i].r);
	}
}

static void looks_into_what_is_partly_brought_back(void **state)
{
	static const char *const lines[] = { "*", "!docs/api", "!**/keep" };
	OWN_STRS struct strs list = { 0 };
	struct ignore *ignore = NULL;
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		strs_add(&list, lines[i]);
	assert_ok(ignore_new(&list, &ignore, &err), &err);
	assert_true(ignore_matches(ignore, "docs"));
	assert_true(ignore_looks_into(ignore, "docs"));
	assert_false(ignore_looks_into(ignore, "doc"));
	assert_false(ignore_leaves_out(ignore, "docs/api/x"));
	assert_true(ignore_leaves_out(ignore, "docs/other"));
	/* The pattern brings it back; the walk never comes by. */
	assert_false(ignore_matches(ignore, "src/keep"));
	assert_true(ignore_leaves_out(ignore, "src/keep"));
	assert_false(ignore_leaves_out(ignore, "keep"));
	ignore_free(ignore);
}

static void refuses_what_is_no_exception(void **state)
{
	OWN_STRS struct strs list = { 0 };
	struct ignore *ignore = NULL;
	struct err err = { 0 };

	(void)state;
	strs_add(&list, "!");
	assert_int_equal(ignore_new(&list, &ignore, &err), -EINVAL);
	assert_string_equal(err.msg, "illegal exclusion pattern: \"!\"");
	assert_null(ignore);
}

/* A thousand stars in a row, against a path as long as there can be. */
static void is_not_slowed_down_by_stars(void **state)
{
	OWN_BUF struct buf pattern = { 0 };
	OWN_BUF struct buf path = { 0 };
	const char *one[] = { NULL, NULL };

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_str(&pattern, "a*");
	buf_str(&pattern, "b");
	for (int i = 0; i < 4000; i++)
		buf_char(&path, 'a');
	one[0] = buf_text(&pattern);
	assert_int_equal(ask(one, buf_text(&path)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(agrees_with_the_recorded_cases),
		TEST(matches_as_go_does),
		TEST(has_the_quirks_of_dockers_regular_expressions),
		TEST(looks_into_what_is_partly_brought_back),
		TEST(refuses_what_is_no_exception),
		TEST(is_not_slowed_down_by_stars),
	};

	return cmocka_run_group_tests_name("ignore", tests, NULL, NULL);
}
