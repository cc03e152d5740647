/* tests/test_lesson.c - lessons are read in a child that can do nothing else. */
#include "lessons/lesson.h"

#include <errno.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <string.h>

#include "lessons/course.h"
#include "lessons/lint.h"
#include "lessons/template.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "tests/test.h"

#define HEAD "lesson{ format = 1, id = \"x\", minutes = 1, points = 1 }\n"
#define STEP "step{ id = \"s\", points = 1, goals = {} }\n"

/* Reads a lesson of that text; *err keeps the message. */
static int read_text(struct scratch *scratch, const char *text,
		     struct lesson **out, struct err *err)
{
	scratch_write(scratch, "lesson.lua", text);
	return lesson_load(scratch->path, 7, NULL, out, err);
}

static void reads_steps_goals_solutions_and_wrong_ways(void **state)
{
	struct scratch *scratch = *state;
	struct lesson *lesson = NULL;
	struct err err = { 0 };

	assert_ok(
		read_text(
			scratch,
			HEAD
			"step{ id = \"s\", points = 4,\n"
			"  setup = function(w) end,\n"
			"  goals = {\n"
			"    container{ id = \"a\", name = \"web\" },\n"
			"    diff{ id = \"b\", after = \"a\", hold = true,\n"
			"      container = \"web\", empty = true, points = 3 },\n"
			"  },\n"
			"  solve = { function(w) end, function(w) end },\n"
			"  wrong = { { name = \"no\", run = function(w) end,\n"
			"    expect = { goal = \"a\", message = \"none\" } } },\n"
			"}\n",
			&lesson, &err),
		&err);
	assert_string_equal(lesson->id, "x");
	assert_int_equal(lesson->steps_count, 1);
	assert_true(lesson->steps[0].has_setup);
	assert_int_equal(lesson->steps[0].solutions, 2);
	assert_int_equal(lesson->steps[0].goals_count, 2);
	assert_string_equal(lesson->steps[0].goals[1].after.items[0], "a");
	assert_true(lesson->steps[0].goals[1].hold);
	assert_int_equal(lesson->steps[0].goals[1].points, 3);
	assert_string_equal(lesson->steps[0].wrongs[0].message, "none");
	lesson_free(lesson);
}

static void a_hidden_goal_is_for_graders_alone(void **state)
{
	struct scratch *scratch = *state;
	struct lesson *lesson = NULL;
	struct err err = { 0 };

	assert_ok(read_text(scratch,
			    HEAD "step{ id = \"s\", points = 3, goals = {\n"
				 "  container{ id = \"a\", name = \"web\" },\n"
				 "  container{ id = \"b\", name = \"db\",\n"
				 "    visibility = \"hidden\" },\n"
				 "  container{ id = \"c\", name = \"x\",\n"
				 "    after = \"b\" } } }\n",
			    &lesson, &err),
		  &err);
	assert_string_equal(lesson->steps[0].goals[0].visibility, "visible");
	assert_string_equal(lesson->steps[0].goals[1].visibility, "hidden");
	lesson_hide(lesson);
	assert_int_equal(lesson->steps[0].goals_count, 2);
	assert_string_equal(lesson->steps[0].goals[1].id, "c");
	assert_int_equal(lesson->steps[0].goals[1].after.count, 0);
	lesson_free(lesson);
	lesson = NULL;
	assert_int_equal(read_text(scratch,
				   HEAD "step{ id = \"s\", goals = { container{"
					" id = \"a\", name = \"web\","
					" visibility = \"never\" } } }\n",
				   &lesson, &err),
			 -EINVAL);
	assert_non_null(strstr(err.msg, "after_due_date"));
}

static void a_script_reaches_no_file_no_process_and_no_code(void **state)
{
	static const char *const words[] = {
		"io",          "os",        "debug",          "load",
		"loadfile",    "dofile",    "require",        "package",
		"string.dump", "coroutine", "collectgarbage", "print",
	};
	struct scratch *scratch = *state;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		OWN_FREE char *text = mem_fmt(
			HEAD
			"if %s ~= nil then error(\"it is there\") end\n" STEP,
			words[i]);
		struct lesson *lesson = NULL;
		struct err err = { 0 };
		int r = read_text(scratch, text, &lesson, &err);

		/* Either there is no such word at all, or it is nil. */
		assert_null(strstr(err.msg, "it is there"));
		if (r < 0)
			assert_non_null(strstr(err.msg, "no word of a lesson"));
		lesson_free(lesson);
	}
}

static int dump(lua_State *L, const void *bytes, size_t len, void *arg)
{
	(void)L;
	buf_add(arg, bytes, len);
	return 0;
}

static void compiled_code_is_refused(void **state)
{
	struct scratch *scratch = *state;
	OWN_BUF struct buf code = { 0 };
	lua_State *L = luaL_newstate();
	struct lesson *lesson = NULL;
	struct err err = { 0 };
	OWN_FREE char *path = scratch_path(scratch, "lesson.lua");
	OWN_FILE FILE *file = NULL;

	assert_int_equal(luaL_loadstring(L, "return 1"), LUA_OK);
	lua_dump(L, dump, &code, 0);
	lua_close(L);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(code.data, 1, code.len, file), code.len);
	fflush(file);
	assert_int_equal(lesson_load(scratch->path, 1, NULL, &lesson, &err),
			 -EINVAL);
	assert_non_null(strstr(err.msg, "binary"));
}

static void an_endless_script_is_ended(void **state)
{
	static const char *const texts[] = {
		HEAD "while true do end\n",
		/* What a count hook would not stop. */
		HEAD
		"while true do pcall(function() while true do end end) end",
		HEAD "local s = (\"a\"):rep(30) .. \"b\"\n"
		     "s:find((\"a-\"):rep(30) .. \"c\")\n",
	};
	struct scratch *scratch = *state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct lesson *lesson = NULL;
		struct err err = { 0 };

		assert_int_equal(read_text(scratch, texts[i], &lesson, &err),
				 -ETIMEDOUT);
	}
}

static void a_greedy_script_runs_out_of_memory_not_the_machine(void **state)
{
	struct lesson *lesson = NULL;
	struct err err = { 0 };

	assert_true(
		read_text(*state,
			  HEAD
			  "local t = {}\n"
			  "for i = 1, 1e9 do t[i] = (\"x\"):rep(1e6) .. i end",
			  &lesson, &err) < 0);
	assert_true(err.code == EINVAL || err.code == EPROTO ||
		    err.code == ETIMEDOUT);
}

static void mistakes_are_told_with_their_line(void **state)
{
	static const struct {
		const char *text;
		const char *because;
	} cases[] = {
		{ HEAD
		  "step{ id = \"s\", goals = {\n contaner{ id = \"a\" } } }",
		  "lesson.lua:3: 'contaner'" },
		{ HEAD "step{ id = \"s\", goals = {\n http{ id = \"a\" } } }",
		  "lesson.lua:3: http{} needs 'url'" },
		{ HEAD "step{ id = \"s\", goals = { { id = \"a\" } } }",
		  "no kind of goal" },
		{ HEAD "step{ id = \"s\", goals = {\n"
		       "container{ id = \"a\", name = \"x\" },\n"
		       "container{ id = \"a\", name = \"x\" } } }",
		  "two goals 'a'" },
		{ HEAD
		  "step{ id = \"s\", goals = {\n"
		  "container{ id = \"a\", name = \"x\", after = \"b\" } } }",
		  "'b', which is no goal above it" },
		{ HEAD, "no step" },
		{ STEP, "no lesson{...}" },
		{ "lesson{ format = 9, id = \"x\" }" STEP, "format = 1" },
		{ HEAD "step{ id = \"../s\", goals = {} }", "needs an id" },
		{ HEAD "step{ id = \"s\", goals = { custom{ id = \"a\" } } }",
		  "check = function" },
		{ HEAD "this is no Lua", "lesson.lua:2" },
		{ HEAD "local t = {} t.t = t\n"
		       "step{ id = \"s\", goals = { container{ id = \"a\","
		       " name = t } } }",
		  "deep" },
		{ HEAD "step{ id = \"s\", goals = { container{ id = \"a\","
		       " name = \"\\xff\" } } }",
		  "UTF-8" },
	};
	struct scratch *scratch = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lesson *lesson = NULL;
		struct err err = { 0 };

		assert_true(read_text(scratch, cases[i].text, &lesson, &err) <
			    0);
		if (!strstr(err.msg, cases[i].because))
			fail_msg("'%s' says: %s", cases[i].text, err.msg);
	}
}

static void chance_is_the_learners_own_and_is_kept(void **state)
{
	static const char text[] =
		HEAD "var.token = token(12)\n"
		     "var.port = pick_port(20000, 29999)\n"
		     "step{ id = \"s\", goals = { container{ id = \"a\",\n"
		     "  name = \"web-%{token}\" } } }\n";
	struct scratch *scratch = *state;
	OWN_STRS struct strs given = { 0 };
	struct lesson *one = NULL;
	struct lesson *two = NULL;
	struct err err = { 0 };

	assert_ok(read_text(scratch, text, &one, &err), &err);
	assert_ok(read_text(scratch, text, &two, &err), &err);
	assert_string_equal(strs_get_env(&one->vars, "token"),
			    strs_get_env(&two->vars, "token"));
	lesson_free(two);
	two = NULL;
	assert_ok(lesson_load(scratch->path, 8, NULL, &two, &err), &err);
	assert_string_not_equal(strs_get_env(&one->vars, "token"),
				strs_get_env(&two->vars, "token"));
	lesson_free(two);
	two = NULL;
	strs_add(&given, "token=mine");
	assert_ok(lesson_load(scratch->path, 8, &given, &two, &err), &err);
	assert_string_equal(goal_text(&two->steps[0].goals[0], "name"),
			    "web-mine");
	lesson_free(one);
	lesson_free(two);
}

/* ---- where lessons are found ---- */

static void lessons_are_found_by_number_and_by_name(void **state)
{
	struct scratch *scratch = *state;
	const struct course_entry *entry = NULL;
	struct course course = { 0 };
	struct err err = { 0 };

	scratch_write(scratch, "10-b/lesson.lua", "");
	scratch_write(scratch, "2-a/lesson.lua", "");
	scratch_write(scratch, "mine/lesson.lua", "");
	scratch_write(scratch, "no-lesson/readme", "");
	assert_ok(course_open(scratch->path, &course, &err), &err);
	assert_ok(course_find(&course, "a", &entry, &err), &err);
	assert_int_equal(entry->number, 2);
	assert_ok(course_find(&course, "10", &entry, &err), &err);
	assert_string_equal(entry->id, "b");
	assert_ok(course_find(&course, "10-b", &entry, &err), &err);
	assert_ok(course_find(&course, "mine", &entry, &err), &err);
	assert_int_equal(entry->number, -1);
	assert_int_equal(course_find(&course, "no-lesson", &entry, &err),
			 -ENOENT);
	assert_non_null(strstr(err.hint, "mine"));
	course_done(&course);
}

static void a_new_lesson_is_without_faults(void **state)
{
	struct scratch *scratch = *state;
	OWN_STRS struct strs found = { 0 };
	OWN_FREE char *dir = scratch_path(scratch, "20-mine");
	struct err err = { 0 };

	assert_ok(template_write(scratch->path, "20-mine", &err), &err);
	assert_ok(lint_lesson(dir, &found, &err), &err);
	if (found.count > 0)
		fail_msg("%s", found.items[0]);
	assert_int_equal(template_write(scratch->path, "20-mine", &err),
			 -EEXIST);
	assert_int_equal(template_write(scratch->path, "a/b", &err), -EINVAL);
	assert_int_equal(template_write(scratch->path, "Mine", &err), -EINVAL);
}

static void lint_names_what_is_missing(void **state)
{
	struct scratch *scratch = *state;
	OWN_STRS struct strs found = { 0 };
	OWN_FREE char *dir = scratch_path(scratch, "20-mine");
	OWN_FREE char *all = NULL;
	struct err err = { 0 };

	assert_ok(template_write(scratch->path, "20-mine", &err), &err);
	scratch_write(scratch, "20-mine/text.ja.md",
		      "---\nfollows: 0\n---\n## @lesson x\n## @step first\n"
		      "%{nobody}\n## @done none\n");
	assert_ok(lint_lesson(dir, &found, &err), &err);
	all = strs_join(&found, "\n");
	assert_non_null(strstr(all, "text.ja.md: '@end' is missing"));
	assert_non_null(strstr(all, "text.ja.md: '@hint first 1' is missing"));
	assert_non_null(strstr(all, "follows revision 0"));
	assert_non_null(strstr(all, "nobody"));
	assert_non_null(strstr(all, "belongs to no step"));
}

static void the_lessons_of_the_program_are_without_faults(void **state)
{
	struct course course = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_ok(course_open("lessons", &course, &err), &err);
	assert_true(course.count > 0);
	for (size_t i = 0; i < course.count; i++) {
		OWN_STRS struct strs found = { 0 };

		assert_ok(lint_lesson(course.items[i].dir, &found, &err), &err);
		if (found.count > 0)
			fail_msg("%s: %s", course.items[i].id, found.items[0]);
	}
	course_done(&course);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IN_SCRATCH(reads_steps_goals_solutions_and_wrong_ways),
		TEST_IN_SCRATCH(a_hidden_goal_is_for_graders_alone),
		TEST_IN_SCRATCH(
			a_script_reaches_no_file_no_process_and_no_code),
		TEST_IN_SCRATCH(compiled_code_is_refused),
		TEST_IN_SCRATCH(an_endless_script_is_ended),
		TEST_IN_SCRATCH(
			a_greedy_script_runs_out_of_memory_not_the_machine),
		TEST_IN_SCRATCH(mistakes_are_told_with_their_line),
		TEST_IN_SCRATCH(chance_is_the_learners_own_and_is_kept),
		TEST_IN_SCRATCH(lessons_are_found_by_number_and_by_name),
		TEST_IN_SCRATCH(a_new_lesson_is_without_faults),
		TEST_IN_SCRATCH(lint_names_what_is_missing),
		TEST(the_lessons_of_the_program_are_without_faults),
	};

	return cmocka_run_group_tests_name("lesson", tests, NULL, NULL);
}
