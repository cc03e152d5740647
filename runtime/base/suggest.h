/* runtime/base/suggest.h - "did you mean ...?"
 *
 * Finds, among names offered one after another, the one that was most likely
 * meant by a mistyped word: the smallest Damerau-Levenshtein distance (letters
 * left out, added, changed, or two exchanged), if it is small for the word's
 * length. */
#ifndef RUNTIME_BASE_SUGGEST_H
#define RUNTIME_BASE_SUGGEST_H

#include <stddef.h>

/* found  the best name so far, or NULL; borrowed from who offered it */
struct suggest {
	const char *typed;
	const char *found;
	int distance;
};

struct suggest suggest_start(const char *typed);
void suggest_try(struct suggest *suggest, const char *name);

/* The distance, or `limit` + 1 where it is more than `limit`. */
int suggest_distance(const char *a, const char *b, int limit);

#endif
