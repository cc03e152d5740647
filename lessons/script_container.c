/* lessons/script_container.c - a container, as `w:container(name)` gives it out. */
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/facts.h"
#include "lessons/script_things.h"
#include "lessons/script_things_parts.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/mount_spec.h"
#include "runtime/port_spec.h"

#define CONTAINER "dockershell.container"
#define CHANGES "dockershell.changes"

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
		thing_text(one, "type", mount.type);
		thing_text(one, "source", mount.source);
		thing_text(one, "target", mount.target);
		thing_set(one, "readonly", json_boolean(mount.readonly));
		thing_set(one, "anonymous", json_boolean(mount.anonymous));
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
					  (int)port.port, "proto", port.proto));
	}
	return list;
}

static json_t *networks_of(const struct facts *facts,
			   const struct container *container)
{
	const struct networks *all = NULL;
	struct err ignored = { 0 };
	json_t *list = json_array();

	if (!facts->networks || facts->networks(facts->ctx, &all, &ignored) < 0)
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
	thing_text(to, "hostname", spec->hostname);
	thing_text(to, "user", spec->user);
	thing_text(to, "workdir", spec->cwd);
	thing_text(to, "restart",
		   spec->restart_policy ? spec->restart_policy : "no");
	thing_text(to, "network_mode", spec->network_mode);
	thing_set(to, "args", thing_list(&spec->args));
	thing_set(to, "env", thing_map(&spec->env));
	thing_set(to, "labels", thing_map(&spec->labels));
	thing_set(to, "mounts", mounts_of(spec));
	thing_set(to, "memory", json_integer(spec->memory_bytes));
	thing_set(to, "pids", json_integer(spec->pids_limit));
	thing_set(to, "cpus", json_real((double)spec->nano_cpus / 1e9));
	thing_set(to, "init", json_boolean(spec->init));
	thing_set(to, "privileged", json_boolean(spec->privileged));
	thing_set(to, "read_only", json_boolean(spec->read_only));
	thing_set(to, "tty", json_boolean(spec->tty));
}

static void set_state(json_t *to, const struct container *container)
{
	thing_text(to, "status", container_status_name(container->status));
	thing_set(to, "running",
		  json_boolean(container->status == CONTAINER_RUNNING));
	thing_set(to, "exit", json_integer(container->exit_code));
	thing_set(to, "pid", json_integer(container->pid));
	thing_set(to, "oom", json_boolean(container->oom_killed));
	thing_set(to, "restarts", json_integer(container->restart_count));
	thing_set(to, "stopped", json_boolean(container->asked_to_stop));
	thing_text(to, "health", health_name(container->health));
	thing_text(to, "error", container->error);
	/* Of the run that ended, or of the one that goes on. */
	thing_set(to, "ms",
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

	thing_text(thing, "id", container->spec.id);
	thing_text(thing, "name", container->spec.name);
	thing_text(thing, "image", container->spec.image);
	thing_text(thing, "image_id", container->spec.image_id);
	set_settings(thing, &container->spec);
	set_state(thing, container);
	thing_set(thing, "ports", ports_of(&container->published));
	thing_set(thing, "networks", networks_of(facts, container));
	/* Without a place on this machine the field is just not there. */
	if (facts->upper &&
	    facts->upper(facts->ctx, container->spec.id, &upper, &ignored) == 0)
		thing_text(thing, "upper", upper);
	free(upper);
	script_push_thing(L, thing, CONTAINER);
}

static int container_diff_of(lua_State *L)
{
	const char *id = NULL;
	const struct facts *facts = thing_behind(L, "id", &id);
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
	luaL_setmetatable(L, CHANGES);
	return 1;
}

/* box:diff():has("A /tmp/x") */
static int changes_has(lua_State *L)
{
	const char *wanted = luaL_checkstring(L, 2);
	bool has = false;

	luaL_checktype(L, 1, LUA_TTABLE);
	for (lua_Integer i = luaL_len(L, 1); i > 0 && !has; i--) {
		lua_geti(L, 1, i);
		has = strcmp(luaL_checkstring(L, -1), wanted) == 0;
		lua_pop(L, 1);
	}
	lua_pushboolean(L, has);
	return 1;
}

/* It was made, but there is no such program in its image. What only `create` made
 * has no error: nobody has tried to start it; nor has a shell that ended with 127. */
static int container_could_not_start(lua_State *L)
{
	bool tried, never_ran;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_getfield(L, 1, "status");
	lua_getfield(L, 1, "exit");
	lua_getfield(L, 1, "error");
	tried = *luaL_optstring(L, -1, "") != '\0';
	never_ran = strcmp(luaL_checkstring(L, -3), "created") == 0 ||
		    luaL_checkinteger(L, -2) == 127;
	lua_pushboolean(L, tried && never_ran);
	return 1;
}

static int container_file_of(lua_State *L)
{
	return thing_push_text(L, FACTS_CONTAINER, "id");
}

static int container_stat_of(lua_State *L)
{
	return thing_push_stat(L, FACTS_CONTAINER, "id");
}

static int container_log_of(lua_State *L)
{
	const char *id = NULL;
	const struct facts *facts = thing_behind(L, "id", &id);
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
	script_push_thing(L, thing_list(&lines), NULL);
	strs_done(&lines);
	return 1;
}

static int container_processes_of(lua_State *L)
{
	const char *id = NULL;
	const struct facts *facts = thing_behind(L, "id", &id);

	return push_lines(L, facts, id, facts->processes);
}

static int container_listens_of(lua_State *L)
{
	const char *id = NULL;
	const struct facts *facts = thing_behind(L, "id", &id);

	return push_lines(L, facts, id, facts->listens);
}

static int container_run_of(lua_State *L)
{
	const char *id = NULL;
	const struct facts *facts = thing_behind(L, "id", &id);

	lua_settop(L, lua_gettop(L) - 1);
	return script_run(L, facts, FACTS_CONTAINER, id, 2);
}

void script_container_open(lua_State *L)
{
	static const luaL_Reg container[] = {
		{ "diff", container_diff_of },
		{ "could_not_start", container_could_not_start },
		{ "file", container_file_of },
		{ "stat", container_stat_of },
		{ "log", container_log_of },
		{ "processes", container_processes_of },
		{ "listens", container_listens_of },
		{ "ending", script_container_ending },
		{ "run", container_run_of },
		{ NULL, NULL },
	};
	static const luaL_Reg changes[] = {
		{ "has", changes_has },
		{ NULL, NULL },
	};

	script_class(L, CONTAINER, container);
	script_class(L, CHANGES, changes);
}
