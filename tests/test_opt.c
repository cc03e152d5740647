/* tests/test_opt.c - options as Docker takes them, refused in Docker's words. */
#include "shell/opt.h"

#include <errno.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "shell/cmd.h"
#include "tests/test.h"

struct values {
	bool rm;
	bool tty;
	bool interactive;
	bool detach;
	const char *name;
	struct strs env;
	struct opt_number last;
	struct opt_number memory;
};

static const struct opt opts[] = {
	{ "rm", 0, OPT_FLAG, .offset = offsetof(struct values, rm) },
	{ "tty", 't', OPT_FLAG, .offset = offsetof(struct values, tty) },
	{ "interactive", 'i', OPT_FLAG,
	  .offset = offsetof(struct values, interactive) },
	{ "detach", 'd', OPT_FLAG, .offset = offsetof(struct values, detach) },
	{ "name", 0, OPT_TEXT, .offset = offsetof(struct values, name) },
	{ "env", 'e', OPT_LIST, .offset = offsetof(struct values, env) },
	{ "last", 'n', OPT_COUNT, .offset = offsetof(struct values, last) },
	{ "memory", 'm', OPT_BYTES, .offset = offsetof(struct values, memory) },
	{ "gpus", 0, OPT_TEXT, .flags = OPT_REFUSED, .help = "no devices",
	  .offset = offsetof(struct values, name) },
	{ 0 },
};

static const struct cmd free_order = { .name = "ps",
				       .opts = opts,
				       .opts_size = sizeof(struct values) };
static const struct cmd first_word = { .name = "run",
				       .opts = opts,
				       .opts_size = sizeof(struct values),
				       .stop_at_first_word = true };

/* A line cut at spaces, read. The values and words stay until the next one. */
static struct reading {
	struct strs words;
	struct values values;
	int first;
	struct opt_shared shared;
	struct err err;
} got;

static int read_line(const struct cmd *cmd, const char *line)
{
	opt_done(cmd, &got.values);
	strs_done(&got.words);
	got = (struct reading){ 0 };
	strs_split(&got.words, line, ' ');
	got.first = opt_parse(cmd, (int)got.words.count, got.words.items,
			      &got.values, &got.shared, &got.err);
	return got.first < 0 ? got.first : 0;
}

static void assert_refused(const char *line, const char *message)
{
	assert_int_equal(read_line(&first_word, line), -EINVAL);
	assert_string_equal(got.err.msg, message);
	assert_int_equal(got.err.status, 125);
	assert_int_equal(got.err.voice, ERR_BARE);
}

static void takes_every_form_of_a_value(void **state)
{
	(void)state;
	assert_int_equal(
		read_line(&first_word,
			  "run -e A=1 -eB=2 -e=C=3 --env D=4 --env=E=5 x"),
		0);
	assert_int_equal(got.values.env.count, 5);
	assert_string_equal(got.values.env.items[0], "A=1");
	assert_string_equal(got.values.env.items[1], "B=2");
	assert_string_equal(got.values.env.items[2], "C=3");
	assert_string_equal(got.values.env.items[3], "D=4");
	assert_string_equal(got.values.env.items[4], "E=5");
	assert_string_equal(got.words.items[got.first], "x");
}

static void takes_switches_together_and_with_values(void **state)
{
	(void)state;
	assert_int_equal(read_line(&first_word, "run -it --rm=false x"), 0);
	assert_true(got.values.interactive && got.values.tty);
	assert_false(got.values.rm);
	assert_int_equal(read_line(&first_word, "run -d=true -t=false x"), 0);
	assert_true(got.values.detach);
	assert_false(got.values.tty);
	assert_string_equal(got.words.items[got.first], "x");
	assert_int_equal(read_line(&first_word, "run -itd=false --rm x y"), 0);
	assert_true(got.values.interactive && got.values.tty && got.values.rm);
	assert_false(got.values.detach);
	assert_string_equal(got.words.items[got.first], "x");
}

static void leaves_the_options_of_the_program_alone(void **state)
{
	(void)state;
	assert_int_equal(read_line(&first_word, "run --rm x ls -l --rm=no"), 0);
	assert_string_equal(got.words.items[got.first], "x");
	assert_string_equal(got.words.items[got.first + 2], "-l");
	assert_string_equal(got.words.items[got.first + 3], "--rm=no");
}

static void finds_options_behind_other_words(void **state)
{
	(void)state;
	assert_int_equal(read_line(&free_order, "ps a --name x b -i -- -t"), 0);
	assert_string_equal(got.values.name, "x");
	assert_true(got.values.interactive);
	assert_false(got.values.tty);
	assert_int_equal(got.words.count - (size_t)got.first, 3);
	assert_string_equal(got.words.items[got.first], "a");
	assert_string_equal(got.words.items[got.first + 1], "b");
	assert_string_equal(got.words.items[got.first + 2], "-t");
}

static void refuses_unknown_and_shortened_names(void **state)
{
	(void)state;
	assert_refused("run --nosuchflag x", "unknown flag: --nosuchflag");
	assert_refused("run --na x", "unknown flag: --na");
	assert_refused("run --n", "unknown flag: --n");
	assert_refused("run --nam=x", "unknown flag: --nam");
	assert_refused("run --inter x", "unknown flag: --inter");
	assert_refused("run --hel", "unknown flag: --hel");
	assert_refused("run --=x", "bad flag syntax: --=x");
}

static void refuses_unknown_letters(void **state)
{
	(void)state;
	assert_refused("run -z x", "unknown shorthand flag: 'z' in -z");
	assert_refused("run -izt x", "unknown shorthand flag: 'z' in -zt");
	assert_refused("run -itz x", "unknown shorthand flag: 'z' in -z");
}

static void says_which_value_is_missing(void **state)
{
	(void)state;
	assert_refused("run --name", "flag needs an argument: --name");
	assert_refused("run -e", "flag needs an argument: 'e' in -e");
	assert_refused("run -ie", "flag needs an argument: 'e' in -e");
}

static void refuses_values_that_are_none(void **state)
{
	(void)state;
	assert_refused("run --rm=maybe x",
		       "invalid argument \"maybe\" for \"--rm\" flag: "
		       "strconv.ParseBool: parsing \"maybe\": invalid syntax");
	assert_refused("run -i=x y",
		       "invalid argument \"x\" for \"-i, --interactive\" flag: "
		       "strconv.ParseBool: parsing \"x\": invalid syntax");
	assert_refused("ps -n few",
		       "invalid argument \"few\" for \"-n, --last\" flag: "
		       "strconv.ParseInt: parsing \"few\": invalid syntax");
	assert_refused("run -m lots x",
		       "invalid argument \"lots\" for \"-m, --memory\" flag: "
		       "invalid size: 'lots'");
}

static void reads_numbers_and_sizes(void **state)
{
	static const struct {
		const char *line;
		long long bytes;
	} sizes[] = {
		{ "run -m 64m x", 64 << 20 },
		{ "run -m64M x", 64 << 20 },
		{ "run --memory=1g x", 1 << 30 },
		{ "run -m 100 x", 100 },
		{ "run -m 1.5k x", 1536 },
		{ "run -m 2KiB x", 2048 },
		{ "run -m 7b x", 7 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(read_line(&first_word, sizes[i].line), 0);
		assert_true(got.values.memory.given);
		assert_int_equal(got.values.memory.value, sizes[i].bytes);
	}
	assert_int_equal(read_line(&free_order, "ps -n 5"), 0);
	assert_int_equal(got.values.last.value, 5);
	assert_int_equal(read_line(&free_order, "ps -n -1"), 0);
	assert_int_equal(got.values.last.value, -1);
	assert_int_equal(read_line(&free_order, "ps"), 0);
	assert_false(got.values.last.given);
}

static void offers_the_option_that_was_meant(void **state)
{
	(void)state;
	assert_refused("run --nmae x", "unknown flag: --nmae");
	assert_non_null(strstr(got.err.hint, "--name"));
	assert_refused("run --interctive", "unknown flag: --interctive");
	assert_non_null(strstr(got.err.hint, "--interactive"));
	assert_refused("run --zzzzzz", "unknown flag: --zzzzzz");
	assert_string_equal(got.err.hint, "");
}

static void says_why_an_option_of_docker_is_not_here(void **state)
{
	(void)state;
	assert_int_equal(read_line(&first_word, "run --gpus all x"), -ENOTSUP);
	assert_non_null(strstr(got.err.msg, "no devices"));
	assert_int_equal(got.err.status, 125);
}

static void stops_at_help(void **state)
{
	(void)state;
	assert_int_equal(read_line(&first_word, "run --help --nosuch"), 0);
	assert_true(got.shared.help);
	assert_int_equal(read_line(&first_word, "run -h"), 0);
	assert_true(got.shared.help);
	assert_int_equal(read_line(&first_word, "run x --help"), 0);
	assert_false(got.shared.help);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(takes_every_form_of_a_value),
		TEST(takes_switches_together_and_with_values),
		TEST(leaves_the_options_of_the_program_alone),
		TEST(finds_options_behind_other_words),
		TEST(refuses_unknown_and_shortened_names),
		TEST(refuses_unknown_letters),
		TEST(says_which_value_is_missing),
		TEST(refuses_values_that_are_none),
		TEST(reads_numbers_and_sizes),
		TEST(offers_the_option_that_was_meant),
		TEST(says_why_an_option_of_docker_is_not_here),
		TEST(stops_at_help),
	};

	return cmocka_run_group_tests_name("opt", tests, NULL, NULL);
}
