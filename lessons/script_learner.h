/* lessons/script_learner.h - the methods of `w` that are about the learner: what was
 * typed in this step, answered, and seen in this lesson.
 *
 *     w:typed() w:lines()             all lines; with how each ended
 *     w:has_typed("create")           whether some line has the word
 *     w:typed_outside("touch")        whether it was a line's own program
 *     w:last_run() w:ran_with("-d")   the last line with `run`; whether it has the word
 *     w:answer("step/goal")  w:saw("container", "web")
 *
 * A word stands between spaces. All may raise a Lua error. */
#ifndef LESSONS_SCRIPT_LEARNER_H
#define LESSONS_SCRIPT_LEARNER_H

#include <lua.h>

int script_learner_typed(lua_State *L);
int script_learner_lines(lua_State *L);
int script_learner_has_typed(lua_State *L);
int script_learner_typed_outside(lua_State *L);
int script_learner_last_run(lua_State *L);
int script_learner_ran_with(lua_State *L);
int script_learner_answer(lua_State *L);
int script_learner_saw(lua_State *L);

#endif
