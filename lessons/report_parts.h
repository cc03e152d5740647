/* lessons/report_parts.h - what the writers of reports share. */
#ifndef LESSONS_REPORT_PARTS_H
#define LESSONS_REPORT_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lessons/graded.h"
#include "lessons/report.h"

struct buf;
struct err;

/* What is to be written. env is never NULL; student: nothing of goals that are not
 * visible is told. */
struct report {
	const struct graded *many;
	size_t count;
	const struct report_env *env;
	bool student;
};

typedef int report_writer(const struct report *report, struct buf *out,
			  struct err *err);

report_writer report_json, report_gradescope, report_classroom50, report_junit,
	report_tap, report_check50, report_exercism, report_csv, report_html,
	report_legacy, report_text;

/* Tests of one step, which stand one behind the other. first: where they begin, count:
 * how many. Begins with { 0 }; false: no more. */
struct report_step {
	const struct graded_test *first;
	size_t count;
};
bool report_next_step(const struct graded *graded, struct report_step *step);

/* How many of them have that status; how long they took. */
size_t report_step_count(const struct report_step *step,
			 enum graded_status status);
long long report_step_ns(const struct report_step *step);

/* The step in words, one clean line: its title, else its id. Given. */
char *report_step_title(const struct report_step *step);

/* ---- words (report_says.c) ---- */

/* Whether the reader may know no more of it than its points. */
bool report_hides(const struct report *report, const struct graded_test *test);

/* The goal in words, one clean line, never empty; given. */
char *report_title(const struct report *report, const struct graded_test *test);

/* Why it is as it is, in one clean line: the message, or for want of one what its
 * status says; "" for a goal that is met. Given. */
char *report_why(const struct report *report, const struct graded_test *test);

/* Whether what is there has been said by `why` already. */
bool report_repeats(const struct graded_test *test, const char *why);
/* Its message in a line, for the teacher; where that is only what there is, with what was
 * expected. Given. */
char *report_how_failed(const struct graded_test *test);

/* Whether the goal before has printed the same: it is the step's, and need not be
 * shown again. */
bool report_same_log(const struct report_step *step, size_t index);

/* The whole of it, on lines of their own: why, expected, there is, look at, and
 * the log. */
void report_says(const struct report *report, const struct graded_test *test,
		 struct buf *out);

/* The parts of it, clean, "" where the reader may not know; given. */
char *report_part(const struct report *report, const struct graded_test *test,
		  const char *text);

/* Why a submission has no result, or what went wrong beside its goals: one clean
 * line, "" where nothing did. Given. */
char *report_note(const struct graded *graded);

/* What is to be done where it is no result: to grade it again, or to hand in another
 * one. "" where it is one. */
const char *report_advice(const struct graded *graded);

/* What the submission is called and, where it says another, whose: "ann (Ada)". Given,
 * clean. */
char *report_who(const struct graded *graded);

/* ---- numbers ---- */

/* A met goal counts; of one in error neither its points nor what it could have
 * given: a fault of the grader's takes nothing away. */
int report_max(const struct graded_test *test);

/* "12.345", in any locale. */
#define REPORT_SECONDS sizeof("-9223372036.854")
char *report_seconds(long long ns, char out[REPORT_SECONDS]);
double report_seconds_real(long long ns);

/* "2026-11-25T18:44:57Z". */
#define REPORT_TIME sizeof("2026-11-25T18:44:57Z")
char *report_time(long long ns, char out[REPORT_TIME]);

/* ---- JSON ---- */

/* A clean JSON string; `take` frees it. */
json_t *report_string(const char *text);
json_t *report_string_take(char *clean);

/* Writes it out, with a newline behind, and lets it go. */
int report_dump(json_t *json, struct buf *out, struct err *err);

#endif
