/* shell/gojson.h - what we know, as the JSON values that templates run on.
 *
 * JSON is Unicode and what a container is called with is bytes: what is no UTF-8
 * becomes U+FFFD, as Go makes of it. All values are given. */
#ifndef SHELL_GOJSON_H
#define SHELL_GOJSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct strs;

/* A text; NULL is "". */
json_t *gojson_text(const char *text);

/* ["a", "b"]; where there is none, null with `or_null`, else []. */
json_t *gojson_list(const struct strs *list, bool or_null);

/* "name=value" each: {"name": "value"}; without '=' the value is "". Where
 * there is none, {}. */
json_t *gojson_map(const struct strs *pairs);

/* {"80/tcp": {}}: how Go keeps a set; where there is none, null. */
json_t *gojson_set(const struct strs *names);

/* A point in time, RFC 3339 in UTC; 0 is Go's zero, the year 1. */
json_t *gojson_time(int64_t ns);

/* "2026-11-23 18:45:28 +0000 UTC": how Go writes a time, in the local zone.
 * Returns out. */
#define GOJSON_TIME 64
char *gojson_clock(char out[GOJSON_TIME], int64_t ns);

/* Puts a text into a row or an object. */
void gojson_put(json_t *object, const char *key, const char *text);

#endif
