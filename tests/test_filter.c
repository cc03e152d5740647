/* tests/test_filter.c - which things --filter lets through. */
#include "shell/filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/base/err.h"
#include "tests/test.h"

static const char *const keys[] = { "name",     "id",    "label", "label!",
				    "dangling", "until", NULL };

/* Reads up to three filters; the test fails where that fails. */
static void read_all(struct filters *filters, const char *a, const char *b,
		     const char *c)
{
	OWN_STRS struct strs given = { 0 };
	struct err err = { 0 };

	*filters = (struct filters){ 0 };
	strs_add(&given, a);
	if (b)
		strs_add(&given, b);
	if (c)
		strs_add(&given, c);
	assert_ok(filters_read(filters, &given, keys, &err), &err);
}

static void an_unknown_key_is_refused_in_docker_s_words(void **state)
{
	OWN_FILTERS struct filters filters = { 0 };
	OWN_STRS struct strs given = { 0 };
	struct err err = { 0 };

	(void)state;
	strs_add(&given, "foo=bar");
	assert_int_equal(filters_read(&filters, &given, keys, &err), -EINVAL);
	assert_string_equal(err.msg, "Invalid filter 'foo'");
	assert_int_equal(err.voice, ERR_DAEMON);
	assert_int_equal(err.status, 1);
}

static void a_key_that_was_not_typed_agrees(void **state)
{
	OWN_FILTERS struct filters filters = { 0 };

	(void)state;
	assert_true(filters_exact(&filters, "name", "x"));
	assert_true(filters_match(&filters, "name", "x"));
	assert_true(filters_prefix(&filters, "id", "x"));
	assert_false(filters_has(&filters, "name"));
}

static void names_are_found_within_and_as_regular_expressions(void **state)
{
	OWN_FILTERS struct filters within = { 0 };
	OWN_FILTERS struct filters whole = { 0 };
	OWN_FILTERS struct filters none = { 0 };

	(void)state;
	read_all(&within, "name=eb", " NAME = db ", NULL);
	assert_true(filters_match(&within, "name", "web2"));
	assert_true(filters_match(&within, "name", "db"));
	assert_false(filters_match(&within, "name", "cache"));
	read_all(&whole, "name=^web$", NULL, NULL);
	assert_true(filters_match(&whole, "name", "web"));
	assert_false(filters_match(&whole, "name", "web2"));
	read_all(&none, "name=[", NULL, NULL); /* no regular expression */
	assert_false(filters_match(&none, "name", "web"));
	assert_true(filters_match(&none, "name", "["));
}

static void ids_by_their_beginning_words_as_a_whole(void **state)
{
	OWN_FILTERS struct filters filters = { 0 };

	(void)state;
	read_all(&filters, "id=ab", "name=x=y", NULL);
	assert_true(filters_prefix(&filters, "id", "abc"));
	assert_false(filters_prefix(&filters, "id", "cab"));
	assert_true(filters_exact(&filters, "name", "x=y"));
	assert_false(filters_exact(&filters, "name", "x=yz"));
}

static void labels_must_all_be_there(void **state)
{
	OWN_FILTERS struct filters both = { 0 };
	OWN_FILTERS struct filters name = { 0 };
	OWN_FILTERS struct filters without = { 0 };
	OWN_STRS struct strs labels = { 0 };

	(void)state;
	strs_add(&labels, "match=me");
	strs_add(&labels, "second=tag");
	strs_add(&labels, "bare=");
	read_all(&both, "label=match=me", "label=second=tag", NULL);
	assert_true(filters_labels(&both, &labels));
	read_all(&name, "label=match", "label=bare=", NULL);
	assert_true(filters_labels(&name, &labels));
	read_all(&without, "label!=match", NULL, NULL);
	assert_false(filters_labels(&without, &labels));
	filters_done(&both);
	read_all(&both, "label=match=me", "label=second=tag-no", NULL);
	assert_false(filters_labels(&both, &labels));
	filters_done(&without);
	read_all(&without, "label!=match=you", "label!=mat", NULL);
	assert_true(filters_labels(&without, &labels));
}

static void a_switch_is_true_or_false(void **state)
{
	OWN_FILTERS struct filters good = { 0 };
	OWN_FILTERS struct filters bad = { 0 };
	struct err err = { 0 };
	bool on = false;

	(void)state;
	read_all(&good, "dangling=1", NULL, NULL);
	assert_ok(filters_bool(&good, "dangling", &on, &err), &err);
	assert_true(on);
	read_all(&bad, "dangling=maybe", NULL, NULL);
	assert_int_equal(filters_bool(&bad, "dangling", &on, &err), -EINVAL);
	assert_string_equal(err.msg, "Invalid filter 'dangling=[maybe]'");
}

static void times_are_dates_seconds_or_how_long_ago(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} cases[] = {
		{ "2026-11-23T18:44:36.5Z", 1795459476500000000 },
		{ "2026-11-23T18:44:36+09:00", 1795427076000000000 },
		{ "2026-11-23T18:44Z", 1795459440000000000 },
		{ "2026-11-23T18Z", 1795456800000000000 },
		{ "2026-11-23", 1795392000000000000 },
		{ "2026-11-23T18:44:36", 1795459476000000000 },
		{ "1795459476", 1795459476000000000 },
		{ "1795459476.25", 1795459476250000000 },
	};
	static const char *const wrong[] = {
		"",    "yesterday",     "2026-13-40", "2026-11-23T18:44:36Zx",
		"12x", "99999999999999"
	};
	struct timespec now;
	struct err err = { 0 };
	int64_t ns = 0;

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_ok(filter_time(cases[i].text, &ns, &err), &err);
		if (ns != cases[i].ns)
			fail_msg("%s is %lld, %lld wanted", cases[i].text,
				 (long long)ns, (long long)cases[i].ns);
	}
	clock_gettime(CLOCK_REALTIME, &now);
	assert_ok(filter_time("10m", &ns, &err), &err);
	assert_in_range(now.tv_sec - ns / 1000000000, 598, 660);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (filter_time(wrong[i], &ns, &err) != -EINVAL)
			fail_msg("'%s' was taken as a time", wrong[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_unknown_key_is_refused_in_docker_s_words),
		TEST(a_key_that_was_not_typed_agrees),
		TEST(names_are_found_within_and_as_regular_expressions),
		TEST(ids_by_their_beginning_words_as_a_whole),
		TEST(labels_must_all_be_there),
		TEST(a_switch_is_true_or_false),
		TEST(times_are_dates_seconds_or_how_long_ago),
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
