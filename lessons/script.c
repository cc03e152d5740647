/* lessons/script.c - see script.h.
 *
 * The order of the file: the sandbox, the words of a script, what it said as
 * data, calling its functions. The object w is script_world.c's.
 *
 * A Lua error is a longjmp: scope-end release does not happen on it. That is
 * fine here, for the process ends with its one job. */
#include "lessons/script.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lessons/goal.h"
#include "lessons/machine.h"
#include "lessons/script_world.h"
#include "lessons/text.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

#define SCRIPT_MAX_BYTES (256 << 10)
#define DATA_MAX_DEPTH 12

struct script {
	lua_State *L;
	uint64_t random; /* state of the lesson's own random numbers */
	const struct strs *given;
	const struct strs *can;
	struct strs vars;
	struct strs asked;
};

/* Keys of the registry. */
static const char key_script[] = "dockershell.script";
static const char key_lesson[] = "dockershell.lesson";
static const char key_steps[] = "dockershell.steps";
static const char key_vars[] = "dockershell.vars";

static struct script *script_of(lua_State *L)
{
	struct script *script;

	lua_getfield(L, LUA_REGISTRYINDEX, key_script);
	script = lua_touserdata(L, -1);
	lua_pop(L, 1);
	return script;
}

/* ---- seeded choices: the same for one learner, always ---- */

/* splitmix64: public domain, Sebastiano Vigna. */
static uint64_t next_random(struct script *script)
{
	uint64_t z = script->random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static bool port_is_free(lua_Integer port)
{
	struct sockaddr_in where = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_ANY),
	};
	OWN_FD int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd < 0 ||
	       bind(fd, (const struct sockaddr *)&where, sizeof(where)) == 0;
}

static int word_pick_port(lua_State *L)
{
	lua_Integer from = luaL_checkinteger(L, 1);
	lua_Integer to = luaL_checkinteger(L, 2);
	struct script *script = script_of(L);
	lua_Integer port = from;

	luaL_argcheck(L, from > 0 && from <= to && to < 65536, 1,
		      "ports from 1 to 65535");
	/* A port that something else listens on now would fail the learner. */
	for (int tries = 0; tries < 50; tries++) {
		port = from + (lua_Integer)(next_random(script) %
					    (uint64_t)(to - from + 1));
		if (port_is_free(port))
			break;
	}
	lua_pushinteger(L, port);
	return 1;
}

static int word_pick(lua_State *L)
{
	lua_Integer count;

	luaL_checktype(L, 1, LUA_TTABLE);
	count = luaL_len(L, 1);
	luaL_argcheck(L, count > 0, 1, "a list with something in it");
	lua_geti(
		L, 1,
		1 + (lua_Integer)(next_random(script_of(L)) % (uint64_t)count));
	return 1;
}

static int word_token(lua_State *L)
{
	static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
	lua_Integer len = luaL_optinteger(L, 1, 8);
	struct script *script = script_of(L);
	luaL_Buffer text;

	luaL_argcheck(L, len > 0 && len <= 64, 1, "1 to 64 letters");
	luaL_buffinit(L, &text);
	for (lua_Integer i = 0; i < len; i++)
		luaL_addchar(
			&text,
			letters[next_random(script) % (sizeof(letters) - 1)]);
	luaL_pushresult(&text);
	return 1;
}

/* has("memory"): true, has("image:node"): "node:20"; nil where it cannot. */
static int word_has(lua_State *L)
{
	const char *word = luaL_checkstring(L, 1);
	struct script *script = script_of(L);
	const char *value =
		script->can ? machine_can(script->can, word) : NULL;

	luaL_argcheck(L, machine_knows(word), 1,
		      "ids, memory, pids, cpu, network, way-out, low-ports, "
		      "image:NAME");
	if (!strs_has(&script->asked, word))
		strs_add(&script->asked, word);
	if (value && strcmp(value, "yes") == 0)
		lua_pushboolean(L, true);
	else
		lua_pushstring(L, value); /* NULL: nil */
	return 1;
}

/* var.name = value: what was given to this learner earlier wins. */
static int var_set(lua_State *L)
{
	const char *name = luaL_checkstring(L, 2);
	struct script *script = script_of(L);
	const char *given =
		script->given ? strs_get_env(script->given, name) : NULL;

	if (!given)
		given = luaL_tolstring(L, 3, NULL);
	strs_set_env(&script->vars, mem_fmt("%s=%s", name, given));
	lua_settop(L, 3);
	lua_getfield(L, LUA_REGISTRYINDEX, key_vars);
	/* A number stays one, so that a script can reckon with it. */
	if (lua_type(L, 3) == LUA_TNUMBER)
		lua_stringtonumber(L, given);
	else
		lua_pushstring(L, given);
	lua_setfield(L, -2, name);
	return 0;
}

static int var_get(lua_State *L)
{
	lua_getfield(L, LUA_REGISTRYINDEX, key_vars);
	if (lua_getfield(L, -1, luaL_checkstring(L, 2)) == LUA_TNIL)
		return luaL_error(L, _("var.%s has no value yet"),
				  lua_tostring(L, 2));
	return 1;
}

/* ---- the words ---- */

static int word_lesson(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	if (lua_getfield(L, LUA_REGISTRYINDEX, key_lesson) != LUA_TNIL)
		return luaL_error(L, _("lesson{...} is there twice"));
	lua_settop(L, 1);
	lua_setfield(L, LUA_REGISTRYINDEX, key_lesson);
	return 0;
}

static int word_step(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_getfield(L, LUA_REGISTRYINDEX, key_steps);
	lua_pushvalue(L, 1);
	lua_seti(L, -2, luaL_len(L, -2) + 1);
	return 0;
}

/* image{...}: marks the table with its kind and its line. */
static int word_goal(lua_State *L)
{
	lua_Debug where;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_setfield(L, 1, "kind");
	if (lua_getstack(L, 1, &where) && lua_getinfo(L, "l", &where)) {
		lua_pushinteger(L, where.currentline);
		lua_setfield(L, 1, "line");
	}
	return 1;
}

static int word_unknown(lua_State *L)
{
	return luaL_error(L,
			  _("'%s' is no word of a lesson: no kind of goal and "
			    "no function"),
			  luaL_tolstring(L, 2, NULL));
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

static void open_var(lua_State *L)
{
	lua_newtable(L);
	lua_setfield(L, LUA_REGISTRYINDEX, key_vars);
	lua_newtable(L);
	lua_newtable(L);
	lua_pushcfunction(L, var_set);
	lua_setfield(L, -2, "__newindex");
	lua_pushcfunction(L, var_get);
	lua_setfield(L, -2, "__index");
	lua_pushliteral(L, "var");
	lua_setfield(L, -2, "__metatable");
	lua_setmetatable(L, -2);
	lua_setglobal(L, "var");
}

static void open_words(lua_State *L)
{
	static const luaL_Reg words[] = {
		{ "lesson", word_lesson }, { "step", word_step },
		{ "pick", word_pick },     { "pick_port", word_pick_port },
		{ "token", word_token },   { "has", word_has },
		{ NULL, NULL },
	};

	lua_newtable(L);
	lua_setfield(L, LUA_REGISTRYINDEX, key_steps);
	lua_pushglobaltable(L);
	luaL_setfuncs(L, words, 0);
	for (size_t i = 0; goal_kind_at(i); i++) {
		lua_pushstring(L, goal_kind_at(i)->name);
		lua_pushcclosure(L, word_goal, 1);
		lua_setfield(L, -2, goal_kind_at(i)->name);
	}
	lua_newtable(L);
	lua_pushcfunction(L, word_unknown);
	lua_setfield(L, -2, "__index");
	lua_pushliteral(L, "words");
	lua_setfield(L, -2, "__metatable");
	lua_setmetatable(L, -2);
	lua_pop(L, 1);
}

/* In protected mode: a state's set-up may run out of memory too. */
static int set_up(lua_State *L)
{
	const struct script_source *source = lua_touserdata(L, 1);

	open_libraries(L);
	open_var(L);
	open_words(L);
	script_world_open(L);
	/* math.random: seeded like the rest. */
	lua_getglobal(L, "math");
	lua_getfield(L, -1, "randomseed");
	lua_pushinteger(L, (lua_Integer)source->seed);
	lua_call(L, 1, 0);
	return 0;
}

static int lua_failed(lua_State *L, struct err *err)
{
	const char *why = lua_tostring(L, -1);

	return err_set(err, EINVAL, "%s", why ? why : _("lesson.lua failed"));
}

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
		return lua_failed(L, err);
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
	lua_setfield(script->L, LUA_REGISTRYINDEX, key_script);
	lua_pushcfunction(script->L, set_up);
	lua_pushlightuserdata(script->L, &copy);
	if (lua_pcall(script->L, 1, 0, 0) != LUA_OK)
		return lua_failed(script->L, err);
	r = run_file(script->L, source->dir, err);
	if (r < 0)
		return r;
	if (lua_getfield(script->L, LUA_REGISTRYINDEX, key_lesson) !=
	    LUA_TTABLE)
		return err_set(err, EINVAL,
			       _("lesson.lua: there is no lesson{...} in it"));
	lua_pop(script->L, 1);
	*out = script;
	return 0;
}

/* ---- what it said, as data ---- */

static json_t *to_data(struct script *script, int index, int depth);

static json_t *text_data(struct script *script, int index)
{
	OWN_BUF struct buf filled = { 0 };
	size_t len = 0;
	const char *text = lua_tolstring(script->L, index, &len);

	if (strlen(text) != len)
		luaL_error(script->L, _("a text with a zero byte in it"));
	text_fill(text, &script->vars, &filled);
	return json_string(buf_text(&filled));
}

static json_t *table_data(struct script *script, int index, int depth)
{
	lua_State *L = script->L;
	lua_Integer count = (lua_Integer)lua_rawlen(L, index);
	json_t *data = count > 0 ? json_array() : json_object();

	luaL_checkstack(L, 4, NULL);
	for (lua_Integer i = 1; i <= count; i++) {
		lua_rawgeti(L, index, i);
		json_array_append_new(data,
				      to_data(script, lua_gettop(L), depth));
		lua_pop(L, 1);
	}
	if (count > 0)
		return data;
	for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
		if (lua_type(L, -2) == LUA_TSTRING &&
		    lua_type(L, -1) != LUA_TFUNCTION)
			json_object_set_new(
				data, lua_tostring(L, -2),
				to_data(script, lua_gettop(L), depth));
	}
	return data;
}

static json_t *to_data(struct script *script, int index, int depth)
{
	lua_State *L = script->L;
	json_t *data = NULL;

	if (depth > DATA_MAX_DEPTH)
		luaL_error(L, _("tables in tables, %d deep"), depth);
	switch (lua_type(L, index)) {
	case LUA_TSTRING:
		data = text_data(script, index);
		break;
	case LUA_TNUMBER:
		data = lua_isinteger(L, index)
			       ? json_integer(lua_tointeger(L, index))
			       : json_real(lua_tonumber(L, index));
		break;
	case LUA_TBOOLEAN:
		data = json_boolean(lua_toboolean(L, index));
		break;
	case LUA_TTABLE:
		data = table_data(script, index, depth + 1);
		break;
	default:
		return json_null();
	}
	if (!data)
		luaL_error(L, _("a text that is not UTF-8"));
	return data;
}

static bool field_is_function(lua_State *L, int index, const char *name)
{
	bool is = lua_getfield(L, index, name) == LUA_TFUNCTION;

	lua_pop(L, 1);
	return is;
}

static json_t *goals_data(struct script *script)
{
	lua_State *L = script->L;
	int goals = lua_gettop(L);
	json_t *data = json_array();

	if (!lua_istable(L, goals))
		return data;
	for (lua_Integer i = 1; lua_geti(L, goals, i) == LUA_TTABLE; i++) {
		int top = lua_gettop(L);
		json_t *goal = to_data(script, top, 0);

		if (!json_is_object(goal) || !json_object_get(goal, "kind"))
			luaL_error(L, _("goal %d is made by no kind of goal"),
				   (int)i);
		json_object_set_new(
			goal, "has_check",
			json_boolean(field_is_function(L, top, "check")));
		json_object_set_new(
			goal, "has_diagnose",
			json_boolean(field_is_function(L, top, "diagnose")));
		json_object_set_new(
			goal, "has_right",
			json_boolean(field_is_function(L, top, "right")));
		json_array_append_new(data, goal);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	return data;
}

static json_t *step_data(struct script *script)
{
	lua_State *L = script->L;
	int step = lua_gettop(L);
	json_t *data = json_object();

	lua_getfield(L, step, "id");
	json_object_set_new(data, "id", to_data(script, step + 1, 0));
	lua_getfield(L, step, "points");
	json_object_set_new(data, "points", to_data(script, step + 2, 0));
	lua_getfield(L, step, "wrong");
	json_object_set_new(data, "wrong", to_data(script, step + 3, 0));
	lua_settop(L, step);
	lua_getfield(L, step, "only_if");
	json_object_set_new(data, "only_if", to_data(script, step + 1, 0));
	lua_getfield(L, step, "unless");
	json_object_set_new(data, "unless", to_data(script, step + 2, 0));
	lua_getfield(L, step, "goals");
	json_object_set_new(data, "goals", goals_data(script));
	lua_settop(L, step);
	json_object_set_new(data, "setup",
			    json_boolean(field_is_function(L, step, "setup")));
	json_object_set_new(data, "show",
			    json_boolean(field_is_function(L, step, "show")));
	lua_getfield(L, step, "solve");
	json_object_set_new(
		data, "solutions",
		json_integer(lua_istable(L, -1) ? luaL_len(L, -1) : 0));
	lua_settop(L, step);
	return data;
}

/* In protected mode: reading a hostile table may fail anywhere. */
static int describe(lua_State *L)
{
	struct script *script = script_of(L);
	json_t **out = lua_touserdata(L, 1);
	json_t *data = json_object();
	json_t *steps = json_array();
	json_t *vars = json_array();
	json_t *asked = json_array();

	lua_getfield(L, LUA_REGISTRYINDEX, key_lesson);
	json_object_set_new(data, "lesson", to_data(script, lua_gettop(L), 0));
	lua_getfield(L, LUA_REGISTRYINDEX, key_steps);
	for (lua_Integer i = 1; lua_geti(L, 3, i) == LUA_TTABLE; i++) {
		json_array_append_new(steps, step_data(script));
		lua_settop(L, 3);
	}
	json_object_set_new(data, "steps", steps);
	for (size_t i = 0; i < script->vars.count; i++)
		json_array_append_new(vars, json_string(script->vars.items[i]));
	json_object_set_new(data, "vars", vars);
	for (size_t i = 0; i < script->asked.count; i++)
		json_array_append_new(asked,
				      json_string(script->asked.items[i]));
	json_object_set_new(data, "asked", asked);
	*out = data;
	return 0;
}

int script_describe(struct script *script, json_t **out, struct err *err)
{
	lua_settop(script->L, 0);
	lua_pushcfunction(script->L, describe);
	lua_pushlightuserdata(script->L, out);
	if (lua_pcall(script->L, 1, 0, 0) != LUA_OK)
		return lua_failed(script->L, err);
	return 0;
}

/* ---- calling its functions ---- */

/* Leaves step.setup, step.solve[index] ... on top; false where there is none. */
static bool push_part(lua_State *L, size_t step, enum script_part part,
		      size_t index)
{
	static const char *const names[] = { "setup", "show", "solve",
					     "wrong" };

	lua_getfield(L, LUA_REGISTRYINDEX, key_steps);
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
	call->out = to_data(script, lua_gettop(L), 0);
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
		return lua_failed(script->L, err);
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
	lua_getfield(L, LUA_REGISTRYINDEX, key_steps);
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
		return lua_failed(script->L, err);
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
	question->right = to_data(script, lua_gettop(L), 0);
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
		return lua_failed(script->L, err);
	*out = question.right;
	return 0;
}
