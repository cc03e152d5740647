/* lessons/goal_network.c - goals about a network: who is on it, and finds whom by name.
 *
 *     network{ id = "both", name = "shop", has = { "web", "db" } }
 *     network{ id = "calls", name = "shop", reaches = { "web", "db" } } */
#include "lessons/goal.h"

#include "lessons/facts.h"
#include "lessons/judge.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

#define ONE_TRY_MS 2000

static void network_describe(const struct goal *goal, struct buf *out)
{
	const char *name = goal_text(goal, "name");
	OWN_STRS struct strs has = { 0 };
	OWN_STRS struct strs lacks = { 0 };
	OWN_STRS struct strs reaches = { 0 };
	OWN_STRS struct strs parts = { 0 };
	OWN_FREE char *details = NULL;

	goal_strs(goal, "has", &has);
	goal_strs(goal, "lacks", &lacks);
	goal_strs(goal, "reaches", &reaches);
	for (size_t i = 0; i < has.count; i++)
		strs_addf(&parts, _("on it: %s"), has.items[i]);
	for (size_t i = 0; i < lacks.count; i++)
		strs_addf(&parts, _("not on it: %s"), lacks.items[i]);
	if (reaches.count == 2)
		strs_addf(&parts, _("'%s' finds '%s' by its name"),
			  reaches.items[0], reaches.items[1]);
	details = strs_join(&parts, ", ");
	buf_fmt(out, _("a network '%s'"), name);
	if (parts.count > 0)
		buf_fmt(out, " (%s)", details);
}

/* "web, db": who is on it; given. */
static char *members(const struct facts *facts, const struct network *network)
{
	const struct containers *all = NULL;
	OWN_STRS struct strs names = { 0 };
	struct err ignored = { 0 };

	if (facts->containers(facts->ctx, &all, &ignored) < 0)
		return NULL;
	for (size_t i = 0; i < all->count; i++) {
		if (facts_is_on(&all->items[i], network))
			strs_add(&names, all->items[i].spec.name);
	}
	if (names.count == 0)
		return mem_fmt(_("nobody is on '%s'"), network->name);
	OWN_FREE char *joined = strs_join(&names, ", ");
	return mem_fmt(_("on '%s': %s"), network->name, joined);
}

static const char *members_differ(const struct goal *goal,
				  const struct facts *facts,
				  const struct network *network)
{
	OWN_STRS struct strs has = { 0 };
	OWN_STRS struct strs lacks = { 0 };

	goal_strs(goal, "has", &has);
	goal_strs(goal, "lacks", &lacks);
	for (size_t i = 0; i < has.count; i++) {
		const struct container *one =
			facts_container(facts, has.items[i]);

		if (!one || !facts_is_on(one, network))
			return "not_on";
	}
	for (size_t i = 0; i < lacks.count; i++) {
		const struct container *one =
			facts_container(facts, lacks.items[i]);

		if (one && facts_is_on(one, network))
			return "on";
	}
	return NULL;
}

/* Asks the name server as a program in there would: by whatever of the two is in
 * the image. */
static int judge_reaches(const struct facts *facts, const char *from,
			 const char *to, struct verdict *out)
{
	OWN_STRS struct strs args = { 0 };
	struct facts_run run = { .where = FACTS_CONTAINER,
				 .name = from,
				 .args = &args,
				 .user = "0",
				 .timeout_ms = ONE_TRY_MS };
	struct facts_ran ran = { 0 };
	struct err failed = { 0 };
	int r;

	strs_add(&args, "/bin/sh");
	strs_add(&args, "-c");
	strs_add(&args, "getent hosts \"$0\" 2>/dev/null || "
			"nslookup \"$0\" 2>&1");
	strs_add(&args, to);
	if (!facts->run)
		return goal_open(out, "not_running", mem_fmt("-"), "");
	r = facts->run(facts->run_ctx, &run, &ran, &failed);
	if (r < 0)
		return goal_open(out, "not_running", mem_str(failed.msg),
				 "ps -a");
	r = ran.code == 0
		    ? goal_met(out)
		    : goal_open_look(out, "name_unknown",
				     mem_fmt(_("'%s' finds no '%s'"), from, to),
				     mem_fmt("exec %s nslookup %s", from, to));
	facts_ran_done(&ran);
	return r;
}

static int network_judge(const struct goal *goal, const struct facts *facts,
			 struct verdict *out, struct err *err)
{
	const char *name = goal_text(goal, "name");
	const struct network *network = facts_network(facts, name);
	OWN_STRS struct strs reaches = { 0 };
	const char *message;

	(void)err;
	if (!network)
		return goal_open(out, "none",
				 mem_fmt(_("no network '%s'"), name),
				 "network ls");
	message = members_differ(goal, facts, network);
	if (message)
		return goal_open_look(out, message, members(facts, network),
				      mem_fmt("network inspect %s", name));
	goal_strs(goal, "reaches", &reaches);
	if (reaches.count == 2)
		return judge_reaches(facts, reaches.items[0], reaches.items[1],
				     out);
	return goal_met(out);
}

static const char *const network_keys[] = { "name!", "has", "lacks", "reaches",
					    NULL };
static const char *const network_messages[] = { "none",	       "not_on", "on",
						"not_running", "name_unknown",
						NULL };

const struct goal_kind goal_kinds_network[] = {
	{ "network", network_keys, network_messages, network_describe,
	  network_judge },
	{ .name = NULL },
};
