/* lessons/script_learner.c - see script_learner.h */
#include "lessons/script_learner.h"

#include <ctype.h>
#include <lauxlib.h>
#include <string.h>

#include "lessons/facts.h"
#include "lessons/script_things.h"
#include "lessons/script_world.h"
#include "runtime/base/list.h"

static const struct strs *typed_of(const struct facts *facts)
{
	static const struct strs none = { 0 };

	return facts->typed ? facts->typed : &none;
}

/* Between spaces, or an end of the line. */
static bool has_word(const char *line, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = strstr(line, word); at && len > 0;
	     at = strstr(at + 1, word)) {
		bool begins = at == line || isspace((unsigned char)at[-1]);

		if (begins && (!at[len] || isspace((unsigned char)at[len])))
			return true;
	}
	return false;
}

static const char *last_with(const struct strs *lines, const char *word)
{
	for (size_t i = lines->count; i-- > 0;) {
		if (has_word(lines->items[i], word))
			return lines->items[i];
	}
	return NULL;
}

/* ---- what was typed ---- */

static void push_strs(lua_State *L, const struct strs *strs)
{
	lua_createtable(L, (int)strs->count, 0);
	for (size_t i = 0; i < strs->count; i++) {
		lua_pushstring(L, strs->items[i]);
		lua_seti(L, -2, (lua_Integer)i + 1);
	}
}

int script_learner_typed(lua_State *L)
{
	push_strs(L, typed_of(script_world_facts(L)));
	return 1;
}

int script_learner_lines(lua_State *L)
{
	const struct facts *facts = script_world_facts(L);

	if (facts->lines)
		script_push_json(L, facts->lines);
	else
		lua_newtable(L);
	return 1;
}

int script_learner_has_typed(lua_State *L)
{
	const struct facts *facts = script_world_facts(L);
	const char *word = script_world_text(L, 2);

	lua_pushboolean(L, last_with(typed_of(facts), word) != NULL);
	return 1;
}

int script_learner_typed_outside(lua_State *L)
{
	const struct strs *lines = typed_of(script_world_facts(L));
	const char *program = script_world_text(L, 2);
	size_t len = strlen(program);
	bool found = false;

	for (size_t i = 0; i < lines->count && !found; i++) {
		const char *line = lines->items[i];

		line += strspn(line, " \t");
		found = strncmp(line, program, len) == 0 &&
			isspace((unsigned char)line[len]);
	}
	lua_pushboolean(L, found);
	return 1;
}

int script_learner_last_run(lua_State *L)
{
	lua_pushstring(L, last_with(typed_of(script_world_facts(L)), "run"));
	return 1; /* NULL: nil */
}

int script_learner_ran_with(lua_State *L)
{
	const struct facts *facts = script_world_facts(L);
	const char *word = script_world_text(L, 2);
	const char *line = last_with(typed_of(facts), "run");

	lua_pushboolean(L, line && has_word(line, word));
	return 1;
}

/* ---- what was answered, and seen ---- */

int script_learner_answer(lua_State *L)
{
	const struct facts *facts = script_world_facts(L);

	lua_pushstring(L, json_string_value(json_object_get(
				  facts->answers, luaL_checkstring(L, 2))));
	return 1;
}

/* w:saw("container", "web"): it was there during this lesson. */
int script_learner_saw(lua_State *L)
{
	const struct facts *facts = script_world_facts(L);
	const char *kind = luaL_checkstring(L, 2);

	lua_pushboolean(L, facts_saw(facts, kind, script_world_text(L, 3)));
	return 1;
}
