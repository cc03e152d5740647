/* tests/test_variables.c - quotes, escapes and variables in a Dockerfile's words. */
#include "images/words.h"

#include <errno.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/go_text.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "tests/test.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct strs env;
static struct strs args;

static int fill(void **state)
{
	(void)state;
	strs_add(&env, "a=apple");
	strs_add(&env, "empty=");
	strs_add(&env, "path=/usr/lib/x.tar.gz");
	strs_add(&env, "two=x  y");
	strs_add(&env, "stars=a*b*c");
	strs_add(&env, "gr\xc3\xbc\xc3\x9f=\xc3\xa4\xc3\xb6\xc3\xbc");
	strs_add(&args, "a=argument");
	strs_add(&args, "b=banana");
	return 0;
}

static int let_go(void **state)
{
	(void)state;
	strs_done(&env);
	strs_done(&args);
	return 0;
}

static void assert_word(const char *text, const char *wanted, char escape)
{
	const struct word_rules rules = { .env = &env,
					  .args = &args,
					  .escape = escape };
	OWN_FREE char *got = NULL;
	struct err err = { 0 };

	assert_ok(words_expand_by(text, &rules, &got, &err), &err);
	if (strcmp(got, wanted) != 0)
		fail_msg("%s gave '%s', not '%s'", text, got, wanted);
}

static void assert_all(const char *const pairs[][2], size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_word(pairs[i][0], pairs[i][1], '\\');
}

static void takes_quotes_and_escapes_off(void **state)
{
	static const char *const pairs[][2] = {
		{ "", "" },
		{ "x y", "x y" },
		{ "a'b c'd", "ab cd" },
		{ "'$a' \"$a\" \\$a", "$a apple $a" },
		{ "\"\\x \\\" \\\\ \\$a\"", "\\x \" \\ $a" },
		{ "\\x\\\\\\'", "x\\'" },
		{ "\"a'b\" 'a\"b'", "a'b a\"b" },
		{ "end\\", "end" },
		{ "$", "$" },
		{ "$.x", "$.x" },
	};

	(void)state;
	assert_all(pairs, LENGTH(pairs));
	assert_word("`$a \\x \"`$a\"", "$a \\x $a", '`');
}

static void puts_variables_in(void **state)
{
	static const char *const pairs[][2] = {
		{ "$a-$b.$no!", "apple-banana.!" },
		{ "${a}b", "appleb" },
		{ "$1x $@ $$ ${12}", "x   " },
		{ "${no:-x} ${empty:-x} ${a:-x}", "x x apple" },
		{ "${no-x} ${empty-x} ${a-x}", "x  apple" },
		{ "${no:+x} ${empty:+x} ${a:+x}", "  x" },
		{ "${no+x} ${empty+x} ${a+x}", " x x" },
		{ "${a:?no} ${empty?no}", "apple " },
		{ "${no:-${empty:-'$a' $a}}", "$a apple" },
		{ "${no:-\\}}", "}" },
		{ "$gr\xc3\xbc\xc3\x9f!", "\xc3\xa4\xc3\xb6\xc3\xbc!" },
		{ "$a\xe2\x80\xa6", "apple\xe2\x80\xa6" },
	};

	(void)state;
	assert_all(pairs, LENGTH(pairs));
}

static void cuts_and_replaces_what_fits(void **state)
{
	static const char *const pairs[][2] = {
		{ "${path#*/}", "usr/lib/x.tar.gz" },
		{ "${path##*/}", "x.tar.gz" },
		{ "${path%.*}", "/usr/lib/x.tar" },
		{ "${path%%.*}", "/usr/lib/x" },
		{ "${path#x}", "/usr/lib/x.tar.gz" },
		{ "${path##*}", "" },
		{ "${path#?usr}", "/lib/x.tar.gz" },
		{ "${stars#*\\*}", "b*c" },
		{ "${stars%\\*?}", "a*b" },
		{ "${path/r*l/-}", "/us-ib/x.tar.gz" },
		{ "${path//r/R}", "/usR/lib/x.taR.gz" },
		{ "${path//\\//:}", ":usr:lib:x.tar.gz" },
		{ "${path/nothing/x}", "/usr/lib/x.tar.gz" },
		{ "${a//p/}", "ale" },
		{ "${a//*/x}", "x" },
		{ "${no//x/y}", "" },
		{ "${gr\xc3\xbc\xc3\x9f#?}", "\xc3\xb6\xc3\xbc" },
		{ "${gr\xc3\xbc\xc3\x9f%?}", "\xc3\xa4\xc3\xb6" },
		{ "${a//$no/-}", "-a-p-p-l-e-" },
	};

	(void)state;
	assert_all(pairs, LENGTH(pairs));
}

static void says_what_it_cannot_read(void **state)
{
	static const char *const pairs[][2] = {
		{ "x'y",
		  "failed to process \"x'y\": unexpected end of statement while looking for matching single-quote" },
		{ "\"y",
		  "unexpected end of statement while looking for matching double-quote" },
		{ "${", "syntax error: missing '}'" },
		{ "${a", "missing ':' in substitution" },
		{ "${a:", "syntax error: missing '}'" },
		{ "${a:-b", "syntax error: missing '}'" },
		{ "${}", "syntax error: bad substitution" },
		{ "${:-x}", "syntax error: bad substitution" },
		{ "${a:=x}", "unsupported modifier (=) in substitution" },
		{ "${a=x}", "missing ':' in substitution" },
		{ "${a:#x}", "unsupported modifier (#) in substitution" },
		{ "${.}", "missing ':' in substitution" },
		{ "${a/x}", "syntax error: missing '/' in ${}" },
		{ "${a#\\x}", "invalid pattern (\\x) in substitution" },
		{ "${no:?}", "no: is not allowed to be unset" },
		{ "${empty:?}", "empty: is not allowed to be empty" },
		{ "${no?say $a}", "no: say apple" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(pairs); i++) {
		OWN_FREE char *got = NULL;
		struct err err = { 0 };

		assert_int_equal(words_expand(pairs[i][0], &env, &got, &err),
				 -EINVAL);
		if (!strstr(err.msg, pairs[i][1]))
			fail_msg("%s said: %s", pairs[i][0], err.msg);
	}
}

static void assert_cut(const char *text, const char *joined)
{
	const struct word_rules rules = { .env = &env };
	OWN_STRS struct strs words = { 0 };
	OWN_FREE char *got = NULL;
	struct err err = { 0 };

	assert_ok(words_cut(text, &rules, &words, &err), &err);
	got = strs_join(&words, "|");
	assert_string_equal(got, joined);
}

static void cuts_at_blanks_that_a_variable_brought(void **state)
{
	(void)state;
	assert_cut("80 $two 'a b'\t\"$two\"", "80|x|y|a b|x  y");
	assert_cut("1${two}2", "1x|y2");
	assert_cut("a\\ b", "a b");
	assert_cut("  $empty  ", "");
	assert_cut("x\xc2\xa0y", "x|y");
}

static void leaves_a_heredoc_its_quotes(void **state)
{
	const struct word_rules rules = { .env = &env, .plain_quotes = true };
	OWN_FREE char *got = NULL;
	struct err err = { 0 };

	(void)state;
	assert_ok(
		words_expand_by("it's \"$a\"\n\\$a \\\\\n", &rules, &got, &err),
		&err);
	assert_string_equal(got, "it's \"apple\"\n$a \\\n");
}

/* Forty lines of ENV x=$x$x would be a text of a terabyte. */
static void ends_where_a_text_grows_too_long(void **state)
{
	OWN_STRS struct strs big = { 0 };
	OWN_BUF struct buf text = { 0 };
	OWN_FREE char *got = NULL;
	struct err err = { 0 };

	(void)state;
	buf_str(&text, "x=");
	for (size_t i = 0; i < WORDS_MAX / 4; i++)
		buf_str(&text, "yyy");
	strs_add(&big, text.data);
	assert_int_equal(words_expand("$x$x", &big, &got, &err), -EFBIG);
	assert_int_equal(words_expand("\"$x$x\"", &big, &got, &err), -EFBIG);
	assert_int_equal(words_expand("${x//y/$x}", &big, &got, &err), -EFBIG);
	assert_int_equal(words_expand("${no:-$x$x}", &big, &got, &err), -EFBIG);

	buf_clear(&text);
	for (size_t i = 0; i < 10000; i++)
		buf_str(&text, "${no:-");
	assert_int_equal(words_expand(text.data, &big, &got, &err), -EINVAL);
	assert_non_null(strstr(err.msg, "within each other"));
}

static void quotes_as_go_does(void **state)
{
	OWN_BUF struct buf got = { 0 };

	(void)state;
	go_quote(&got, "a\"\\\n\x01\x7f\xff\xc3\xa9\xe2\x98\x83\xc2\xa0"
		       "\xe2\x80\x8b\xef\xbb\xbf\xf3\xa0\x80\x81");
	assert_string_equal(got.data,
			    "\"a\\\"\\\\\\n\\x01\\x7f\\xff\xc3\xa9\xe2\x98\x83"
			    "\\u00a0\\u200b\\ufeff\\U000e0001\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(takes_quotes_and_escapes_off),
		TEST(puts_variables_in),
		TEST(cuts_and_replaces_what_fits),
		TEST(says_what_it_cannot_read),
		TEST(cuts_at_blanks_that_a_variable_brought),
		TEST(leaves_a_heredoc_its_quotes),
		TEST(ends_where_a_text_grows_too_long),
		TEST(quotes_as_go_does),
	};

	return cmocka_run_group_tests_name("variables", tests, fill, let_go);
}
