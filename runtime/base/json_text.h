/* runtime/base/json_text.h - text as a JSON string, without a JSON library.
 *
 * For lines that are written one at a time and often: events, results of health
 * checks. */
#ifndef RUNTIME_BASE_JSON_TEXT_H
#define RUNTIME_BASE_JSON_TEXT_H

#include <stddef.h>

struct buf;

/* Adds "text" in double quotes. What is not UTF-8 becomes U+FFFD, as in Go. */
void json_text_add(struct buf *out, const char *text);
void json_text_add_bytes(struct buf *out, const char *bytes, size_t len);

#endif
