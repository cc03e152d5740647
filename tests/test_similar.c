/* tests/test_similar.c - what many have is no sign; what few have is. */
#include "lessons/similar.h"

#include "lessons/graded.h"
#include "tests/test.h"

static void what_few_have_makes_two_similar(void **state)
{
	static const char *const lines[][7] = {
		{ "run a", "build --tag site .", "docker run --name wbe x",
		  "rm -f wbe", "exec  nana ls", "touch my-notes", NULL },
		{ "run a", "build --tag site .", "run --name wbe x",
		  "rm -f wbe", "exec nana ls", "touch my-notes", NULL },
		{ "run a", "build --tag site .", "logs web-of-mine", NULL },
		{ "run a", "build --tag site .", "diff something", NULL },
		{ "run a", "build --tag site .", NULL },
	};
	struct graded graded[5] = { 0 };
	struct similar_one all[5];
	struct similar similar = { 0 };
	char *names[] = { (char[]){ "a" }, (char[]){ "b" }, (char[]){ "c" },
			  (char[]){ "d" }, (char[]){ "e" } };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		graded[i].submission = names[i];
		for (size_t k = 0; lines[i][k]; k++)
			strs_add(&graded[i].lines, lines[i][k]);
		all[i] = (struct similar_one){ .graded = &graded[i],
					       .digest = "" };
	}
	similar_find(all, 5, &similar);
	assert_int_equal(similar.count, 1);
	assert_string_equal(similar.items[0].a, "a");
	assert_string_equal(similar.items[0].b, "b");
	assert_int_equal(similar.items[0].percent, 100);
	similar_done(&similar);

	graded[2].seed = graded[4].seed = 77; /* two learners never have it */
	similar_find(all, 5, &similar);
	assert_int_equal(similar.count, 2);
	similar_done(&similar);
	for (size_t i = 0; i < 5; i++)
		strs_done(&graded[i].lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_few_have_makes_two_similar),
	};

	return cmocka_run_group_tests_name("similar", tests, NULL, NULL);
}
