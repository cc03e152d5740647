/* lessons/script.h - lesson.lua, run. For worker.h's child only.
 *
 * Owns the Lua state, the few words a lesson's script knows, and the objects `w`
 * (the world) and `c` (the check under way) that its functions get. A script
 * sees the base, table, string, math and utf8 libraries without load, loadfile,
 * dofile, collectgarbage and string.dump; files, processes and the network it
 * reaches by w alone. What it is made of: lesson, step, var, a constructor for
 * each kind of goal, pick_port(from, to), pick(list), token(length), has(word). */
#ifndef LESSONS_SCRIPT_H
#define LESSONS_SCRIPT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/list.h"

struct err;
struct facts;
struct script;
struct verdict;
struct worker;

/* dir    the lesson's folder
 * vars   "name=value" given earlier; may be NULL
 * can    what the machine can (machine.h); NULL: nobody has looked yet, and has()
 *        finds nothing */
struct script_source {
	const char *dir;
	uint64_t seed;
	const struct strs *vars;
	const struct strs *can;
};

/* Reads and runs lesson.lua: text only, never compiled code. */
int script_open(const struct script_source *source, struct script **out,
		struct err *err);

/* All it said, as data: {"lesson":{...},"vars":[...],"steps":[...],"asked":[...]};
 * asked: the words that has() was called with. */
int script_describe(struct script *script, json_t **out, struct err *err);

enum script_part {
	SCRIPT_SETUP, /* step.setup(w) */
	SCRIPT_SHOW,  /* step.show(w) -> { name = value } */
	SCRIPT_SOLVE, /* step.solve[index](w) */
	SCRIPT_WRONG, /* step.wrong[index].run(w) */
};

/* What w may do in a call.
 *
 * worker  where w:type and w:copy are sent; NULL: neither may be done
 * facts   what may be asked; NULL: nothing
 * dry     w:type only notes its line here, and every command "succeeds" */
struct script_hands {
	struct worker *worker;
	const struct facts *facts;
	json_t *dry;
};

/* Which function: of which step, and which of several. */
struct script_function {
	size_t step;
	enum script_part part;
	size_t index;
};

/* Calls it; *out what it returned, as data (given). */
int script_call(struct script *script, const struct script_hands *hands,
		const struct script_function *function, json_t **out,
		struct err *err);

/* Which goal's: check(w, c) of a custom one, or diagnose(w, c) after it
 * failed. */
struct script_goal {
	size_t step;
	size_t goal;
	bool diagnose;
};

/* Calls it and lets c:fail change the verdict. */
int script_check(struct script *script, const struct facts *facts,
		 const struct script_goal *goal, struct verdict *verdict,
		 struct err *err);

/* Calls right(w) of an answer; *out what is right now, as data (given). */
int script_right(struct script *script, const struct facts *facts,
		 const struct script_goal *goal, json_t **out,
		 struct err *err);

#endif
