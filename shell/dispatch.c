/* shell/dispatch.c - see dispatch.h */
#include "shell/dispatch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/enclosure_guard.h"
#include "shell/advice.h"
#include "shell/commands.h"
#include "shell/failure.h"
#include "shell/help.h"
#include "shell/near.h"
#include "shell/opt.h"
#include "shell/pager.h"
#include "shell/report.h"
#include "shell/shell.h"
#include "shell/version.h"

/* In an enclosure: a word that leads to what is not the learner's. */
static int out_of_bounds(struct shell *shell, int count, char **words)
{
	struct err err = { 0 };

	if (guard_words(count, words, &err) == 0)
		return 0;
	report_failure(shell, NULL, "", &err);
	return 1;
}

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

static void hint_unknown(struct shell *shell, const char *group, char **words)
{
	OWN_FREE char *advice = NULL;
	struct err ignored = { 0 };

	if (shell->misread ||
	    (shell->docker_voice && !report_shows_hints(shell)))
		return;
	if (home_exists(shell->home_path)) /* for the names in it */
		(void)shell_need_home(shell, &ignored);
	advice = advice_on_words(shell, group, words);
	if (advice)
		report_hint(shell, advice);
	else
		report_hint(shell, _("type 'help' for all commands"));
}

/* `sudo docker ps` and `man run`. */
static int take_special(struct shell *shell, char **words)
{
	OWN_BUF struct buf line = { 0 };
	OWN_FREE char *hint = NULL;
	const struct cmd *cmd;
	int used = 0;

	if (strcmp(words[0], "man") == 0) {
		cmd = command_find(words + 1, &used);
		if (cmd)
			help_command(shell, cmd, cmd->name);
		return 0;
	}
	for (char **w = words + 1; *w; w++)
		buf_fmt(&line, "%s%s", line.len ? " " : "", *w);
	hint = mem_fmt(_("did you mean '%s'?"), buf_text(&line));
	report_line(shell, _("sudo is not needed: nothing here wants root"));
	report_hint(shell, hint);
	return 1;
}

/* "pull busybox": it may be here already. */
static void hint_instead(struct shell *shell, char *const *words,
			 const char *instead)
{
	struct err ignored = { 0 };

	if (words[0] && words[1] && home_exists(shell->home_path) &&
	    shell_need_home(shell, &ignored) == 0 &&
	    near_is_image(shell, words[1])) {
		OWN_FREE char *here = mem_fmt(
			_("'%s' is here already: 'images' lists it"), words[1]);

		report_hint(shell, here);
	} else if (instead) {
		report_hint(shell, instead);
	}
}

/* A command of Docker's that is not here. "image pull" is "pull". */
static bool refuse(struct shell *shell, char *const *words)
{
	bool grouped = strcmp(words[0], "image") == 0 && words[1];
	const char *typed = words[grouped ? 1 : 0];
	const char *instead;
	const char *why = command_refused(typed, &instead);

	if (!why || (grouped && !instead))
		return false;
	err_set(&shell->failed, ENOTSUP, _("'%s%s' is not here: %s"),
		strncmp(typed, "docker", 6) == 0 ? "" : "docker ", typed, why);
	report_line(shell, "%s", shell->failed.msg);
	if (instead)
		(void)err_hint(&shell->failed, "%s", instead);
	if (instead)
		hint_instead(shell, words + grouped, instead);
	return true;
}

/* No command of that name. 127 for a word that could have been any program's,
 * Docker's 1 where only one of its commands could be meant. */
static int unknown(struct shell *shell, char **words)
{
	const char *group = command_is_group(words[0]) && words[1] &&
					    words[1][0] != '-'
				    ? words[0]
				    : NULL;

	if (refuse(shell, words))
		return 1;
	say_unknown(shell, group, group ? words[1] : words[0]);
	hint_unknown(shell, group, words);
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
	struct pager pager;
	int r = open_needed(shell, cmd, &err);

	pager_begin(shell, cmd, args->opts, &pager);
	if (r == 0)
		r = cmd->run(shell, args, &err);
	pager_end(shell, &pager);
	if (fflush(shell->out) != 0 && r == 0) {
		err_errno(&err, "write the output");
		r = -EIO;
	}
	if (r >= 0)
		return r;
	report_failure(shell, cmd, args->called, &err);
	return report_status(cmd, &err);
}

/* Reads options and runs. words[0] is the command's last name. */
static int read_and_run(struct shell *shell, const struct cmd *cmd,
		     const char *called, int count, char **words)
{
	OWN_FREE void *values = mem_zero(1, cmd->opts_size + 1);
	struct args args = { .opts = values, .called = called };
	struct err err = { 0 };
	struct opt_shared shared = { 0 };
	int first = opt_parse(cmd, count, words, values, &shared, &err);
	int status;

	shell->args = &args;
	shell->json |= shared.json;
	shell->plain |= shared.plain;

	if (first < 0) {
		shell->failed = err;
		report_bad_option(shell, cmd, called, &err);
		status = err.status ? err.status : 125;
	} else if (shared.help) {
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

/* The same, while advice can see what is under way. */
static int run_words(struct shell *shell, const struct cmd *cmd,
		     const char *called, int count, char **words)
{
	const struct cmd *outer = shell->cmd;
	const struct args *outer_args = shell->args;
	bool json = shell->json;
	bool plain = shell->plain;
	int status;

	shell->cmd = cmd;
	status = read_and_run(shell, cmd, called, count, words);
	shell->cmd = outer;
	shell->args = outer_args;
	shell->json = json;
	shell->plain = plain;
	return status;
}

static int dispatch_in_voice(struct shell *shell, int count, char **words)
{
	const struct cmd *cmd;
	const char *instead;
	int used = 0;

	if (!words[0] || strcmp(words[0], "--help") == 0 ||
	    strcmp(words[0], "-h") == 0) {
		help_all(shell);
		return 0;
	}
	if (strcmp(words[0], "--version") == 0 || strcmp(words[0], "-v") == 0) {
		version_line(shell);
		return 0;
	}
	cmd = command_find(words, &used);
	if (!cmd && command_is_group(words[0]) &&
	    (!words[1] || strcmp(words[1], "--help") == 0)) {
		help_group(shell, words[0]);
		return 0;
	}
	if (!cmd && advice_takes(words) &&
	    !command_refused(words[0], &instead))
		return take_special(shell, words);
	if (!cmd)
		return unknown(shell, words);
	if (used == 2) {
		OWN_FREE char *called = mem_fmt("%s %s", words[0], words[1]);

		return run_words(shell, cmd, called, count - 1, words + 1);
	}
	return run_words(shell, cmd, words[0], count, words);
}

/* `--json ps`, `--pager help`, for one line. How many words that takes. */
static int take_form(struct shell *shell, char *const *words)
{
	int taken = 0;

	for (; words[taken]; taken++) {
		if (strcmp(words[taken], "--json") == 0)
			shell->json = true;
		else if (strcmp(words[taken], "--plain") == 0)
			shell->plain = true;
		else if (strcmp(words[taken], "--pager") != 0 || !pager_choose())
			break;
	}
	return taken;
}

static void forget_advice(struct shell *shell)
{
	free(shell->advised);
	shell->advised = NULL;
}

int dispatch(struct shell *shell, int count, char **words)
{
	OWN_FREE char *typing = advice_on_typing(words); /* they are reordered */
	char *const *outer = shell->said;
	OWN_STRS struct strs line = { 0 };
	int64_t begun_ns = clock_now_ns();
	bool voice = shell->docker_voice;
	bool misread = shell->misread;
	bool json = shell->json;
	bool plain = shell->plain;
	bool paged = getenv("DOCKERSHELL_PAGER");
	int status;
	int taken;

	shell->failed.code = 0;
	forget_advice(shell);
	if (count > 0 && strcmp(words[0], "docker") == 0) {
		shell->docker_voice = true;
		count--;
		words++;
	}
	taken = take_form(shell, words);
	count -= taken;
	words += taken;
	shell->said = words;
	shell->misread = typing != NULL;
	/* Reading the options puts the words into another order. */
	for (int i = 0; i < count; i++)
		strs_add(&line, words[i]);
	status = out_of_bounds(shell, count, words);
	if (status == 0)
		status = dispatch_in_voice(shell, count, words);
	if (status != 0 && typing && !misread && report_shows_hints(shell))
		report_hint(shell, typing);
	if (!paged)
		unsetenv("DOCKERSHELL_PAGER");
	shell->said = outer;
	shell->misread = misread;
	shell->docker_voice = voice;
	shell->json = json;
	shell->plain = plain;
	forget_advice(shell);
	if (status != 0)
		failure_note(shell, &line, false, begun_ns, status);
	return status;
}
