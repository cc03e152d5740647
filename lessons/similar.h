/* lessons/similar.h - submissions that look alike.
 *
 * Everybody who solves the same step types much the same, so what many have in common
 * says nothing. What is looked at is what few have: their names, their detours, their
 * slips. Of each submission the commands and the lines of its files are taken, blanks
 * evened out; what more than a few of the class have is dropped; two that share most
 * of the rest are a pair. Two learners never have the same seed, so where two archives
 * have, one was made from the other.
 *
 * A pair is a reason to look at both, never a verdict. */
#ifndef LESSONS_SIMILAR_H
#define LESSONS_SIMILAR_H

#include <stddef.h>
#include <stdint.h>

#include "lessons/report.h"

/* What one submission is made of: numbers that stand for its lines, each once. */
struct similar_marks {
	uint32_t *items;
	size_t count;
};

void similar_marks_done(struct similar_marks *marks);

/* Adds the mark of a line, unless there is too little in it. */
void similar_mark(struct similar_marks *marks, const char *line, size_t len);

/* One of a class. All borrowed.
 *
 * files   of its files, or NULL
 * digest  of all of it ("" where nobody knows) */
struct similar_one {
	const struct graded *graded;
	const struct similar_marks *files;
	const char *digest;
};

/* The pairs, the most similar first. Texts in it are its own: similar_done. */
struct similar {
	struct report_similar *items;
	size_t count;
};
void similar_find(const struct similar_one *many, size_t count,
		  struct similar *out);
void similar_done(struct similar *similar);

#endif
