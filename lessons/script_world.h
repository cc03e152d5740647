/* lessons/script_world.h - the objects `w` and `c` of a lesson's functions.
 *
 * Doing (setup, solve, wrong):
 *     w:type("run -d --name web site:1")  -> status, output
 *     w:copy("files/site", "site")        from the lesson into the learner's folder
 *     w:write("Dockerfile", "FROM ...")   w:edit("Dockerfile", "old", "new")
 *     w:remove("site")
 * Asking (everywhere):
 *     w:read("Dockerfile")                a file of the learner's folder, or nil
 *     w:container("web") w:containers() w:image("site:1") w:images()
 *     w:volume("data") w:network("shop") w:built() w:measured("lookup first")
 *     w:page("http://127.0.0.1:8080/")    -> status, body; nil, why
 *     and what script_learner.h lists
 * The verdict, in the lesson's own words:
 *     c:fail("key", { name = value })     c:shows("there is", "look at")
 *     c:not_yet("look at")
 *
 * What the things are made of is script_things.h's; all fields and methods are
 * listed in lessons/AUTHORS.md. */
#ifndef LESSONS_SCRIPT_WORLD_H
#define LESSONS_SCRIPT_WORLD_H

#include <lua.h>

#include "lessons/script.h"

/* Makes the metatables. May raise a Lua error, as all of these. */
void script_world_open(lua_State *L);

/* Push w and c. All pointers are borrowed, for the time of the call. */
void script_world_push(lua_State *L, const struct script_hands *hands,
		       const struct strs *vars);
void script_check_push(lua_State *L, struct verdict *verdict);

/* For w's methods: what may be asked, and an argument with its %{names} filled in,
 * which stays on the Lua stack. */
const struct facts *script_world_facts(lua_State *L);
const char *script_world_text(lua_State *L, int index);

#endif
