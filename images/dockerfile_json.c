/* images/dockerfile_json.c - see dockerfile_private.h
 *
 * The JSON form as Go's encoding/json reads it, which forgives less than a JSON
 * library that we could link to (no comments, no single quotes, no comma at the
 * end) and more (what is no UTF-8, half a surrogate pair: U+FFFD). It matters
 * since a text that is no JSON is not refused but given to a shell. Source: RFC
 * 8259; Go's encoding/json, "scanner.go", "decode.go". */
#include "images/dockerfile_private.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "images/words.h"
#include "runtime/base/buf.h"
#include "runtime/base/utf8.h"

enum {
	MAX_DEPTH = 100,
};

static const char unknown[] = "\xef\xbf\xbd"; /* U+FFFD */

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

/* ---- strings ---- */

static void add_point(struct buf *out, uint32_t point)
{
	if (point == 0) {
		buf_add(out, "\xc0\x80", 2);
	} else if (point < 0x80) {
		buf_char(out, (char)point);
	} else if (point < 0x800) {
		buf_char(out, (char)(0xc0 | point >> 6));
		buf_char(out, (char)(0x80 | (point & 0x3f)));
	} else if (point < 0x10000) {
		buf_char(out, (char)(0xe0 | point >> 12));
		buf_char(out, (char)(0x80 | (point >> 6 & 0x3f)));
		buf_char(out, (char)(0x80 | (point & 0x3f)));
	} else {
		buf_char(out, (char)(0xf0 | point >> 18));
		buf_char(out, (char)(0x80 | (point >> 12 & 0x3f)));
		buf_char(out, (char)(0x80 | (point >> 6 & 0x3f)));
		buf_char(out, (char)(0x80 | (point & 0x3f)));
	}
}

/* "u12ab": its number, or -1. */
static int32_t hex_of(const char *p)
{
	char digits[5] = "";

	for (size_t i = 0; i < 4; i++) {
		if (!isxdigit((unsigned char)p[i + 1]))
			return -1;
		digits[i] = p[i + 1];
	}
	return (int32_t)strtol(digits, NULL, 16);
}

/* Behind a '\', on the 'u'. Two halves make one character; a half alone is
 * none. */
static const char *take_unicode(const char *p, struct buf *out)
{
	int32_t first = hex_of(p);
	int32_t second;

	if (first < 0)
		return NULL;
	p += 5;
	if (first < 0xd800 || first > 0xdfff) {
		add_point(out, (uint32_t)first);
		return p;
	}
	second = p[0] == '\\' && p[1] == 'u' ? hex_of(p + 1) : -1;
	if (first > 0xdbff || second < 0xdc00 || second > 0xdfff) {
		buf_str(out, unknown);
		return p;
	}
	add_point(out, 0x10000 + (uint32_t)((first - 0xd800) << 10 |
					    (second - 0xdc00)));
	return p + 6;
}

static const char *take_escape(const char *p, struct buf *out)
{
	static const char names[] = "\"\\/bfnrt";
	static const char values[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (*p == 'u')
		return take_unicode(p, out);
	found = *p ? strchr(names, *p) : NULL;
	if (!found)
		return NULL;
	buf_char(out, values[found - names]);
	return p + 1;
}

/* From behind the opening quote to behind the closing one; NULL: no string. */
static const char *take_string(const char *p, struct buf *out)
{
	while (p && *p != '"') {
		size_t len = utf8_len(p, UTF8_MOST);

		if ((unsigned char)*p < 0x20)
			return NULL;
		if (*p == '\\') {
			p = take_escape(p + 1, out);
			continue;
		}
		if (len)
			buf_add(out, p, len);
		else
			buf_str(out, unknown);
		p += len ? len : 1;
	}
	return p ? p + 1 : NULL;
}

/* ---- all the rest, which is only gone over ---- */

static const char *skip_digits(const char *p)
{
	return p + strspn(p, "0123456789");
}

static const char *skip_number(const char *start)
{
	const char *p = start + (*start == '-');

	if (!isdigit((unsigned char)*p))
		return NULL;
	p = *p == '0' ? p + 1 : skip_digits(p);
	if (*p == '.') {
		if (!isdigit((unsigned char)p[1]))
			return NULL;
		p = skip_digits(p + 1);
	}
	if (*p == 'e' || *p == 'E') {
		p += 1 + (p[1] == '+' || p[1] == '-');
		if (!isdigit((unsigned char)*p))
			return NULL;
		p = skip_digits(p);
	}
	/* Go has no number for 1e999: then the whole is no JSON to it. */
	return isinf(strtod(start, NULL)) ? NULL : p;
}

static const char *skip_value(const char *p, int depth);

static const char *skip_quoted(const char *p)
{
	struct buf ignored = { 0 };
	const char *end = *p == '"' ? take_string(p + 1, &ignored) : NULL;

	buf_done(&ignored);
	return end;
}

/* "name": */
static const char *skip_name(const char *p)
{
	p = skip_quoted(p);
	if (!p)
		return NULL;
	p = skip_blanks(p);
	return *p == ':' ? p + 1 : NULL;
}

/* A list or an object; p is on its bracket. */
static const char *skip_many(const char *p, int depth)
{
	char end = *p == '{' ? '}' : ']';

	p = skip_blanks(p + 1);
	if (*p == end)
		return p + 1;
	for (;;) {
		if (end == '}')
			p = skip_name(skip_blanks(p));
		p = p ? skip_value(p, depth + 1) : NULL;
		if (!p)
			return NULL;
		p = skip_blanks(p);
		if (*p == end)
			return p + 1;
		if (*p++ != ',')
			return NULL;
	}
}

static const char *skip_value(const char *p, int depth)
{
	static const char *const names[] = { "true", "false", "null" };

	p = skip_blanks(p);
	if (depth > MAX_DEPTH)
		return NULL;
	if (*p == '"')
		return skip_quoted(p);
	if (*p == '[' || *p == '{')
		return skip_many(p, depth);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(p, names[i], strlen(names[i])) == 0)
			return p + strlen(names[i]);
	return skip_number(p);
}

/* ---- the list ---- */

/* A value and what follows it; *out_others: it was no string. */
static const char *take_value(const char *p, struct strs *out, bool *out_others)
{
	struct buf text = { 0 };

	p = skip_blanks(p);
	if (*p != '"') {
		*out_others = true;
		p = skip_value(p, 1);
	} else {
		p = take_string(p + 1, &text);
		if (p)
			strs_take(out, buf_give(&text));
		buf_done(&text);
	}
	return p ? skip_blanks(p) : NULL;
}

int json_list_read(const char *text, struct strs *out)
{
	OWN_STRS struct strs values = { 0 };
	const char *p = text;
	bool others = false;

	while (words_blank(p))
		p += words_blank(p);
	if (*p != '[')
		return 0;
	p = skip_blanks(p + 1);
	if (*p != ']') {
		for (p = take_value(p, &values, &others); p && *p == ',';)
			p = take_value(p + 1, &values, &others);
		if (!p || *p != ']')
			return 0;
	}
	if (*skip_blanks(p + 1))
		return 0;
	if (others)
		return -EINVAL;
	strs_copy(out, &values);
	return 1;
}
