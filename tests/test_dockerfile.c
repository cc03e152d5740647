/* tests/test_dockerfile.c - the text of a Dockerfile as instructions, and what is
 * said of one that is wrong. */
#include "images/dockerfile.h"

#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "tests/test.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* ---- trees ---- */

static void assert_tree(const char *text, const char *tree)
{
	OWN_DOCKERFILE struct dockerfile file = { 0 };
	OWN_BUF struct buf got = { 0 };
	struct err err = { 0 };

	assert_ok(dockerfile_parse(text, strlen(text), &file, &err), &err);
	dockerfile_dump(&file, &got);
	assert_string_equal(buf_text(&got), tree);
}

static void assert_trees(const char *const pairs[][2], size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_tree(pairs[i][0], pairs[i][1]);
}

static void joins_lines_and_drops_comments(void **state)
{
	static const char *const pairs[][2] = {
		{ "run a \\\n    b\n", "(run \"a     b\")\n" },
		{ "RUN a\\\nb", "(run \"ab\")\n" },
		{ "RUN a \\  \t\n# no\n  # nor this\n  b\n",
		  "(run \"a   b\")\n" },
		{ "RUN a \\\n\n\n  b\n", "(run \"a   b\")\n" },
		{ "RUN a \\\\\nRUN b\n",
		  "(run \"a \\\\\\\\\")\n(run \"b\")\n" },
		{ "RUN a \\", "(run \"a\")\n" },
		{ "   RUN a # b\n", "(run \"a # b\")\n" },
		{ "RUN a \\\nRUN b\n", "(run \"a RUN b\")\n" },
		{ "# a\n\n#b\nFROM x\n", "(from \"x\")\n" },
		{ "\\\nFROM x\n", "(from \"x\")\n" },
	};

	(void)state;
	assert_trees(pairs, LENGTH(pairs));
}

static void takes_windows_files(void **state)
{
	(void)state;
	assert_tree(
		"\xef\xbb\xbf"
		"FROM x\r\nRUN a \\\r\n  b\r\nCOPY <<E /f\r\nhi\r\nE\r\nCMD c\r\n",
		"(from \"x\")\n(run \"a   b\")\n(copy \"<<E\" \"/f\")\n"
		"(cmd \"c\")\n");
	/* The mark counts at the very beginning only. */
	assert_tree("FROM x\n\xef\xbb\xbfRUN a\n",
		    "(from \"x\")\n(\xef\xbb\xbfrun \"\")\n");
}

static void obeys_directives_above_all_else(void **state)
{
	static const char *const pairs[][2] = {
		{ "# escape=`\nRUN a `\n  b \\\n", "(run \"a   b \\\\\")\n" },
		{ "#ESCAPE = `\nRUN a `\nb", "(run \"a b\")\n" },
		{ "# syntax=docker/dockerfile:1\n# escape=`\nRUN a `\nb",
		  "(run \"a b\")\n" },
		{ "# check=skip=all\n# escape=`\nRUN a `\nb",
		  "(run \"a b\")\n" },
		{ "# a comment\n# escape=`\nRUN a \\\nb", "(run \"a b\")\n" },
		{ "\n# escape=`\nRUN a \\\nb", "(run \"a b\")\n" },
		{ "# other=1\n# escape=`\nRUN a \\\nb", "(run \"a b\")\n" },
		{ "FROM x\n# escape=`\n# escape=`\n", "(from \"x\")\n" },
	};
	OWN_DOCKERFILE struct dockerfile file = { 0 };
	struct err err = { 0 };
	const char *text = "# syntax = docker/dockerfile:1 \n#escape=`\nFROM x";

	(void)state;
	assert_trees(pairs, LENGTH(pairs));
	assert_ok(dockerfile_parse(text, strlen(text), &file, &err), &err);
	assert_string_equal(file.syntax, "docker/dockerfile:1");
	assert_int_equal(file.escape, '`');
}

static void cuts_each_instruction_its_own_way(void **state)
{
	static const char *const pairs[][2] = {
		{ "COPY --from=b --chown=1:2 a  b\tc\n",
		  "(copy [\"--from=b\" \"--chown=1:2\"] \"a\" \"b\" \"c\")\n" },
		{ "COPY --from=\"a b\" -- --x y\n",
		  "(copy [\"--from=a b\"] \"--x\" \"y\")\n" },
		{ "COPY [\"a b\", \"c\"]\n", "(copy \"a b\" \"c\")\n" },
		{ "COPY [\"a b\", c]\n",
		  "(copy \"[\\\"a\" \"b\\\",\" \"c]\")\n" },
		{ "ENV a b  c\n", "(env \"a\" \"b  c\" \"\")\n" },
		{ "ENV a=1 b='2 3' c=\"x\\\"y\" d=p\\ q\n",
		  "(env \"a\" \"1\" \"=\" \"b\" \"'2 3'\" \"=\" \"c\" "
		  "\"\\\"x\\\\\\\"y\\\"\" \"=\" \"d\" \"p\\\\ q\" \"=\")\n" },
		{ "LABEL a b=c\n", "(label \"a\" \"b=c\" \"\")\n" },
		{ "ARG a b=1 c='x y'\n", "(arg \"a\" \"b=1\" \"c='x y'\")\n" },
		{ "EXPOSE 80  81/udp\n", "(expose \"80\" \"81/udp\")\n" },
		{ "USER a b\n", "(user \"a b\")\n" },
		{ "VOLUME [/a /b]\n", "(volume \"[/a\" \"/b]\")\n" },
		{ "ONBUILD onbuild RUN [\"a\"]\n",
		  "(onbuild (onbuild (run \"a\")))\n" },
		{ "HEALTHCHECK --retries=3 cmd [\"a\"]\n",
		  "(healthcheck [\"--retries=3\"] \"cmd\" \"a\")\n" },
		{ "HEALTHCHECK NONE\n", "(healthcheck \"NONE\")\n" },
		{ "CMD\n", "(cmd)\n" },
		{ "Nonsense a b\n", "(nonsense \"\")\n" },
		{ "RUN \xc2\xa0x\xc2\xa0y\n", "(run \"x\\u00a0y\")\n" },
	};

	(void)state;
	assert_trees(pairs, LENGTH(pairs));
}

static void takes_json_only_where_it_is_json(void **state)
{
	static const char *const pairs[][2] = {
		{ "CMD [ ]", "(cmd)\n" },
		{ "CMD [ \"a\" , \"b\" ]", "(cmd \"a\" \"b\")\n" },
		{ "CMD [\"\\u00e9\\ud83d\\ude00\\ud83d\\n\"]",
		  "(cmd \"\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbd\\n\")\n" },
		{ "CMD [\"a\\u0000b\"]", "(cmd \"a\\x00b\")\n" },
		{ "CMD [\"\xff\"]", "(cmd \"\xef\xbf\xbd\")\n" },
		{ "CMD ['a']", "(cmd \"['a']\")\n" },
		{ "CMD [\"a\",]", "(cmd \"[\\\"a\\\",]\")\n" },
		{ "CMD [\"a\"] b", "(cmd \"[\\\"a\\\"] b\")\n" },
		{ "CMD [\"a\", 1e999]", "(cmd \"[\\\"a\\\", 1e999]\")\n" },
		{ "CMD [\"a\", 01]", "(cmd \"[\\\"a\\\", 01]\")\n" },
		{ "CMD [\"\\x\"]", "(cmd \"[\\\"\\\\x\\\"]\")\n" },
		{ "CMD [-z \"$x\" ]", "(cmd \"[-z \\\"$x\\\" ]\")\n" },
	};

	(void)state;
	assert_trees(pairs, LENGTH(pairs));
}

static void tells_where_an_instruction_is(void **state)
{
	static const char text[] = "# a\n\nFROM x\n  Run a \\\n# b\n  --c  \n\n"
				   "COPY <<A <<B /d\n1\nA\n2\nB\nCMD x";
	static const int lines[][2] = {
		{ 3, 3 }, { 4, 6 }, { 8, 12 }, { 13, 13 }
	};
	OWN_DOCKERFILE struct dockerfile file = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_ok(dockerfile_parse(text, strlen(text), &file, &err), &err);
	assert_int_equal(file.count, LENGTH(lines));
	for (size_t i = 0; i < file.count; i++) {
		assert_int_equal(file.items[i].line, lines[i][0]);
		assert_int_equal(file.items[i].last_line, lines[i][1]);
	}
	assert_string_equal(file.items[1].text, "Run a   --c");
	assert_string_equal(file.items[1].rest, "a   --c");
	assert_int_equal(file.warnings.count, 0);
}

static void warns_of_empty_lines_in_between(void **state)
{
	static const char text[] = "FROM x\nRUN a \\\n\n  b\n";
	OWN_DOCKERFILE struct dockerfile file = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_ok(dockerfile_parse(text, strlen(text), &file, &err), &err);
	assert_int_equal(file.warnings.count, 2);
	assert_string_equal(file.warnings.items[0],
			    "Empty continuation line found in:\n    RUN a   b");
}

/* ---- heredocs ---- */

static struct instruction read_one(const char *text)
{
	OWN_DOCKERFILE struct dockerfile file = { 0 };
	struct instruction item;
	struct err err = { 0 };

	assert_ok(dockerfile_parse(text, strlen(text), &file, &err), &err);
	assert_int_equal(file.count, 1);
	item = file.items[0];
	file.count = 0;
	return item;
}

static void keeps_heredocs_as_they_are(void **state)
{
	OWN_INSTRUCTION struct instruction item = read_one(
		"COPY <<-'one' a 3<< two /d/\n\t# \\\n\t\t$x\n\tone\ntwo \n\ntwo\n");
	OWN_FREE char *bare = heredoc_text(&item.heredocs[0]);
	OWN_STRS struct strs sources = { 0 };
	const char *dest;

	(void)state;
	assert_int_equal(item.heredoc_count, 2);
	assert_string_equal(item.heredocs[0].body, "\t# \\\n\t\t$x\n");
	assert_string_equal(bare, "# \\\n$x\n");
	assert_false(item.heredocs[0].expand);
	assert_string_equal(item.heredocs[1].name, "two");
	assert_string_equal(item.heredocs[1].body, "two \n\n");
	assert_true(item.heredocs[1].expand);
	assert_int_equal(item.heredocs[1].fd, 3);
	instruction_sources(&item, &sources, &dest);
	assert_int_equal(sources.count, 1);
	assert_string_equal(sources.items[0], "a");
	assert_string_equal(dest, "/d/");
}

static void assert_script(const char *text, const char *script, bool program)
{
	OWN_INSTRUCTION struct instruction item = read_one(text);
	bool is_program;
	OWN_FREE char *got = instruction_script(&item, &is_program);

	assert_string_equal(got, script);
	assert_int_equal(is_program, program);
}

static void gives_the_shell_what_run_says(void **state)
{
	(void)state;
	assert_script("RUN <<-EOF\n\ta\n\tb\nEOF\n", "a\nb\n", false);
	assert_script("RUN <<EOF\n#!/bin/x\nEOF\n", "#!/bin/x\n", true);
	assert_script("RUN cat <<A <<B >f\n1\nA\n2\nB\n",
		      "cat <<A <<B >f\n1\nA\n2\nB", false);
	assert_script("RUN echo '<<EOF'\n", "echo '<<EOF'", false);
	/* The shell will say what is wrong with that. */
	assert_script("RUN echo '<<EOF\n", "echo '<<EOF", false);
}

static void runs_a_trigger_with_its_heredoc(void **state)
{
	OWN_INSTRUCTION struct instruction item = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_ok(dockerfile_parse_trigger("run <<E\nhi\nE", &item, &err),
		  &err);
	assert_string_equal(item.name, "run");
	assert_string_equal(item.heredocs[0].body, "hi\n");
	assert_true(dockerfile_parse_trigger("RUN a\nRUN b", &item, &err) < 0);
	assert_true(dockerfile_parse_trigger("COPY a", &item, &err) < 0);
	assert_non_null(strstr(err.msg, "at least two arguments"));
}

/* ---- what is wrong ---- */

/* Message and hint, one below the other. */
static void check_text(const char *text, size_t len, struct err *err)
{
	OWN_DOCKERFILE struct dockerfile file = { 0 };

	if (dockerfile_parse(text, len, &file, err) == 0)
		(void)dockerfile_check(&file, err);
}

static const struct {
	const char *text;
	const char *msg;
	const char *hint;
} wrong[] = {
	{ "FROM x\n\nFOO bar",
	  "dockerfile parse error line 3: unknown instruction: FOO", "" },
	{ "FROM x\nRnu a", "line 2: unknown instruction: RNU",
	  "did you mean RUN?" },
	{ "FROM x\nCOPY a",
	  "line 2: COPY requires at least two arguments, but only one was provided. Destination could not be determined",
	  "SOURCE... DESTINATION" },
	{ "FROM x\nCOPY --form=y a b", "line 2: Unknown flag: form",
	  "did you mean --from?" },
	{ "FROM x\nCOPY --from a b", "line 2: Missing a value on flag: from",
	  "" },
	{ "FROM x\nCOPY --from=a --from=b a b",
	  "line 2: Duplicate flag specified: from", "" },
	{ "FROM x\nCOPY --link=x a b",
	  "line 2: expecting boolean value for flag --link, not: x", "" },
	{ "FROM x\nRUN --mount=a --mount=b --x c", "line 2: Unknown flag: x",
	  "RUN" },
	{ "FROM x y", "line 1: FROM requires either one or three arguments",
	  "FROM [--platform=PLATFORM] IMAGE [AS NAME]" },
	{ "FROM x AS 1a",
	  "line 1: invalid name for build stage: \"1a\", name can't start with a number or contain symbols",
	  "a letter" },
	{ "FROM x\nENV a", "ENV must have two arguments",
	  "line 2: expected: ENV NAME=VALUE" },
	{ "FROM x\nENV a=b c",
	  "Syntax error - can't find = in \"c\". Must be of the form: name=value",
	  "line 2: a value with blanks" },
	{ "FROM x\nENV =b", "line 2: ENV names can not be blank", "" },
	{ "FROM x\nARG", "line 2: ARG requires at least one argument",
	  "ARG NAME[=DEFAULT]" },
	{ "FROM x\nCMD [\"a\", 1]",
	  "when using JSON array syntax, arrays must be comprised of strings only",
	  "line 2: expected: [\"a\", \"b\"]" },
	{ "FROM x\nSHELL sh",
	  "line 2: SHELL requires the arguments to be in JSON form",
	  "SHELL [" },
	{ "FROM x\nONBUILD FROM y",
	  "line 2: FROM isn't allowed as an ONBUILD trigger", "" },
	{ "FROM x\nONBUILD ONBUILD RUN y",
	  "line 2: Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed", "" },
	{ "FROM x\nVOLUME [\" \"]",
	  "line 2: VOLUME specified can not be an empty string",
	  "VOLUME PATH" },
	{ "FROM x\nHEALTHCHECK NONE x",
	  "line 2: HEALTHCHECK NONE takes no arguments", "" },
	{ "FROM x\nHEALTHCHECK CMD",
	  "line 2: Missing command after HEALTHCHECK CMD", "" },
	{ "FROM x\nHEALTHCHECK x y",
	  "line 2: Unknown type \"X\" in HEALTHCHECK (try CMD)", "" },
	{ "FROM x\nHEALTHCHECK --interval=1us CMD y",
	  "line 2: Interval \"interval\" cannot be less than 1ms", "30s" },
	{ "FROM x\nHEALTHCHECK --timeout=5 CMD y",
	  "line 2: time: missing unit in duration", "30s" },
	{ "FROM x\nHEALTHCHECK --retries=0 CMD y",
	  "line 2: --retries must be at least 1 (not 0)", "" },
	{ "FROM x\nHEALTHCHECK --retries=b CMD y",
	  "line 2: strconv.ParseInt: parsing \"b\": invalid syntax",
	  "a number" },
	{ "FROM x\nCOPY a <<E\nE",
	  "line 2: COPY cannot accept a heredoc as a destination", "" },
	{ "FROM x\nCOPY <<E /a\ntext", "unterminated heredoc",
	  "line 2: expected: a line with nothing but E" },
	{ "ARG a\nRUN b", "no build stage in current context",
	  "line 2: in front of RUN comes FROM" },
	{ "# only\n\n", "file with no instructions", "FROM IMAGE" },
	{ "", "file with no instructions", "FROM IMAGE" },
	{ "# escape=x\nFROM x",
	  "invalid escape token 'x' does not match ` or \\", "line 1" },
	{ "# escape=`\n# escape=`\nFROM x",
	  "only one escape parser directive can be used", "line 2" },
};

static void says_what_was_expected_and_where(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(wrong); i++) {
		struct err err = { 0 };

		check_text(wrong[i].text, strlen(wrong[i].text), &err);
		if (err.code <= 0 || !strstr(err.msg, wrong[i].msg) ||
		    !strstr(err.hint, wrong[i].hint))
			fail_msg("%s\nsaid: %s\n%s", wrong[i].text, err.msg,
				 err.hint);
	}
}

static void accepts_what_is_right(void **state)
{
	static const char text[] =
		"ARG v=1\nFROM --platform=linux/amd64 x:$v AS A.b-c_1\n"
		"COPY --link --from=y --chown=1 --chmod=644 a b\nADD a b\n"
		"RUN --mount=type=bind --mount=type=cache --network=none x\n"
		"HEALTHCHECK --interval=5s --timeout=1m --start-period=0s --retries=2 CMD x\n"
		"HEALTHCHECK none\nSTOPSIGNAL x\nONBUILD NOSUCH\nARG a b\nCMD\n"
		"ENTRYPOINT []\nSHELL [\"sh\"]\nMAINTAINER me\n";
	OWN_DOCKERFILE struct dockerfile file = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_ok(dockerfile_parse(text, strlen(text), &file, &err), &err);
	/* 0s is under a millisecond, and Docker says so. */
	assert_true(dockerfile_check(&file, &err) < 0);
	assert_non_null(strstr(err.msg, "Interval \"start-period\""));
	strs_remove(&file.items[5].flags, 2);
	assert_ok(dockerfile_check(&file, &err), &err);
	assert_string_equal(instruction_flag(&file.items[2], "chown"), "1");
	assert_string_equal(instruction_flag(&file.items[2], "link"), "");
	assert_null(instruction_flag(&file.items[2], "ch"));
}

/* ---- hostile input ---- */

static void repeat(struct buf *out, const char *text, size_t times)
{
	while (times-- > 0)
		buf_str(out, text);
}

static void bounds_what_it_reads(void **state)
{
	OWN_BUF struct buf text = { 0 };
	struct err err = { 0 };

	(void)state;
	buf_str(&text, "FROM x\nRUN ");
	repeat(&text, "a", DOCKERFILE_LINE_MAX - 4);
	check_text(text.data, text.len, &err);
	assert_int_equal(err.code, 0);
	buf_str(&text, "b");
	check_text(text.data, text.len, &err);
	assert_string_equal(
		err.msg,
		"dockerfile line greater than max allowed size of 65535");
	assert_non_null(strstr(err.hint, "line 2"));

	check_text("FROM x\nR\0N y\n", 13, &err);
	assert_non_null(strstr(err.msg, "NUL"));
	assert_non_null(strstr(err.hint, "line 2"));

	buf_clear(&text);
	repeat(&text, "\n", DOCKERFILE_MAX + 1);
	check_text(text.data, text.len, &err);
	assert_non_null(strstr(err.msg, "a Dockerfile of more than"));

	buf_clear(&text);
	repeat(&text, "ONBUILD ", 8000);
	check_text(text.data, text.len, &err);
	assert_non_null(strstr(err.msg, "Chaining ONBUILD"));

	buf_clear(&text);
	buf_str(&text, "CMD ");
	repeat(&text, "[", 60000);
	err = (struct err){ 0 };
	check_text(text.data, text.len, &err);
	assert_non_null(strstr(err.msg, "no build stage"));
}

static void reads_thousands_of_everything(void **state)
{
	OWN_DOCKERFILE struct dockerfile file = { 0 };
	OWN_BUF struct buf text = { 0 };
	struct err err = { 0 };

	(void)state;
	buf_str(&text, "FROM x\nCOPY ");
	repeat(&text, "<<a ", 5000);
	buf_str(&text, "/d\n");
	repeat(&text, "x\na\n", 5000);
	repeat(&text, "RUN <<b\ny\nb\n", 5000);
	buf_str(&text, "RUN ");
	repeat(&text, "z \\\n", 20000);
	assert_ok(dockerfile_parse(text.data, text.len, &file, &err), &err);
	assert_int_equal(file.count, 5003);
	assert_int_equal(file.items[1].heredoc_count, 5000);
	assert_int_equal(strlen(file.items[5002].rest), 2 * 20000 - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(joins_lines_and_drops_comments),
		TEST(takes_windows_files),
		TEST(obeys_directives_above_all_else),
		TEST(cuts_each_instruction_its_own_way),
		TEST(takes_json_only_where_it_is_json),
		TEST(tells_where_an_instruction_is),
		TEST(warns_of_empty_lines_in_between),
		TEST(keeps_heredocs_as_they_are),
		TEST(gives_the_shell_what_run_says),
		TEST(runs_a_trigger_with_its_heredoc),
		TEST(says_what_was_expected_and_where),
		TEST(accepts_what_is_right),
		TEST(bounds_what_it_reads),
		TEST(reads_thousands_of_everything),
	};

	return cmocka_run_group_tests_name("dockerfile", tests, NULL, NULL);
}
