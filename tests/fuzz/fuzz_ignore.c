/* tests/fuzz/fuzz_ignore.c - a .dockerignore against a path.
 *
 * Input: the path, a newline, the file. Two patterns of the same text agree, a
 * pattern without an exception never brings anything back, and what is refused says
 * why; the time is bounded by the lengths (-timeout). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "images/go_match.h"
#include "images/ignore.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct strs *lines, const char *path)
{
	OWN_STRS struct strs twice = { 0 };
	struct ignore *one = NULL;
	struct ignore *two = NULL;
	struct err err = { 0 };

	if (ignore_new(lines, &one, &err) < 0) {
		if (err.code <= 0 || !err.msg[0] || one)
			abort();
		return;
	}
	/* The same lines once more change nothing but what "!" brought back. */
	strs_copy(&twice, lines);
	strs_copy(&twice, lines);
	if (ignore_new(&twice, &two, &err) < 0)
		abort();
	if (ignore_matches(one, path) != ignore_matches(two, path))
		abort();
	/* A walk sees no more than the patterns say. */
	if (ignore_matches(one, path) && !ignore_leaves_out(one, path))
		abort();
	ignore_free(one);
	ignore_free(two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *newline = memchr(data, '\n', size);
	size_t len = newline ? (size_t)(newline - data) : size;
	OWN_FREE char *path = mem_strn((const char *)data, len);
	OWN_STRS struct strs lines = { 0 };
	struct err err = { 0 };

	if (!newline)
		return 0;
	if (ignore_lines((const char *)newline + 1, size - len - 1, &lines,
			 &err) < 0)
		return 0;
	check(&lines, path);
	for (size_t i = 0; i < lines.count; i++)
		if (go_match(lines.items[i], path) > 1)
			abort();
	return 0;
}
