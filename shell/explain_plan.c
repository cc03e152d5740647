/* shell/explain_plan.c - see explain_plan.h */
#include "shell/explain_plan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/commands.h"
#include "shell/explain.h"
#include "shell/opt.h"
#include "shell/shell.h"

void plan_add(struct explain *plan, enum trace_process process,
	      enum trace_step step, const char *format, ...)
{
	struct trace_event event = {
		.step = step,
		.process = process,
		.pid = (pid_t)process, /* each its own, to be told apart */
		.start_ns = plan->call_count, /* their order */
	};
	va_list args;

	va_start(args, format);
	vsnprintf(event.detail, sizeof(event.detail), format, args);
	va_end(args);
	explain_keep(plan, &event);
}

void plan_add_by(struct explain *plan, int which, enum trace_step step,
		 const char *what)
{
	struct trace_event event = {
		.step = step,
		.process = TRACE_HELPER,
		.pid = 100 + which,
		.start_ns = plan->call_count,
	};

	snprintf(event.detail, sizeof(event.detail), "%s", what);
	explain_keep(plan, &event);
}

void plan_commit_store(struct explain *plan)
{
	plan_add(plan, TRACE_PARENT, TRACE_STORE, "COMMIT: store.db");
}

void plan_refuse(struct explain *plan, const char *tells, const char *why)
{
	plan_add(plan, TRACE_PARENT, TRACE_REFUSED, "%s", why);
	snprintf(plan->tells, sizeof(plan->tells), "%s", tells);
}

static const struct {
	const char *name;
	plan_command *plan;
} plans[] = {
	{ "run", plan_run },
	{ "create", plan_create },
	{ "exec", plan_exec },
	{ "start", plan_start },
	{ "stop", plan_stop },
	{ "kill", plan_stop },
	{ "restart", plan_restart },
	{ "rename", plan_rename },
	{ "rm", plan_remove },
	{ "build", plan_build },
	{ "commit", plan_commit },
	{ "cp", plan_copy },
	{ "diff", plan_diff },
	{ "network create", plan_network_create },
	{ "network rm", plan_network_remove },
	{ "network connect", plan_network_connect },
	{ "network disconnect", plan_network_disconnect },
	{ "volume create", plan_volume_create },
	{ "volume rm", plan_volume_remove },
	{ "tag", plan_tag },
	{ "rmi", plan_rmi },
};

static plan_command *find(const struct cmd *cmd)
{
	for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++)
		if (strcmp(plans[i].name, cmd->name) == 0)
			return plans[i].plan;
	return NULL;
}

bool plan_has(const struct cmd *cmd)
{
	return find(cmd) != NULL;
}

const void *plan_option(const struct args *args, const char *name)
{
	OWN_FREE char *called = mem_str(args->called);
	char *words[] = { called, NULL };
	int used = 0;
	const struct cmd *cmd = command_find(words, &used);
	const struct opt *opt =
		cmd ? opt_find(cmd, name, strlen(name)) : NULL;

	return opt ? (const char *)args->opts + opt->offset : NULL;
}

bool plan_flag(const struct args *args, const char *name)
{
	const bool *flag = plan_option(args, name);

	return flag && *flag;
}

static int not_planned(const struct cmd *cmd, struct err *err)
{
	OWN_STRS struct strs names = { 0 };
	OWN_FREE char *all = NULL;

	for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++)
		strs_add(&names, plans[i].name);
	all = strs_join(&names, ", ");
	err_set(err, ENOTSUP,
		_("the steps of '%s' cannot be told without doing them"),
		cmd->name);
	return err_hint(err, _("they can for: %s"), all);
}

/* words[0] is the command's last name. */
static int parse_and_plan(struct shell *shell, const struct cmd *cmd, int count,
			  char **words, struct explain *out, struct err *err)
{
	OWN_FREE void *values = mem_zero(1, cmd->opts_size + 1);
	struct args args = { .opts = values, .called = cmd->name };
	struct opt_shared shared = { 0 };
	int first = opt_parse(cmd, count, words, values, &shared, err);
	int r = first < 0 ? first : 0;

	args.words = words + (first > 0 ? first : 0);
	args.count = count - (first > 0 ? first : 0);
	if (r == 0 && (args.count < cmd->min_args ||
		       (cmd->max_args >= 0 && args.count > cmd->max_args)))
		r = err_set(err, EINVAL, _("'%s' takes other words: %s"),
			    cmd->name, cmd->synopsis);
	if (r == 0)
		r = find(cmd)(shell, &args, out, err);
	opt_done(cmd, values);
	return r;
}

/* The store as it is: none is made for a plan. */
static int need_home(struct shell *shell, const struct cmd *cmd,
		     struct err *err)
{
	return cmd->needs == CMD_NEEDS_STORE ? shell_need_store(shell, err)
					     : shell_need_home(shell, err);
}

int explain_plan(struct shell *shell, int count, char *const *words,
		 struct explain *out, struct err *err)
{
	bool docker = count > 0 && strcmp(words[0], "docker") == 0;
	OWN_STRS struct strs copy = { 0 };
	const struct cmd *cmd;
	int used = 0;
	int r;

	for (int i = docker; i < count; i++)
		strs_add(&copy, words[i]);
	cmd = copy.count ? command_find(copy.items, &used) : NULL;
	if (!cmd && copy.count) {
		err_set(err, EINVAL, _("'%s' is no command"), copy.items[0]);
		return err_hint(err, _("type 'help' for all commands"));
	}
	if (!cmd)
		return err_set(err, EINVAL,
			       _("which command is to be explained?"));
	if (!find(cmd))
		return not_planned(cmd, err);
	r = need_home(shell, cmd, err);
	if (r == 0)
		r = parse_and_plan(shell, cmd, (int)copy.count - used + 1,
				   copy.items + used - 1, out, err);
	if (r == 0)
		explain_settle(out, 0);
	return r;
}
