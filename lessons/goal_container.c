/* lessons/goal_container.c - goals about containers and what they left behind:
 * container, exit, diff, log, process, gone. */
#include "lessons/goal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/facts.h"
#include "lessons/judge.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"

/* "head (a, b)": the details collected in `parts`. */
static void describe_with(struct buf *out, const char *head,
			  const struct strs *parts)
{
	OWN_FREE char *details = strs_join(parts, ", ");

	buf_str(out, head);
	if (parts->count > 0)
		buf_fmt(out, " (%s)", details);
}

/* ---- container ---- */

static void container_parts(const struct goal *goal, struct strs *parts)
{
	OWN_STRS struct strs args = { 0 };

	goal_strs(goal, "args_has", &args);
	if (goal_has(goal, "image"))
		strs_addf(parts, _("image: %s"), goal_text(goal, "image"));
	if (goal_has(goal, "status"))
		strs_addf(parts, _("status: %s"), goal_text(goal, "status"));
	if (goal_has(goal, "exit"))
		strs_addf(parts, _("exit code: %lld"),
			  goal_number(goal, "exit", 0));
	if (goal_has(goal, "hostname"))
		strs_addf(parts, _("host name: %s"),
			  goal_text(goal, "hostname"));
	for (size_t i = 0; i < args.count; i++)
		strs_addf(parts, _("command has: %s"), args.items[i]);
}

static void container_describe(const struct goal *goal, struct buf *out)
{
	OWN_STRS struct strs parts = { 0 };
	OWN_BUF struct buf head = { 0 };

	if (goal_has(goal, "name"))
		buf_fmt(&head, _("a container '%s'"), goal_text(goal, "name"));
	else if (goal_number(goal, "count", 1) == 1)
		buf_str(&head, _("a container"));
	else
		buf_fmt(&head, _("containers, at least %lld"),
			goal_number(goal, "count", 1));
	container_parts(goal, &parts);
	describe_with(out, buf_text(&head), &parts);
}

/* "busybox" and "busybox:latest" name the same image. */
static bool same_image(const char *given, const char *wanted)
{
	size_t len = given ? strlen(given) : 0;

	if (!given)
		return false;
	if (strncmp(given, wanted, strlen(wanted)) == 0 &&
	    (len == strlen(wanted) ||
	     strcmp(given + strlen(wanted), ":latest") == 0))
		return true;
	return strncmp(given, wanted, len) == 0 &&
	       strcmp(wanted + len, ":latest") == 0;
}

static bool args_have(const struct container *container, const char *text)
{
	OWN_FREE char *all = strs_join(&container->spec.args, " ");

	return strstr(all, text) != NULL;
}

static bool has_ended(const struct container *container)
{
	return container->status == CONTAINER_EXITED ||
	       container->status == CONTAINER_DEAD;
}

/* The key of the first thing that is not as wanted, and what is instead. */
static const char *container_differs(const struct goal *goal,
				     const struct container *container,
				     char **there_is)
{
	const char *name = container->spec.name;
	const char *status = container_status_name(container->status);
	OWN_STRS struct strs args = { 0 };

	if (goal_has(goal, "image") &&
	    !same_image(container->spec.image, goal_text(goal, "image"))) {
		*there_is = mem_fmt(_("'%s' is made of the image %s"), name,
				    container->spec.image);
		return "image";
	}
	if (goal_has(goal, "status") &&
	    strcmp(status, goal_text(goal, "status")) != 0) {
		*there_is = mem_fmt(_("'%s' is: %s"), name, status);
		return "status";
	}
	if (goal_has(goal, "exit") &&
	    (!has_ended(container) ||
	     container->exit_code != goal_number(goal, "exit", 0))) {
		*there_is = has_ended(container)
				    ? mem_fmt(_("'%s' ended with %d"), name,
					      container->exit_code)
				    : mem_fmt(_("'%s' is: %s"), name, status);
		return "exit";
	}
	if (goal_has(goal, "hostname") &&
	    strcmp(container->spec.hostname ? container->spec.hostname : "",
		   goal_text(goal, "hostname")) != 0) {
		*there_is = mem_fmt(_("the host name of '%s' is %s"), name,
				    container->spec.hostname);
		return "hostname";
	}
	goal_strs(goal, "args_has", &args);
	for (size_t i = 0; i < args.count; i++) {
		if (args_have(container, args.items[i]))
			continue;
		OWN_FREE char *all = strs_join(&container->spec.args, " ");
		*there_is = mem_fmt(_("the command of '%s' is: %s"), name, all);
		return "args";
	}
	return NULL;
}

static int container_judge(const struct goal *goal, const struct facts *facts,
			   struct verdict *out, struct err *err)
{
	const struct containers *all = NULL;
	const char *message = "none";
	OWN_FREE char *there_is = NULL;
	long long count = 0;
	int r = facts->containers(facts->ctx, &all, err);

	if (r < 0)
		return r;
	if (goal_has(goal, "name")) {
		const struct container *one = goal_container(goal, "name", facts, out);

		if (!one)
			return 0;
		message = container_differs(goal, one, &there_is);
		if (!message)
			return goal_met(out);
		return goal_open(out, message, own_give_ptr(&there_is),
				 "ps -a");
	}
	for (size_t i = 0; i < all->count; i++) {
		free(own_give_ptr(&there_is));
		if (!container_differs(goal, &all->items[i], &there_is))
			count++;
	}
	if (count >= goal_number(goal, "count", 1))
		return goal_met(out);
	if (count > 0)
		message = "count";
	return goal_open(out, message,
			 count > 0 ? mem_fmt(_("there are: %lld"), count)
				   : mem_str(_("none")),
			 "ps -a");
}

/* ---- exit ---- */

static void exit_describe(const struct goal *goal, struct buf *out)
{
	buf_fmt(out, _("'%s' has ended with exit code %lld"),
		goal_text(goal, "container"), goal_number(goal, "code", 0));
}

static int exit_judge(const struct goal *goal, const struct facts *facts,
		      struct verdict *out, struct err *err)
{
	const struct container *one = goal_container(goal, "container", facts, out);

	(void)err;
	if (!one)
		return 0;
	if (!has_ended(one))
		return goal_open(out,
				 one->status == CONTAINER_RUNNING
					 ? "running"
					 : "not_started",
				 mem_fmt(_("'%s' is: %s"), one->spec.name,
					 container_status_name(one->status)),
				 "ps -a");
	if (one->exit_code != goal_number(goal, "code", 0))
		return goal_open(out, "code",
				 mem_fmt(_("'%s' ended with %d"),
					 one->spec.name, one->exit_code),
				 "ps -a");
	return goal_met(out);
}

/* ---- diff ---- */

static void diff_describe(const struct goal *goal, struct buf *out)
{
	OWN_STRS struct strs has = { 0 };
	OWN_STRS struct strs lacks = { 0 };
	OWN_STRS struct strs parts = { 0 };
	OWN_BUF struct buf head = { 0 };
	const char *name = goal_text(goal, "container");

	goal_strs(goal, "has", &has);
	goal_strs(goal, "lacks", &lacks);
	if (goal_has(goal, "empty"))
		buf_fmt(&head, _("'%s' has changed nothing"), name);
	else
		buf_fmt(&head, _("the changes of '%s'"), name);
	for (size_t i = 0; i < has.count; i++)
		strs_add(&parts, has.items[i]);
	for (size_t i = 0; i < lacks.count; i++)
		strs_addf(&parts, _("not: %s"), lacks.items[i]);
	if (goal_has(goal, "only"))
		strs_add(&parts, _("nothing else"));
	describe_with(out, buf_text(&head), &parts);
}

static bool changes_have(const struct changes *changes, const char *wanted)
{
	for (size_t i = 0; i < changes->count; i++) {
		if (wanted[0] == (char)changes->items[i].kind &&
		    wanted[1] == ' ' &&
		    strcmp(changes->items[i].path, wanted + 2) == 0)
			return true;
	}
	return false;
}

/* "C /tmp, A /tmp/x and 3 more": as much as is read at a glance. */
static char *changes_shown(const struct changes *changes, const char *name)
{
	OWN_BUF struct buf text = { 0 };
	size_t shown = changes->count > 6 ? 5 : changes->count;

	if (changes->count == 0)
		return mem_fmt(_("'%s' has changed nothing"), name);
	for (size_t i = 0; i < shown; i++)
		buf_fmt(&text, "%s%c %s", i > 0 ? ", " : "",
			(char)changes->items[i].kind, changes->items[i].path);
	if (shown < changes->count)
		buf_fmt(&text, _(" and %zu more"), changes->count - shown);
	return buf_give(&text);
}

static const char *diff_differs(const struct goal *goal,
				const struct changes *changes)
{
	OWN_STRS struct strs has = { 0 };
	OWN_STRS struct strs lacks = { 0 };

	goal_strs(goal, "has", &has);
	goal_strs(goal, "lacks", &lacks);
	if (goal_has(goal, "empty") && changes->count > 0)
		return "not_empty";
	for (size_t i = 0; i < has.count; i++) {
		if (!changes_have(changes, has.items[i]))
			return changes->count == 0 ? "empty" : "missing";
	}
	for (size_t i = 0; i < lacks.count; i++) {
		if (changes_have(changes, lacks.items[i]))
			return "unexpected";
	}
	/* Wanted ones are all there, each once: more of them are others. */
	if (goal_has(goal, "only") && changes->count > has.count)
		return "unexpected";
	return NULL;
}

static int diff_judge(const struct goal *goal, const struct facts *facts,
		      struct verdict *out, struct err *err)
{
	const struct container *one = goal_container(goal, "container", facts, out);
	OWN_CHANGES struct changes changes = { 0 };
	const char *message;
	int r;

	if (!one)
		return 0;
	r = facts->diff(facts->ctx, one->spec.id, &changes, err);
	if (r < 0)
		return r;
	message = diff_differs(goal, &changes);
	if (!message)
		return goal_met(out);
	return goal_open_look(out, message,
			      changes_shown(&changes, one->spec.name),
			      mem_fmt("diff %s", one->spec.name));
}

/* ---- log ---- */

static void log_describe(const struct goal *goal, struct buf *out)
{
	OWN_STRS struct strs has = { 0 };
	OWN_STRS struct strs lacks = { 0 };
	OWN_STRS struct strs parts = { 0 };
	OWN_FREE char *head =
		mem_fmt(_("the output of '%s'"), goal_text(goal, "container"));

	goal_strs(goal, "has", &has);
	goal_strs(goal, "lacks", &lacks);
	for (size_t i = 0; i < has.count; i++)
		strs_addf(&parts, _("has: %s"), has.items[i]);
	for (size_t i = 0; i < lacks.count; i++)
		strs_addf(&parts, _("not: %s"), lacks.items[i]);
	describe_with(out, head, &parts);
}

static int log_judge(const struct goal *goal, const struct facts *facts,
		     struct verdict *out, struct err *err)
{
	const struct container *one = goal_container(goal, "container", facts, out);
	OWN_BUF struct buf log = { 0 };
	OWN_STRS struct strs has = { 0 };
	OWN_STRS struct strs lacks = { 0 };
	const char *message = NULL;
	int r;

	if (!one)
		return 0;
	r = facts->log(facts->ctx, one->spec.id, &log, err);
	if (r < 0)
		return r;
	goal_strs(goal, "has", &has);
	goal_strs(goal, "lacks", &lacks);
	for (size_t i = 0; i < has.count && !message; i++) {
		if (!strstr(buf_text(&log), has.items[i]))
			message = "missing";
	}
	for (size_t i = 0; i < lacks.count && !message; i++) {
		if (strstr(buf_text(&log), lacks.items[i]))
			message = "unexpected";
	}
	if (!message)
		return goal_met(out);
	return goal_open_look(
		out, message,
		mem_fmt(_("'%s' printed %zu bytes"), one->spec.name, log.len),
		mem_fmt("logs %s", one->spec.name));
}

/* ---- process ---- */

static void process_describe(const struct goal *goal, struct buf *out)
{
	const char *name = goal_text(goal, "container");

	if (goal_has(goal, "has"))
		buf_fmt(out, _("in '%s' runs: %s"), name,
			goal_text(goal, "has"));
	else if (goal_has(goal, "lacks"))
		buf_fmt(out, _("in '%s' does not run: %s"), name,
			goal_text(goal, "lacks"));
	else
		buf_fmt(out, _("processes in '%s': %lld"), name,
			goal_number(goal, "count", 1));
}

static int process_judge(const struct goal *goal, const struct facts *facts,
			 struct verdict *out, struct err *err)
{
	const struct container *one = goal_container(goal, "container", facts, out);
	OWN_STRS struct strs lines = { 0 };
	const char *has = goal_text(goal, "has");
	const char *lacks = goal_text(goal, "lacks");
	bool unwanted = false;
	bool found = !*has;
	int r;

	if (!one)
		return 0;
	if (one->status != CONTAINER_RUNNING)
		return goal_open(out, "not_running",
				 mem_fmt(_("'%s' is: %s"), one->spec.name,
					 container_status_name(one->status)),
				 "ps -a");
	r = facts->processes(facts->ctx, one, &lines, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < lines.count; i++) {
		found = found || strstr(lines.items[i], has);
		unwanted = unwanted || (*lacks && strstr(lines.items[i], lacks));
	}
	if (found && !unwanted && (!goal_has(goal, "count") ||
		      (long long)lines.count == goal_number(goal, "count", 1)))
		return goal_met(out);
	OWN_FREE char *shown = strs_join(&lines, "; ");
	return goal_open(out,
			 unwanted ? "unexpected"
			 : found  ? "count"
				  : "missing",
			 mem_fmt(_("in '%s' runs: %s"), one->spec.name, shown),
			 "ps");
}

/* ---- gone ---- */

static void gone_describe(const struct goal *goal, struct buf *out)
{
	if (goal_has(goal, "container"))
		buf_fmt(out, _("the container '%s' is gone"),
			goal_text(goal, "container"));
	else
		buf_fmt(out, _("the image '%s' is gone"),
			goal_text(goal, "image"));
}

static int gone_judge(const struct goal *goal, const struct facts *facts,
		      struct verdict *out, struct err *err)
{
	bool is_container = goal_has(goal, "container");
	const char *kind = is_container ? "container" : "image";
	const char *name = goal_text(goal, kind);
	OWN_IMAGE struct image image = { 0 };
	bool there = false;
	int r;

	if (is_container) {
		there = facts_container(facts, name) != NULL;
	} else {
		r = facts->image(facts->ctx, name, &image, err);
		if (r < 0 && r != -ENOENT)
			return r;
		there = r == 0;
	}
	if (there)
		return goal_open(out, "there",
				 mem_fmt(_("'%s' is there"), name),
				 is_container ? "ps -a" : "images");
	/* Something that never was is not gone. */
	if (!facts_saw(facts, kind, name))
		return goal_open(
			out, "never",
			mem_fmt(_("'%s' has not been there yet"), name),
			is_container ? "ps -a" : "images");
	return goal_met(out);
}

/* ---- the table ---- */

static const char *const container_keys[] = { "name+",     "image+",
					      "status+",   "exit+",
					      "hostname+", "args_has+",
					      "count+",    NULL };
static const char *const container_messages[] = { "none",  "image",    "status",
						  "exit",  "hostname", "args",
						  "count", NULL };
static const char *const exit_keys[] = { "container!", "code!", NULL };
static const char *const exit_messages[] = { "none", "running", "not_started",
					     "code", NULL };
static const char *const diff_keys[] = { "container!", "has+", "lacks+",
					 "empty+",     "only", NULL };
static const char *const diff_messages[] = { "none",       "missing",   "empty",
					     "unexpected", "not_empty", NULL };
static const char *const log_keys[] = { "container!", "has+", "lacks+", NULL };
static const char *const log_messages[] = { "none", "missing", "unexpected",
					    NULL };
static const char *const process_keys[] = { "container!", "has+", "lacks+",
					    "count+",	  NULL };
static const char *const process_messages[] = { "none", "not_running",
						"missing", "unexpected",
						"count", NULL };
static const char *const gone_keys[] = { "container+", "image+", NULL };
static const char *const gone_messages[] = { "there", "never", NULL };

const struct goal_kind goal_kinds_container[] = {
	{ "container", container_keys, container_messages, container_describe,
	  container_judge },
	{ "exit", exit_keys, exit_messages, exit_describe, exit_judge },
	{ "diff", diff_keys, diff_messages, diff_describe, diff_judge },
	{ "log", log_keys, log_messages, log_describe, log_judge },
	{ "process", process_keys, process_messages, process_describe,
	  process_judge },
	{ "gone", gone_keys, gone_messages, gone_describe, gone_judge },
	{ .name = NULL },
};
