/* runtime/base/utf8.c - see utf8.h
 *
 * The first byte says how long a character is and what the second may be. What
 * is longer than it must be, surrogates and what lies above U+10FFFF are kept out
 * by the second byte's bounds; those behind it are 80 to BF always. */
#include "runtime/base/utf8.h"

#include <stdbool.h>

static const struct form {
	unsigned char first, last; /* of the first byte */
	unsigned char low, high;   /* of the second */
	size_t len;
} forms[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

static bool is_whole(const unsigned char *s, const struct form *form)
{
	if (s[1] < form->low || s[1] > form->high)
		return false;
	for (size_t i = 2; i < form->len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return false;
	return true;
}

size_t utf8_len(const char *text, size_t size)
{
	const unsigned char *s = (const unsigned char *)text;

	if (size == 0)
		return 0;
	if (s[0] < 0x80)
		return 1;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		const struct form *form = &forms[i];

		if (s[0] >= form->first && s[0] <= form->last)
			return size >= form->len && is_whole(s, form) ?
				       form->len :
				       0;
	}
	return 0;
}
