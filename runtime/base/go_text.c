/* runtime/base/go_text.c - see go_text.h */
#include "runtime/base/go_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/list.h"
#include "runtime/base/utf8.h"

/* The code point at `text`, which is well formed and has `len` bytes. */
static uint32_t code_point(const char *text, size_t len)
{
	static const unsigned char lead[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t point = (unsigned char)text[0] & lead[len];

	for (size_t i = 1; i < len; i++)
		point = point << 6 | ((unsigned char)text[i] & 0x3f);
	return point;
}

/* Whether something is to be seen of it: no control, no blank but ' ', nothing
 * that only steers the text around it, nothing private. */
static bool is_seen(uint32_t point)
{
	static const uint32_t hidden[][2] = {
		{ 0x0, 0x1f },         { 0x7f, 0xa0 },     { 0xad, 0xad },
		{ 0x61c, 0x61c },      { 0x1680, 0x1680 }, { 0x180e, 0x180e },
		{ 0x2000, 0x200f },    { 0x2028, 0x202f }, { 0x205f, 0x206f },
		{ 0x3000, 0x3000 },    { 0xe000, 0xf8ff }, { 0xfeff, 0xfeff },
		{ 0xfff0, 0xfffb },    { 0xfffe, 0xffff }, { 0xe0000, 0xe00ff },
		{ 0xf0000, 0x10ffff },
	};

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (point >= hidden[i][0] && point <= hidden[i][1])
			return false;
	return true;
}

void go_quote(struct buf *out, const char *text)
{
	static const char named[] = "\a\b\f\n\r\t\v\\\"";
	static const char names[] = "abfnrtv\\\"";

	buf_char(out, '"');
	while (*text) {
		const char *found = strchr(named, *text);
		size_t len = utf8_len(text, UTF8_MOST);
		uint32_t point = len ? code_point(text, len) : 0;

		if (found)
			buf_fmt(out, "\\%c", names[found - named]);
		else if (point < 0x20 || point == 0x7f)
			buf_fmt(out, "\\x%02x", (unsigned char)*text);
		else if (is_seen(point))
			buf_add(out, text, len);
		else
			buf_fmt(out, point > 0xffff ? "\\U%08x" : "\\u%04x",
				point);
		text += len ? len : 1;
	}
	buf_char(out, '"');
}

void go_quote_list(struct buf *out, const struct strs *list)
{
	buf_char(out, '[');
	for (size_t i = 0; i < list->count; i++) {
		if (i)
			buf_char(out, ' ');
		go_quote(out, list->items[i]);
	}
	buf_char(out, ']');
}
