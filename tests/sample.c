/* tests/sample.c - see sample.h */
#include "tests/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "tests/test.h"

static struct graded_test *add(struct graded *graded, const char *step,
			       const char *goal, enum graded_status status)
{
	struct graded_test *test = graded_add(graded);
	size_t before = graded->tests_count - 1;
	const struct graded_test *last =
		before ? &graded->tests[before - 1] : NULL;
	bool same = last && strcmp(last->step, step) == 0;

	test->id = mem_fmt("%s/%s", step, goal);
	test->step = mem_str(step);
	test->step_title = mem_fmt("Step %s", step);
	test->step_number = last ? last->step_number + !same : 1;
	test->goal_number = same ? last->goal_number + 1 : 1;
	test->title = mem_fmt("goal %s is there", goal);
	test->status = status;
	test->max = 2;
	test->score = status == GRADED_PASS ? 2 : 0;
	test->duration_ns = 1234567890;
	return test;
}

void sample_head(struct graded *graded, const char *name)
{
	graded->lesson = mem_str("ports");
	graded->title = mem_str("Ports and how they are published");
	graded->version = mem_str("sha256:0123456789abcdef");
	graded->seed = UINT64_MAX;
	graded->lang = mem_str("en");
	graded->submission = mem_str(name);
	graded->started_ns = 1764150000LL * 1000000000;
	graded->duration_ns = 12345678901;
}

/* One goal of each status. */
void sample_fill(struct graded *graded, const char *name)
{
	struct graded_test *test;

	sample_head(graded, name);
	add(graded, "build", "img", GRADED_PASS);
	test = add(graded, "build", "serves", GRADED_FAIL);
	test->expected = mem_str("port 8123");
	test->actual = mem_str("none");
	test->message = mem_str("port 8123 is not published");
	test->reason = mem_str("port_not_published");
	test->hint = mem_str("docker ps");
	graded_set_log(test, "hello\n", 6);
	test = add(graded, "build", "after", GRADED_SKIPPED);
	strs_add(&test->after, "serves");
	test = add(graded, "run", "slow", GRADED_TIMEOUT);
	test->message = mem_str("waited for a line in the log");
	test = add(graded, "run", "secret", GRADED_FAIL);
	test->visibility = GRADED_HIDDEN;
	sample_replace(&test->title, "the secret title");
	test->expected = mem_str("the secret value");
	test->actual = mem_str("another value");
	test->message = mem_str("the secret reason");
	graded_set_log(test, "secret log", 10);
}

void sample_replace(char **text, const char *with)
{
	free(*text);
	*text = mem_str(with);
}

void sample_nasty(struct graded *graded)
{
	sample_fill(graded, "=cmd|' /C calc'!A0");
	sample_replace(&graded->title, SAMPLE_NASTY);
	/* NOLINTBEGIN(misc-misleading-bidirectional): sample.h */
	sample_replace(&graded->student, "@SUM(1+1)\"" SAMPLE_NASTY);
	sample_replace(&graded->note, SAMPLE_NASTY);
	strs_add(&graded->remarks, SAMPLE_NASTY);
	for (size_t i = 0; i < graded->tests_count; i++) {
		struct graded_test *test = &graded->tests[i];

		sample_replace(&test->title, SAMPLE_NASTY);
		sample_replace(&test->step_title, "# " SAMPLE_NASTY);
		/* NOLINTEND(misc-misleading-bidirectional) */
		sample_replace(&test->message, SAMPLE_NASTY);
		sample_replace(&test->reason, SAMPLE_NASTY);
		sample_replace(&test->expected, SAMPLE_NASTY);
		sample_replace(&test->actual, SAMPLE_NASTY);
		sample_replace(&test->hint, SAMPLE_NASTY);
		graded_set_log(test, SAMPLE_NASTY "\0x",
			       sizeof(SAMPLE_NASTY "\0x") - 1);
	}
}

static char *variable(const char *name)
{
	static const char *const values[][2] = {
		{ "CLASSROOM", "cs1" },
		{ "ASSIGNMENT", "ports" },
		{ "OWNER", "ann" },
		{ "SUBMISSION_TAG", "submit/2026-11-26T01-00-00Z-abc" },
		{ "COMMIT_URL", "https://example.org/commit/abc" },
		{ "RELEASE_URL", "https://example.org/release/abc" },
	};
	static char copy[64];

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		if (strcmp(values[i][0], name) == 0) {
			(void)snprintf(copy, sizeof(copy), "%s", values[i][1]);
			return copy;
		}
	}
	return NULL;
}

const struct report_env sample_env = {
	.lang = "en",
	.now_ns = 1764150060LL * 1000000000,
	.variable = variable,
};

char *sample_report(enum report_format format, const struct gradeds *many,
		    const struct report_env *env)
{
	OWN_BUF struct buf out = { 0 };
	struct err err = { 0 };

	assert_ok(
		report_write(format, many->items, many->count, env, &out, &err),
		&err);
	return buf_give(&out);
}

void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}
