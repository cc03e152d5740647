/* lessons/script_things.c - see script_things.h
 *
 * Each thing is written as JSON and turned into a table: what a script sees has one
 * form, and what is no UTF-8 is simply not there. */
#include "lessons/script_things.h"

#include <errno.h>
#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/facts.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/unconst.h"
#include "runtime/mount_spec.h"
#include "runtime/port_spec.h"

#define CONTAINER "dockershell.container"
#define IMAGE "dockershell.image"
#define VOLUME "dockershell.volume"
#define HISTORY "dockershell.history"
#define BUILD "dockershell.build"

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

static void set(json_t *to, const char *key, json_t *value)
{
	(void)json_object_set_new(to, key, value); /* NULL: then it lacks */
}

static void set_text(json_t *to, const char *key, const char *text)
{
	set(to, key, json_string(text ? text : ""));
}

static json_t *list_of(const struct strs *strs)
{
	json_t *list = json_array();

	for (size_t i = 0; i < strs->count; i++)
		json_array_append_new(list, json_string(strs->items[i]));
	return list;
}

/* "NAME=value" texts. */
static json_t *map_of(const struct strs *strs)
{
	json_t *map = json_object();

	for (size_t i = 0; i < strs->count; i++) {
		OWN_FREE char *name =
			mem_strn(strs->items[i], strcspn(strs->items[i], "="));
		const char *value = strchr(strs->items[i], '=');

		set_text(map, name, value ? value + 1 : "");
	}
	return map;
}

/* Pushes the object with a class, and lets go of it. */
static void push_thing(lua_State *L, json_t *thing, const char *class)
{
	script_push_json(L, thing);
	json_decref(thing);
	if (class)
		luaL_setmetatable(L, class);
}

/* The facts and the name behind a thing, the first argument. */
static const struct facts *behind(lua_State *L, const char *key,
				  const char **out_name)
{
	const struct facts *facts = script_things_facts(L);

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_getfield(L, 1, key);
	*out_name = lua_tostring(L, -1);
	if (!*out_name)
		luaL_error(L, _("only an image, a container, a volume or a network can be asked here"));
	return facts;
}

/* ---- files: of all that have some ---- */

static bool get_file(lua_State *L, enum facts_where where, const char *key,
		     struct facts_file *out)
{
	bool in_layer = where == FACTS_IMAGE && !lua_isnoneornil(L, 3);
	/* Read before behind() puts something of its own on the stack. */
	struct facts_path path = {
		.where = in_layer ? FACTS_LAYER : where,
		.path = luaL_checkstring(L, 2),
		.layer = in_layer ? (int)luaL_checkinteger(L, 3) : 0,
	};
	const struct facts *facts = behind(L, key, &path.name);
	struct err err = { 0 };
	int r;

	r = facts->file(facts->ctx, &path, out, &err);
	if (r < 0 && r != -ENOENT && r != -ENOTDIR && r != -ELOOP)
		script_raise(L, &err);
	return r == 0;
}

static int push_text(lua_State *L, enum facts_where where, const char *key)
{
	struct facts_file file = { 0 };

	if (get_file(L, where, key, &file) && file.kind == 'f')
		lua_pushstring(L, file.text ? file.text : "");
	else
		lua_pushnil(L);
	facts_file_done(&file);
	return 1;
}

static int push_stat(lua_State *L, enum facts_where where, const char *key)
{
	struct facts_file file = { 0 };

	if (get_file(L, where, key, &file)) {
		char kind[2] = { file.kind, 0 };
		OWN_FREE char *mode = mem_fmt("%04o", file.mode);

		push_thing(L,
			   json_pack("{s:s,s:s,s:I}", "kind", kind, "mode",
				     mode, "bytes",
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
		lua_pushstring(L, r < 0	     ? err.msg
				  : ran.late ? "late"
					     : ran.failed);
	} else {
		lua_pushstring(L, ran.output);
		lua_pushinteger(L, ran.code);
	}
	facts_ran_done(&ran);
	return 2;
}

/* ---- containers ---- */

static json_t *mounts_of(const struct spec *spec)
{
	json_t *list = json_array();

	for (size_t i = 0; i < spec->mounts.count; i++) {
		OWN_MOUNT_SPEC struct mount_spec mount = { 0 };
		struct err ignored = { 0 };
		json_t *one = json_object();

		if (mount_spec_read(spec->mounts.items[i], &mount, &ignored) <
		    0) {
			json_decref(one);
			continue;
		}
		set_text(one, "type", mount.type);
		set_text(one, "source", mount.source);
		set_text(one, "target", mount.target);
		set(one, "readonly", json_boolean(mount.readonly));
		set(one, "anonymous", json_boolean(mount.anonymous));
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *ports_of(const struct strs *published)
{
	json_t *list = json_array();

	for (size_t i = 0; i < published->count; i++) {
		struct port_spec port;

		if (port_spec_read(published->items[i], &port))
			json_array_append_new(
				list,
				json_pack("{s:s,s:i,s:i,s:s}", "ip", port.ip,
					  "host", (int)port.first, "port",
					  (int)port.port, "proto",
					  port.proto));
	}
	return list;
}

static json_t *networks_of(const struct facts *facts,
			   const struct container *container)
{
	const struct networks *all = NULL;
	struct err ignored = { 0 };
	json_t *list = json_array();

	if (!facts->networks ||
	    facts->networks(facts->ctx, &all, &ignored) < 0)
		return list;
	for (size_t i = 0; i < all->count; i++) {
		if (facts_is_on(container, &all->items[i]))
			json_array_append_new(list,
					      json_string(all->items[i].name));
	}
	return list;
}

static const char *health_name(enum container_health health)
{
	switch (health) {
	case HEALTH_STARTING:
		return "starting";
	case HEALTH_HEALTHY:
		return "healthy";
	case HEALTH_UNHEALTHY:
		return "unhealthy";
	case HEALTH_NONE:
	default:
		return "none";
	}
}

static void set_settings(json_t *to, const struct spec *spec)
{
	set_text(to, "hostname", spec->hostname);
	set_text(to, "user", spec->user);
	set_text(to, "workdir", spec->cwd);
	set_text(to, "restart", spec->restart_policy ? spec->restart_policy
						     : "no");
	set_text(to, "network_mode", spec->network_mode);
	set(to, "args", list_of(&spec->args));
	set(to, "env", map_of(&spec->env));
	set(to, "labels", map_of(&spec->labels));
	set(to, "mounts", mounts_of(spec));
	set(to, "memory", json_integer(spec->memory_bytes));
	set(to, "pids", json_integer(spec->pids_limit));
	set(to, "cpus", json_real((double)spec->nano_cpus / 1e9));
	set(to, "init", json_boolean(spec->init));
	set(to, "privileged", json_boolean(spec->privileged));
	set(to, "read_only", json_boolean(spec->read_only));
	set(to, "tty", json_boolean(spec->tty));
}

static void set_state(json_t *to, const struct container *container)
{
	set_text(to, "status", container_status_name(container->status));
	set(to, "running",
	    json_boolean(container->status == CONTAINER_RUNNING));
	set(to, "exit", json_integer(container->exit_code));
	set(to, "pid", json_integer(container->pid));
	set(to, "oom", json_boolean(container->oom_killed));
	set(to, "restarts", json_integer(container->restart_count));
	set(to, "stopped", json_boolean(container->asked_to_stop));
	set_text(to, "health", health_name(container->health));
	set_text(to, "error", container->error);
	/* Of the run that ended, or of the one that goes on. */
	set(to, "ms",
	    json_integer(container->finished_ns > container->started_ns
				 ? (container->finished_ns -
				    container->started_ns) /
					   1000000
				 : 0));
}

void script_push_container(lua_State *L, const struct facts *facts,
			   const struct container *container)
{
	json_t *thing = json_object();
	struct err ignored = { 0 };
	char *upper = NULL;

	set_text(thing, "id", container->spec.id);
	set_text(thing, "name", container->spec.name);
	set_text(thing, "image", container->spec.image);
	set_text(thing, "image_id", container->spec.image_id);
	set_settings(thing, &container->spec);
	set_state(thing, container);
	set(thing, "ports", ports_of(&container->published));
	set(thing, "networks", networks_of(facts, container));
	/* Without a place on this machine the field is just not there. */
	if (facts->upper &&
	    facts->upper(facts->ctx, container->spec.id, &upper, &ignored) == 0)
		set_text(thing, "upper", upper);
	free(upper);
	push_thing(L, thing, CONTAINER);
}

static int container_diff_of(lua_State *L)
{
	const char *id = NULL;
	const struct facts *facts = behind(L, "id", &id);
	struct changes changes = { 0 };
	struct err err = { 0 };

	if (facts->diff(facts->ctx, id, &changes, &err) < 0)
		return script_raise(L, &err);
	lua_createtable(L, (int)changes.count, 0);
	for (size_t i = 0; i < changes.count; i++) {
		lua_pushfstring(L, "%c %s", changes.items[i].kind,
				changes.items[i].path);
		lua_seti(L, -2, (lua_Integer)i + 1);
	}
	changes_done(&changes);
	return 1;
}

static int container_file_of(lua_State *L)
{
	return push_text(L, FACTS_CONTAINER, "id");
}

static int container_stat_of(lua_State *L)
{
	return push_stat(L, FACTS_CONTAINER, "id");
}

static int container_log_of(lua_State *L)
{
	const char *id = NULL;
	const struct facts *facts = behind(L, "id", &id);
	struct buf log = { 0 };
	struct err err = { 0 };

	if (facts->log(facts->ctx, id, &log, &err) < 0)
		return script_raise(L, &err);
	lua_pushlstring(L, buf_text(&log), log.len);
	buf_done(&log);
	return 1;
}

typedef int about_container(void *ctx, const struct container *container,
			    struct strs *out, struct err *err);

/* A list of lines about a container that runs; empty where it does not. */
static int push_lines(lua_State *L, const struct facts *facts, const char *id,
		      about_container *ask)
{
	const struct container *found = facts_container(facts, id);
	struct strs lines = { 0 };
	struct err err = { 0 };
	int r = found ? ask(facts->ctx, found, &lines, &err) : 0;

	if (r < 0)
		return script_raise(L, &err);
	push_thing(L, list_of(&lines), NULL);
	strs_done(&lines);
	return 1;
}

static int container_processes_of(lua_State *L)
{
	const char *id = NULL;
	const struct facts *facts = behind(L, "id", &id);

	return push_lines(L, facts, id, facts->processes);
}

static int container_listens_of(lua_State *L)
{
	const char *id = NULL;
	const struct facts *facts = behind(L, "id", &id);

	return push_lines(L, facts, id, facts->listens);
}

static int container_run_of(lua_State *L)
{
	const char *id = NULL;
	const struct facts *facts = behind(L, "id", &id);

	lua_settop(L, lua_gettop(L) - 1);
	return script_run(L, facts, FACTS_CONTAINER, id, 2);
}

/* ---- images ---- */

static void set_config(json_t *to, const struct image_config *config)
{
	set_text(to, "user", config->user);
	set_text(to, "workdir", config->working_dir);
	set_text(to, "cwd", config->working_dir);
	set_text(to, "stop_signal", config->stop_signal);
	set(to, "cmd", list_of(&config->cmd));
	set(to, "entrypoint", list_of(&config->entrypoint));
	set(to, "shell", list_of(&config->shell));
	set(to, "exposed", list_of(&config->exposed));
	set(to, "volumes", list_of(&config->volumes));
	set(to, "health_test", list_of(&config->health_test));
	set(to, "env", map_of(&config->env));
	set(to, "labels", map_of(&config->labels));
}

void script_push_image(lua_State *L, const struct image *image)
{
	json_t *thing = json_object();

	set_text(thing, "id", image->id);
	set_text(thing, "parent", image->parent);
	set(thing, "tags", list_of(&image->tags));
	set(thing, "size", json_integer(image->size_bytes));
	set(thing, "layer_count", json_integer((json_int_t)image->layers.count));
	set_config(thing, &image->config);
	push_thing(L, thing, IMAGE);
}

static int image_file_of(lua_State *L)
{
	return push_text(L, FACTS_IMAGE, "id");
}

static int image_stat_of(lua_State *L)
{
	return push_stat(L, FACTS_IMAGE, "id");
}

static int image_run_of(lua_State *L)
{
	const char *id = NULL;
	const struct facts *facts = behind(L, "id", &id);

	lua_settop(L, lua_gettop(L) - 1);
	return script_run(L, facts, FACTS_IMAGE, id, 2);
}

/* image:find("text", 2): { "3 /app/key", ... }, from the second layer upwards. */
static int image_find_of(lua_State *L)
{
	/* Read before behind() puts something of its own on the stack. */
	struct facts_text wanted = {
		.text = luaL_checkstring(L, 2),
		.first_layer = (int)luaL_optinteger(L, 3, 1),
	};
	const struct facts *facts = behind(L, "id", &wanted.image);
	struct strs found = { 0 };
	struct err err = { 0 };

	if (facts->search &&
	    facts->search(facts->ctx, &wanted, &found, &err) < 0) {
		strs_done(&found);
		return script_raise(L, &err);
	}
	push_thing(L, list_of(&found), NULL);
	strs_done(&found);
	return 1;
}

/* Oldest first, as a Dockerfile is read. only_layers: those that made one. */
static json_t *steps_of(lua_State *L, bool only_layers)
{
	const char *id = NULL;
	const struct facts *facts = behind(L, "id", &id);
	struct past past = { 0 };
	struct err err = { 0 };
	json_t *list = json_array();

	if (facts->past(facts->ctx, id, &past, &err) < 0)
		script_raise(L, &err);
	for (size_t i = past.count; i-- > 0;) {
		const struct past_step *step = &past.steps[i];
		json_t *one;

		if (only_layers && step->empty)
			continue;
		one = json_object();
		set_text(one, "text", step->created_by);
		set_text(one, "id", step->id);
		set(one, "bytes", json_integer(step->size_bytes));
		set(one, "empty", json_boolean(step->empty));
		json_array_append_new(list, one);
	}
	past_done(&past);
	return list;
}

static int image_history_of(lua_State *L)
{
	push_thing(L, steps_of(L, false), HISTORY);
	return 1;
}

static int image_layers_of(lua_State *L)
{
	push_thing(L, steps_of(L, true), NULL);
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

	set_text(thing, "name", volume->name);
	set(thing, "labels", map_of(&volume->labels));
	set(thing, "anonymous", json_boolean(volume->anonymous));
	set(thing, "users", users_of(facts, volume->name));
	push_thing(L, thing, VOLUME);
}

static int volume_file_of(lua_State *L)
{
	return push_text(L, FACTS_VOLUME, "name");
}

static int volume_stat_of(lua_State *L)
{
	return push_stat(L, FACTS_VOLUME, "name");
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
	set_text(thing, "id", network->id);
	set_text(thing, "name", network->name);
	set_text(thing, "driver", network->driver);
	set_text(thing, "subnet", network->subnet);
	set_text(thing, "gateway", network->gateway);
	set(thing, "internal", json_boolean(network->internal));
	set(thing, "members", members);
	push_thing(L, thing, NULL);
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
		set(step, "bytes",
		    json_integer(first ? image.size_bytes
				       : image.size_bytes - bytes));
		set(step, "layer",
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
	set(copy, "number",
	    json_integer(json_integer_value(json_object_get(copy, "number")) -
			 facts->builds_before));
	push_thing(L, copy, BUILD);
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

void script_things_open(lua_State *L)
{
	static const luaL_Reg container[] = {
		{ "diff", container_diff_of },
		{ "file", container_file_of },
		{ "stat", container_stat_of },
		{ "log", container_log_of },
		{ "processes", container_processes_of },
		{ "listens", container_listens_of },
		{ "ending", script_container_ending },
		{ "run", container_run_of },
		{ NULL, NULL },
	};
	static const luaL_Reg image[] = {
		{ "file", image_file_of },	 { "stat", image_stat_of },
		{ "history", image_history_of }, { "layers", image_layers_of },
		{ "run", image_run_of },	 { "find", image_find_of },
		{ NULL, NULL },
	};
	static const luaL_Reg history[] = {
		{ "index", history_index },
		{ "line", history_line },
		{ NULL, NULL },
	};
	static const luaL_Reg volume[] = {
		{ "file", volume_file_of },
		{ "stat", volume_stat_of },
		{ NULL, NULL },
	};
	static const luaL_Reg build[] = {
		{ "step", build_step },
		{ NULL, NULL },
	};

	new_class(L, CONTAINER, container);
	new_class(L, IMAGE, image);
	new_class(L, HISTORY, history);
	new_class(L, VOLUME, volume);
	new_class(L, BUILD, build);
}
