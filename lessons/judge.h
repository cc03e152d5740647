/* lessons/judge.h - is a goal met?
 *
 * A verdict says what was expected, what is there, and one thing to look at
 * next. */
#ifndef LESSONS_JUDGE_H
#define LESSONS_JUDGE_H

#include <stddef.h>

enum verdict_state {
	VERDICT_OPEN,    /* not met (yet) */
	VERDICT_MET,
	VERDICT_SKIPPED, /* depends on one that is not met */
	VERDICT_BROKEN,  /* the lesson's or the machine's fault */
};

/* goal      id
 * message   key: "port_not_published"; stable, for tests and texts
 * expected, there_is, look  in the chosen language; look may be "". When
 *           `said` is not NULL it is the lesson's own words instead */
struct verdict {
	enum verdict_state state;
	char *goal;
	char *message;
	char *expected;
	char *there_is;
	char *look;
	char *said;
};

struct verdicts {
	struct verdict *items;
	size_t count;
};

void verdicts_done(struct verdicts *verdicts);

#endif
