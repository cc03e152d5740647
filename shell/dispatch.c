/* shell/dispatch.c - see dispatch.h */
#include "shell/dispatch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/commands.h"
#include "shell/help.h"
#include "shell/near.h"
#include "shell/opt.h"
#include "shell/report.h"
#include "shell/shell.h"

static void say_unknown(const struct shell *shell, const char *group,
			const char *typed)
{
	const char *before = group ? group : "";
	const char *blank = group ? " " : "";

	if (shell->docker_voice || group)
		fprintf(shell->err_out,
			"docker: '%s%s%s' is not a docker command.\n"
			"See 'docker%s%s --help'\n",
			before, blank, typed, blank, before);
	else
		report_line(shell, _("'%s' is no command"), typed);
}

static void hint_unknown(const struct shell *shell, const char *group,
			 const char *typed)
{
	const char *near = command_nearest(group, typed);

	if (near && (shell->interactive || !shell->docker_voice)) {
		OWN_FREE char *hint = mem_fmt(_("did you mean '%s%s%s'?"),
					      group ? group : "",
					      group ? " " : "", near);

		report_hint(shell, hint);
	} else if (!shell->docker_voice) {
		report_hint(shell, _("type 'help' for all commands"));
	}
}

/* No command of that name. 127 for a word that could have been any program's,
 * Docker's 1 where only one of its commands could be meant. */
static int unknown(const struct shell *shell, char **words)
{
	const char *group = command_is_group(words[0]) && words[1] &&
					    words[1][0] != '-'
				    ? words[0]
				    : NULL;
	const char *typed = group ? words[1] : words[0];
	const char *why = group ? NULL : command_refused(typed);

	if (why) {
		report_line(shell, _("'docker %s' is not here: %s"), typed,
			    why);
		return 1;
	}
	say_unknown(shell, group, typed);
	hint_unknown(shell, group, typed);
	return shell->docker_voice || group ? 1 : 127;
}

static int open_needed(struct shell *shell, const struct cmd *cmd,
		       struct err *err)
{
	switch (cmd->needs) {
	case CMD_NEEDS_STORE:
		return shell_need_store(shell, err);
	case CMD_NEEDS_HOME:
		return shell_need_home(shell, err);
	case CMD_NEEDS_NOTHING:
		break;
	}
	return 0;
}

/* The options are read; `args` is complete. */
static int run_command(struct shell *shell, const struct cmd *cmd,
		       struct args *args)
{
	struct err err = { 0 };
	int r = open_needed(shell, cmd, &err);

	if (r == 0)
		r = cmd->run(shell, args, &err);
	if (fflush(shell->out) != 0 && r == 0) {
		err_errno(&err, "write the output");
		r = -EIO;
	}
	if (r >= 0)
		return r;
	if (shell->interactive && !err.hint[0])
		near_hint(shell, &err);
	report_failure(shell, cmd, args->called, &err);
	return report_status(cmd, &err);
}

/* Reads options and runs. words[0] is the command's last name. */
static int run_words(struct shell *shell, const struct cmd *cmd,
		     const char *called, int count, char **words)
{
	OWN_FREE void *values = mem_zero(1, cmd->opts_size + 1);
	struct args args = { .opts = values, .called = called };
	struct err err = { 0 };
	bool help = false;
	int first = opt_parse(cmd, count, words, values, &help, &err);
	int status;

	if (first < 0) {
		report_bad_option(shell, cmd, called, &err);
		status = err.status ? err.status : 125;
	} else if (help) {
		help_command(shell, cmd, called);
		status = 0;
	} else {
		args.words = words + first;
		args.count = count - first;
		if (args.count < cmd->min_args ||
		    (cmd->max_args >= 0 && args.count > cmd->max_args)) {
			report_bad_count(shell, cmd, called, args.count);
			status = 1;
		} else {
			status = run_command(shell, cmd, &args);
		}
	}
	opt_done(cmd, values);
	return status;
}

static int dispatch_in_voice(struct shell *shell, int count, char **words)
{
	static char version[] = "version";
	const struct cmd *cmd;
	int used = 0;

	if (!words[0] || strcmp(words[0], "--help") == 0 ||
	    strcmp(words[0], "-h") == 0) {
		help_all(shell);
		return 0;
	}
	if (strcmp(words[0], "--version") == 0 || strcmp(words[0], "-v") == 0)
		words[0] = version;
	cmd = command_find(words, &used);
	if (!cmd && command_is_group(words[0]) &&
	    (!words[1] || strcmp(words[1], "--help") == 0)) {
		help_group(shell, words[0]);
		return 0;
	}
	if (!cmd)
		return unknown(shell, words);
	if (used == 2) {
		OWN_FREE char *called = mem_fmt("%s %s", words[0], words[1]);

		return run_words(shell, cmd, called, count - 1, words + 1);
	}
	return run_words(shell, cmd, words[0], count, words);
}

int dispatch(struct shell *shell, int count, char **words)
{
	bool voice = shell->docker_voice;
	int status;

	if (count > 0 && strcmp(words[0], "docker") == 0) {
		shell->docker_voice = true;
		count--;
		words++;
	}
	status = dispatch_in_voice(shell, count, words);
	shell->docker_voice = voice;
	return status;
}
