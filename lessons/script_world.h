/* lessons/script_world.h - the objects `w` and `c` of a lesson's functions.
 *
 *     w:type("run -d --name web site:1")  -> status, output
 *     w:copy("files/site", "site")
 *     w:container("web")   { name, id, image, status, exit, running, pid, args,
 *                            hostname, upper }; :diff() :file(path) :log()
 *     w:containers()       a list of them, newest first
 *     w:image("site:1")    { id, size, layers, tags, cmd, user, cwd };
 *                          :file(path)
 *     w:typed()            the lines of this step
 *     w:answer("goal")     what the learner answered, or nil
 *     c:fail("key", { name = value })    the verdict, in the lesson's own words
 */
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

#endif
