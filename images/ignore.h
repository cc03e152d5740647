/* images/ignore.h - .dockerignore: what a build does not get to see.
 *
 * Owns the file's lines and the rule by which they decide: in order, the last one
 * that matches the path, or a folder above it, wins; "!" in front brings back. How
 * one pattern matches is ignore_pattern.h's.
 *
 * Source: moby/patternmatcher, PatternMatcher.MatchesOrParentMatches, and its
 * package ignorefile; Docker, pkg/archive, TarWithOptions. */
#ifndef IMAGES_IGNORE_H
#define IMAGES_IGNORE_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct ignore;
struct strs;

/* The patterns in the text of a .dockerignore: without comments and blanks, paths
 * clean and relative. -EINVAL for a line of more than 64 KiB, as in Docker. */
int ignore_lines(const char *text, size_t len, struct strs *out,
		 struct err *err);

/* -EINVAL, in Docker's words: "syntax error in pattern", "illegal exclusion
 * pattern: "!"". */
int ignore_new(const struct strs *patterns, struct ignore **out,
	       struct err *err);
void ignore_free(struct ignore *ignore); /* NULL is fine */

/* Whether the path (clean, relative) or a folder above it is ignored. NULL ignores
 * nothing. */
bool ignore_matches(const struct ignore *ignore, const char *path);

/* Which pattern decides about the path, counted from 0 among those that ignore_new was
 * given and that are not blank; -1 where none does. `ignore_matches` says which way. */
int ignore_rule_of(const struct ignore *ignore, const char *path);

/* Whether a folder that is ignored is looked into all the same: a "!" pattern
 * begins with its name. Docker compares the text: "!**\/x" brings back nothing out
 * of an ignored folder. */
bool ignore_looks_into(const struct ignore *ignore, const char *folder);

/* Both, for a path and each folder above it: whether a walk comes by it. */
bool ignore_leaves_out(const struct ignore *ignore, const char *path);

#endif
