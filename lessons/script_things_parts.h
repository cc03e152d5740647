/* lessons/script_things_parts.h - for script_things.c, script_container.c and
 * script_image.c only: what a thing is made with. All may raise a Lua error. */
#ifndef LESSONS_SCRIPT_THINGS_PARTS_H
#define LESSONS_SCRIPT_THINGS_PARTS_H

#include <jansson.h>
#include <lauxlib.h>
#include <lua.h>

#include "lessons/facts.h"

struct strs;

/* Each a field; value is given away. NULL: the thing lacks it. */
void thing_set(json_t *to, const char *key, json_t *value);
void thing_text(json_t *to, const char *key, const char *text);

/* A list of texts; "NAME=value" texts as an object. */
json_t *thing_list(const struct strs *strs);
json_t *thing_map(const struct strs *strs);

/* Pushes the object with a class (NULL: none), and lets go of it. */
void script_push_thing(lua_State *L, json_t *thing, const char *class);

/* The facts and the name behind a thing, the first argument: what its field `key`
 * says. */
const struct facts *thing_behind(lua_State *L, const char *key,
				 const char **out_name);

/* The methods file() and stat(). */
int thing_push_text(lua_State *L, enum facts_where where, const char *key);
int thing_push_stat(lua_State *L, enum facts_where where, const char *key);

void script_container_open(lua_State *L);
void script_image_open(lua_State *L);

#endif
