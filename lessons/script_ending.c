/* lessons/script_ending.c - how the last run of a container ended, for a lesson that
 * asks: `stop` that had to kill leaves the same 137 as `kill` does. */
#include <lauxlib.h>

#include "lessons/facts.h"
#include "lessons/script_things.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/ending.h"

static const char *asker_name(enum asker by)
{
	switch (by) {
	case ASKER_KILL:
		return "kill";
	case ASKER_STOP:
		return "stop";
	case ASKER_GRACE:
		return "grace";
	case ASKER_TERMINAL:
		return "terminal";
	case ASKER_UNKNOWN:
	default:
		return "unknown";
	}
}

int script_container_ending(lua_State *L)
{
	const struct facts *facts = script_things_facts(L);
	struct ending ending;
	struct err err = { 0 };
	int r;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_getfield(L, 1, "id");
	if (!lua_isstring(L, -1))
		return luaL_error(L, _("only an image, a container, a volume or a network can be asked here"));
	r = facts->ending ? facts->ending(facts->ctx, lua_tostring(L, -1),
					  &ending, &err)
			  : 0;
	if (r < 0)
		return script_raise(L, &err);
	if (r == 0 || !ending.died_ns) {
		lua_pushnil(L);
		return 1;
	}
	lua_newtable(L);
	lua_pushinteger(L, ending.seen.signal);
	lua_setfield(L, -2, "signal");
	if (ending.signal_count > 0) {
		const struct ending_signal *first = &ending.signals[0];
		const struct ending_signal *last =
			&ending.signals[ending.signal_count - 1];

		lua_pushstring(L, asker_name(last->by));
		lua_setfield(L, -2, "by");
		lua_pushstring(L, heed_names[first->heed]);
		lua_setfield(L, -2, "heed");
		lua_pushinteger(L, (lua_Integer)((ending.died_ns - first->ns) /
						 1000000));
		lua_setfield(L, -2, "ms");
	}
	return 1;
}
