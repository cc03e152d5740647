/* images/ignore_pattern.h - one pattern of .dockerignore.
 *
 * Docker turns a pattern into a regular expression of Go's and lets that decide,
 * and what the two do not agree about ("[*]" is a set of '[', '^' and '/', any
 * number of them, and a ']') is so in every Docker. It is done here the same way,
 * with as much of regular expressions as a pattern can become:
 *
 *   *     [^/]*          **    .*            ?   [^/]
 *   **\/  (.*\/)?         \x    \x            [a-z] stays
 *
 * (without the backslashes before '/', which are here for the comment's sake).
 *
 * Source: moby/patternmatcher, Pattern.compile; Go, regexp/syntax. */
#ifndef IMAGES_IGNORE_PATTERN_H
#define IMAGES_IGNORE_PATTERN_H

#include <stdbool.h>

struct ignore_pattern;

/* text: as cleaned by ignore.c, borrowed. -EINVAL for what becomes no regular
 * expression. */
int ignore_pattern_new(const char *text, struct ignore_pattern **out);
void ignore_pattern_free(struct ignore_pattern *pattern); /* NULL is fine */

/* Whether it describes the whole path. It costs at most the pattern's length times
 * the path's, whatever stands in it. */
bool ignore_pattern_match(const struct ignore_pattern *pattern,
			  const char *path);

#endif
