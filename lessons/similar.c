/* lessons/similar.c - see similar.h */
#include "lessons/similar.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

enum {
	SHORTEST = 6,	     /* characters of a line that says something */
	MOST_MARKS = 4000,   /* of one submission */
	MOST_PAIRS = 200,
	FEW = 2,	     /* so many may share what is still rare, or */
	FEW_PERCENT = 10,    /* so much of the class */
	LEAST_SHARED = 4,    /* rare lines that two must share */
	LEAST_PERCENT = 60,  /* of the rare lines of the one with fewer */
};

void similar_marks_done(struct similar_marks *marks)
{
	free(marks->items);
	*marks = (struct similar_marks){ 0 };
}

static void add_mark(struct similar_marks *marks, uint32_t mark)
{
	if (marks->count >= MOST_MARKS)
		return;
	marks->items =
		mem_grow(marks->items, marks->count + 1, sizeof(*marks->items));
	marks->items[marks->count++] = mark;
}

/* FNV-1a, 32 bits: draft-eastlake-fnv. Blanks count as one, at the ends as none. */
void similar_mark(struct similar_marks *marks, const char *line, size_t len)
{
	uint32_t hash = 0x811c9dc5;
	bool blank = false;
	size_t said = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)line[i];

		if (isspace(c)) {
			blank = said > 0;
			continue;
		}
		if (blank)
			hash = (hash ^ ' ') * 0x01000193;
		blank = false;
		hash = (hash ^ c) * 0x01000193;
		said++;
	}
	if (said >= SHORTEST)
		add_mark(marks, hash);
}

/* ---- what is rare ---- */

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void sort_once(struct similar_marks *marks)
{
	size_t kept = 0;

	if (marks->count == 0)
		return;
	qsort(marks->items, marks->count, sizeof(*marks->items), by_number);
	for (size_t i = 0; i < marks->count; i++) {
		if (kept == 0 || marks->items[kept - 1] != marks->items[i])
			marks->items[kept++] = marks->items[i];
	}
	marks->count = kept;
}

/* `docker` in front makes no difference. */
static void take_lines(const struct similar_one *one, struct similar_marks *out)
{
	const struct strs *lines = &one->graded->lines;

	for (size_t i = 0; i < lines->count; i++) {
		const char *line = lines->items[i];

		if (strncmp(line, "docker ", 7) == 0)
			line += 7;
		similar_mark(out, line, strlen(line));
	}
	for (size_t i = 0; one->files && i < one->files->count; i++)
		add_mark(out, one->files->items[i]);
	sort_once(out);
}

/* How many of the class have each mark: a sorted list of all of them. */
static void take_all(const struct similar_marks *each, size_t count,
		     struct similar_marks *out)
{
	for (size_t i = 0; i < count; i++) {
		out->items = mem_grow(out->items, out->count + each[i].count + 1,
				      sizeof(*out->items));
		for (size_t k = 0; k < each[i].count; k++)
			out->items[out->count++] = each[i].items[k];
	}
	if (out->count > 0)
		qsort(out->items, out->count, sizeof(*out->items), by_number);
}

static size_t first_not_below(const struct similar_marks *all, uint32_t mark)
{
	size_t from = 0;
	size_t to = all->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (all->items[middle] < mark)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static void drop_common(struct similar_marks *marks,
			const struct similar_marks *all, size_t few)
{
	size_t kept = 0;

	for (size_t i = 0; i < marks->count; i++) {
		size_t at = first_not_below(all, marks->items[i]);

		/* Not so many of them that one stands `few` further on, too. */
		if (at + few >= all->count ||
		    all->items[at + few] != marks->items[i])
			marks->items[kept++] = marks->items[i];
	}
	marks->count = kept;
}

static size_t shared(const struct similar_marks *a,
		     const struct similar_marks *b)
{
	size_t both = 0;

	for (size_t i = 0, k = 0; i < a->count && k < b->count;) {
		if (a->items[i] == b->items[k]) {
			both++;
			i++;
			k++;
		} else if (a->items[i] < b->items[k]) {
			i++;
		} else {
			k++;
		}
	}
	return both;
}

/* ---- pairs ---- */

/* The texts of a pair are its own, whatever the report's struct says. */
static void add_pair(struct similar *out, const struct similar_one *a,
		     const struct similar_one *b, int percent, const char *what)
{
	out->items = mem_grow(out->items, out->count + 1, sizeof(*out->items));
	out->items[out->count++] = (struct report_similar){
		.a = mem_str(a->graded->submission),
		.b = mem_str(b->graded->submission),
		.percent = percent,
		.what = mem_str(what),
	};
}

static void look_at(const struct similar_one *a, const struct similar_one *b,
		    const struct similar_marks rare[2], struct similar *out)
{
	size_t fewer = rare[0].count < rare[1].count ? rare[0].count
						     : rare[1].count;
	size_t both = shared(&rare[0], &rare[1]);
	int percent = fewer > 0 ? (int)(100 * both / fewer) : 0;
	OWN_FREE char *what = NULL;

	if (*a->digest && strcmp(a->digest, b->digest) == 0) {
		add_pair(out, a, b, 100, _("the very same files and commands"));
	} else if (a->graded->seed > 1 && a->graded->seed == b->graded->seed) {
		add_pair(out, a, b, percent > 99 ? 100 : 99,
			 _("the same learner's seed: one was made from the "
			   "other"));
	} else if (both >= LEAST_SHARED && percent >= LEAST_PERCENT) {
		what = mem_fmt(_("%zu commands and lines of files that few "
				 "others have"),
			       both);
		add_pair(out, a, b, percent, what);
	}
}

static int by_percent(const void *a, const void *b)
{
	const struct report_similar *x = a;
	const struct report_similar *y = b;
	int order = y->percent - x->percent;

	if (order == 0)
		order = strcmp(x->a, y->a);
	return order ? order : strcmp(x->b, y->b);
}

static void free_pair(struct report_similar *pair)
{
	own_free_ptr(&(const char *){ pair->a });
	own_free_ptr(&(const char *){ pair->b });
	own_free_ptr(&(const char *){ pair->what });
}

void similar_find(const struct similar_one *many, size_t count,
		  struct similar *out)
{
	struct similar_marks *each = mem_zero(count + 1, sizeof(*each));
	struct similar_marks all = { 0 };
	size_t few = count * FEW_PERCENT / 100;

	for (size_t i = 0; i < count; i++)
		take_lines(&many[i], &each[i]);
	take_all(each, count, &all);
	for (size_t i = 0; i < count; i++)
		drop_common(&each[i], &all, few < FEW ? FEW : few);
	for (size_t i = 0; i < count; i++) {
		for (size_t k = i + 1; k < count; k++)
			look_at(&many[i], &many[k],
				(struct similar_marks[]){ each[i], each[k] },
				out);
	}
	if (out->count > 0)
		qsort(out->items, out->count, sizeof(*out->items), by_percent);
	while (out->count > MOST_PAIRS)
		free_pair(&out->items[--out->count]);
	for (size_t i = 0; i < count; i++)
		similar_marks_done(&each[i]);
	free(each);
	similar_marks_done(&all);
}

void similar_done(struct similar *similar)
{
	for (size_t i = 0; i < similar->count; i++)
		free_pair(&similar->items[i]);
	free(similar->items);
	*similar = (struct similar){ 0 };
}
