/* lessons/script.c - see script.h.
 *
 * The order of the file: the sandbox, running lesson.lua in it, calling the functions
 * that it left there.
 *
 * A Lua error is a longjmp: scope-end release does not happen on it. That is
 * fine here, for the process ends with its one job. */
#include "lessons/script.h"

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "lessons/script_parts.h"
#include "lessons/script_world.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

#define SCRIPT_MAX_BYTES (256 << 10)

struct script *script_of(lua_State *L)
{
	struct script *script;

	lua_getfield(L, LUA_REGISTRYINDEX, SCRIPT_KEY_SCRIPT);
	script = lua_touserdata(L, -1);
	lua_pop(L, 1);
	return script;
}

int script_failed(lua_State *L, struct err *err)
{
	const char *why = lua_tostring(L, -1);

	return err_set(err, EINVAL, "%s", why ? why : _("lesson.lua failed"));
}

/* ---- the sandbox ---- */

static void open_library(lua_State *L, const char *name, lua_CFunction open,
			 const char *const *without)
{
	luaL_requiref(L, name, open, 1);
	for (; *without; without++) {
		lua_pushnil(L);
		lua_setfield(L, -2, *without);
	}
	lua_pop(L, 1);
}

static void open_libraries(lua_State *L)
{
	static const char *const all[] = { NULL };
	static const char *const no_load[] = { "load",   "loadfile",
					       "dofile", "collectgarbage",
					       "print",  "warn",
					       NULL };
	static const char *const no_dump[] = { "dump", NULL };

	open_library(L, LUA_GNAME, luaopen_base, no_load);
	open_library(L, LUA_TABLIBNAME, luaopen_table, all);
	open_library(L, LUA_STRLIBNAME, luaopen_string, no_dump);
	open_library(L, LUA_MATHLIBNAME, luaopen_math, all);
	open_library(L, LUA_UTF8LIBNAME, luaopen_utf8, all);
}

/* In protected mode: a state's set-up may run out of memory too. */
static int set_up(lua_State *L)
{
	const struct script_source *source = lua_touserdata(L, 1);

	open_libraries(L);
	script_words_open(L);
	script_world_open(L);
	/* math.random: seeded like the rest. */
	lua_getglobal(L, "math");
	lua_getfield(L, -1, "randomseed");
	lua_pushinteger(L, (lua_Integer)source->seed);
	lua_call(L, 1, 0);
	return 0;
}

/* ---- lesson.lua ---- */

static int run_file(lua_State *L, const char *dir, struct err *err)
{
	OWN_BUF struct buf text = { 0 };
	OWN_FREE char *path = mem_fmt("%s/lesson.lua", dir);
	int r = fs_read(AT_FDCWD, path, SCRIPT_MAX_BYTES, &text, err);

	if (r < 0)
		return r;
	/* "t": text only. Compiled code is not checked by Lua and could do
	 * anything to this process. */
	if (luaL_loadbufferx(L, buf_text(&text), text.len, "@lesson.lua",
			     "t") != LUA_OK ||
	    lua_pcall(L, 0, 0, 0) != LUA_OK)
		return script_failed(L, err);
	return 0;
}

int script_open(const struct script_source *source, struct script **out,
		struct err *err)
{
	struct script *script = mem_zero(1, sizeof(*script));
	struct script_source copy = *source;
	int r;

	script->L = luaL_newstate();
	if (!script->L)
		return err_set(err, ENOMEM, "luaL_newstate: no memory");
	script->random = source->seed;
	script->given = source->vars;
	script->can = source->can;
	lua_pushlightuserdata(script->L, script);
	lua_setfield(script->L, LUA_REGISTRYINDEX, SCRIPT_KEY_SCRIPT);
	lua_pushcfunction(script->L, set_up);
	lua_pushlightuserdata(script->L, &copy);
	if (lua_pcall(script->L, 1, 0, 0) != LUA_OK)
		return script_failed(script->L, err);
	r = run_file(script->L, source->dir, err);
	if (r < 0)
		return r;
	if (lua_getfield(script->L, LUA_REGISTRYINDEX, SCRIPT_KEY_LESSON) !=
	    LUA_TTABLE)
		return err_set(err, EINVAL,
			       _("lesson.lua: there is no lesson{...} in it"));
	lua_pop(script->L, 1);
	*out = script;
	return 0;
}

/* ---- calling its functions ---- */

/* Leaves step.setup, step.solve[index] ... on top; false where there is none. */
static bool push_part(lua_State *L, size_t step, enum script_part part,
		      size_t index)
{
	static const char *const names[] = { "setup", "show", "solve",
					     "wrong" };

	lua_getfield(L, LUA_REGISTRYINDEX, SCRIPT_KEY_STEPS);
	lua_geti(L, -1, (lua_Integer)step + 1);
	lua_getfield(L, -1, names[part]);
	if (part == SCRIPT_SOLVE || part == SCRIPT_WRONG) {
		luaL_checktype(L, -1, LUA_TTABLE);
		lua_geti(L, -1, (lua_Integer)index + 1);
	}
	if (part == SCRIPT_WRONG) {
		luaL_checktype(L, -1, LUA_TTABLE);
		lua_getfield(L, -1, "run");
	}
	return lua_isfunction(L, -1);
}

struct call {
	const struct script_hands *hands;
	const struct script_function *function;
	json_t *out;
};

static int call_part(lua_State *L)
{
	struct call *call = lua_touserdata(L, 1);
	struct script *script = script_of(L);

	if (!push_part(L, call->function->step, call->function->part,
		       call->function->index))
		return luaL_error(L, _("no such function in this step"));
	script_world_push(L, call->hands, &script->vars);
	lua_call(L, 1, 1);
	call->out = script_data(script, lua_gettop(L), 0);
	return 0;
}

int script_call(struct script *script, const struct script_hands *hands,
		const struct script_function *function, json_t **out,
		struct err *err)
{
	struct call call = { hands, function, NULL };

	lua_settop(script->L, 0);
	lua_pushcfunction(script->L, call_part);
	lua_pushlightuserdata(script->L, &call);
	if (lua_pcall(script->L, 1, 0, 0) != LUA_OK)
		return script_failed(script->L, err);
	*out = call.out;
	return 0;
}

struct check {
	const struct script_hands *hands;
	const struct script_goal *goal;
	struct verdict *verdict;
};

/* Leaves the goal's function of that name on top. */
static void push_goal_function(lua_State *L, const struct script_goal *goal,
			       const char *name)
{
	lua_getfield(L, LUA_REGISTRYINDEX, SCRIPT_KEY_STEPS);
	lua_geti(L, -1, (lua_Integer)goal->step + 1);
	lua_getfield(L, -1, "goals");
	lua_geti(L, -1, (lua_Integer)goal->goal + 1);
	lua_getfield(L, -1, name);
	luaL_checktype(L, -1, LUA_TFUNCTION);
}

static int call_check(lua_State *L)
{
	struct check *check = lua_touserdata(L, 1);
	struct script *script = script_of(L);

	push_goal_function(L, check->goal,
			   check->goal->diagnose ? "diagnose" : "check");
	script_world_push(L, check->hands, &script->vars);
	script_check_push(L, check->verdict);
	lua_call(L, 2, 0);
	return 0;
}

int script_check(struct script *script, const struct facts *facts,
		 const struct script_goal *goal, struct verdict *verdict,
		 struct err *err)
{
	struct script_hands hands = { .facts = facts };
	struct check check = { &hands, goal, verdict };

	lua_settop(script->L, 0);
	lua_pushcfunction(script->L, call_check);
	lua_pushlightuserdata(script->L, &check);
	if (lua_pcall(script->L, 1, 0, 0) != LUA_OK)
		return script_failed(script->L, err);
	return 0;
}

struct question {
	const struct script_hands *hands;
	const struct script_goal *goal;
	json_t *right;
};

static int call_right(lua_State *L)
{
	struct question *question = lua_touserdata(L, 1);
	struct script *script = script_of(L);

	push_goal_function(L, question->goal, "right");
	script_world_push(L, question->hands, &script->vars);
	lua_call(L, 1, 1);
	question->right = script_data(script, lua_gettop(L), 0);
	return 0;
}

int script_right(struct script *script, const struct facts *facts,
		 const struct script_goal *goal, json_t **out, struct err *err)
{
	struct script_hands hands = { .facts = facts };
	struct question question = { &hands, goal, NULL };

	lua_settop(script->L, 0);
	lua_pushcfunction(script->L, call_right);
	lua_pushlightuserdata(script->L, &question);
	if (lua_pcall(script->L, 1, 0, 0) != LUA_OK)
		return script_failed(script->L, err);
	*out = question.right;
	return 0;
}
