/* lessons/report.h - what came of grading, in the formats others read.
 *
 * One function for all, a table of formats, one file for each (report_NAME.c).
 * Nothing here writes a file: the caller does, beside the old one and renamed over
 * it. What a submission has said is cleaned of a terminal's escapes and control
 * characters in each format (clean.h). */
#ifndef LESSONS_REPORT_H
#define LESSONS_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "lessons/graded.h"

struct buf;
struct err;

enum report_format {
	REPORT_JSON,        /* our own: read back by --merge and --class */
	REPORT_GRADESCOPE,  /* results.json */
	REPORT_CLASSROOM50, /* result.json, classroom50/result/v1 */
	REPORT_JUNIT,       /* XML */
	REPORT_TAP,         /* version 14, or 13 */
	REPORT_CHECK50,
	REPORT_EXERCISM, /* results.json, version 3 */
	REPORT_CSV,      /* one line a submission, nbgrader's columns */
	REPORT_HTML,     /* one page: a submission, or a class */
	REPORT_LEGACY,   /* GitHub Classroom as it was, base64 */
	REPORT_TEXT,     /* for a terminal */
	REPORT_FORMATS,
};

/* Two submissions that look alike. a, b: as in graded->submission.
 * percent  how much of the shorter one is in the other; what: in words, "the same
 *          12 commands, with the same mistakes" */
struct report_similar {
	const char *a;
	const char *b;
	int percent;
	const char *what;
};

/* All borrowed, all may be zero.
 *
 * lang      "en" or "ja", for who asks which language a page is in
 * now_ns    since 1970, when the report is written
 * variable  getenv(3): CLASSROOM, ASSIGNMENT, OWNER ... for classroom50, TAP_VERSION
 * columns   width of the terminal, 0: 80; color: it may be coloured
 * student   the reader is the student: of a goal that is not visible nothing but
 *           its points is said. classroom50, check50, exercism and legacy are read
 *           by students alone and do so anyway; gradescope itself keeps goals back
 * similar   pairs, the most similar first
 * missing   names of submissions of which there is no result at all
 * took_ns   how long the whole class took, on `jobs` at once */
struct report_env {
	const char *lang;
	long long now_ns;
	char *(*variable)(const char *name);
	int columns;
	bool color;
	bool student;
	const struct report_similar *similar;
	size_t similar_count;
	const struct strs *missing;
	long long took_ns;
	int jobs;
};

/* "gradescope" ...; NULL for what is none. */
const char *report_name(enum report_format format);
/* -EINVAL with all there are in the hint. */
int report_find(const char *name, enum report_format *out, struct err *err);
/* "results.json": what such a file is called where nobody says. */
const char *report_file(enum report_format format);
/* Whether more than one submission goes into one. */
bool report_takes_many(enum report_format format);
/* Whether a failed goal makes it exit with 1: a TAP harness wants it so. */
bool report_is_strict(enum report_format format);

/* Adds the report. `count` 0 is a class of nobody.
 * -EINVAL: more than one submission where the format holds one; what
 * the format needs is not in the environment, by name. */
int report_write(enum report_format format, const struct graded *many,
		 size_t count, const struct report_env *env, struct buf *out,
		 struct err *err);

#endif
