/* lessons/prove.h - a lesson, proved by doing it.
 *
 * For each step, for several learners (seeds): untouched, every goal fails; each
 * solution meets them all; each wrong way fails with the message meant for it, whose
 * words are whole in each language; reset brings the start back. In a world of its own, removed
 * afterwards: a learner's progress is not touched. */
#ifndef LESSONS_PROVE_H
#define LESSONS_PROVE_H

#include <stdbool.h>

#include "lessons/session.h"

struct err;

/* place  as for lesson_open; scratch, lang and seed are chosen here
 * seeds  how many, at least 1, from first_seed on
 * enter  makes a session's world the one in which lines run; NULL: back again
 * say    one sentence a proof, or what failed in it
 * way    NULL, or: only the first solution of each step is proved, nothing else; it
 *        begins (true) and ends (false) around each. What place.host hears between them
 *        is one whole solution of the lesson */
struct prove {
	struct lesson_place place;
	int first_seed;
	int seeds;
	void *ctx;
	void (*enter)(void *ctx, struct lesson_session *session);
	void (*say)(void *ctx, bool good, const char *sentence);
	void (*way)(void *ctx, bool begins);
};

/* Returns how many proofs failed, or -errno where it could not go on. */
int prove_lesson(const struct prove *prove, const char *name, struct err *err);

/* Removes what proofs that were killed have left in the home. */
struct home;
int prove_sweep(const struct home *home, struct err *err);

#endif
