/* runtime/base/suggest.c - see suggest.h
 *
 * The distance is the "optimal string alignment" one: row by row, the cost of
 * turning the first i letters of a into the first j of b. Three rows are enough,
 * since an exchange of neighbours looks two rows back. */
#include "runtime/base/suggest.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LONGEST 64 /* longer words are compared by their beginning */

static int least(int a, int b, int c)
{
	int ab = a < b ? a : b;

	return ab < c ? ab : c;
}

int suggest_distance(const char *a, const char *b, int limit)
{
	int rows[3][LONGEST + 1];
	int la = (int)strnlen(a, LONGEST);
	int lb = (int)strnlen(b, LONGEST);

	if (abs(la - lb) > limit)
		return limit + 1;
	for (int j = 0; j <= lb; j++)
		rows[0][j] = j;
	for (int i = 1; i <= la; i++) {
		int *now = rows[i % 3];
		const int *last = rows[(i + 2) % 3];
		const int *older = rows[(i + 1) % 3];

		now[0] = i;
		for (int j = 1; j <= lb; j++) {
			bool same = a[i - 1] == b[j - 1];

			now[j] = least(last[j] + 1, now[j - 1] + 1,
				       last[j - 1] + !same);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && older[j - 2] + 1 < now[j])
				now[j] = older[j - 2] + 1;
		}
	}
	return rows[la % 3][lb] <= limit ? rows[la % 3][lb] : limit + 1;
}

struct suggest suggest_start(const char *typed)
{
	int len = (int)strlen(typed);

	/* One slip in a short word, two in a longer one, three in a long one;
	 * one letter alone says nothing. */
	return (struct suggest){
		.typed = typed,
		.distance = len < 2 ? 0 : len < 5 ? 2 : len < 9 ? 3 : 4,
	};
}

void suggest_try(struct suggest *suggest, const char *name)
{
	int distance;

	/* The beginning of a name, typed in full so far, is close to it. */
	if (strlen(suggest->typed) >= 3 && suggest->distance > 1 &&
	    strncmp(name, suggest->typed, strlen(suggest->typed)) == 0) {
		suggest->found = name;
		suggest->distance = 1;
		return;
	}
	/* WEB for web is one slip, of the key for capitals. */
	if (suggest->distance > 1 && strcasecmp(suggest->typed, name) == 0) {
		suggest->found = name;
		suggest->distance = 1;
		return;
	}
	distance = suggest_distance(suggest->typed, name,
				    suggest->distance - 1);
	if (distance < suggest->distance) {
		suggest->found = name;
		suggest->distance = distance;
	}
}
