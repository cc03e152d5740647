/* images/ignore_set.c - see ignore_set.h */
#include "images/ignore_set.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "images/go_match.h"
#include "runtime/base/buf.h"

enum { LAST_RUNE = 0x10FFFF };

/* The sets that have names; ASCII's alone, as in Go. */
struct named {
	const char *name;
	const char *ranges; /* first and last in turn */
};

static const struct named perl[] = {
	{ "d", "09" },
	{ "s", "\t\n\f\r  " },
	{ "w", "09AZ__az" },
};

static const struct named posix[] = {
	{ "alnum", "09AZaz" },
	{ "alpha", "AZaz" },
	{ "ascii", "\001\177" },
	{ "blank", "\t\t  " },
	{ "cntrl", "\001\037\177\177" },
	{ "digit", "09" },
	{ "graph", "!~" },
	{ "lower", "az" },
	{ "print", " ~" },
	{ "punct", "!/:@[`{~" },
	{ "space", "\t\r  " },
	{ "upper", "AZ" },
	{ "word", "09AZaz__" },
	{ "xdigit", "09AFaf" },
};

/* Control characters behind a backslash. */
static const char control_letters[] = "afnrtv";
static const char controls[] = "\a\f\n\r\t\v";

void ignore_set_add(struct ignore_set *set, uint32_t first, uint32_t last)
{
	set->ranges =
		mem_grow(set->ranges, set->count + 2, sizeof(*set->ranges));
	set->ranges[set->count++] = first;
	set->ranges[set->count++] = last;
}

void ignore_set_dot(struct ignore_set *set)
{
	ignore_set_add(set, '\n', '\n');
	set->negated = true;
}

bool ignore_set_has(const struct ignore_set *set, uint32_t rune)
{
	for (size_t i = 0; i < set->count; i += 2)
		if (set->ranges[i] <= rune && rune <= set->ranges[i + 1])
			return !set->negated;
	return set->negated;
}

void ignore_set_done(struct ignore_set *set)
{
	free(set->ranges);
	*set = (struct ignore_set){ 0 };
}

/* The ranges are in order, so all between two of them is the others. */
static void add_named(struct ignore_set *set, const struct named *named,
		      bool negated)
{
	uint32_t next = 0;

	for (const char *r = named->ranges; *r; r += 2) {
		uint32_t first = (unsigned char)r[0];
		uint32_t last = (unsigned char)r[1];

		if (!negated)
			ignore_set_add(set, first, last);
		else if (first > next)
			ignore_set_add(set, next, first - 1);
		next = last + 1;
	}
	if (negated)
		ignore_set_add(set, next, LAST_RUNE);
}

/* "\d" at *p. */
static bool add_perl(struct ignore_set *set, const char **p)
{
	char letter;

	if ((*p)[0] != '\\')
		return false;
	letter = (*p)[1];
	for (size_t i = 0; letter && i < sizeof(perl) / sizeof(*perl); i++) {
		if (tolower((unsigned char)letter) != perl[i].name[0])
			continue;
		add_named(set, &perl[i], letter != perl[i].name[0]);
		*p += 2;
		return true;
	}
	return false;
}

/* "[:alpha:]" at *p. 0 where it is none of that form. */
static int add_posix(struct ignore_set *set, const char **p)
{
	const char *name = *p + 2;
	const char *end;
	bool negated;

	if (strncmp(*p, "[:", 2) != 0)
		return 0;
	end = strstr(name, ":]");
	if (!end)
		return 0;
	negated = *name == '^';
	name += negated;
	for (size_t i = 0; i < sizeof(posix) / sizeof(*posix); i++) {
		size_t len = strlen(posix[i].name);

		if ((size_t)(end - name) != len ||
		    strncmp(name, posix[i].name, len) != 0)
			continue;
		add_named(set, &posix[i], negated);
		*p = end + 2;
		return 1;
	}
	return -EINVAL;
}

/* Two digits, or any number of them in braces. */
static int read_hex(const char **p, uint32_t *out)
{
	bool braces = **p == '{';
	uint32_t value = 0;
	int digits = 0;

	*p += braces;
	for (; isxdigit((unsigned char)**p) && (braces || digits < 2); ++*p) {
		char c = **p;

		value = value * 16 +
			(isdigit((unsigned char)c)
				 ? (uint32_t)(c - '0')
				 : (uint32_t)((c | 0x20) - 'a' + 10));
		digits++;
		if (value > LAST_RUNE)
			return -EINVAL;
	}
	if (!digits || (!braces && digits < 2) || (braces && **p != '}'))
		return -EINVAL;
	*p += braces;
	*out = value;
	return 0;
}

/* A number of up to three octal digits; one that is not 0 alone is no number. */
static int read_octal(const char **p, uint32_t *out)
{
	uint32_t value = 0;

	if (**p != '0' && ((*p)[1] < '0' || (*p)[1] > '7'))
		return -EINVAL;
	for (int i = 0; i < 3 && **p >= '0' && **p <= '7'; i++, ++*p)
		value = value * 8 + (uint32_t)(**p - '0');
	*out = value;
	return 0;
}

/* The one character that a backslash at *p and what follows stand for. */
static int read_escape(const char **p, uint32_t *out)
{
	char c = *++*p;
	const char *letter;

	if (c >= '0' && c <= '7')
		return read_octal(p, out);
	if (c == 'x') {
		++*p;
		return read_hex(p, out);
	}
	letter = c ? strchr(control_letters, c) : NULL;
	if (letter)
		*out = (uint32_t)controls[letter - control_letters];
	else if (c > 0 && !isalnum((unsigned char)c))
		*out = (uint32_t)c;
	else
		return -EINVAL;
	++*p;
	return 0;
}

int ignore_set_escape(struct ignore_set *set, const char **p)
{
	uint32_t rune;

	if (add_perl(set, p))
		return 0;
	if (read_escape(p, &rune) < 0)
		return -EINVAL;
	ignore_set_add(set, rune, rune);
	return 0;
}

static int read_char(const char **p, uint32_t *out)
{
	if (!**p)
		return -EINVAL;
	if (**p == '\\')
		return read_escape(p, out);
	*out = go_rune(p);
	return 0;
}

static int add_range(struct ignore_set *set, const char **p)
{
	uint32_t first;
	uint32_t last;

	if (read_char(p, &first) < 0)
		return -EINVAL;
	last = first;
	/* "[a-]" has a '-' in it. */
	if ((*p)[0] == '-' && (*p)[1] && (*p)[1] != ']') {
		++*p;
		if (read_char(p, &last) < 0 || last < first)
			return -EINVAL;
	}
	ignore_set_add(set, first, last);
	return 0;
}

int ignore_set_class(struct ignore_set *set, const char **p)
{
	++*p;
	set->negated = **p == '^';
	*p += set->negated;
	for (bool first = true; **p != ']' || first; first = false) {
		int r = add_posix(set, p);

		if (r < 0)
			return r;
		if (r == 0 && !add_perl(set, p) && add_range(set, p) < 0)
			return -EINVAL;
	}
	++*p;
	return 0;
}
