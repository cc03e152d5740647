/* tests/test_words.c - which lines are ours, and when a line is whole. */
#include "shell/parts.h"
#include "shell/words.h"

#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "tests/test.h"

/* The words of a line, joined with '|'. */
static void assert_words(const char *line, const char *joined)
{
	OWN_WORDS struct words w = { 0 };
	OWN_FREE char *all = NULL;

	words_read(line, &w);
	all = strs_join(&w.words, "|");
	assert_string_equal(all, joined);
	assert_false(w.syntax);
}

static void splits_as_a_shell_does(void **state)
{
	(void)state;
	assert_words("run  -it\tbusybox sh\n", "run|-it|busybox|sh");
	assert_words("echo 'a b' \"c d\" e\\ f", "echo|a b|c d|e f");
	assert_words("x '' \"\" y", "x|||y");
	assert_words("a'b'\"c\"d", "abcd");
	assert_words("a \"q\\\"q\" 'b\\c' \"\\x\"", "a|q\"q|b\\c|\\x");
	assert_words("run \\\n  busybox", "run|busybox");
	assert_words("\"a\\\nb\"", "ab");
	assert_words("ps --format {{.ID}}", "ps|--format|{{.ID}}");
	assert_words("a#b # comment 'open", "a#b");
	assert_words("日本 語", "日本|語");
	assert_words("run x!y a=b", "run|x!y|a=b");
}

static bool has_syntax(const char *line)
{
	OWN_WORDS struct words w = { 0 };

	words_read(line, &w);
	return w.syntax;
}

static void leaves_to_sh_what_only_sh_knows(void **state)
{
	static const char *const lines[] = {
		"ps | wc",	"ps > x",	 "ps < x",	   "ps; ps",
		"ps && ps",	"ps &",		 "run $x",	   "run \"$x\"",
		"run `pwd`:/x", "run \"`pwd`\"", "(ps)",	   "rm *",
		"rm a?",	"rm [ab]",	 "ps\nps",	   "echo 'open",
		"echo \"open",	"rm $(ps -q)",	 "cd ~/x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (!has_syntax(lines[i]))
			fail_msg("no syntax was seen in: %s", lines[i]);
	assert_false(has_syntax("run '$x' \\$x '*' \"*\" '|' \\;"));
	assert_false(has_syntax("tag a~b c"));
}

static void tells_what_merely_makes_words(void **state)
{
	OWN_WORDS struct words w = { 0 };

	(void)state;
	words_read("cd \"$HOME/x\"", &w);
	assert_true(w.expands);
	words_done(&w);
	words_read("export A=\"$(ls | wc -l)\" B=`ls; ls`", &w);
	assert_true(w.expands);
	words_done(&w);
	words_read("cd $HOME; ls", &w);
	assert_false(w.expands);
	words_done(&w);
	words_read("sleep 9 &", &w);
	assert_true(w.background);
	words_done(&w);
	words_read("sleep 9 & ls", &w);
	assert_false(w.background);
}

static void sees_that_the_first_word_is_quoted(void **state)
{
	static const char *const lines[] = { "\\rm x", "'rm' x", "r\"m\" x" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		OWN_WORDS struct words w = { 0 };

		words_read(lines[i], &w);
		assert_string_equal(w.words.items[0], "rm");
		assert_true(w.quoted_first);
	}
	OWN_WORDS struct words plain = { 0 };

	words_read("rm 'x'", &plain);
	assert_false(plain.quoted_first);
}

static void assert_bare(const char *text, const char *wanted)
{
	OWN_FREE char *got = words_without_prompts(text);

	assert_string_equal(got, wanted);
}

static void drops_a_prompt_that_was_pasted(void **state)
{
	(void)state;
	assert_string_equal(words_begin("$ docker ps"), "docker ps");
	assert_string_equal(words_begin("  $  ps"), "ps");
	assert_string_equal(words_begin("$HOME/x"), "$HOME/x");
	assert_string_equal(words_begin("$"), "$");
	assert_string_equal(words_begin("dockershell> ps"), "ps");
	assert_string_equal(words_begin("dockershell diff 2/5 [1]> ps > x"),
			    "ps > x");
	assert_string_equal(words_begin("dockershell ps > x"),
			    "dockershell ps > x");
	assert_bare("$ ps\n$ images\nls > x\n", "ps\nimages\nls > x\n");
	assert_bare("$ run \\\n> busybox\n", "run \\\nbusybox\n");
	assert_bare("dockershell> ps\ndockershell [1]> ls", "ps\nls");
	assert_bare("cat \\\n> x", "cat \\\n> x");
}

static void waits_for_what_is_open(void **state)
{
	static const char *const open[] = {
		"echo 'a",	 "echo \"a",	  "echo a \\",
		"echo $(ls",	 "echo `ls",	  "(ls",
		"cat <<E",	 "cat <<E\na",	  "cat <<'E'\nE x",
		"cat <<-E\n\ta", "ls |",	  "ls &&",
		"ls ||\n",	 "echo \"$(ls",	  "echo ${x",
		"a 'b\nc",	 "cat <<A <<B\nA\n", "echo \"it's\" '",
	};
	static const char *const whole[] = {
		"ls",		    "echo 'a'",	     "echo \"it's\"",
		"echo it\\'s",	    "# it's",	     "ls # it's (",
		"cat <<E\na\nE",    "cat <<E\na\nE\n", "cat <<-E\n\ta\n\tE",
		"echo $(ls)",	    "echo ${x}",     "sleep 1 &",
		"echo \"$(echo \")\")\"", "echo a\\\\", "ls | wc",
		"cat <<A <<B\nA\nB", "echo '\\'",     "cat <<<x",
		"echo a#'b'",	    "echo \"a|\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
		if (!words_unfinished(open[i]))
			fail_msg("taken for whole: %s", open[i]);
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (words_unfinished(whole[i]))
			fail_msg("taken for unfinished: %s", whole[i]);
}

static void finds_the_quote_that_has_no_end(void **state)
{
	static const struct {
		const char *text;
		int line; /* -1: none is open */
	} cases[] = {
		{ "echo 'a\nb\n", 0 },
		{ "a 'b\nc' \"\nd $(e\n", 1 },
		{ "cat <<E\nit's\nE\necho \"x", 3 },
		{ "cat <<E\nit's\n", -1 },
		{ "echo \"${x:-it's}\"", -1 },
		{ "# it's", -1 },
		{ "echo $(ls", -1 },
		{ "echo \\'", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int line;
		bool open = words_open_quote(cases[i].text, &line);

		if ((open ? line : -1) != cases[i].line)
			fail_msg("%s: %d", cases[i].text, open ? line : -1);
	}
}

/* The parts, each with what stands behind it. */
static void takes_a_list_of_commands_apart(void **state)
{
	static const struct {
		const char *line;
		const char *parts; /* NULL: it is for sh */
	} cases[] = {
		{ "cd x && run 'a;b'; lang ja\n", "cd x &|run 'a;b';|lang ja;|" },
		{ "a || b \"c && d\";", "a ||b \"c && d\";|" },
		{ "a \\; b; c", "a \\; b;|c;|" },
		{ "a", NULL },
		{ "a;", NULL },
		{ "a &&", NULL },
		{ "; a", NULL },
		{ "a ;; b", NULL },
		{ "a & b", NULL },
		{ "a | b; c", NULL },
		{ "a > x; b", NULL },
		{ "a; $(b)", NULL },
		{ "if a; then b; fi", NULL },
		{ "a; # b", NULL },
		{ "a; 'b", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		OWN_PARTS struct parts parts = { 0 };
		OWN_BUF struct buf said = { 0 };
		bool list = parts_read(cases[i].line, &parts);

		for (size_t k = 0; list && k < parts.texts.count; k++)
			buf_fmt(&said, "%s%c|", parts.texts.items[k],
				parts.links[k]);
		assert_int_equal(list, cases[i].parts != NULL);
		if (list)
			assert_string_equal(buf_text(&said), cases[i].parts);
	}
}

static void finds_what_stands_in_front_of_the_background(void **state)
{
	static const struct {
		const char *line;
		ssize_t front;
	} cases[] = {
		{ "a &", 0 },		   { "a && b || c &\n", 0 },
		{ "a; b &", 2 },	   { "a; b; c &&\n d & \n", 5 },
		{ "a & b &", 3 },	   { "a 2>&1 &", 0 },
		{ "a 'x;y' \";\" \\; &", 0 }, { "(a; b) &", 0 },
		{ "for i in 1; do a; done &", 0 },
		{ "a $(b) &", 0 },	   { "a; b \"$(c)\" &", 2 },
		{ "a $(b; c) &", -1 },	   { "a; if b; then c; fi &", -1 },
		{ "a | while b; do c; done &", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (parts_in_front(cases[i].line) != cases[i].front)
			fail_msg("%s: %zd", cases[i].line,
				 parts_in_front(cases[i].line));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(splits_as_a_shell_does),
		TEST(leaves_to_sh_what_only_sh_knows),
		TEST(tells_what_merely_makes_words),
		TEST(sees_that_the_first_word_is_quoted),
		TEST(drops_a_prompt_that_was_pasted),
		TEST(waits_for_what_is_open),
		TEST(finds_the_quote_that_has_no_end),
		TEST(takes_a_list_of_commands_apart),
		TEST(finds_what_stands_in_front_of_the_background),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
