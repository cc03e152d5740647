/* shell/cmd_help.c - `help`: what can be typed here. */
#include <errno.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "shell/commands.h"
#include "shell/help.h"
#include "shell/sh.h"
#include "shell/shown.h"

static int help_on(struct shell *shell, char *const *words, struct err *err)
{
	const struct cmd *cmd;
	const char *why;
	const char *instead;
	const char *near;
	int used = 0;

	if (words[0] && strcmp(words[0], "docker") == 0)
		words++;
	cmd = command_find(words, &used);
	if (shell->json && (!words[0] || cmd)) {
		shown_object(shell, cmd ? help_command_json(shell, cmd)
					: help_all_json());
		return 0;
	}
	if (!words[0]) {
		help_all(shell);
		return 0;
	}
	if (cmd) {
		help_command(shell, cmd, cmd->name);
		return 0;
	}
	if (command_is_group(words[0])) {
		help_group(shell, words[0]);
		return 0;
	}
	why = command_refused(words[0], &instead);
	if (why) {
		err_set(err, ENOENT, _("'docker %s' is not here: %s"), words[0],
			why);
		return instead ? err_hint(err, "%s", instead) : -err->code;
	}
	near = command_nearest(NULL, words[0]);
	err_set(err, ENOENT, _("'%s' is no command"), words[0]);
	if (near)
		return err_hint(err, _("did you mean '%s'?"), near);
	if (sh_finds(words[0]))
		return err_hint(err, _("for a program of this machine: man %s"),
				words[0]);
	return err_hint(err, _("type 'help' for all commands"));
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	return help_on(shell, args->words, err);
}

static const char *const examples[] = { "help", "help run", NULL };

const struct cmd cmd_help = {
	.name = "help",
	.group = N_("Shell"),
	.synopsis = "[COMMAND]",
	.summary = N_("Show what can be typed here"),
	.max_args = 2,
	.examples = examples,
	.run = run,
	.pages = true,
	.ours = true,
	.needs = CMD_NEEDS_NOTHING,
	.first = COMPLETE_COMMANDS,
	.rest = COMPLETE_NOTHING,
	.shows = true,
};
