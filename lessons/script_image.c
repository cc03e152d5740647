/* lessons/script_image.c - an image, its steps and layers, and the last build, as
 * `w:image(name)` and `w:built()` give them out. */
#include <errno.h>
#include <lauxlib.h>
#include <math.h>
#include <string.h>

#include "lessons/facts.h"
#include "lessons/script_things.h"
#include "lessons/script_things_parts.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"

#define IMAGE "dockershell.image"
#define HISTORY "dockershell.history"
#define BUILD "dockershell.build"

static void set_config(json_t *to, const struct image_config *config)
{
	thing_text(to, "user", config->user);
	thing_text(to, "workdir", config->working_dir);
	thing_text(to, "cwd", config->working_dir);
	thing_text(to, "stop_signal", config->stop_signal);
	thing_set(to, "cmd", thing_list(&config->cmd));
	thing_set(to, "entrypoint", thing_list(&config->entrypoint));
	thing_set(to, "shell", thing_list(&config->shell));
	thing_set(to, "exposed", thing_list(&config->exposed));
	thing_set(to, "volumes", thing_list(&config->volumes));
	thing_set(to, "health_test", thing_list(&config->health_test));
	thing_set(to, "env", thing_map(&config->env));
	thing_set(to, "labels", thing_map(&config->labels));
}

void script_push_image(lua_State *L, const struct image *image)
{
	json_t *thing = json_object();

	thing_text(thing, "id", image->id);
	thing_text(thing, "parent", image->parent);
	thing_set(thing, "tags", thing_list(&image->tags));
	thing_set(thing, "size", json_integer(image->size_bytes));
	thing_set(thing, "layer_count",
		  json_integer((json_int_t)image->layers.count));
	set_config(thing, &image->config);
	script_push_thing(L, thing, IMAGE);
}

static int image_file_of(lua_State *L)
{
	return thing_push_text(L, FACTS_IMAGE, "id");
}

static int image_stat_of(lua_State *L)
{
	return thing_push_stat(L, FACTS_IMAGE, "id");
}

static int image_run_of(lua_State *L)
{
	const char *id = NULL;
	const struct facts *facts = thing_behind(L, "id", &id);

	lua_settop(L, lua_gettop(L) - 1);
	return script_run(L, facts, FACTS_IMAGE, id, 2);
}

/* image:find("text", 2): { "3 /app/key", ... }, from the second layer upwards. */
static int image_find_of(lua_State *L)
{
	/* Read before thing_behind() puts something of its own on the stack. */
	struct facts_text wanted = {
		.text = luaL_checkstring(L, 2),
		.first_layer = (int)luaL_optinteger(L, 3, 1),
	};
	const struct facts *facts = thing_behind(L, "id", &wanted.image);
	struct strs found = { 0 };
	struct err err = { 0 };

	if (facts->search &&
	    facts->search(facts->ctx, &wanted, &found, &err) < 0) {
		strs_done(&found);
		return script_raise(L, &err);
	}
	script_push_thing(L, thing_list(&found), NULL);
	strs_done(&found);
	return 1;
}

/* Oldest first, as a Dockerfile is read. only_layers: those that made one. */
static json_t *steps_of(lua_State *L, bool only_layers)
{
	const char *id = NULL;
	const struct facts *facts = thing_behind(L, "id", &id);
	struct past past = { 0 };
	struct err err = { 0 };
	json_t *list = json_array();

	/* One that says what cannot be has no steps. */
	if (facts->past(facts->ctx, id, &past, &err) < 0 &&
	    err.code != EBADMSG)
		script_raise(L, &err);
	for (size_t i = past.count; i-- > 0;) {
		const struct past_step *step = &past.steps[i];
		json_t *one;

		if (only_layers && step->empty)
			continue;
		one = json_object();
		thing_text(one, "text", step->created_by);
		thing_text(one, "id", step->id);
		thing_set(one, "bytes", json_integer(step->size_bytes));
		thing_set(one, "empty", json_boolean(step->empty));
		json_array_append_new(list, one);
	}
	past_done(&past);
	return list;
}

static int image_history_of(lua_State *L)
{
	script_push_thing(L, steps_of(L, false), HISTORY);
	return 1;
}

static int image_layers_of(lua_State *L)
{
	script_push_thing(L, steps_of(L, true), NULL);
	return 1;
}

/* h:index("COPY . "): which step, the oldest being 1; math.huge where there is
 * none: it comes after all others, then. */
static int history_index(lua_State *L)
{
	const char *text = luaL_checkstring(L, 2);
	lua_Integer count = luaL_len(L, 1);

	for (lua_Integer i = 1; i <= count; i++) {
		const char *line;
		bool is_run;

		lua_geti(L, 1, i);
		lua_getfield(L, -1, "text");
		line = lua_tostring(L, -1);
		/* A RUN is written without its word. */
		is_run = line && strncmp(text, "RUN ", 4) == 0 &&
			 !strstr(line, "#(nop)") &&
			 (!text[4] || strstr(line, text + 4));
		if (line && (strstr(line, text) || is_run)) {
			lua_pushstring(L, line);
			lua_setfield(L, 1, "found");
			lua_pushinteger(L, i);
			return 1;
		}
		lua_pop(L, 2);
	}
	lua_pushnumber(L, (lua_Number)HUGE_VAL);
	return 1;
}

/* The line of a step, or of the one that index() found last. */
static int history_line(lua_State *L)
{
	if (lua_isnoneornil(L, 2)) {
		lua_getfield(L, 1, "found");
		return 1;
	}
	lua_geti(L, 1, luaL_checkinteger(L, 2));
	if (lua_istable(L, -1))
		lua_getfield(L, -1, "text");
	return 1;
}

/* ---- the last build ---- */

/* Bytes and layers of a step are what its image has more than the one before. */
static void add_sizes(const struct facts *facts, json_t *steps)
{
	long long bytes = 0;
	size_t layers = 0;

	for (size_t i = 0; i < json_array_size(steps); i++) {
		json_t *step = json_array_get(steps, i);
		const char *id =
			json_string_value(json_object_get(step, "image"));
		OWN_IMAGE struct image image = { 0 };
		struct err ignored = { 0 };
		bool first;

		if (!id || facts->image(facts->ctx, id, &image, &ignored) < 0)
			continue;
		/* A stage begins anew from its base. */
		first = image.layers.count < layers || i == 0;
		thing_set(step, "bytes",
			  json_integer(first ? image.size_bytes
					     : image.size_bytes - bytes));
		thing_set(step, "layer",
			  json_boolean(first || image.layers.count > layers));
		bytes = image.size_bytes;
		layers = image.layers.count;
	}
}

void script_push_build(lua_State *L, const struct facts *facts,
		       const json_t *build)
{
	json_t *copy = json_deep_copy(build);

	add_sizes(facts, json_object_get(copy, "steps"));
	thing_set(copy, "number",
		  json_integer(
			  json_integer_value(json_object_get(copy, "number")) -
			  facts->builds_before));
	script_push_thing(L, copy, BUILD);
}

/* b:step("RUN npm"): the first with the text, or nil. */
static int build_step(lua_State *L)
{
	const char *text = luaL_checkstring(L, 2);
	lua_Integer count;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_getfield(L, 1, "steps");
	count = luaL_len(L, -1);
	for (lua_Integer i = 1; i <= count; i++) {
		const char *line;

		lua_geti(L, 3, i);
		lua_getfield(L, -1, "text");
		line = lua_tostring(L, -1);
		lua_pop(L, 1);
		if (line && strstr(line, text))
			return 1;
		lua_pop(L, 1);
	}
	lua_pushnil(L);
	return 1;
}

/* b:failed(): the text of the step that the build stopped at; "": it ended well, or
 * before its first step. */
static int build_failed(lua_State *L)
{
	lua_Integer count;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	lua_getfield(L, 1, "steps");
	count = luaL_len(L, 2);
	for (lua_Integer i = 1; i <= count; i++) {
		lua_geti(L, 2, i);
		if (lua_getfield(L, -1, "image") == LUA_TNIL) {
			lua_getfield(L, -2, "text");
			return 1;
		}
		lua_pop(L, 2);
	}
	lua_pushliteral(L, "");
	return 1;
}

void script_image_open(lua_State *L)
{
	static const luaL_Reg image[] = {
		{ "file", image_file_of },       { "stat", image_stat_of },
		{ "history", image_history_of }, { "layers", image_layers_of },
		{ "run", image_run_of },         { "find", image_find_of },
		{ NULL, NULL },
	};
	static const luaL_Reg history[] = {
		{ "index", history_index },
		{ "line", history_line },
		{ NULL, NULL },
	};
	static const luaL_Reg build[] = {
		{ "step", build_step },
		{ "failed", build_failed },
		{ NULL, NULL },
	};

	script_class(L, IMAGE, image);
	script_class(L, HISTORY, history);
	script_class(L, BUILD, build);
}
