/* tests/test_changes.c - what an instruction does to an image's config, and what
 * the history says of it. */
#include "images/changes.h"

#include <string.h>

#include "images/dockerfile.h"
#include "images/manifest.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "tests/test.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Applies one after another; the comments, a line each, go to `out`. */
static int apply(struct changes *changes, const char *text, struct buf *out,
		 struct err *err)
{
	OWN_DOCKERFILE struct dockerfile file = { 0 };
	int r = dockerfile_parse(text, strlen(text), &file, err);

	for (size_t i = 0; i < file.count && r == 0; i++) {
		r = instruction_check(&file.items[i], err);
		if (r == 0)
			r = changes_apply(changes, &file.items[i], out, err);
		buf_char(out, '\n');
	}
	return r;
}

static void assert_history(struct changes *changes, const char *text,
			   const char *comments)
{
	OWN_BUF struct buf got = { 0 };
	struct err err = { 0 };

	assert_ok(apply(changes, text, &got, &err), &err);
	assert_string_equal(buf_text(&got), comments);
}

static void assert_list(const struct strs *list, const char *joined)
{
	OWN_FREE char *got = strs_join(list, "|");

	assert_string_equal(got, joined);
}

static void changes_all_that_a_config_has(void **state)
{
	OWN_CONFIG struct image_config config = { 0 };
	OWN_STRS struct strs args = { 0 };
	OWN_FREE char *author = NULL;
	struct changes changes = { .config = &config,
				   .args = &args,
				   .author = &author };

	(void)state;
	strs_add(&args, "a=argument");
	strs_add(&args, "port=90 91/UDP");
	assert_history(
		&changes,
		"ENV a=1 b='x y' c=$a\nENV a=2 d=$a$port\nENV e $b \"z\"\n"
		"LABEL k=v j=\"$a\"\nLABEL k=$b\n"
		"EXPOSE 80-81 $port 127.0.0.1:1:7/sctp\n"
		"USER $a:0\nWORKDIR /x//y/\nWORKDIR ../$a\n"
		"VOLUME /v $a\nVOLUME [\"/v\", \"/a b\"]\nSTOPSIGNAL sigint\n"
		"MAINTAINER me $a\n",
		"ENV a=1 b=x y c=argument\nENV a=2 d=190 91/UDP\nENV e=x y z\n"
		"LABEL k=v j=2\nLABEL k=x y\n"
		"EXPOSE 90 91/UDP 127.0.0.1:1:7/sctp 80-81\n"
		"USER 2:0\nWORKDIR /x//y/\nWORKDIR /x/2\n"
		"VOLUME [/v 2]\nVOLUME [/v /a b]\nSTOPSIGNAL sigint\n"
		"MAINTAINER me $a\n");
	assert_list(&config.env, "a=2|b=x y|c=argument|d=190 91/UDP|e=x y z");
	assert_list(&config.labels, "j=2|k=x y");
	assert_list(&config.exposed, "7/sctp|80/tcp|81/tcp|90/tcp|91/udp");
	assert_list(&config.volumes, "/a b|/v|2");
	assert_string_equal(config.user, "2:0");
	assert_string_equal(config.working_dir, "/x/2");
	assert_string_equal(config.stop_signal, "sigint");
	assert_string_equal(author, "me $a");
}

static void gives_the_shell_form_to_the_shell(void **state)
{
	OWN_CONFIG struct image_config config = { 0 };
	struct changes changes = { .config = &config };

	(void)state;
	assert_history(&changes,
		       "CMD a \"$b\"\nSHELL [\"/bin/ash\", \"-ec\"]\n"
		       "ENTRYPOINT c d\nCMD [\"e\", \"f g\"]\n",
		       "CMD [\"/bin/sh\" \"-c\" \"a \\\"$b\\\"\"]\n"
		       "SHELL [/bin/ash -ec]\n"
		       "ENTRYPOINT [\"/bin/ash\" \"-ec\" \"c d\"]\n"
		       "CMD [\"e\" \"f g\"]\n");
	assert_list(&config.cmd, "e|f g");
	assert_list(&config.entrypoint, "/bin/ash|-ec|c d");
	assert_history(&changes, "CMD\nENTRYPOINT\n",
		       "CMD [\"/bin/ash\" \"-ec\"]\nENTRYPOINT []\n");
	assert_list(&config.cmd, "/bin/ash|-ec");
	assert_int_equal(config.entrypoint.count, 0);
	assert_false(config.has_entrypoint);
	assert_true(config.has_cmd);
}

static void takes_an_inherited_cmd_away_with_entrypoint(void **state)
{
	OWN_CONFIG struct image_config config = { .has_cmd = true };
	struct changes stage = { .config = &config };
	struct changes next = { .config = &config };

	(void)state;
	strs_add(&config.cmd, "inherited");
	assert_history(&stage, "ENTRYPOINT a\nCMD b\nENTRYPOINT c\n",
		       "ENTRYPOINT [\"/bin/sh\" \"-c\" \"a\"]\n"
		       "CMD [\"/bin/sh\" \"-c\" \"b\"]\n"
		       "ENTRYPOINT [\"/bin/sh\" \"-c\" \"c\"]\n");
	assert_list(&config.cmd, "/bin/sh|-c|b");
	assert_history(&next, "CMD []\nENTRYPOINT [\"c\"]\n",
		       "CMD []\nENTRYPOINT [\"c\"]\n");
	assert_false(config.has_cmd);
	assert_int_equal(config.cmd.count, 0);
}

static void keeps_health_and_triggers(void **state)
{
	OWN_CONFIG struct image_config config = { 0 };
	struct changes changes = { .config = &config };

	(void)state;
	assert_history(
		&changes,
		"HEALTHCHECK --interval=90m --timeout=1.5s --start-period=20ms --retries=3 CMD a \"b\"\n"
		"onbuild  ENV a=$b\nONBUILD RUN <<E\nhi\nE\n",
		"HEALTHCHECK &{[\"CMD-SHELL\" \"a \\\"b\\\"\"] \"1h30m0s\" \"1.5s\" \"20ms\" '\\x03'}\n"
		"ONBUILD ENV a=$b\nONBUILD RUN <<E\nhi\nE\n");
	assert_list(&config.health_test, "CMD-SHELL|a \"b\"");
	assert_int_equal(config.health_interval_ns, 5400000000000);
	assert_int_equal(config.health_timeout_ns, 1500000000);
	assert_int_equal(config.health_start_ns, 20000000);
	assert_int_equal(config.health_retries, 3);
	assert_list(&config.onbuild, "ENV a=$b|RUN <<E\nhi\nE");
	assert_history(
		&changes, "HEALTHCHECK NONE\n",
		"HEALTHCHECK &{[\"NONE\"] \"0s\" \"0s\" \"0s\" '\\x00'}\n");
	assert_list(&config.health_test, "NONE");
	/* What it leaves open is the one's before it. */
	assert_int_equal(config.health_interval_ns, 5400000000000);
	assert_history(
		&changes,
		"HEALTHCHECK --retries=65 --interval=1m CMD [\"x\"]\n",
		"HEALTHCHECK &{[\"CMD\" \"x\"] \"1m0s\" \"0s\" \"0s\" 'A'}\n");
}

static void escapes_with_the_files_own_character(void **state)
{
	OWN_CONFIG struct image_config config = { 0 };
	struct changes changes = { .config = &config, .escape = '`' };

	(void)state;
	assert_history(&changes, "ENV a C:\\b`$x\nWORKDIR \\c\n",
		       "ENV a=C:\\b$x\nWORKDIR /\\c\n");
}

static void refuses_in_dockers_words(void **state)
{
	static const char *const pairs[][2] = {
		{ "EXPOSE x", "Invalid containerPort: x" },
		{ "EXPOSE 65536", "Invalid containerPort: 65536" },
		{ "EXPOSE 9-8", "Invalid containerPort: 9-8" },
		{ "EXPOSE 80/icmp", "Invalid proto: icmp" },
		{ "EXPOSE /tcp", "No port specified: /tcp<empty>" },
		{ "STOPSIGNAL FOO", "Invalid signal: FOO" },
		{ "WORKDIR $none", "cannot normalize nothing" },
		{ "VOLUME $none",
		  "VOLUME specified can not be an empty string" },
		{ "ENV $none=1", "invalid environment variable: =1" },
		{ "STOPSIGNAL 0", "Invalid signal: 0" },
		{ "STOPSIGNAL $none", "Invalid signal: " },
		{ "USER ${x",
		  "failed to process \"${x\": missing ':' in substitution" },
		{ "CMD [\"a\\u0000\"]", "no word of a program" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(pairs); i++) {
		OWN_CONFIG struct image_config config = { 0 };
		struct changes changes = { .config = &config };
		OWN_BUF struct buf ignored = { 0 };
		struct err err = { 0 };

		if (apply(&changes, pairs[i][0], &ignored, &err) >= 0 ||
		    !strstr(err.msg, pairs[i][1]))
			fail_msg("%s said: %s", pairs[i][0], err.msg);
	}
}

static void takes_from_commit_what_docker_takes(void **state)
{
	OWN_CONFIG struct image_config config = { 0 };
	OWN_STRS struct strs lines = { 0 };
	struct err err = { 0 };

	(void)state;
	strs_add(&lines, "ENV a=1\n# no\ncmd x");
	strs_add(&lines, "HEALTHCHECK NONE");
	assert_ok(changes_apply_all(&config, &lines, &err), &err);
	assert_list(&config.env, "a=1");
	assert_list(&config.cmd, "/bin/sh|-c|x");
	strs_clear(&lines);
	assert_ok(changes_apply_all(&config, &lines, &err), &err);
	strs_add(&lines, "Run x");
	assert_true(changes_apply_all(&config, &lines, &err) < 0);
	assert_string_equal(err.msg, "run is not a valid change command");
	lines.items[0][0] = 'M';
	assert_true(changes_apply_all(&config, &lines, &err) < 0);
	assert_string_equal(err.msg, "mun is not a valid change command");
	strs_clear(&lines);
	strs_add(&lines, "SHELL [\"x\"]");
	assert_true(changes_apply_all(&config, &lines, &err) < 0);
	assert_string_equal(err.msg, "shell is not a valid change command");
}

/* Megabytes of it may stand in a file. */
static void names_every_port_there_is_in_no_time(void **state)
{
	OWN_CONFIG struct image_config config = { 0 };
	struct changes changes = { .config = &config };
	OWN_BUF struct buf text = { 0 };
	OWN_BUF struct buf ignored = { 0 };
	struct err err = { 0 };

	(void)state;
	buf_str(&text, "EXPOSE");
	for (int i = 0; i < 500; i++)
		buf_str(&text, " 0-65535/udp");
	assert_ok(apply(&changes, text.data, &ignored, &err), &err);
	assert_int_equal(config.exposed.count, 65536);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(changes_all_that_a_config_has),
		TEST(gives_the_shell_form_to_the_shell),
		TEST(takes_an_inherited_cmd_away_with_entrypoint),
		TEST(keeps_health_and_triggers),
		TEST(escapes_with_the_files_own_character),
		TEST(refuses_in_dockers_words),
		TEST(takes_from_commit_what_docker_takes),
		TEST(names_every_port_there_is_in_no_time),
	};

	return cmocka_run_group_tests_name("changes", tests, NULL, NULL);
}
