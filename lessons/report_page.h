/* lessons/report_page.h - what the two HTML pages share: a submission's, a class's. */
#ifndef LESSONS_REPORT_PAGE_H
#define LESSONS_REPORT_PAGE_H

#include "lessons/report_parts.h"

struct buf;
struct tally;

/* The styles of both pages; light or dark as the reader's system is. */
extern const char report_page_style[];

/* The sign, the class in the styles and the word of a status. */
const char *report_page_sign(enum graded_status status);
const char *report_page_word(enum graded_status status);

/* Adds text as text: cleaned, and nothing in it is HTML. */
void report_page_text(struct buf *out, const char *text);

/* <TAG>text</TAG>; nothing where the text is empty. */
void report_page_put(struct buf *out, const char *tag, const char *text);

/* A bar of part/all, with the numbers in words for who cannot see it. */
void report_page_bar(struct buf *out, long long part, long long all,
		     const char *kind);

/* The goals of one submission, step by step. log_most: bytes of what was printed
 * that are shown, its end; 0: none */
void report_page_goals(const struct report *report, const struct graded *graded,
		       size_t log_most, struct buf *out);

/* Below the heading: what went wrong, and for the teacher the remarks. */
void report_page_notes(const struct report *report, const struct graded *graded,
		       struct buf *out);

/* Everything between <body> and </body> of a class's page. */
void report_page_class(const struct report *report, struct buf *out);

/* ---- its parts ---- */

struct class_page {
	const struct report *report;
	const struct tally *tally;
	struct buf *out;
};

void class_page_heading(struct class_page *page, const char *id,
			const char *text);

/* "12.3 s"; given. */
char *class_page_seconds(long long ns);

/* Who has met what (report_matrix.c). */
void class_page_matrix(struct class_page *page);

#endif
