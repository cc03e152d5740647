/* runtime/base/amount.h - how much of something long is done.
 *
 * Like a trace, amounts go to whoever listens: the code that moves bytes or removes
 * files says so here, and knows nothing of terminals. Where nobody listens, nearly
 * always, that is one comparison. The numbers lie in memory that children share, so
 * that what a child does counts, too.
 *
 * A phase is one piece of work with one name ("Copying"); amounts count only within
 * one, and a phase within a phase is part of the outer one. What is printed between
 * phases is printed on a clean line. */
#ifndef RUNTIME_BASE_AMOUNT_H
#define RUNTIME_BASE_AMOUNT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { AMOUNT_LABEL = 128 };

/* Shared by who works and who shows.
 *
 * lock      held while a phase begins or ends, and while it is drawn
 * depth     of phases; 0: there is nothing to show
 * items     the phase counts files, not bytes
 * steps     the phase counts what the label names
 * begun_ms,
 * ended_ms  of the phase, by CLOCK_MONOTONIC. One that follows at once under the same
 *           name goes on with it, and its total comes on top
 * total     0: not known
 * drawn     there is a line to be wiped out
 * fd        where it is drawn */
struct amounts {
	atomic_flag lock;
	int depth;
	bool items;
	bool steps;
	bool drawn;
	int fd;
	int64_t begun_ms;
	int64_t ended_ms;
	int64_t total;
	_Atomic int64_t bytes;
	_Atomic int64_t things;
	char label[AMOUNT_LABEL];
};

/* From now on (NULL: no longer) amounts go there. It must lie in shared memory. */
void amount_listen(struct amounts *amounts);

/* label  what stands in front of the number, marked with N_: "Copying - "
 * total  bytes, or things; 0 where nobody knows */
void amount_begin(const char *label, int64_t total);
void amount_begin_things(const char *label, int64_t total);
void amount_end(void);

/* So many more; so many in all. */
void amount_add(int64_t bytes);
void amount_set(int64_t bytes);
void amount_add_thing(void);

int64_t amount_now_ms(void);

/* False: it could not be had within a fifth of a second, and whoever holds it is
 * stopped or gone. */
bool amount_lock(struct amounts *amounts);
void amount_unlock(struct amounts *amounts);

#endif
