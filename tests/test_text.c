/* tests/test_text.c - the text of a lesson: its sections, the names in it, the choices. */
#include "lessons/text.h"

#include <errno.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "tests/test.h"

static void a_text_is_cut_into_sections(void **state)
{
	struct text text = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_ok(text_parse("---\nrevision: 3\n---\n"
			     "## @step a Its title\n\nProse\n# not a section\n"
			     "```\n## @end in code\n```\n"
			     "### @hint a/b 2\nlook\n",
			     "text.en.md", &text, &err),
		  &err);
	assert_int_equal(text.revision, 3);
	assert_int_equal(text.count, 2);
	assert_string_equal(text_get(&text, "step a")->title, "Its title");
	assert_string_equal(
		text_get(&text, "step %s", "a")->body,
		"Prose\n# not a section\n```\n## @end in code\n```");
	assert_string_equal(text_get(&text, "hint a/b 2")->body, "look");
	text_done(&text);
	assert_int_equal(text_parse("# @step a\n# @step a\n", "t", &text, &err),
			 -EINVAL);
	assert_non_null(strstr(err.msg, "t:2"));
	assert_int_equal(text_parse("# @stepp a\n", "t", &text, &err), -EINVAL);
	assert_int_equal(text_parse("# @hint a/b\n", "t", &text, &err),
			 -EINVAL);
}

static void names_are_filled_and_choices_found(void **state)
{
	OWN_STRS struct strs vars = { 0 };
	OWN_STRS struct strs names = { 0 };
	OWN_BUF struct buf out = { 0 };
	OWN_FREE char *choice = NULL;

	(void)state;
	strs_add(&vars, "port=8080");
	text_fill("at %{port}, not %{none} nor %{ x} 100%", &vars, &out);
	assert_string_equal(buf_text(&out),
			    "at 8080, not %{none} nor %{ x} 100%");
	text_names("%{a} %{b} %{a}", &names);
	assert_int_equal(names.count, 2);
	choice = text_choice("Which?\n\n1. One.\n2. Two,\n   and more.\n3. x",
			     2);
	assert_string_equal(choice, "Two, and more.");
	assert_null(text_choice("Which?\n\n1. One.", 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_text_is_cut_into_sections),
		TEST(names_are_filled_and_choices_found),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
