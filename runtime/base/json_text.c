/* runtime/base/json_text.c - see json_text.h */
#include "runtime/base/json_text.h"

#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/utf8.h"

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
		size_t n = utf8_len(bytes + i, len - i);

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
