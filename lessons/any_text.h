/* lessons/any_text.h - bytes of anybody's as JSON.
 *
 * What a container printed, or called a file or itself, may be any bytes; JSON is
 * Unicode, and jansson makes nothing of what is not. */
#ifndef LESSONS_ANY_TEXT_H
#define LESSONS_ANY_TEXT_H

#include <jansson.h>
#include <stddef.h>

/* What is no UTF-8, and NUL, becomes U+FFFD. Given. */
char *any_text_utf8(const char *bytes, size_t len);

/* The same as a JSON string, never NULL; text NULL: "". Given. */
json_t *any_text(const char *text);

/* No more than `most` bytes of it. */
json_t *any_text_most(const char *text, size_t most);

#endif
