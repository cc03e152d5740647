/* runtime/base/utf8.h - where one character of UTF-8 ends.
 *
 * Arguments, file names and what programs write are bytes; JSON is Unicode. */
#ifndef RUNTIME_BASE_UTF8_H
#define RUNTIME_BASE_UTF8_H

#include <stddef.h>

/* How many bytes the character at `text` has, of which `size` may be looked at:
 * 0 where none is well formed. No character has more than UTF8_MOST, and none
 * goes on over a NUL, so that a text that ends with one needs no other bound.
 *
 * Source: RFC 3629, section 4. */
#define UTF8_MOST 4
size_t utf8_len(const char *text, size_t size);

#endif
