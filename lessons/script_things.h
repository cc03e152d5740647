/* lessons/script_things.h - what `w` gives out: containers, images, volumes,
 * networks, builds, as tables with a few methods.
 *
 * A table is a copy of what is so at the moment of the question; its methods ask
 * anew. The names of all fields are in lessons/AUTHORS.md. All of these may raise a
 * Lua error. */
#ifndef LESSONS_SCRIPT_THINGS_H
#define LESSONS_SCRIPT_THINGS_H

#include <jansson.h>
#include <lauxlib.h>
#include <lua.h>

struct container;
struct err;
struct facts;
struct image;
struct network;
struct volume;

/* Makes the metatables. */
void script_things_open(lua_State *L);

/* A metatable of that name, out of a script's reach: what has it has the methods. */
void script_class(lua_State *L, const char *name, const luaL_Reg *methods);

/* What the methods ask; in the registry, out of a script's reach. */
void script_things_use(lua_State *L, const struct facts *facts);
const struct facts *script_things_facts(lua_State *L);

/* Push one. */
void script_push_container(lua_State *L, const struct facts *facts,
			   const struct container *container);
void script_push_image(lua_State *L, const struct image *image);
void script_push_volume(lua_State *L, const struct facts *facts,
			const struct volume *volume);
void script_push_network(lua_State *L, const struct facts *facts,
			 const struct network *network);
void script_push_build(lua_State *L, const struct facts *facts,
		       const json_t *build);
void script_push_json(lua_State *L, const json_t *value);

/* c:ending(), the method of a container (script_ending.c). */
int script_container_ending(lua_State *L);

/* Raises the message. */
int script_raise(lua_State *L, const struct err *err);

/* A program, run in `name`: its words are the arguments from `from` on, or one text
 * for /bin/sh. Pushes output and exit status; nil and why where nothing ran. */
int script_run(lua_State *L, const struct facts *facts, int where,
	       const char *name, int from);

#endif
