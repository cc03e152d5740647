/* tests/test_authors.c - the guide for authors (lessons/AUTHORS.md) says what is
 * so: its lesson is whole, and each of its examples is read. */
#include <stdlib.h>
#include <string.h>

#include "lessons/goal.h"
#include "lessons/lesson.h"
#include "lessons/lint.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "tests/test.h"

#include <fcntl.h>

static char *guide(void)
{
	OWN_BUF struct buf text = { 0 };
	struct err err = { 0 };

	assert_ok(fs_read(AT_FDCWD, "lessons/AUTHORS.md", 1 << 20, &text, &err),
		  &err);
	return buf_give(&text);
}

/* The next block that begins with "```KIND", cut out; NULL: no more. *at goes on
 * behind it, *name is what stands behind the kind. */
static char *next_block(const char **at, const char *kind, char name[64])
{
	OWN_FREE char *fence = mem_fmt("\n```%s ", kind);
	const char *begin = strstr(*at, fence);
	const char *body;
	const char *end;

	if (!begin)
		return NULL;
	begin += strlen(fence);
	(void)snprintf(name, 64, "%.*s", (int)strcspn(begin, "\n"), begin);
	body = strchr(begin, '\n') + 1;
	end = strstr(body, "\n```");
	assert_non_null(end);
	*at = end;
	return mem_strn(body, (size_t)(end + 1 - body));
}

static void the_lesson_of_the_guide_is_whole(void **state)
{
	static const char *const kinds[] = { "lua", "markdown", NULL };
	struct scratch *scratch = *state;
	OWN_FREE char *text = guide();
	OWN_FREE char *dir = scratch_path(scratch, "30-mine");
	OWN_STRS struct strs found = { 0 };
	struct err err = { 0 };

	scratch_mkdir(scratch, "30-mine");
	for (const char *const *kind = kinds; *kind; kind++) {
		const char *at = text;
		char name[64];
		char *block;

		while ((block = next_block(&at, *kind, name))) {
			OWN_FREE char *path = mem_fmt("30-mine/%s", name);

			if (strchr(name, '.'))
				scratch_write(scratch, path, block);
			free(block);
		}
	}
	assert_ok(lint_lesson(dir, &found, &err), &err);
	for (size_t i = 0; i < found.count; i++)
		print_error("%s\n", found.items[i]);
	assert_int_equal(found.count, 0);
}

/* Goals stand one below the other, as in a file: commas come between. */
static char *as_lesson(const char *block, bool goals)
{
	OWN_BUF struct buf lua = { 0 };

	buf_str(&lua, "lesson{ format = 1, id = \"x\", minutes = 1, "
		      "points = 1 }\nvar.token = token(8)\n");
	if (!goals) {
		buf_str(&lua, block);
		return buf_give(&lua);
	}
	buf_str(&lua, "step{ id = \"s\", points = 1, goals = {\n");
	for (const char *at = block; *at; at++) {
		buf_char(&lua, *at);
		if (*at == '}' && at[1] == '\n' && at[2] && at[2] != ' ')
			buf_char(&lua, ',');
	}
	buf_str(&lua, "} }\n");
	return buf_give(&lua);
}

static void each_example_of_the_guide_is_read_and_no_kind_is_left_out(
	void **state)
{
	struct scratch *scratch = *state;
	OWN_FREE char *text = guide();
	const char *at = text;
	char name[64];
	char *block;
	int goals = 0;

	while ((block = next_block(&at, "lua", name))) {
		OWN_FREE char *lua =
			as_lesson(block, strcmp(name, "goal") == 0);
		struct lesson *lesson = NULL;
		struct err err = { 0 };

		goals += strcmp(name, "goal") == 0;
		if (!strchr(name, '.')) {
			scratch_write(scratch, "lesson.lua", lua);
			assert_ok(lesson_load(scratch->path, 1, NULL, &lesson,
					      &err),
				  &err);
			lesson_free(lesson);
		}
		free(block);
	}
	assert_true(goals >= 19);
	for (size_t i = 0; goal_kind_at(i); i++) {
		OWN_FREE char *head = mem_fmt("**%s**", goal_kind_at(i)->name);

		if (!strstr(text, head))
			fail_msg("the guide does not tell of %s", head);
	}
}

/* Keys and messages stand in the guide as the code has them. */
/* NOLINTNEXTLINE(readability-function-size): one walk through the table */
static void the_guide_names_every_key_and_message(void **state)
{
	OWN_FREE char *text = guide();

	(void)state;
	for (size_t i = 0; goal_kind_at(i); i++) {
		const struct goal_kind *kind = goal_kind_at(i);
		OWN_FREE char *head = mem_fmt("**%s**", kind->name);
		const char *from = strstr(text, head);
		OWN_FREE char *part = mem_strn(
			from, (size_t)(strstr(from + 2, "```") - from));

		for (const char *const *key = kind->keys; *key; key++) {
			OWN_FREE char *plain =
				mem_strn(*key, strcspn(*key, "!+"));

			if (!strstr(part, plain))
				fail_msg("%s{}: no key '%s'", kind->name,
					 plain);
		}
		for (const char *const *m = kind->messages; *m; m++) {
			if (!strstr(part, *m))
				fail_msg("%s{}: no message '%s'", kind->name,
					 *m);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(the_lesson_of_the_guide_is_whole),
		TEST_IN_SCRATCH(
			each_example_of_the_guide_is_read_and_no_kind_is_left_out),
		TEST(the_guide_names_every_key_and_message),
	};

	return cmocka_run_group_tests_name("authors", tests, NULL, NULL);
}
