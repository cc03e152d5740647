/* lessons/script_words.c - the words that a lesson.lua is written in.
 *
 *     lesson{...} step{...}     kept, until script_data.c reads them
 *     image{...} http{...} ...  one for each kind of goal: a table that knows its kind
 *     var.name                  a value of this learner's own
 *     pick(list) pick_port(from, to) token(length)    chosen by the learner's seed
 *     has("memory")             what the machine can
 *
 * Any other name is an error that says so: a slip in a word would be nil, silently,
 * anywhere else in Lua. */
#include "lessons/script_parts.h"

#include <arpa/inet.h>
#include <lauxlib.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "lessons/goal.h"
#include "lessons/machine.h"
#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

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

/* ---- what the machine can, what the learner was given ---- */

/* has("memory"): true, has("image:node"): "node:20"; nil where it cannot. */
static int word_has(lua_State *L)
{
	const char *word = luaL_checkstring(L, 1);
	struct script *script = script_of(L);
	const char *value = script->can ? machine_can(script->can, word) : NULL;

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
	lua_getfield(L, LUA_REGISTRYINDEX, SCRIPT_KEY_VARS);
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
	lua_getfield(L, LUA_REGISTRYINDEX, SCRIPT_KEY_VARS);
	if (lua_getfield(L, -1, luaL_checkstring(L, 2)) == LUA_TNIL)
		return luaL_error(L, _("var.%s has no value yet"),
				  lua_tostring(L, 2));
	return 1;
}

/* ---- what the lesson is made of ---- */

static int word_lesson(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	if (lua_getfield(L, LUA_REGISTRYINDEX, SCRIPT_KEY_LESSON) != LUA_TNIL)
		return luaL_error(L, _("lesson{...} is there twice"));
	lua_settop(L, 1);
	lua_setfield(L, LUA_REGISTRYINDEX, SCRIPT_KEY_LESSON);
	return 0;
}

static int word_step(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_getfield(L, LUA_REGISTRYINDEX, SCRIPT_KEY_STEPS);
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

/* ---- all of them ---- */

static void open_var(lua_State *L)
{
	lua_newtable(L);
	lua_setfield(L, LUA_REGISTRYINDEX, SCRIPT_KEY_VARS);
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
		{ "lesson", word_lesson },
		{ "step", word_step },
		{ "pick", word_pick },
		{ "pick_port", word_pick_port },
		{ "token", word_token },
		{ "has", word_has },
		{ NULL, NULL },
	};

	lua_newtable(L);
	lua_setfield(L, LUA_REGISTRYINDEX, SCRIPT_KEY_STEPS);
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

void script_words_open(lua_State *L)
{
	open_var(L);
	open_words(L);
}
