/* runtime/state_json.h - how the values of a container's record look in JSON.
 *
 * Owns texts, lists and networks; which values there are is state.c's table. JSON
 * is Unicode, arguments are bytes: a byte that is not UTF-8 is kept as the private
 * character U+10FF00 + byte, and comes back as that byte. state.c's own. */
#ifndef RUNTIME_STATE_JSON_H
#define RUNTIME_STATE_JSON_H

#include <jansson.h>

struct endpoints;
struct strs;

json_t *state_json_text(const char *text);
char *state_text_of_json(const json_t *value); /* "" where it is no text */

json_t *state_json_list(const struct strs *list);
void state_list_of_json(const json_t *array, struct strs *out);

json_t *state_json_endpoints(const struct endpoints *endpoints);
void state_endpoints_of_json(const json_t *array, struct endpoints *out);

#endif
