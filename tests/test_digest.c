/* tests/test_digest.c */
#include "runtime/base/buf.h"
#include "runtime/base/digest.h"

#include <string.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/own.h"
#include "tests/test.h"

static const char of_abc[] =
	"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static void knows_the_standard_s_own_example(void **state)
{
	char text[DIGEST_SIZE];

	(void)state;
	digest_of("abc", 3, text);
	assert_string_equal(text, of_abc);
	digest_of("", 0, text);
	assert_string_equal(text, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void pieces_give_the_same_as_the_whole(void **state)
{
	struct digest *digest = digest_new();
	char text[DIGEST_SIZE];

	(void)state;
	digest_add(digest, "a", 1);
	digest_add(digest, "", 0);
	digest_add(digest, "bc", 2);
	digest_end(digest, text);
	assert_string_equal(text, of_abc);
	digest_free(digest_new());
	digest_free(NULL);
}

static void reads_a_file_to_its_end(void **state)
{
	struct scratch *dir = *state;
	struct err err = { 0 };
	char text[DIGEST_SIZE];
	OWN_FD int fd = -1;

	scratch_write(dir, "f", "abc");
	fd = fs_open(dir->fd, "f", 0, 0, &err);
	assert_ok(digest_of_fd(fd, text, &err), &err);
	assert_string_equal(text, of_abc);
	assert_true(digest_of_fd(dir->fd, text, &err) < 0);
}

static void only_whole_lower_case_digests_are_valid(void **state)
{
	OWN_FREE char *longer = mem_fmt("%s0", of_abc);
	OWN_FREE char *text = mem_str(of_abc);

	(void)state;
	assert_true(digest_is_valid(of_abc));
	assert_false(digest_is_valid(""));
	assert_false(digest_is_valid("sha256:"));
	assert_false(digest_is_valid("sha256:../../x"));
	assert_false(digest_is_valid(of_abc + 7));
	assert_false(digest_is_valid(longer));
	text[10] = 'A';
	assert_false(digest_is_valid(text));
	text[10] = of_abc[10];
	assert_true(digest_is_valid(text));
	text[DIGEST_SIZE - 2] = '\0';
	assert_false(digest_is_valid(text));
}

/* Source: OCI image-spec config.md, "Layer ChainID". */
static void a_chain_is_the_digest_of_two_digests_and_a_space(void **state)
{
	char lower[DIGEST_SIZE];
	char upper[DIGEST_SIZE];
	char expected[DIGEST_SIZE];
	char both[2 * DIGEST_SIZE];

	(void)state;
	digest_chain(NULL, of_abc, lower);
	assert_string_equal(lower, of_abc);
	digest_chain(lower, of_abc, upper);
	snprintf(both, sizeof(both), "%s %s", of_abc, of_abc);
	digest_of(both, strlen(both), expected);
	assert_string_equal(upper, expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(knows_the_standard_s_own_example),
		TEST(pieces_give_the_same_as_the_whole),
		TEST_IN_SCRATCH(reads_a_file_to_its_end),
		TEST(only_whole_lower_case_digests_are_valid),
		TEST(a_chain_is_the_digest_of_two_digests_and_a_space),
	};

	return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
