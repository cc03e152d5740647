/* lessons/script_data.c - what a lesson's script said, as data.
 *
 * Tables become JSON: with items 1, 2, ... a list, else an object. Functions stay
 * behind in the script; of each the data says only that it is there. %{names} in
 * texts are filled in on the way. */
#include "lessons/script_parts.h"

#include <lauxlib.h>
#include <stdbool.h>
#include <string.h>

#include "lessons/script.h"
#include "lessons/text.h"
#include "runtime/base/buf.h"
#include "runtime/base/lang.h"

#define DATA_MAX_DEPTH 12

/* ---- any value ---- */

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
		json_array_append_new(
			data, script_data(script, lua_gettop(L), depth));
		lua_pop(L, 1);
	}
	if (count > 0)
		return data;
	for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
		if (lua_type(L, -2) == LUA_TSTRING &&
		    lua_type(L, -1) != LUA_TFUNCTION)
			json_object_set_new(
				data, lua_tostring(L, -2),
				script_data(script, lua_gettop(L), depth));
	}
	return data;
}

json_t *script_data(struct script *script, int index, int depth)
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
		json_t *goal = script_data(script, top, 0);

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
	json_object_set_new(data, "id", script_data(script, step + 1, 0));
	lua_getfield(L, step, "points");
	json_object_set_new(data, "points", script_data(script, step + 2, 0));
	lua_getfield(L, step, "wrong");
	json_object_set_new(data, "wrong", script_data(script, step + 3, 0));
	lua_settop(L, step);
	lua_getfield(L, step, "only_if");
	json_object_set_new(data, "only_if", script_data(script, step + 1, 0));
	lua_getfield(L, step, "unless");
	json_object_set_new(data, "unless", script_data(script, step + 2, 0));
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

	lua_getfield(L, LUA_REGISTRYINDEX, SCRIPT_KEY_LESSON);
	json_object_set_new(data, "lesson",
			    script_data(script, lua_gettop(L), 0));
	lua_getfield(L, LUA_REGISTRYINDEX, SCRIPT_KEY_STEPS);
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
		return script_failed(script->L, err);
	return 0;
}
