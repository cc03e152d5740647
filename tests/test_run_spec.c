/* tests/test_run_spec.c - which words of the image and of the user count. */
#include "images/run_spec.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/spec.h"
#include "tests/test.h"

/* Fills a spec for an image of `entrypoint` and `cmd` (words split at blanks) and
 * gives argv joined by blanks, or the message. */
static char *argv_of(const char *entrypoint, const char *cmd,
		     const char *given_entrypoint, const char *words)
{
	struct image image = { .id = mem_str("sha256:0") };
	OWN_SPEC struct spec spec = { 0 };
	OWN_STRS struct strs args = { 0 };
	struct run_choice choice = {
		.image = "x",
		.args = &args,
		.entrypoint = given_entrypoint,
		.entrypoint_given = given_entrypoint,
	};
	struct err err = { 0 };
	char *out;

	spec_init(&spec);
	strs_split(&image.config.entrypoint, entrypoint, ' ');
	strs_split(&image.config.cmd, cmd, ' ');
	strs_split(&args, words, ' ');
	out = run_spec_fill(&spec, &image, &choice, &err) < 0 ?
		      mem_str(err.msg) :
		      strs_join(&spec.args, " ");
	free(image.id);
	strs_done(&image.config.entrypoint);
	strs_done(&image.config.cmd);
	return out;
}

static void joins_entrypoint_and_command(void **state)
{
	static const struct {
		const char *entrypoint, *cmd, *given, *words, *expected;
	} cases[] = {
		{ "", "sh", NULL, "", "sh" },
		{ "", "sh", NULL, "ls -l", "ls -l" },
		{ "e 1", "c 2", NULL, "", "e 1 c 2" },
		{ "e 1", "c 2", NULL, "w", "e 1 w" },
		{ "e 1", "c 2", "x", "", "x" },
		{ "e 1", "c 2", "x", "w", "x w" },
		{ "e 1", "c 2", "", "w", "w" },
		{ "e 1", "c 2", "", "", "No command specified" },
		{ "", "", NULL, "", "No command specified" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		OWN_FREE char *got =
			argv_of(cases[i].entrypoint, cases[i].cmd,
				cases[i].given, cases[i].words);

		assert_string_equal(got, cases[i].expected);
	}
}

static void lays_the_users_environment_over_the_images(void **state)
{
	struct image image = { .id = mem_str("sha256:0") };
	OWN_SPEC struct spec spec = { 0 };
	OWN_STRS struct strs env = { 0 };
	OWN_FREE char *joined = NULL;
	struct run_choice choice = { .image = "x", .env = &env };
	struct err err = { 0 };

	(void)state;
	setenv("DSH_TEST_OWN", "mine", 1);
	spec_init(&spec);
	strs_add(&image.config.cmd, "sh");
	strs_add(&image.config.env, "PATH=/image");
	strs_add(&image.config.env, "A=image");
	strs_add(&env, "A=user");
	strs_add(&env, "DSH_TEST_OWN");
	strs_add(&env, "DSH_TEST_NOT_SET");
	assert_ok(run_spec_fill(&spec, &image, &choice, &err), &err);
	joined = strs_join(&spec.env, " ");
	assert_string_equal(joined, "A=user DSH_TEST_OWN=mine PATH=/image");
	free(image.id);
	strs_done(&image.config.cmd);
	strs_done(&image.config.env);
}

static void refuses_a_relative_folder_and_an_unknown_signal(void **state)
{
	struct image image = { .id = mem_str("sha256:0") };
	OWN_SPEC struct spec spec = { 0 };
	struct run_choice choice = { .image = "x", .cwd = "tmp" };
	struct err err = { 0 };

	(void)state;
	spec_init(&spec);
	strs_add(&image.config.cmd, "sh");
	assert_int_equal(run_spec_fill(&spec, &image, &choice, &err), -EINVAL);
	assert_string_equal(err.msg,
			    "the working directory 'tmp' is invalid, it needs to be an absolute path");
	choice.cwd = "/tmp";
	choice.stop_signal = "FOO";
	assert_int_equal(run_spec_fill(&spec, &image, &choice, &err), -EINVAL);
	assert_string_equal(err.msg, "Invalid signal: FOO");
	choice.stop_signal = "INT";
	assert_ok(run_spec_fill(&spec, &image, &choice, &err), &err);
	assert_int_equal(spec.stop_signal, SIGINT);
	free(image.id);
	strs_done(&image.config.cmd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(joins_entrypoint_and_command),
		TEST(lays_the_users_environment_over_the_images),
		TEST(refuses_a_relative_folder_and_an_unknown_signal),
	};

	return cmocka_run_group_tests_name("run_spec", tests, NULL, NULL);
}
