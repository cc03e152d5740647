/* lessons/clean.h - what a submission has said, made harmless.
 *
 * A program that is graded writes what it likes: sequences that move a teacher's
 * cursor or rename their window, bytes that are no UTF-8, characters that turn the
 * order of a line round. Reports show what it said and do none of it. */
#ifndef LESSONS_CLEAN_H
#define LESSONS_CLEAN_H

#include <stddef.h>

struct buf;

/* Adds `text` (NULL: nothing) without escape sequences and control characters. Tab
 * and newline stay; "\r\n", and a lone "\r", become "\n". What is no UTF-8, and NUL,
 * becomes U+FFFD, and so does what no XML may hold (U+FFFE, U+FFFF). What turns
 * the order of characters round (U+202A to U+202E, U+2066 to U+2069) is left out.
 *
 * Source: ECMA-48, 5.4 and 8.3 (control sequences and strings); XML 1.0, 2.2. */
void clean_text(struct buf *out, const char *text);
void clean_bytes(struct buf *out, const char *bytes, size_t len);

/* The same as one line: newlines and tabs become spaces, none at either end.
 * Given. clean_dup keeps the lines. */
char *clean_line(const char *text);
char *clean_dup(const char *text);

/* How many bytes of the clean `text` its first `characters` have: no more than there
 * are. */
size_t clean_fit(const char *text, size_t characters);

/* Columns that a clean line takes on a terminal: wide characters two. */
int clean_width(const char *text);

#endif
