/* lessons/tally.h - what a class has in common: each goal over all submissions.
 *
 * What is not a result (graded_counts) is not counted. */
#ifndef LESSONS_TALLY_H
#define LESSONS_TALLY_H

#include <stddef.h>

#include "lessons/graded.h"

/* One way in which a goal has failed. text, test: of the first that failed so; borrowed */
struct tally_message {
	const char *reason;
	const char *text;
	const struct graded_test *test;
	size_t count;
};

/* Borrows its texts from the submissions.
 *
 * max       the most points that one gives
 * seen      in how many submissions it was to be met
 * failed    not met, or waited for in vain
 * messages  most frequent first */
struct tally_goal {
	const char *id;
	const char *title;
	const char *step_title;
	int step_number;
	int goal_number;
	int max;
	size_t seen;
	size_t passed;
	size_t failed;
	size_t skipped;
	struct tally_message *messages;
	size_t messages_count;
};

/* goals        in the lesson's order
 * by_failures  the same, most failures first, of those the ones with most points
 * graded       how many submissions count
 * score, max   sums over those
 * shortest_ns, longest_ns, median_ns  how long one took; 0 where none counts */
struct tally {
	struct tally_goal *goals;
	struct tally_goal **by_failures;
	size_t count;
	size_t graded;
	long long score;
	long long max;
	long long shortest_ns;
	long long longest_ns;
	long long median_ns;
};

void tally_count(const struct graded *many, size_t count, struct tally *out);
void tally_done(struct tally *tally);

#endif
