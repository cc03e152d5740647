/* lessons/script_things.c - see script_things.h
 *
 * Each thing is written as JSON and turned into a table: what a script sees has one
 * form, and what is no UTF-8 is simply not there. */
#include "lessons/script_things.h"

#include <errno.h>
#include <lauxlib.h>
#include <string.h>

#include "lessons/any_text.h"
#include "lessons/facts.h"
#include "lessons/script_things_parts.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/unconst.h"

#define VOLUME "dockershell.volume"

#define RUN_TIMEOUT_MS 3000

static const char key_facts[] = "dockershell.facts"; /* in the registry */

int script_raise(lua_State *L, const struct err *err)
{
	return luaL_error(L, "%s", err->msg);
}

void script_things_use(lua_State *L, const struct facts *facts)
{
	lua_pushlightuserdata(L, unconst(facts));
	lua_setfield(L, LUA_REGISTRYINDEX, key_facts);
}

const struct facts *script_things_facts(lua_State *L)
{
	const struct facts *facts;

	lua_getfield(L, LUA_REGISTRYINDEX, key_facts);
	facts = lua_touserdata(L, -1);
	lua_pop(L, 1);
	if (!facts)
		luaL_error(L, _("nothing can be asked here"));
	return facts;
}

/* ---- data ---- */

void script_push_json(lua_State *L, const json_t *value)
{
	const char *key;
	json_t *one;

	luaL_checkstack(L, 4, NULL);
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		lua_newtable(L);
		json_object_foreach(unconst(value), key, one)
		{
			script_push_json(L, one);
			lua_setfield(L, -2, key);
		}
		break;
	case JSON_ARRAY:
		lua_newtable(L);
		for (size_t i = 0; i < json_array_size(value); i++) {
			script_push_json(L, json_array_get(value, i));
			lua_seti(L, -2, (lua_Integer)i + 1);
		}
		break;
	case JSON_STRING:
		lua_pushstring(L, json_string_value(value));
		break;
	case JSON_INTEGER:
		lua_pushinteger(L, json_integer_value(value));
		break;
	case JSON_REAL:
		lua_pushnumber(L, json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		lua_pushboolean(L, json_is_true(value));
		break;
	case JSON_NULL:
	default:
		lua_pushnil(L);
		break;
	}
}

void thing_set(json_t *to, const char *key, json_t *value)
{
	(void)json_object_set_new(to, key, value); /* NULL: then it lacks */
}

void thing_text(json_t *to, const char *key, const char *text)
{
	thing_set(to, key, any_text(text));
}

json_t *thing_list(const struct strs *strs)
{
	json_t *list = json_array();

	for (size_t i = 0; i < strs->count; i++)
		json_array_append_new(list, any_text(strs->items[i]));
	return list;
}

/* "NAME=value" texts. */
json_t *thing_map(const struct strs *strs)
{
	json_t *map = json_object();

	for (size_t i = 0; i < strs->count; i++) {
		OWN_FREE char *name =
			mem_strn(strs->items[i], strcspn(strs->items[i], "="));
		const char *value = strchr(strs->items[i], '=');

		thing_text(map, name, value ? value + 1 : "");
	}
	return map;
}

/* Pushes the object with a class, and lets go of it. */
void script_push_thing(lua_State *L, json_t *thing, const char *class)
{
	script_push_json(L, thing);
	json_decref(thing);
	if (class)
		luaL_setmetatable(L, class);
}

/* The facts and the name behind a thing, the first argument. */
const struct facts *thing_behind(lua_State *L, const char *key,
				 const char **out_name)
{
	const struct facts *facts = script_things_facts(L);

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_getfield(L, 1, key);
	*out_name = lua_tostring(L, -1);
	if (!*out_name)
		luaL_error(
			L,
			_("only an image, a container, a volume or a network can be asked here"));
	return facts;
}

/* ---- files: of all that have some ---- */

static bool get_file(lua_State *L, enum facts_where where, const char *key,
		     struct facts_file *out)
{
	bool in_layer = where == FACTS_IMAGE && !lua_isnoneornil(L, 3);
	/* Read before thing_behind() puts something of its own on the stack. */
	struct facts_path path = {
		.where = in_layer ? FACTS_LAYER : where,
		.path = luaL_checkstring(L, 2),
		.layer = in_layer ? (int)luaL_checkinteger(L, 3) : 0,
	};
	const struct facts *facts = thing_behind(L, key, &path.name);
	struct err err = { 0 };
	int r;

	r = facts->file(facts->ctx, &path, out, &err);
	if (r < 0 && r != -ENOENT && r != -ENOTDIR && r != -ELOOP)
		script_raise(L, &err);
	return r == 0;
}

int thing_push_text(lua_State *L, enum facts_where where, const char *key)
{
	struct facts_file file = { 0 };

	if (get_file(L, where, key, &file) && file.kind == 'f')
		lua_pushstring(L, file.text ? file.text : "");
	else
		lua_pushnil(L);
	facts_file_done(&file);
	return 1;
}

int thing_push_stat(lua_State *L, enum facts_where where, const char *key)
{
	struct facts_file file = { 0 };

	if (get_file(L, where, key, &file)) {
		char kind[2] = { file.kind, 0 };
		OWN_FREE char *mode = mem_fmt("%04o", file.mode);

		script_push_thing(L,
				  json_pack("{s:s,s:s,s:I}", "kind", kind,
					    "mode", mode, "bytes",
					    (json_int_t)file.size_bytes),
				  NULL);
	} else {
		lua_pushnil(L);
	}
	facts_file_done(&file);
	return 1;
}

/* ---- programs ---- */

int script_run(lua_State *L, const struct facts *facts, int where,
	       const char *name, int from)
{
	struct strs args = { 0 };
	struct facts_run run = { .where = (enum facts_where)where,
				 .name = name,
				 .args = &args,
				 .timeout_ms = RUN_TIMEOUT_MS };
	struct facts_ran ran = { 0 };
	struct err err = { 0 };
	int r;

	if (!facts->run)
		return luaL_error(L, _("nothing may be run here"));
	if (lua_gettop(L) == from) {
		strs_add(&args, "/bin/sh");
		strs_add(&args, "-c");
	}
	for (int i = from; i <= lua_gettop(L); i++)
		strs_add(&args, luaL_checkstring(L, i));
	r = facts->run(facts->run_ctx, &run, &ran, &err);
	strs_done(&args);
	if (r < 0 || ran.late || ran.failed) {
		lua_pushnil(L);
		lua_pushstring(L, r < 0      ? err.msg
				  : ran.late ? "late"
					     : ran.failed);
	} else {
		lua_pushstring(L, ran.output);
		lua_pushinteger(L, ran.code);
	}
	facts_ran_done(&ran);
	return 2;
}

/* ---- volumes and networks ---- */

static json_t *users_of(const struct facts *facts, const char *volume)
{
	const struct containers *all = NULL;
	struct strs ids = { 0 };
	struct err ignored = { 0 };
	json_t *names = json_array();

	if (facts->containers(facts->ctx, &all, &ignored) < 0)
		return names;
	volume_users(all, volume, &ids);
	for (size_t i = 0; i < ids.count; i++) {
		const struct container *one =
			facts_container(facts, ids.items[i]);

		if (one)
			json_array_append_new(names,
					      json_string(one->spec.name));
	}
	strs_done(&ids);
	return names;
}

void script_push_volume(lua_State *L, const struct facts *facts,
			const struct volume *volume)
{
	json_t *thing = json_object();

	thing_text(thing, "name", volume->name);
	thing_set(thing, "labels", thing_map(&volume->labels));
	thing_set(thing, "anonymous", json_boolean(volume->anonymous));
	thing_set(thing, "users", users_of(facts, volume->name));
	script_push_thing(L, thing, VOLUME);
}

static int volume_file_of(lua_State *L)
{
	return thing_push_text(L, FACTS_VOLUME, "name");
}

static int volume_stat_of(lua_State *L)
{
	return thing_push_stat(L, FACTS_VOLUME, "name");
}

void script_push_network(lua_State *L, const struct facts *facts,
			 const struct network *network)
{
	const struct containers *all = NULL;
	struct err ignored = { 0 };
	json_t *members = json_array();
	json_t *thing = json_object();

	if (facts->containers(facts->ctx, &all, &ignored) < 0)
		all = NULL;
	for (size_t i = 0; all && i < all->count; i++) {
		if (facts_is_on(&all->items[i], network))
			json_array_append_new(
				members, json_string(all->items[i].spec.name));
	}
	thing_text(thing, "id", network->id);
	thing_text(thing, "name", network->name);
	thing_text(thing, "driver", network->driver);
	thing_text(thing, "subnet", network->subnet);
	thing_text(thing, "gateway", network->gateway);
	thing_set(thing, "internal", json_boolean(network->internal));
	thing_set(thing, "members", members);
	script_push_thing(L, thing, NULL);
}

/* ---- classes ---- */

void script_class(lua_State *L, const char *name, const luaL_Reg *methods)
{
	luaL_newmetatable(L, name);
	lua_newtable(L);
	luaL_setfuncs(L, methods, 0);
	lua_setfield(L, -2, "__index");
	lua_pushstring(L, name);
	lua_setfield(L, -2, "__metatable"); /* hands off */
	lua_pop(L, 1);
}

void script_things_open(lua_State *L)
{
	static const luaL_Reg volume[] = {
		{ "file", volume_file_of },
		{ "stat", volume_stat_of },
		{ NULL, NULL },
	};

	script_class(L, VOLUME, volume);
	script_container_open(L);
	script_image_open(L);
}
