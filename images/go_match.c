/* images/go_match.c - see go_match.h
 *
 * A pattern is cut into chunks: each begins with stars, or with none, and goes on
 * to the next star. A chunk has a fixed number of characters, so all there is to
 * find is where it begins; the first place that fits is as good as any later one. */
#include "images/go_match.h"

#include <errno.h>
#include <string.h>

#include "runtime/base/utf8.h"

/* text, len  the characters behind the stars
 * star       there was one in front */
struct chunk {
	const char *text;
	size_t len;
	bool star;
};

uint32_t go_rune(const char **text)
{
	const unsigned char *s = (const unsigned char *)*text;
	size_t len = utf8_len(*text, UTF8_MOST);
	uint32_t rune;

	if (!*s)
		return 0;
	*text += len ? len : 1;
	if (!len)
		return GO_BAD_RUNE;
	if (len == 1)
		return *s;
	rune = *s & (0x7Fu >> len);
	for (size_t i = 1; i < len; i++)
		rune = rune << 6 | (s[i] & 0x3Fu);
	return rune;
}

bool go_match_is_pattern(const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' && text[1])
			text++;
		else if (*text == '*' || *text == '?' || *text == '[')
			return true;
	}
	return false;
}

static struct chunk next_chunk(const char **pattern)
{
	struct chunk chunk = { *pattern + strspn(*pattern, "*"), 0,
			       **pattern == '*' };
	const char *p = chunk.text;
	bool in_range = false;

	for (; *p && (in_range || *p != '*'); p++) {
		if (*p == '\\' && p[1])
			p++;
		else if (*p == '[')
			in_range = true;
		else if (*p == ']')
			in_range = false;
	}
	chunk.len = (size_t)(p - chunk.text);
	*pattern = p;
	return chunk;
}

/* One character of a range; something must stand behind it. */
static bool range_char(const char **p, const char *end, uint32_t *out)
{
	const char *before;

	if (*p >= end || **p == '-' || **p == ']')
		return false;
	if (**p == '\\' && ++*p >= end)
		return false;
	before = *p;
	*out = go_rune(p);
	return !(*out == GO_BAD_RUNE && *p - before == 1) && *p < end;
}

/* "[...]" at *p. Returns whether `rune` is one of it, -EINVAL. */
static int match_range(const char **p, const char *end, uint32_t rune)
{
	bool negated;
	bool found = false;
	uint32_t low;
	uint32_t high;

	++*p;
	negated = *p < end && **p == '^';
	if (negated)
		++*p;
	for (int count = 0; !(*p < end && **p == ']' && count); count++) {
		if (!range_char(p, end, &low))
			return -EINVAL;
		high = low;
		if (**p == '-') {
			++*p;
			if (!range_char(p, end, &high))
				return -EINVAL;
		}
		if (low <= rune && rune <= high)
			found = true;
	}
	++*p;
	return found != negated;
}

/* One element of a chunk at *p against the name's next character; *name is moved
 * on. Where the name is at its end, or did not fit before (`fits`), the element is
 * read all the same: it may be none. */
static int match_element(const char **p, const char *end, const char **name,
			 bool fits)
{
	const char *s = *name;
	char wanted;
	bool plain;

	fits = fits && *s;
	if (**p == '[')
		return match_range(p, end, fits ? go_rune(name) : 0);
	plain = **p != '?';
	if (**p == '\\' && ++*p >= end)
		return -EINVAL;
	wanted = *(*p)++;
	if (!fits)
		return 0;
	if (plain)
		++*name;
	else
		(void)go_rune(name);
	return plain ? wanted == *s : *s != '/';
}

/* Whether the name begins with the chunk; *name then stands behind it. */
static int match_chunk(const struct chunk *chunk, const char **name)
{
	const char *p = chunk->text;
	const char *end = p + chunk->len;
	const char *s = *name;
	bool fits = true;

	while (p < end) {
		bool at_end = !*s;
		int r = match_element(&p, end, &s, fits);

		if (r < 0)
			return r;
		fits = fits && !at_end && r;
	}
	if (fits)
		*name = s;
	return fits;
}

/* Where the chunk fits first, from the name's beginning on or, behind a star, from
 * any character of its first word. The last chunk must reach the name's end. */
static int find_chunk(const struct chunk *chunk, bool last, const char **name)
{
	const char *from = *name;

	for (;;) {
		const char *s = from;
		int r = match_chunk(chunk, &s);

		if (r < 0)
			return r;
		if (r == 1 && (!last || !*s)) {
			*name = s;
			return 1;
		}
		if (!chunk->star || !*from || *from == '/')
			return 0;
		from++;
	}
}

int go_match(const char *pattern, const char *name)
{
	static const char none[] = "";

	while (*pattern) {
		struct chunk chunk = next_chunk(&pattern);
		int r;

		if (chunk.star && !chunk.len)
			return !strchr(name, '/');
		r = find_chunk(&chunk, !*pattern, &name);
		if (r < 0)
			return r;
		if (r == 1)
			continue;
		/* It does not match; is the rest a pattern at all? */
		while (*pattern) {
			const char *nothing = none;

			chunk = next_chunk(&pattern);
			if (match_chunk(&chunk, &nothing) < 0)
				return -EINVAL;
		}
		return 0;
	}
	return !*name;
}
