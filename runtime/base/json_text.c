/* runtime/base/json_text.c - see json_text.h */
#include "runtime/base/json_text.h"

#include <stdbool.h>
#include <string.h>

#include "runtime/base/buf.h"

/* How long a character is that begins with that byte; 0: none does. */
static size_t length_of(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xC2 || first > 0xF4)
		return 0;
	return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* Where the second byte of one is bound more narrowly than to 80..BF: no longer
 * form than needed, no half of a pair of UTF-16, nothing beyond U+10FFFF. */
static bool second_fits(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xE0:
		return second >= 0xA0;
	case 0xED:
		return second <= 0x9F;
	case 0xF0:
		return second >= 0x90;
	case 0xF4:
		return second <= 0x8F;
	default:
		return true;
	}
}

/* RFC 3629, section 4. */
size_t json_text_utf8(const char *bytes, size_t len)
{
	const unsigned char *s = (const unsigned char *)bytes;
	size_t need = len ? length_of(s[0]) : 0;

	if (need > len)
		return 0;
	for (size_t i = 1; i < need; i++)
		if ((s[i] & 0xC0) != 0x80)
			return 0;
	return need > 1 && !second_fits(s[0], s[1]) ? 0 : need;
}

static void add_ascii(struct buf *out, unsigned char c)
{
	if (c == '"' || c == '\\')
		buf_fmt(out, "\\%c", c);
	else if (c == '\n')
		buf_str(out, "\\n");
	else if (c < 0x20 || c == 0x7f)
		buf_fmt(out, "\\u%04x", c);
	else
		buf_char(out, (char)c);
}

void json_text_add_bytes(struct buf *out, const char *bytes, size_t len)
{
	buf_char(out, '"');
	for (size_t i = 0; i < len;) {
		size_t n = json_text_utf8(bytes + i, len - i);

		if (n == 1)
			add_ascii(out, (unsigned char)bytes[i]);
		else if (n > 1)
			buf_add(out, bytes + i, n);
		else
			buf_str(out, "\xEF\xBF\xBD");
		i += n ? n : 1;
	}
	buf_char(out, '"');
}

void json_text_add(struct buf *out, const char *text)
{
	json_text_add_bytes(out, text, strlen(text));
}
