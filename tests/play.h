/* tests/play.h - lines played in an enclosure, as the engine of a grader would, and what
 * came of each. */
#ifndef TESTS_PLAY_H
#define TESTS_PLAY_H

#include "runtime/base/err.h"
#include "runtime/enclosure.h"

/* What nothing played there can write. */
#define PLAY_FORGED ENCLOSURE_HOME "/lessons/forged"

enum { PLAY_LINES = 40 };

/* What came of a line. */
struct seen {
	int status;
	unsigned hit;
	char out[8192];
};

struct play {
	const char *const *lines;
	struct enclosure_spec spec;
	struct seen seen[PLAY_LINES];
	int count;
	struct enclosure_end end;
	int result;
	struct err err;
};

/* The set-up and the end of a group: a home with the base image. */
int play_make_base(void **state);
int play_remove_base(void **state);

/* The usual spec for these lines (NULL at the end; borrowed). */
void play_prepare(struct play *play, const char *const *lines);

/* Plays it; nothing of it is left on the machine afterwards. */
void play_run(struct play *play);

/* All of it, in a play that did not fail; to be freed. */
struct play *play_lines(const char *const *lines);

void assert_said(const struct play *play, int line, const char *text);

/* No line said it. */
void assert_silent_on(const struct play *play, const char *text);

#endif
