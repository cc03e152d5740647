/* tests/sample.h - submissions that were graded, to make reports of. */
#ifndef TESTS_SAMPLE_H
#define TESTS_SAMPLE_H

#include "lessons/graded.h"
#include "lessons/report.h"

/* What no report may do or break at: sequences for a terminal, the ends of the
 * formats' own blocks, a formula, what is no UTF-8, what turns text round. */
/* NOLINTBEGIN(misc-misleading-bidirectional): it is a test of just that */
#define SAMPLE_NASTY \
	"\033[2J\033]0;pwned\007# \\ ]]> <script>alert(1)</script> & " \
	"\"quoted\" 'single' ok 1 - forged\nnot ok 9\n...\n---\r\n" \
	"=HYPERLINK(\"http://x\") \xff\xfe \xc2\x9b" \
	"31m \xe2\x80\xae" \
	"turned \x01\x7f \xef\xbf\xbf end"
/* NOLINTEND(misc-misleading-bidirectional) */

/* A submission without goals; one goal of each status, one of them hidden; the same
 * with SAMPLE_NASTY wherever there is text. */
void sample_head(struct graded *graded, const char *name);
void sample_fill(struct graded *graded, const char *name);
void sample_nasty(struct graded *graded);
void sample_replace(char **text, const char *with);

/* What Classroom 50 needs is set in it. */
extern const struct report_env sample_env;

/* The report as text, given; the test fails where it does. */
char *sample_report(enum report_format format, const struct gradeds *many,
		    const struct report_env *env);

void assert_has(const char *text, const char *part);

#endif
