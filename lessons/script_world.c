/* lessons/script_world.c - see script_world.h */
#include "lessons/script_world.h"

#include <errno.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/facts.h"
#include "lessons/judge.h"
#include "lessons/text.h"
#include "lessons/worker.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/unconst.h"

#define WORLD "dockershell.world"
#define CHECK "dockershell.check"
#define CONTAINER "dockershell.container"
#define IMAGE "dockershell.image"

static const char key_facts[] = "dockershell.facts"; /* in the registry */

struct world {
	const struct script_hands *hands;
	const struct strs *vars;
};

static struct world *world_of(lua_State *L)
{
	return luaL_checkudata(L, 1, WORLD);
}

static const struct facts *facts_of(lua_State *L, const struct world *world)
{
	if (!world->hands->facts)
		luaL_error(L, _("a setup cannot ask what is there"));
	return world->hands->facts;
}

static int fail(lua_State *L, const struct err *err)
{
	return luaL_error(L, "%s", err->msg);
}

static void set_text(lua_State *L, const char *key, const char *text)
{
	lua_pushstring(L, text ? text : "");
	lua_setfield(L, -2, key);
}

static void push_strs(lua_State *L, const struct strs *strs)
{
	lua_createtable(L, (int)strs->count, 0);
	for (size_t i = 0; i < strs->count; i++) {
		lua_pushstring(L, strs->items[i]);
		lua_seti(L, -2, (lua_Integer)i + 1);
	}
}

/* ---- doing ---- */

static json_t *ask(lua_State *L, const struct world *world, json_t *request)
{
	struct err err = { 0 };
	json_t *reply = NULL;

	if (!world->hands->worker)
		luaL_error(L, _("a check may look, not do"));
	if (!request)
		luaL_error(L, _("a text that is not UTF-8"));
	if (worker_ask(world->hands->worker, request, &reply, &err) < 0)
		fail(L, &err);
	return reply;
}

static int world_type(lua_State *L)
{
	struct world *world = world_of(L);
	struct buf line = { 0 };
	json_t *reply;

	text_fill(luaL_checkstring(L, 2), world->vars, &line);
	if (world->hands->dry) {
		json_array_append_new(world->hands->dry,
				      json_string(buf_text(&line)));
		buf_done(&line);
		lua_pushinteger(L, 0);
		lua_pushliteral(L, "");
		return 2;
	}
	reply = json_pack("{s:s,s:s}", "do", "type", "line", buf_text(&line));
	buf_done(&line);
	reply = ask(L, world, reply);
	lua_pushinteger(L,
			json_integer_value(json_object_get(reply, "status")));
	lua_pushstring(L, json_string_value(json_object_get(reply, "output")));
	json_decref(reply);
	return 2;
}

static int world_copy(lua_State *L)
{
	struct world *world = world_of(L);

	if (world->hands->dry)
		return 0;
	json_decref(ask(L, world,
			json_pack("{s:s,s:s,s:s}", "do", "copy", "from",
				  luaL_checkstring(L, 2), "to",
				  luaL_checkstring(L, 3))));
	return 0;
}

/* ---- containers ---- */

static void push_container(lua_State *L, const struct facts *facts,
			   const struct container *container)
{
	struct err ignored = { 0 };
	char *upper = NULL;

	lua_newtable(L);
	set_text(L, "id", container->spec.id);
	set_text(L, "name", container->spec.name);
	set_text(L, "image", container->spec.image);
	set_text(L, "hostname", container->spec.hostname);
	set_text(L, "status", container_status_name(container->status));
	lua_pushinteger(L, container->exit_code);
	lua_setfield(L, -2, "exit");
	lua_pushinteger(L, container->pid);
	lua_setfield(L, -2, "pid");
	lua_pushboolean(L, container->status == CONTAINER_RUNNING);
	lua_setfield(L, -2, "running");
	push_strs(L, &container->spec.args);
	lua_setfield(L, -2, "args");
	/* Without a place on this machine the field is just not there. */
	if (facts->upper &&
	    facts->upper(facts->ctx, container->spec.id, &upper, &ignored) == 0)
		set_text(L, "upper", upper);
	free(upper);
	luaL_setmetatable(L, CONTAINER);
}

static int world_container(lua_State *L)
{
	const struct facts *facts = facts_of(L, world_of(L));
	const struct container *found =
		facts_container(facts, luaL_checkstring(L, 2));

	if (!found)
		lua_pushnil(L);
	else
		push_container(L, facts, found);
	return 1;
}

static int world_containers(lua_State *L)
{
	const struct facts *facts = facts_of(L, world_of(L));
	const struct containers *all = NULL;
	struct err err = { 0 };

	if (facts->containers(facts->ctx, &all, &err) < 0)
		return fail(L, &err);
	lua_createtable(L, (int)all->count, 0);
	for (size_t i = 0; i < all->count; i++) {
		push_container(L, facts, &all->items[i]);
		lua_seti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* The facts and the id behind a container or an image, the first argument. The
 * facts come from the registry: what stands in a table is the script's to
 * change, and a pointer must not be. */
static const struct facts *behind(lua_State *L, const char **id)
{
	const struct facts *facts;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_getfield(L, LUA_REGISTRYINDEX, key_facts);
	facts = lua_touserdata(L, -1);
	lua_getfield(L, 1, "id");
	*id = lua_tostring(L, -1);
	if (!facts || !*id)
		luaL_error(L, _("no container and no image"));
	return facts;
}

static int container_diff_of(lua_State *L)
{
	const char *id = NULL;
	const struct facts *facts = behind(L, &id);
	struct changes changes = { 0 };
	struct err err = { 0 };

	if (facts->diff(facts->ctx, id, &changes, &err) < 0)
		return fail(L, &err);
	lua_createtable(L, (int)changes.count, 0);
	for (size_t i = 0; i < changes.count; i++) {
		lua_pushfstring(L, "%c %s", changes.items[i].kind,
				changes.items[i].path);
		lua_seti(L, -2, (lua_Integer)i + 1);
	}
	changes_done(&changes);
	return 1;
}

static int push_file(lua_State *L, enum facts_where where)
{
	const char *id = NULL;
	const struct facts *facts = behind(L, &id);
	struct facts_file file = { 0 };
	struct err err = { 0 };
	struct facts_path path = { where, id, luaL_checkstring(L, 2) };
	int r = facts->file(facts->ctx, &path, &file, &err);

	if (r == -ENOENT) {
		lua_pushnil(L);
		return 1;
	}
	if (r < 0)
		return fail(L, &err);
	lua_pushstring(L, file.text ? file.text : "");
	facts_file_done(&file);
	return 1;
}

static int container_file_of(lua_State *L)
{
	return push_file(L, FACTS_CONTAINER);
}

static int image_file_of(lua_State *L)
{
	return push_file(L, FACTS_IMAGE);
}

static int container_log_of(lua_State *L)
{
	const char *id = NULL;
	const struct facts *facts = behind(L, &id);
	struct buf log = { 0 };
	struct err err = { 0 };

	if (facts->log(facts->ctx, id, &log, &err) < 0)
		return fail(L, &err);
	lua_pushlstring(L, buf_text(&log), log.len);
	buf_done(&log);
	return 1;
}

/* ---- images ---- */

static int world_image(lua_State *L)
{
	const struct facts *facts = facts_of(L, world_of(L));
	struct image image = { 0 };
	struct err err = { 0 };
	int r = facts->image(facts->ctx, luaL_checkstring(L, 2), &image, &err);

	if (r == -ENOENT) {
		lua_pushnil(L);
		return 1;
	}
	if (r < 0)
		return fail(L, &err);
	lua_newtable(L);
	set_text(L, "id", image.id);
	set_text(L, "user", image.config.user);
	set_text(L, "cwd", image.config.working_dir);
	lua_pushinteger(L, image.size_bytes);
	lua_setfield(L, -2, "size");
	lua_pushinteger(L, (lua_Integer)image.layers.count);
	lua_setfield(L, -2, "layers");
	push_strs(L, &image.tags);
	lua_setfield(L, -2, "tags");
	push_strs(L, &image.config.cmd);
	lua_setfield(L, -2, "cmd");
	luaL_setmetatable(L, IMAGE);
	image_done(&image);
	return 1;
}

/* ---- the learner ---- */

static int world_typed(lua_State *L)
{
	static const struct strs none = { 0 };
	const struct facts *facts = facts_of(L, world_of(L));

	push_strs(L, facts->typed ? facts->typed : &none);
	return 1;
}

static int world_answer(lua_State *L)
{
	const struct facts *facts = facts_of(L, world_of(L));

	lua_pushstring(L, json_string_value(json_object_get(
				  facts->answers, luaL_checkstring(L, 2))));
	return 1;
}

/* ---- the check under way ---- */

static int check_fail(lua_State *L)
{
	struct verdict *verdict =
		*(struct verdict **)luaL_checkudata(L, 1, CHECK);
	const char *key = luaL_checkstring(L, 2);

	verdict->state = VERDICT_OPEN;
	free(verdict->message);
	verdict->message = mem_str(key);
	strs_clear(&verdict->args);
	if (lua_gettop(L) < 3)
		return 0;
	luaL_checktype(L, 3, LUA_TTABLE);
	for (lua_pushnil(L); lua_next(L, 3); lua_pop(L, 2)) {
		const char *value = luaL_tolstring(L, -1, NULL);

		if (lua_type(L, -3) == LUA_TSTRING)
			strs_addf(&verdict->args, "%s=%s", lua_tostring(L, -3),
				  value);
	}
	return 0;
}

/* ---- metatables ---- */

static void new_class(lua_State *L, const char *name, const luaL_Reg *methods)
{
	luaL_newmetatable(L, name);
	lua_newtable(L);
	luaL_setfuncs(L, methods, 0);
	lua_setfield(L, -2, "__index");
	lua_pushstring(L, name);
	lua_setfield(L, -2, "__metatable"); /* hands off */
	lua_pop(L, 1);
}

void script_world_open(lua_State *L)
{
	static const luaL_Reg world[] = {
		{ "type", world_type },
		{ "copy", world_copy },
		{ "container", world_container },
		{ "containers", world_containers },
		{ "image", world_image },
		{ "typed", world_typed },
		{ "answer", world_answer },
		{ NULL, NULL },
	};
	static const luaL_Reg check[] = {
		{ "fail", check_fail },
		{ NULL, NULL },
	};
	static const luaL_Reg container[] = {
		{ "diff", container_diff_of },
		{ "file", container_file_of },
		{ "log", container_log_of },
		{ NULL, NULL },
	};
	static const luaL_Reg image[] = {
		{ "file", image_file_of },
		{ NULL, NULL },
	};

	new_class(L, WORLD, world);
	new_class(L, CHECK, check);
	new_class(L, CONTAINER, container);
	new_class(L, IMAGE, image);
}

void script_world_push(lua_State *L, const struct script_hands *hands,
		       const struct strs *vars)
{
	struct world *world = lua_newuserdatauv(L, sizeof(*world), 0);

	lua_pushlightuserdata(L, unconst(hands->facts));
	lua_setfield(L, LUA_REGISTRYINDEX, key_facts);
	*world = (struct world){ hands, vars };
	luaL_setmetatable(L, WORLD);
}

void script_check_push(lua_State *L, struct verdict *verdict)
{
	struct verdict **check = lua_newuserdatauv(L, sizeof(void *), 0);

	*check = verdict;
	luaL_setmetatable(L, CHECK);
}
