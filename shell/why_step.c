/* shell/why_step.c - see why.h: at which step of `explain` it ended.
 *
 * What refused is one of the steps that a container takes from its image to its
 * program: each cause knows which. Its number is that of `explain --dry-run`, which
 * does nothing; the real steps of several processes come between each other. */
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/own.h"
#include "runtime/base/trace.h"
#include "shell/explain.h"
#include "shell/explain_plan.h"
#include "shell/why.h"

static const struct {
	const char *cause;
	enum trace_step step;
} steps[] = {
	{ "port_published", TRACE_PUBLISH },  { "port_busy", TRACE_PUBLISH },
	{ "port_for_root", TRACE_PUBLISH },   { "port_was_taken", TRACE_PUBLISH },
	{ "no_bind_source", TRACE_BIND },     { "no_such_user", TRACE_SETUID },
	{ "not_in_path", TRACE_EXEC },	      { "no_such_program", TRACE_EXEC },
	{ "interpreter_missing", TRACE_EXEC }, { "loader_missing", TRACE_EXEC },
	{ "crlf", TRACE_EXEC },		      { "not_executable", TRACE_EXEC },
	{ "is_a_folder", TRACE_EXEC },	      { "noexec", TRACE_EXEC },
	{ "denied_to_user", TRACE_EXEC },     { "denied", TRACE_EXEC },
	{ "wrong_machine", TRACE_EXEC },      { "damaged_program", TRACE_EXEC },
	{ "empty_program", TRACE_EXEC },      { "no_shebang", TRACE_EXEC },
	{ "byte_order_mark", TRACE_EXEC },
	{ "start_unknown", TRACE_EXEC },      { "name_in_use", TRACE_NAME },
};

static bool step_of(const struct why_finding *f, enum trace_step *out)
{
	const char *id = f->id ? f->id : f->cause->id;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strcmp(steps[i].cause, id) != 0)
			continue;
		*out = steps[i].step;
		return true;
	}
	return false;
}

/* The words whose steps are meant: the line that failed, or the container's start. */
static bool words_of(const struct why *why, struct strs *out)
{
	if (why->line.words.count && !why->line.by_sh) {
		strs_copy(out, &why->line.words);
		return true;
	}
	if (!(why->about & WHY_START) || !why->container)
		return false;
	strs_add(out, "start");
	strs_add(out, why->container->spec.name);
	return true;
}

void why_add_step(const struct why *why, struct why_finding *f)
{
	OWN_EXPLAIN struct explain plan = { 0 };
	OWN_STRS struct strs words = { 0 };
	struct err ignored = { 0 };
	enum trace_step step;

	/* An image that is not here would be looked for elsewhere. */
	if ((!why->container && !why->image.id) || !step_of(f, &step) ||
	    !words_of(why, &words) ||
	    explain_plan(why->shell, (int)words.count, words.items, &plan,
			 &ignored) < 0)
		return;
	for (size_t i = plan.step_count; i-- > 0;)
		if (plan.steps[i].step == step) {
			why_fact(f, WHY_FROM_STEPS,
				 _("it ended in step %zu of %zu, %s; 'explain --dry-run %s ...' shows them"),
				 i + 1, plan.step_count,
				 plan.steps[i].info->name, words.items[0]);
			return;
		}
}
