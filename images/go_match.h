/* images/go_match.h - Go's filepath.Match: the patterns of COPY and ADD.
 *
 *   *        any characters but '/'
 *   ?        one character but '/'
 *   [a-z]    one of a range; [^a-z]: one that is in none
 *   \x       x itself
 *
 * Other than the shell's patterns it has no [!a], a ']' must be written "\]" inside
 * of brackets, and what is no pattern is an error and matches nothing.
 *
 * Source: Go 1.19, path/filepath/match.go. */
#ifndef IMAGES_GO_MATCH_H
#define IMAGES_GO_MATCH_H

#include <stdbool.h>
#include <stdint.h>

/* 1: it matches, 0: it does not, -EINVAL: it is no pattern. */
int go_match(const char *pattern, const char *name);

/* Whether there is anything in it but plain characters, as COPY asks. */
bool go_match_is_pattern(const char *text);

/* The next character, as Go decodes it: what is no UTF-8 counts as one U+FFFD a
 * byte. Moves *text on; 0 at the end, where it stays. */
enum { GO_BAD_RUNE = 0xFFFD };
uint32_t go_rune(const char **text);

#endif
