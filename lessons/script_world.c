/* lessons/script_world.c - see script_world.h */
#include "lessons/script_world.h"

#include <errno.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/facts.h"
#include "lessons/judge.h"
#include "lessons/script_learner.h"
#include "lessons/script_things.h"
#include "lessons/text.h"
#include "lessons/worker.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"

#define WORLD "dockershell.world"
#define CHECK "dockershell.check"

struct world {
	const struct script_hands *hands;
	const struct strs *vars;
};

static struct world *world_of(lua_State *L)
{
	return luaL_checkudata(L, 1, WORLD);
}

const struct facts *script_world_facts(lua_State *L)
{
	(void)world_of(L);
	return script_things_facts(L);
}

/* An argument with its %{names} filled in; stays on the Lua stack. */
const char *script_world_text(lua_State *L, int index)
{
	const struct world *world = world_of(L);
	struct buf text = { 0 };

	text_fill(luaL_checkstring(L, index), world->vars, &text);
	lua_pushlstring(L, buf_text(&text), text.len);
	buf_done(&text);
	lua_replace(L, index);
	return lua_tostring(L, index);
}

/* ---- doing ---- */

static json_t *ask(lua_State *L, const struct world *world, json_t *request)
{
	const struct facts *facts = world->hands->facts;
	struct err err = { 0 };
	json_t *reply = NULL;

	if (!world->hands->worker)
		luaL_error(L, _("a check may look, not do"));
	if (!request)
		luaL_error(L, _("a text that is not UTF-8"));
	if (worker_ask(world->hands->worker, request, &reply, &err) < 0)
		script_raise(L, &err);
	/* What was known of the world is known no more. */
	if (facts && facts->forget)
		facts->forget(facts->ctx);
	return reply;
}

/* In a rehearsal a line is only noted: true, then. */
static bool noted(const struct world *world, const char *line)
{
	if (!world->hands->dry)
		return false;
	json_array_append_new(world->hands->dry, json_string(line));
	return true;
}

static int world_type(lua_State *L)
{
	struct world *world = world_of(L);
	const char *line = script_world_text(L, 2);
	const char *until =
		lua_isnoneornil(L, 3) ? NULL : script_world_text(L, 3);
	json_t *reply;

	if (noted(world, line)) {
		lua_pushinteger(L, 0);
		lua_pushliteral(L, "");
		return 2;
	}
	reply = ask(L, world,
		    json_pack("{s:s,s:s,s:s*}", "do", "type", "line", line,
			      "until", until));
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
				  script_world_text(L, 2), "to",
				  script_world_text(L, 3))));
	return 0;
}

/* As a learner could do it at the prompt, for the solution that is shown. */
static void note_writing(const struct world *world, const char *path,
			 const char *text)
{
	size_t len = strlen(text);
	char *line = mem_fmt("cat > %s <<'EOF'\n%s%sEOF", path, text,
			     len > 0 && text[len - 1] == '\n' ? "" : "\n");

	(void)noted(world, line);
	free(line);
}

static int write_text(lua_State *L, const char *path, const char *text)
{
	struct world *world = world_of(L);

	if (world->hands->dry)
		note_writing(world, path, text);
	else
		json_decref(ask(L, world,
				json_pack("{s:s,s:s,s:s}", "do", "write", "to",
					  path, "text", text)));
	return 0;
}

static int world_write(lua_State *L)
{
	const char *path = script_world_text(L, 2);

	return write_text(L, path, script_world_text(L, 3));
}

static int world_remove(lua_State *L)
{
	struct world *world = world_of(L);
	const char *path = script_world_text(L, 2);
	char *line;

	if (world->hands->dry) {
		line = mem_fmt("$ rm -r %s", path);
		(void)noted(world, line);
		free(line);
		return 0;
	}
	json_decref(ask(L, world,
			json_pack("{s:s,s:s}", "do", "remove", "to", path)));
	return 0;
}

/* The learner's own file, or false. */
static bool read_work(lua_State *L, const char *path, struct facts_file *out)
{
	const struct facts *facts = script_world_facts(L);
	struct facts_path where = { .where = FACTS_WORK,
				    .name = "",
				    .path = path };
	struct err err = { 0 };
	int r = facts->file(facts->ctx, &where, out, &err);

	if (r < 0 && r != -ENOENT && r != -ENOTDIR && r != -ELOOP)
		script_raise(L, &err);
	return r == 0;
}

static int world_read(lua_State *L)
{
	struct facts_file file = { 0 };

	if (read_work(L, script_world_text(L, 2), &file) && file.kind == 'f')
		lua_pushstring(L, file.text ? file.text : "");
	else
		lua_pushnil(L);
	facts_file_done(&file);
	return 1;
}

/* The same change as sed would make it, in one line. */
static char *as_sed(const char *path, const char *from, const char *to)
{
	OWN_BUF struct buf one_line = { 0 };

	for (; *to; to++) {
		if (*to == '\n')
			buf_str(&one_line, "\\n");
		else
			buf_char(&one_line, *to);
	}
	return mem_fmt("$ sed -i 's|%s|%s|' %s", from, buf_text(&one_line),
		       path);
}

/* w:edit("Dockerfile", "old", "new"): the first "old" becomes "new". */
static int world_edit(lua_State *L)
{
	struct world *world = world_of(L);
	const char *path = script_world_text(L, 2);
	const char *from = script_world_text(L, 3);
	const char *to = script_world_text(L, 4);
	struct facts_file file = { 0 };
	const char *at;
	char *text;

	if (world->hands->dry) {
		text = as_sed(path, from, to);
		(void)noted(world, text);
		free(text);
		return 0;
	}
	if (!read_work(L, path, &file) || file.kind != 'f')
		return luaL_error(L, _("there is no file '%s'"), path);
	at = strstr(file.text, from);
	if (!at)
		return luaL_error(L, _("'%s' is not in '%s'"), from, path);
	text = mem_fmt("%.*s%s%s", (int)(at - file.text), file.text, to,
		       at + strlen(from));
	facts_file_done(&file);
	lua_pushstring(L, text);
	free(text);
	return write_text(L, path, lua_tostring(L, -1));
}

/* ---- asking ---- */

static int world_container(lua_State *L)
{
	const struct facts *facts = script_world_facts(L);
	const struct container *found =
		facts_container(facts, script_world_text(L, 2));

	if (!found)
		lua_pushnil(L);
	else
		script_push_container(L, facts, found);
	return 1;
}

static int world_containers(lua_State *L)
{
	const struct facts *facts = script_world_facts(L);
	const struct containers *all = NULL;
	struct err err = { 0 };

	if (facts->containers(facts->ctx, &all, &err) < 0)
		return script_raise(L, &err);
	lua_createtable(L, (int)all->count, 0);
	for (size_t i = 0; i < all->count; i++) {
		script_push_container(L, facts, &all->items[i]);
		lua_seti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

static int world_image(lua_State *L)
{
	const struct facts *facts = script_world_facts(L);
	struct image image = { 0 };
	struct err err = { 0 };
	int r = facts->image(facts->ctx, script_world_text(L, 2), &image, &err);

	if (r < 0 && r != -ENOENT)
		return script_raise(L, &err);
	if (r < 0)
		lua_pushnil(L);
	else
		script_push_image(L, &image);
	image_done(&image);
	return 1;
}

static int world_images(lua_State *L)
{
	const struct facts *facts = script_world_facts(L);
	struct image_list all = { 0 };
	struct err err = { 0 };

	if (facts->images(facts->ctx, &all, &err) < 0)
		return script_raise(L, &err);
	lua_createtable(L, (int)all.count, 0);
	for (size_t i = 0; i < all.count; i++) {
		script_push_image(L, &all.items[i]);
		lua_seti(L, -2, (lua_Integer)i + 1);
	}
	image_list_done(&all);
	return 1;
}

static int world_volume(lua_State *L)
{
	const struct facts *facts = script_world_facts(L);
	struct volume volume = { 0 };
	struct err err = { 0 };
	int r = facts->volume(facts->ctx, script_world_text(L, 2), &volume,
			      &err);

	if (r < 0 && r != -ENOENT)
		return script_raise(L, &err);
	if (r < 0)
		lua_pushnil(L);
	else
		script_push_volume(L, facts, &volume);
	volume_done(&volume);
	return 1;
}

static int world_network(lua_State *L)
{
	const struct facts *facts = script_world_facts(L);
	const struct network *found =
		facts_network(facts, script_world_text(L, 2));

	if (!found)
		lua_pushnil(L);
	else
		script_push_network(L, facts, found);
	return 1;
}

static int world_built(lua_State *L)
{
	const struct facts *facts = script_world_facts(L);
	json_t *build = facts->note ? facts->note(facts->ctx, "build") : NULL;

	if (!build)
		lua_pushnil(L);
	else
		script_push_build(L, facts, build);
	json_decref(build);
	return 1;
}

static int world_measured(lua_State *L)
{
	const struct facts *facts = script_world_facts(L);
	json_t *all = facts->note ? facts->note(facts->ctx, "measures") : NULL;
	json_t *one = json_object_get(all, script_world_text(L, 2));

	if (!one)
		lua_pushnil(L);
	else
		script_push_json(L, one);
	json_decref(all);
	return 1;
}

static int world_page(lua_State *L)
{
	const struct facts *facts = script_world_facts(L);
	struct facts_page page = { 0 };
	struct err err = { 0 };

	if (facts->page(facts->ctx, script_world_text(L, 2), 1000, &page,
			&err) < 0) {
		lua_pushnil(L);
		lua_pushstring(L, err.msg);
	} else {
		lua_pushinteger(L, page.status);
		lua_pushstring(L, page.body);
	}
	facts_page_done(&page);
	return 2;
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

/* c:shows("there is", "look"): what a custom check saw, in place of nothing. */
static int check_shows(lua_State *L)
{
	struct verdict *verdict =
		*(struct verdict **)luaL_checkudata(L, 1, CHECK);

	free(verdict->there_is);
	free(verdict->look);
	verdict->there_is = mem_str(luaL_checkstring(L, 2));
	verdict->look = mem_str(luaL_optstring(L, 3, ""));
	return 0;
}

/* c:not_yet("ps -a"): nothing is wrong, it is just not done yet: where to look. */
static int check_not_yet(lua_State *L)
{
	lua_settop(L, 2);
	luaL_checkstring(L, 2);
	lua_pushcfunction(L, check_fail);
	lua_pushvalue(L, 1);
	lua_pushliteral(L, "not_yet");
	lua_call(L, 2, 0);
	lua_pushliteral(L, "");
	lua_insert(L, 2);
	return check_shows(L);
}

/* ---- metatables ---- */

void script_world_open(lua_State *L)
{
	static const luaL_Reg world[] = {
		{ "type", world_type },
		{ "copy", world_copy },
		{ "write", world_write },
		{ "edit", world_edit },
		{ "remove", world_remove },
		{ "read", world_read },
		{ "container", world_container },
		{ "containers", world_containers },
		{ "image", world_image },
		{ "images", world_images },
		{ "volume", world_volume },
		{ "network", world_network },
		{ "built", world_built },
		{ "measured", world_measured },
		{ "page", world_page },
		{ "typed", script_learner_typed },
		{ "lines", script_learner_lines },
		{ "has_typed", script_learner_has_typed },
		{ "typed_outside", script_learner_typed_outside },
		{ "last_run", script_learner_last_run },
		{ "ran_with", script_learner_ran_with },
		{ "answer", script_learner_answer },
		{ "saw", script_learner_saw },
		{ NULL, NULL },
	};
	static const luaL_Reg check[] = {
		{ "fail", check_fail },
		{ "shows", check_shows },
		{ "not_yet", check_not_yet },
		{ NULL, NULL },
	};

	script_class(L, WORLD, world);
	script_class(L, CHECK, check);
	script_things_open(L);
}

void script_world_push(lua_State *L, const struct script_hands *hands,
		       const struct strs *vars)
{
	struct world *world = lua_newuserdatauv(L, sizeof(*world), 0);

	script_things_use(L, hands->facts);
	*world = (struct world){ hands, vars };
	luaL_setmetatable(L, WORLD);
}

void script_check_push(lua_State *L, struct verdict *verdict)
{
	struct verdict **check = lua_newuserdatauv(L, sizeof(void *), 0);

	*check = verdict;
	luaL_setmetatable(L, CHECK);
}
