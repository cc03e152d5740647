/* images/build_plan.c - a Dockerfile's stages; see build_private.h
 *
 *   ARG BASE=busybox              1  global
 *   FROM $BASE AS one             2  stage 0, "one"
 *   RUN make                      3
 *   FROM scratch                  4  stage 1
 *   COPY --from=one /x /          5 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "images/build_private.h"
#include "runtime/base/parse.h"

static bool is_from(const struct instruction *instruction)
{
	return strcmp(instruction->name, "from") == 0;
}

static char *lower(const char *text)
{
	char *copy = mem_str(text);

	for (char *p = copy; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return copy;
}

/* FROM image AS name */
static char *name_of(const struct instruction *from)
{
	return from->args.count == 3 ? lower(from->args.items[2]) : NULL;
}

int build_plan_find(const struct build_plan *plan, size_t count,
		    const char *name)
{
	OWN_FREE char *wanted = lower(name);
	struct err ignored = { 0 };
	int64_t number;

	for (size_t i = 0; i < count; i++)
		if (plan->stages[i].name &&
		    strcmp(plan->stages[i].name, wanted) == 0)
			return (int)i;
	if (parse_int(name, 0, INT32_MAX, &number, &ignored) == 0 &&
	    (size_t)number < count)
		return (int)number;
	return -1;
}

static void add_stage(struct build_plan *plan, const struct dockerfile *file,
		      size_t at)
{
	plan->stages = mem_grow(plan->stages, plan->count + 1,
				sizeof(*plan->stages));
	plan->stages[plan->count++] = (struct build_stage){
		.from = &file->items[at],
		.name = name_of(&file->items[at]),
		.first = at,
		.end = file->count,
	};
}

static int cut(const struct dockerfile *file, struct build_plan *plan,
	       struct err *err)
{
	for (size_t i = 0; i < file->count; i++) {
		const struct instruction *item = &file->items[i];

		if (is_from(item)) {
			if (plan->count)
				plan->stages[plan->count - 1].end = i;
			add_stage(plan, file, i);
		} else if (!plan->count && strcmp(item->name, "arg") == 0) {
			plan->globals++;
		} else if (!plan->count) {
			err_docker(err, ERR_DAEMON, EINVAL,
				   "no build stage in current context");
			return err_hint(err, _("line %d: a Dockerfile begins with FROM, which says what to build upon; only ARG may stand before it"),
					item->line);
		}
	}
	if (!plan->count)
		return err_docker(err, ERR_DAEMON, EINVAL,
				  "no build stage in current context");
	return 0;
}

static int no_target(const struct build_plan *plan, const char *target,
		     struct err *err)
{
	OWN_STRS struct strs names = { 0 };
	OWN_FREE char *list = NULL;

	for (size_t i = 0; i < plan->count; i++)
		if (plan->stages[i].name)
			strs_add(&names, plan->stages[i].name);
	list = strs_join(&names, ", ");
	err_docker(err, ERR_DAEMON, EINVAL,
		   "failed to reach build target %s in Dockerfile", target);
	return names.count ? err_hint(err, _("its stages are: %s"), list) :
			     err_hint(err, _("'FROM ... AS %s' gives a stage this name"),
				      target);
}

int build_plan_make(const struct build_choice *choice, struct build_plan *out,
		    struct err *err)
{
	struct build_plan plan = { 0 };
	int target = -1;
	int r = cut(choice->file, &plan, err);

	if (r == 0 && choice->target && *choice->target) {
		target = build_plan_find(&plan, plan.count, choice->target);
		if (target < 0)
			r = no_target(&plan, choice->target, err);
	}
	if (r < 0) {
		build_plan_done(&plan);
		return r;
	}
	while (target >= 0 && plan.count > (size_t)target + 1)
		free(plan.stages[--plan.count].name);
	plan.steps = plan.stages[plan.count - 1].end +
		     (choice->labels ? choice->labels->count : 0);
	*out = plan;
	return 0;
}

void build_plan_done(struct build_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		free(plan->stages[i].name);
	free(plan->stages);
	*plan = (struct build_plan){ 0 };
}
