/* lessons/script_parts.h - the inside of a script, for script.c, script_words.c and
 * script_data.c only. All but script_failed may raise a Lua error. */
#ifndef LESSONS_SCRIPT_PARTS_H
#define LESSONS_SCRIPT_PARTS_H

#include <jansson.h>
#include <lua.h>
#include <stdint.h>

#include "runtime/base/list.h"

struct err;

/* random  state of the lesson's own random numbers
 * given   values of var that this learner has got earlier; NULL: none
 * can     what the machine can; NULL: nobody has looked yet
 * vars    "name=value" of var, as it is now
 * asked   the words that has() was called with */
struct script {
	lua_State *L;
	uint64_t random;
	const struct strs *given;
	const struct strs *can;
	struct strs vars;
	struct strs asked;
};

/* Keys of Lua's registry, which the script itself cannot reach: the struct above,
 * the table of lesson{...}, the list of step{...}, the values of var. */
#define SCRIPT_KEY_SCRIPT "dockershell.script"
#define SCRIPT_KEY_LESSON "dockershell.lesson"
#define SCRIPT_KEY_STEPS "dockershell.steps"
#define SCRIPT_KEY_VARS "dockershell.vars"

struct script *script_of(lua_State *L);

/* The error on top of Lua's stack as ours. Returns -EINVAL. */
int script_failed(lua_State *L, struct err *err);

/* ---- script_words.c ---- */

/* Makes them, as global names. */
void script_words_open(lua_State *L);

/* ---- script_data.c ---- */

/* What lies at `index` of Lua's stack (given); depth: how many tables it is in. */
json_t *script_data(struct script *script, int index, int depth);

#endif
