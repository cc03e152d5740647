/* tests/test_parse.c - numbers with units as docker/go-units reads and writes
 * them. Its own cases are run too where they lie beside the project. */
#include "runtime/base/parse.h"

#include <fcntl.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "tests/test.h"

static int64_t bytes_of(const char *text)
{
	struct err err = { 0 };
	int64_t value = -1;

	return parse_bytes(text, &value, &err) < 0 ? -1 : value;
}

static void memory_sizes_are_in_units_of_1024(void **state)
{
	(void)state;
	assert_int_equal(bytes_of("64m"), 64 << 20);
	assert_int_equal(bytes_of("1.5 GiB"), 3LL << 29);
	assert_int_equal(bytes_of("0"), 0);
	assert_int_equal(bytes_of("512"), 512);
	assert_int_equal(bytes_of("1kb"), 1024);
	assert_int_equal(bytes_of("8P"), 8LL << 50);
	assert_int_equal(bytes_of("9000P"), -1); /* more than fits */
	assert_int_equal(bytes_of("-1"), -1);
	assert_int_equal(bytes_of("1e3"), -1);
	assert_int_equal(bytes_of("0x10"), -1);
	assert_int_equal(bytes_of("inf"), -1);
	assert_int_equal(bytes_of(""), -1);
}

static void a_bad_size_is_named_in_docker_s_words(void **state)
{
	struct err err = { 0 };
	int64_t value = 7;

	(void)state;
	assert_int_equal(parse_bytes("lots", &value, &err), -EINVAL);
	assert_string_equal(err.msg, "invalid size: 'lots'");
	assert_int_equal(value, 7);
}

static void cpus_are_in_billionths(void **state)
{
	struct err err = { 0 };
	int64_t value;

	(void)state;
	assert_ok(parse_nano("0.5", &value, &err), &err);
	assert_int_equal(value, 500000000);
	assert_ok(parse_nano("2", &value, &err), &err);
	assert_int_equal(value, 2000000000);
	assert_ok(parse_nano(".000000001", &value, &err), &err);
	assert_int_equal(value, 1);
	assert_true(parse_nano("0.0000000001", &value, &err) < 0);
	assert_string_equal(err.msg, "value is too precise");
	assert_true(parse_nano("half", &value, &err) < 0);
	assert_true(parse_nano("--1", &value, &err) < 0);
	assert_ok(parse_nano("-1", &value, &err), &err); /* out of any range */
	assert_int_equal(value, -1000000000);
	assert_true(parse_nano("1.2.3", &value, &err) < 0);
}

static void durations_are_go_s(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} table[] = {
		{ "0", 0 },
		{ "1s", 1000000000 },
		{ "1m30s", 90 * 1000000000LL },
		{ "1.5h", 5400 * 1000000000LL },
		{ "300ms", 300000000 },
		{ "-2s", -2000000000 },
		{ "1us", 1000 },
		{ "1\302\265s", 1000 },
		{ "10ns", 10 },
	};
	struct err err = { 0 };
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_ok(parse_duration(table[i].text, &ns, &err), &err);
		assert_int_equal(ns, table[i].ns);
	}
	assert_true(parse_duration("5", &ns, &err) < 0);
	assert_string_equal(err.msg, "time: missing unit in duration \"5\"");
	assert_true(parse_duration("5 apples", &ns, &err) < 0);
	assert_true(parse_duration("", &ns, &err) < 0);
	assert_true(parse_duration("s", &ns, &err) < 0);
	assert_true(parse_duration(".s", &ns, &err) < 0);
	assert_true(parse_duration("99999999999999999h", &ns, &err) < 0);
}

static void whole_numbers_have_bounds(void **state)
{
	struct err err = { 0 };
	int64_t value;
	int64_t last;

	(void)state;
	assert_ok(parse_int("-12", -20, 20, &value, &err), &err);
	assert_int_equal(value, -12);
	assert_int_equal(parse_int("21", -20, 20, &value, &err), -ERANGE);
	assert_int_equal(parse_int("99999999999999999999", 0, INT64_MAX,
				   &value, &err), -ERANGE);
	assert_int_equal(parse_int(" 1", 0, 9, &value, &err), -EINVAL);
	assert_int_equal(parse_int("+1", 0, 9, &value, &err), -EINVAL);
	assert_int_equal(parse_int("1x", 0, 9, &value, &err), -EINVAL);
	assert_int_equal(parse_int("-", -9, 9, &value, &err), -EINVAL);
	assert_int_equal(parse_int("", 0, 9, &value, &err), -EINVAL);
	assert_ok(parse_range("100-200", 0, 300, &value, &last, &err), &err);
	assert_int_equal(value, 100);
	assert_int_equal(last, 200);
	assert_ok(parse_range("7", 0, 300, &value, &last, &err), &err);
	assert_int_equal(last, 7);
	assert_true(parse_range("200-100", 0, 300, &value, &last, &err) < 0);
	assert_true(parse_range("1-", 0, 300, &value, &last, &err) < 0);
	assert_true(parse_range("", 0, 300, &value, &last, &err) < 0);
}

static void signals_have_names_and_numbers(void **state)
{
	struct err err = { 0 };
	int number;

	(void)state;
	assert_ok(parse_signal("KILL", &number, &err), &err);
	assert_int_equal(number, SIGKILL);
	assert_ok(parse_signal("sigterm", &number, &err), &err);
	assert_int_equal(number, SIGTERM);
	assert_ok(parse_signal("9", &number, &err), &err);
	assert_int_equal(number, 9);
	assert_ok(parse_signal("RTMIN+3", &number, &err), &err);
	assert_int_equal(number, SIGRTMIN + 3);
	assert_ok(parse_signal("SIGRTMAX-14", &number, &err), &err);
	assert_int_equal(number, SIGRTMAX - 14);
	assert_true(parse_signal("FOO", &number, &err) < 0);
	assert_string_equal(err.msg, "Invalid signal: FOO");
	assert_true(parse_signal("0", &number, &err) < 0);
	assert_true(parse_signal("", &number, &err) < 0);
	assert_true(parse_signal("RTMIN+16", &number, &err) < 0);
}

static void times_are_read_and_written_as_rfc_3339(void **state)
{
	static const struct {
		const char *text;
		const char *same;
	} table[] = {
		{ "2026-11-23T18:44:36.22542152Z", NULL },
		{ "1970-01-01T00:00:00Z", NULL },
		{ "2026-11-23T18:44:36+09:00", "2026-11-23T09:44:36Z" },
		{ "2026-11-23T18:44:36.500-01:30", "2026-11-23T20:14:36.5Z" },
		{ "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z" },
	};
	struct err err = { 0 };
	char text[HUMAN_TIME];
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_ok(parse_time(table[i].text, &ns, &err), &err);
		assert_string_equal(human_time(text, ns),
				    table[i].same ? table[i].same :
						    table[i].text);
	}
	assert_true(parse_time("yesterday", &ns, &err) < 0);
	assert_true(parse_time("2026-11-23T18:44:36", &ns, &err) < 0);
	assert_true(parse_time("2026-11-23T18:44:36+9:00", &ns, &err) < 0);
}

static void booleans_are_go_s(void **state)
{
	struct err err = { 0 };
	bool value = false;

	(void)state;
	assert_ok(parse_bool("true", &value, &err), &err);
	assert_true(value);
	assert_ok(parse_bool("F", &value, &err), &err);
	assert_false(value);
	assert_true(parse_bool("yes", &value, &err) < 0);
}

static void sizes_and_ages_are_shown_as_docker_shows_them(void **state)
{
	char text[HUMAN_SIZE];

	(void)state;
	assert_string_equal(human_size(text, 0, 3), "0B");
	assert_string_equal(human_size(text, 999, 3), "999B");
	assert_string_equal(human_size(text, 1000, 3), "1kB");
	assert_string_equal(human_size(text, 1985696, 3), "1.99MB");
	assert_string_equal(human_size(text, 3971000, 4), "3.971MB");
	assert_string_equal(human_bytes(text, 1986560), "1.895MiB");
	assert_string_equal(human_duration(text, 999999999),
			    "Less than a second");
	assert_string_equal(human_duration(text, 61 * 1000000000LL),
			    "About a minute");
	assert_string_equal(human_duration(text, -5), "Less than a second");
}

/* ---- go-units' own cases ---- */

static bool try_parse(const char *function, const char *text, json_t *c)
{
	struct err err = { 0 };
	int64_t value = 0;
	int r = strcmp(function, "RAMInBytes") == 0 ?
			parse_bytes(text, &value, &err) :
			parse_bytes_decimal(text, &value, &err);

	if (json_is_true(json_object_get(c, "error")))
		return r < 0;
	return r == 0 && value == json_integer_value(json_object_get(c, "out"));
}

static bool try_case(json_t *c)
{
	const char *function = json_string_value(json_object_get(c, "fn"));
	json_t *in = json_object_get(c, "in");
	const char *out = json_string_value(json_object_get(c, "out"));
	double number = json_number_value(in);
	char text[HUMAN_SIZE] = "";

	if (json_is_string(in))
		return try_parse(function, json_string_value(in), c);
	if (strcmp(function, "HumanSize") == 0)
		human_size(text, number, 4);
	else if (strcmp(function, "BytesSize") == 0)
		human_bytes(text, number);
	else
		human_duration(text, (int64_t)(number * 1e9));
	return out && strcmp(text, out) == 0;
}

static void agrees_with_go_units_own_cases(void **state)
{
	const char *folder = getenv("DOCKERSHELL_CONFORMANCE");
	OWN_FREE char *path = NULL;
	OWN_FILE FILE *file = NULL;
	char line[4096];
	int tried = 0;

	(void)state;
	if (asprintf(&path, "%s/data/units.jsonl",
		     folder ? folder : "../shared/conformance") < 0)
		fail();
	file = fopen(path, "re");
	if (!file) {
		print_message("# no cases at %s\n", path);
		return;
	}
	while (fgets(line, sizeof(line), file)) {
		/* 2^100 is no integer of JSON's reader, but a number. */
		json_t *c = json_loads(line, JSON_DECODE_INT_AS_REAL, NULL);
		json_t *exact = json_loads(line, 0, NULL);

		if (!try_case(exact ? exact : c))
			fail_msg("%s", line);
		tried++;
		json_decref(c);
		json_decref(exact);
	}
	assert_true(tried > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(memory_sizes_are_in_units_of_1024),
		TEST(a_bad_size_is_named_in_docker_s_words),
		TEST(cpus_are_in_billionths),
		TEST(durations_are_go_s),
		TEST(whole_numbers_have_bounds),
		TEST(signals_have_names_and_numbers),
		TEST(times_are_read_and_written_as_rfc_3339),
		TEST(booleans_are_go_s),
		TEST(sizes_and_ages_are_shown_as_docker_shows_them),
		TEST(agrees_with_go_units_own_cases),
	};

	return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
