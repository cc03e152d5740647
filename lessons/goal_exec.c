/* lessons/goal_exec.c - goals about what a program says: exec.
 *
 *     exec{ id = "reads", container = "web", run = "cat /data/log", has = "ready" }
 *     exec{ id = "starts", image = "site:1", args = { "node", "--version" } }
 *
 * The program runs in the container, or in a new one of the image that is gone
 * afterwards (no network, no volume), with a bound on time and on output. */
#include "lessons/goal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/facts.h"
#include "lessons/goal_wait.h"
#include "lessons/judge.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

#define DEFAULT_TIMEOUT_S 3
#define LONGEST_TIMEOUT_S 10

/* `run` is for /bin/sh, `args` goes as it is. */
static void take_args(const struct goal *goal, struct strs *out)
{
	if (goal_has(goal, "run")) {
		strs_add(out, "/bin/sh");
		strs_add(out, "-c");
		strs_add(out, goal_text(goal, "run"));
	} else {
		goal_strs(goal, "args", out);
	}
}

static void exec_describe(const struct goal *goal, struct buf *out)
{
	OWN_STRS struct strs args = { 0 };
	OWN_STRS struct strs parts = { 0 };
	OWN_STRS struct strs has = { 0 };
	OWN_STRS struct strs lacks = { 0 };
	OWN_FREE char *line = NULL;
	OWN_FREE char *details = NULL;
	const char *place = goal_text(
		goal, goal_has(goal, "image") ? "image" : "container");

	goal_strs(goal, "args", &args);
	line = goal_has(goal, "run") ? mem_str(goal_text(goal, "run"))
				     : strs_join(&args, " ");
	goal_strs(goal, "has", &has);
	goal_strs(goal, "lacks", &lacks);
	if (goal_has(goal, "exit"))
		strs_addf(&parts, _("exit code: %lld"),
			  goal_number(goal, "exit", 0));
	if (goal_has(goal, "equals"))
		strs_addf(&parts, _("prints exactly: %s"),
			  goal_text(goal, "equals"));
	for (size_t i = 0; i < has.count; i++)
		strs_addf(&parts, _("has: %s"), has.items[i]);
	for (size_t i = 0; i < lacks.count; i++)
		strs_addf(&parts, _("not: %s"), lacks.items[i]);
	details = strs_join(&parts, ", ");
	buf_fmt(out, _("'%s' in '%s'"), line, place);
	if (parts.count > 0)
		buf_fmt(out, " (%s)", details);
}

/* The first line that it printed, short. */
static char *printed(const struct facts_ran *ran)
{
	const char *text = ran->output ? ran->output : "";
	size_t len = strcspn(text, "\n");

	if (!*text)
		return mem_fmt(_("it printed nothing (exit code %d)"),
			       ran->code);
	return mem_fmt(_("it printed: %.*s (exit code %d)"),
		       len > 60 ? 60 : (int)len, text, ran->code);
}

static bool same_output(const char *text, const char *wanted)
{
	size_t len = strlen(text);
	size_t wanted_len = strlen(wanted);

	while (len > 0 && text[len - 1] == '\n')
		len--;
	while (wanted_len > 0 && wanted[wanted_len - 1] == '\n')
		wanted_len--;
	return len == wanted_len && memcmp(text, wanted, len) == 0;
}

static const char *ran_differs(const struct goal *goal,
			       const struct facts_ran *ran)
{
	const char *text = ran->output ? ran->output : "";
	OWN_STRS struct strs has = { 0 };
	OWN_STRS struct strs lacks = { 0 };

	if (ran->late)
		return "timeout";
	if (ran->failed && ran->code != goal_number(goal, "exit", 0))
		return "no_program";
	/* Who asks for output alone does not ask how it ended. */
	if ((goal_has(goal, "exit") ||
	     !(goal_has(goal, "has") || goal_has(goal, "lacks") ||
	       goal_has(goal, "equals"))) &&
	    ran->code != goal_number(goal, "exit", 0))
		return "exit";
	if (goal_has(goal, "equals") &&
	    !same_output(text, goal_text(goal, "equals")))
		return "output";
	goal_strs(goal, "has", &has);
	goal_strs(goal, "lacks", &lacks);
	for (size_t i = 0; i < has.count; i++) {
		if (!strstr(text, has.items[i]))
			return "output";
	}
	for (size_t i = 0; i < lacks.count; i++) {
		if (strstr(text, lacks.items[i]))
			return "unexpected";
	}
	return NULL;
}

static int judge_ran(const struct goal *goal, const struct facts_run *run,
		     const struct facts_ran *ran, struct verdict *out)
{
	const char *message = ran_differs(goal, ran);
	char *there_is;

	if (!message)
		return goal_met(out);
	if (ran->late)
		there_is = mem_fmt(_("it did not end within %d s"),
				   run->timeout_ms / 1000);
	else if (ran->failed)
		there_is = mem_str(ran->failed);
	else
		there_is = printed(ran);
	OWN_FREE char *line = strs_join(run->args, " ");
	return goal_open_look(out, message, there_is,
			      run->where == FACTS_IMAGE
				      ? mem_fmt("run --rm %s %s", run->name,
						goal_has(goal, "run")
							? "sh"
							: line)
				      : mem_fmt("exec %s %s", run->name,
						goal_has(goal, "run")
							? goal_text(goal, "run")
							: line));
}

static bool place_is_there(const struct goal *goal, const struct facts *facts,
			   struct facts_run *run, struct verdict *out)
{
	OWN_IMAGE struct image image = { 0 };
	struct err missing = { 0 };
	const struct container *one;

	if (goal_has(goal, "image")) {
		run->where = FACTS_IMAGE;
		run->name = goal_text(goal, "image");
		if (facts->image(facts->ctx, run->name, &image, &missing) < 0) {
			goal_open(out, "no_image",
				  mem_fmt(_("no image '%s'"), run->name),
				  "images");
			return false;
		}
		return true;
	}
	run->name = goal_text(goal, "container");
	one = goal_container(goal, "container", facts, out);
	if (one && one->status != CONTAINER_RUNNING)
		goal_open(out, "not_running",
			  mem_fmt(_("'%s' is: %s"), run->name,
				  container_status_name(one->status)),
			  "ps -a");
	return one && one->status == CONTAINER_RUNNING;
}

static int exec_judge(const struct goal *goal, const struct facts *facts,
		      struct verdict *out, struct err *err)
{
	OWN_STRS struct strs args = { 0 };
	long long seconds = goal_number(goal, "timeout", DEFAULT_TIMEOUT_S);
	struct facts_run run = {
		.where = FACTS_CONTAINER,
		.args = &args,
		.user = goal_has(goal, "user") ? goal_text(goal, "user") : NULL,
		.timeout_ms = 1000 * (int)(seconds < 1 ? 1
				      : seconds > LONGEST_TIMEOUT_S
					      ? LONGEST_TIMEOUT_S
					      : seconds),
	};
	struct goal_wait wait;
	int r;

	take_args(goal, &args);
	if (args.count == 0)
		return err_set(err, EINVAL,
			       _("lesson.lua:%d: exec{} needs 'run' or 'args'"),
			       goal->line);
	if (!facts->run)
		return err_set(err, ENOTSUP,
			       _("nothing may be run for this check"));
	if (!place_is_there(goal, facts, &run, out))
		return 0;
	/* What a container's program makes may come a moment later; what is in an
	 * image does not change. */
	wait = goal_wait_begin(facts, run.where == FACTS_CONTAINER);
	do {
		struct facts_ran ran = { 0 };

		r = facts->run(facts->run_ctx, &run, &ran, err);
		if (r == -ENOENT || r == -ESRCH)
			return goal_open(out, "not_running", mem_str(err->msg),
					 "ps -a");
		if (r < 0)
			return r;
		r = judge_ran(goal, &run, &ran, out);
		facts_ran_done(&ran);
	} while (r == 0 && out->state != VERDICT_MET && goal_wait_more(&wait));
	return r;
}

static const char *const exec_keys[] = { "container+", "image+", "run",
					 "args",       "user",	 "exit",
					 "has",	       "lacks",	 "equals",
					 "timeout",    NULL };
static const char *const exec_messages[] = { "none",	   "no_image",
					     "not_running", "no_program",
					     "timeout",	   "exit",
					     "output",	   "unexpected",
					     NULL };

const struct goal_kind goal_kinds_exec[] = {
	{ "exec", exec_keys, exec_messages, exec_describe, exec_judge },
	{ .name = NULL },
};
