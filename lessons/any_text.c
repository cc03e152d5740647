/* lessons/any_text.c - see any_text.h */
#include "lessons/any_text.h"

#include <stdint.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/own.h"
#include "runtime/base/utf8.h"

char *any_text_utf8(const char *bytes, size_t len)
{
	OWN_BUF struct buf out = { 0 };

	for (size_t at = 0; at < len;) {
		size_t n = utf8_len(bytes + at, len - at);

		if (n > 0 && bytes[at])
			buf_add(&out, bytes + at, n);
		else
			buf_str(&out, "\xef\xbf\xbd");
		at += n > 0 ? n : 1;
	}
	return buf_give(&out);
}

json_t *any_text_most(const char *text, size_t most)
{
	size_t len = text ? strlen(text) : 0;
	OWN_FREE char *clean = NULL;

	/* Not in the middle of a character. */
	if (len > most)
		for (len = most; len > 0 && (text[len] & 0xc0) == 0x80;)
			len--;
	clean = any_text_utf8(text ? text : "", len);
	return json_string(clean);
}

json_t *any_text(const char *text)
{
	return any_text_most(text, SIZE_MAX);
}
