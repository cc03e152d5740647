/* lessons/clean.c - see clean.h
 *
 *   ESC [ 2 J            a control sequence: parameters, then one byte @ to ~
 *   ESC ] 0 ; hi BEL     a control string: up to BEL or ESC \
 *   ESC ( B   ESC c      anything else: bytes from space to /, then one more
 *
 * U+009B and its neighbours are the same two bytes in one character. A string that
 * is not ended is no string: else one byte would hide all that comes behind it. */
#include "lessons/clean.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/utf8.h"

#define ESC 0x1b
#define BEL 0x07
#define STRING_MOST 4096
#define REPLACEMENT "\xEF\xBF\xBD"

/* at    where we are
 * left  bytes from there on */
struct dirt {
	const unsigned char *at;
	size_t left;
};

static void skip(struct dirt *dirt, size_t bytes)
{
	dirt->at += bytes;
	dirt->left -= bytes;
}

static uint32_t code_point(const unsigned char *s, size_t len)
{
	static const unsigned char first[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t c = s[0] & first[len];

	for (size_t i = 1; i < len; i++)
		c = c << 6 | (s[i] & 0x3f);
	return c;
}

/* ---- escape sequences ---- */

static size_t while_between(const struct dirt *dirt, size_t from,
			    unsigned char low, unsigned char high)
{
	while (from < dirt->left && dirt->at[from] >= low &&
	       dirt->at[from] <= high)
		from++;
	return from;
}

/* Behind "ESC [": how many bytes the rest has. */
static size_t sequence_len(const struct dirt *dirt)
{
	size_t len = while_between(dirt, 0, 0x30, 0x3f);

	len = while_between(dirt, len, 0x20, 0x2f);
	return len < dirt->left && dirt->at[len] >= 0x40 &&
			       dirt->at[len] <= 0x7e
		       ? len + 1
		       : len;
}

/* Behind "ESC ]": how many bytes there are up to the end, the end included; 0
 * where there is none. */
static size_t string_len(const struct dirt *dirt)
{
	size_t most = dirt->left < STRING_MOST ? dirt->left : STRING_MOST;

	for (size_t i = 0; i < most; i++) {
		const unsigned char *s = dirt->at + i;

		if (*s == BEL)
			return i + 1;
		if (i + 1 < dirt->left && ((*s == ESC && s[1] == '\\') ||
					   (*s == 0xc2 && s[1] == 0x9c)))
			return i + 2;
	}
	return 0;
}

/* `kind`: the byte behind ESC, which dirt->at is behind of. */
static void skip_rest(struct dirt *dirt, unsigned char kind)
{
	if (kind == '[')
		skip(dirt, sequence_len(dirt));
	else if (strchr("]PX^_", kind))
		skip(dirt, string_len(dirt));
}

static void skip_escape(struct dirt *dirt)
{
	size_t len = while_between(dirt, 1, 0x20, 0x2f);
	unsigned char kind = len < dirt->left ? dirt->at[len] : 0;

	/* What ends it is a byte that may stand there, else just ESC goes. */
	if (kind < 0x30 || kind > 0x7e) {
		skip(dirt, 1);
		return;
	}
	skip(dirt, len + 1);
	if (len == 1)
		skip_rest(dirt, kind);
}

/* ---- characters ---- */

static void clean_ascii(struct dirt *dirt, struct buf *out)
{
	unsigned char c = *dirt->at;

	if (c == ESC) {
		skip_escape(dirt);
		return;
	}
	skip(dirt, 1);
	if (c == '\r') {
		if (dirt->left == 0 || *dirt->at != '\n')
			buf_char(out, '\n');
	} else if (c == 0) {
		buf_str(out, REPLACEMENT);
	} else if (c == '\n' || c == '\t' || (c >= 0x20 && c < 0x7f)) {
		buf_char(out, (char)c);
	}
}

static bool turns_round(uint32_t c)
{
	return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void clean_wide(struct dirt *dirt, size_t len, struct buf *out)
{
	const char *bytes = (const char *)dirt->at;
	uint32_t c = code_point(dirt->at, len);

	skip(dirt, len);
	if (c >= 0x80 && c < 0xa0)
		skip_rest(dirt, (unsigned char)(c - 0x40));
	else if ((c & 0xfffe) == 0xfffe)
		buf_str(out, REPLACEMENT);
	else if (c == 0x2028 || c == 0x2029)
		buf_char(out, '\n');
	else if (!turns_round(c))
		buf_add(out, bytes, len);
}

void clean_bytes(struct buf *out, const char *bytes, size_t len)
{
	struct dirt dirt = { (const unsigned char *)bytes, len };

	while (dirt.left > 0) {
		size_t n = utf8_len((const char *)dirt.at, dirt.left);

		if (n == 1) {
			clean_ascii(&dirt, out);
		} else if (n > 1) {
			clean_wide(&dirt, n, out);
		} else {
			buf_str(out, REPLACEMENT);
			skip(&dirt, 1);
		}
	}
}

void clean_text(struct buf *out, const char *text)
{
	if (text)
		clean_bytes(out, text, strlen(text));
}

char *clean_dup(const char *text)
{
	struct buf out = { 0 };

	clean_text(&out, text);
	return buf_give(&out);
}

char *clean_line(const char *text)
{
	struct buf out = { 0 };
	size_t begin;

	clean_text(&out, text);
	for (size_t i = 0; i < out.len; i++) {
		if (out.data[i] == '\n' || out.data[i] == '\t')
			out.data[i] = ' ';
	}
	while (out.len > 0 && out.data[out.len - 1] == ' ')
		out.data[--out.len] = 0;
	begin = strspn(buf_text(&out), " ");
	if (begin > 0) {
		char *line = mem_str(out.data + begin);

		buf_done(&out);
		return line;
	}
	return buf_give(&out);
}

/* ---- how long it is ---- */

size_t clean_fit(const char *text, size_t characters)
{
	size_t len = 0;

	while (text[len] && characters-- > 0) {
		size_t n = utf8_len(text + len, UTF8_MOST);

		len += n ? n : 1;
	}
	return len;
}

/* Unicode's East Asian wide and fullwidth characters, in coarse blocks; marks that
 * stand on the character before take nothing. */
static int columns_of(uint32_t c)
{
	static const uint32_t wide[][2] = {
		{ 0x1100, 0x115f },   { 0x2e80, 0x303e },
		{ 0x3041, 0xa4cf },   { 0xac00, 0xd7a3 },
		{ 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },
		{ 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },
		{ 0x1f300, 0x1f64f }, { 0x1f900, 0x1f9ff },
		{ 0x20000, 0x3fffd },
	};

	if ((c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200f) ||
	    (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff)
		return 0;
	for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++) {
		if (c >= wide[i][0] && c <= wide[i][1])
			return 2;
	}
	return 1;
}

int clean_width(const char *text)
{
	int width = 0;

	while (*text) {
		size_t n = utf8_len(text, UTF8_MOST);

		n = n ? n : 1;
		width += n == 1 ? 1
				: columns_of(code_point(
					  (const unsigned char *)text, n));
		text += n;
	}
	return width;
}
