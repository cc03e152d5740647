/* tests/test_any_text.c - bytes of anybody's as JSON. */
#include "lessons/any_text.h"

#include "lessons/judge.h"
#include "tests/test.h"

static void what_is_no_utf8_is_replaced(void **state)
{
	static const struct {
		const char *bytes;
		const char *text;
	} all[] = {
		{ "plain", "plain" },
		{ "a\xff", "a\xEF\xBF\xBD" },
		{ "\xc3(", "\xEF\xBF\xBD(" },
		{ NULL, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		json_t *json = any_text(all[i].bytes);

		assert_string_equal(json_string_value(json), all[i].text);
		json_decref(json);
	}
}

/* A file with such a name is no fault of the check's. */
static void a_verdict_with_such_a_name_in_it_is_there(void **state)
{
	char goal[] = "changes";
	char there_is[] = "A /\xff";
	struct verdict verdict = { .state = VERDICT_OPEN,
				   .goal = goal,
				   .there_is = there_is };
	const struct verdicts one = { .items = &verdict, .count = 1 };
	json_t *json = verdicts_to_json(&one);

	(void)state;
	assert_int_equal(json_array_size(json), 1);
	assert_string_equal(json_string_value(json_object_get(
				    json_array_get(json, 0), "there_is")),
			    "A /\xEF\xBF\xBD");
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_no_utf8_is_replaced),
		TEST(a_verdict_with_such_a_name_in_it_is_there),
	};

	return cmocka_run_group_tests_name("any_text", tests, NULL, NULL);
}
