/* lessons/tally.c - see tally.h */
#include "lessons/tally.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"

static bool same(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* The goal of that test. Submissions nearly always have the same goals in the same
 * order, so it is looked for first where it was in the last one. */
static struct tally_goal *goal_of(struct tally *tally, size_t at,
				  const struct graded_test *test)
{
	struct tally_goal *goal;

	if (at < tally->count && same(tally->goals[at].id, test->id))
		return &tally->goals[at];
	for (size_t i = 0; i < tally->count; i++) {
		if (same(tally->goals[i].id, test->id))
			return &tally->goals[i];
	}
	tally->goals =
		mem_grow(tally->goals, tally->count + 1, sizeof(*tally->goals));
	goal = &tally->goals[tally->count++];
	*goal = (struct tally_goal){
		.id = test->id ? test->id : "",
		.title = test->title && *test->title ? test->title : test->id,
		.step_title = test->step_title,
		.step_number = test->step_number,
		.goal_number = test->goal_number,
	};
	return goal;
}

/* The same reason in all languages is the same message; without one, the same
 * words. */
static bool same_message(const struct tally_message *message,
			 const struct graded_test *test)
{
	if ((message->reason && *message->reason) ||
	    (test->reason && *test->reason))
		return same(message->reason, test->reason);
	return same(message->text, test->message);
}

static void add_message(struct tally_goal *goal, const struct graded_test *test)
{
	for (size_t i = 0; i < goal->messages_count; i++) {
		if (same_message(&goal->messages[i], test)) {
			goal->messages[i].count++;
			return;
		}
	}
	goal->messages = mem_grow(goal->messages, goal->messages_count + 1,
				  sizeof(*goal->messages));
	goal->messages[goal->messages_count++] = (struct tally_message){
		.reason = test->reason,
		.text = test->message ? test->message : "",
		.test = test,
		.count = 1,
	};
}

static void add_test(struct tally_goal *goal, const struct graded_test *test)
{
	goal->seen++;
	goal->max = test->max > goal->max ? test->max : goal->max;
	switch (test->status) {
	case GRADED_PASS:
		goal->passed++;
		break;
	case GRADED_SKIPPED:
		goal->skipped++;
		break;
	case GRADED_FAIL:
	case GRADED_TIMEOUT:
		goal->failed++;
		add_message(goal, test);
		break;
	case GRADED_ERROR:
		break;
	}
}

/* ---- orders ---- */

static int by_count(const void *a, const void *b)
{
	const struct tally_message *x = a;
	const struct tally_message *y = b;

	return (x->count < y->count) - (x->count > y->count);
}

static int by_place(const void *a, const void *b)
{
	const struct tally_goal *x = a;
	const struct tally_goal *y = b;

	if (x->step_number != y->step_number)
		return x->step_number < y->step_number ? -1 : 1;
	return (x->goal_number > y->goal_number) -
	       (x->goal_number < y->goal_number);
}

static int by_failures(const void *a, const void *b)
{
	const struct tally_goal *x = *(struct tally_goal *const *)a;
	const struct tally_goal *y = *(struct tally_goal *const *)b;

	if (x->failed != y->failed)
		return x->failed > y->failed ? -1 : 1;
	if (x->max != y->max)
		return x->max > y->max ? -1 : 1;
	return by_place(x, y);
}

static int by_value(const void *a, const void *b)
{
	long long x = *(const long long *)a;
	long long y = *(const long long *)b;

	return (x > y) - (x < y);
}

static void sort_all(struct tally *tally)
{
	if (tally->count == 0)
		return;
	qsort(tally->goals, tally->count, sizeof(*tally->goals), by_place);
	tally->by_failures =
		mem_grow(NULL, tally->count, sizeof(struct tally_goal *));
	for (size_t i = 0; i < tally->count; i++) {
		struct tally_goal *goal = &tally->goals[i];

		tally->by_failures[i] = goal;
		if (goal->messages_count > 0)
			qsort(goal->messages, goal->messages_count,
			      sizeof(*goal->messages), by_count);
	}
	qsort(tally->by_failures, tally->count, sizeof(struct tally_goal *),
	      by_failures);
}

static void take_times(struct tally *tally, long long *times)
{
	if (tally->graded == 0)
		return;
	qsort(times, tally->graded, sizeof(*times), by_value);
	tally->shortest_ns = times[0];
	tally->longest_ns = times[tally->graded - 1];
	tally->median_ns = times[tally->graded / 2];
}

void tally_count(const struct graded *many, size_t count, struct tally *out)
{
	struct tally tally = { 0 };
	long long *times = mem_zero(count + 1, sizeof(*times));

	for (size_t i = 0; i < count; i++) {
		const struct graded *graded = &many[i];

		if (!graded_counts(graded))
			continue;
		times[tally.graded++] = graded->duration_ns;
		tally.score += graded_score(graded);
		tally.max += graded_max(graded);
		for (size_t j = 0; j < graded->tests_count; j++)
			add_test(goal_of(&tally, j, &graded->tests[j]),
				 &graded->tests[j]);
	}
	take_times(&tally, times);
	free(times);
	sort_all(&tally);
	*out = tally;
}

void tally_done(struct tally *tally)
{
	for (size_t i = 0; i < tally->count; i++)
		free(tally->goals[i].messages);
	free(tally->goals);
	free(tally->by_failures);
	*tally = (struct tally){ 0 };
}
