/* runtime/base/json_text.c - see json_text.h */
#include "runtime/base/json_text.h"

#include <string.h>

#include "runtime/base/buf.h"

/* RFC 3629, section 4. */
size_t json_text_utf8(const char *bytes, size_t len)
{
	const unsigned char *s = (const unsigned char *)bytes;
	size_t need;

	if (len == 0)
		return 0;
	need = s[0] < 0x80 ? 1 :
	       s[0] < 0xC2 ? 0 :
	       s[0] < 0xE0 ? 2 :
	       s[0] < 0xF0 ? 3 :
	       s[0] < 0xF5 ? 4 :
			     0;
	if (need > len)
		return 0;
	for (size_t i = 1; i < need; i++)
		if ((s[i] & 0xC0) != 0x80)
			return 0;
	if (need == 3 && ((s[0] == 0xE0 && s[1] < 0xA0) ||
			  (s[0] == 0xED && s[1] > 0x9F)))
		return 0;
	if (need == 4 && ((s[0] == 0xF0 && s[1] < 0x90) ||
			  (s[0] == 0xF4 && s[1] > 0x8F)))
		return 0;
	return need;
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
