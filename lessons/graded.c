/* lessons/graded.c - see graded.h; its JSON is graded_json.c's */
#include "lessons/graded.h"

#include <stdlib.h>
#include <string.h>

#include "lessons/clean.h"
#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

struct graded_test *graded_add(struct graded *graded)
{
	struct graded_test *test;

	graded->tests = mem_grow(graded->tests, graded->tests_count + 1,
				 sizeof(*graded->tests));
	test = &graded->tests[graded->tests_count++];
	*test = (struct graded_test){ 0 };
	return test;
}

struct graded *gradeds_add(struct gradeds *many)
{
	struct graded *graded;

	many->items =
		mem_grow(many->items, many->count + 1, sizeof(*many->items));
	graded = &many->items[many->count++];
	*graded = (struct graded){ 0 };
	return graded;
}

static void test_done(struct graded_test *test)
{
	free(test->id);
	free(test->step);
	free(test->step_title);
	free(test->title);
	free(test->expected);
	free(test->actual);
	free(test->message);
	free(test->reason);
	free(test->hint);
	free(test->log);
	strs_done(&test->after);
}

void graded_done(struct graded *graded)
{
	if (!graded)
		return;
	for (size_t i = 0; i < graded->tests_count; i++)
		test_done(&graded->tests[i]);
	free(graded->tests);
	free(graded->lesson);
	free(graded->title);
	free(graded->version);
	free(graded->lang);
	free(graded->submission);
	free(graded->student);
	free(graded->note);
	strs_done(&graded->remarks);
	strs_done(&graded->lines);
	*graded = (struct graded){ 0 };
}

void gradeds_done(struct gradeds *many)
{
	if (!many)
		return;
	for (size_t i = 0; i < many->count; i++)
		graded_done(&many->items[i]);
	free(many->items);
	*many = (struct gradeds){ 0 };
}

struct graded_test *graded_find(const struct graded *graded, const char *id)
{
	for (size_t i = 0; i < graded->tests_count; i++) {
		const char *has = graded->tests[i].id;

		if (has && strcmp(has, id) == 0)
			return &graded->tests[i];
	}
	return NULL;
}

/* ---- sums ---- */

int graded_score(const struct graded *graded)
{
	int sum = 0;

	for (size_t i = 0; i < graded->tests_count; i++)
		sum += graded->tests[i].score;
	return sum;
}

int graded_max(const struct graded *graded)
{
	int sum = 0;

	for (size_t i = 0; i < graded->tests_count; i++)
		sum += graded->tests[i].max;
	return sum;
}

size_t graded_count(const struct graded *graded, enum graded_status status)
{
	size_t count = 0;

	for (size_t i = 0; i < graded->tests_count; i++)
		count += graded->tests[i].status == status;
	return count;
}

bool graded_counts(const struct graded *graded)
{
	return graded->state == GRADED_DONE &&
	       graded->fault != GRADED_FAULT_GRADER &&
	       graded_count(graded, GRADED_ERROR) == 0;
}

bool graded_refused(const struct graded *graded)
{
	return graded->state == GRADED_NOT &&
	       graded->fault == GRADED_FAULT_SUBMISSION;
}

/* ---- the log ---- */

/* The clean text may be longer than the bytes were (U+FFFD is three), so it is cut
 * once more, in front of a character. */
void graded_set_log(struct graded_test *test, const char *log, size_t len)
{
	size_t skipped = len > GRADED_LOG_MOST ? len - GRADED_LOG_MOST : 0;
	OWN_BUF struct buf clean = { 0 };
	OWN_BUF struct buf out = { 0 };
	const char *tail;

	/* It does not begin in the middle of a character. */
	while (skipped > 0 && skipped < len &&
	       ((unsigned char)log[skipped] & 0xc0) == 0x80)
		skipped++;
	clean_bytes(&clean, log + skipped, len - skipped);
	if (skipped > 0 || clean.len > GRADED_LOG_MOST) {
		OWN_FREE char *notice = mem_fmt(
			_("[%zu bytes before this are left out]"), skipped);
		size_t room = GRADED_LOG_MOST - strlen(notice) - 1;

		tail = buf_text(&clean);
		if (clean.len > room)
			tail += clean.len - room;
		while (((unsigned char)*tail & 0xc0) == 0x80)
			tail++;
		buf_fmt(&out, "%s\n%s", notice, tail);
	} else {
		buf_str(&out, buf_text(&clean));
	}
	free(test->log);
	test->log = buf_give(&out);
}
