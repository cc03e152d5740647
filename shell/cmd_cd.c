/* shell/cmd_cd.c - `cd`: go to another folder of this machine.
 *
 * A program that changed its folder would change only its own, so `cd` is the
 * shell's. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/near.h"

/* Where to: $HOME without a word, $OLDPWD for "-". */
static const char *target(const struct args *args, struct err *err)
{
	const char *name = "HOME";
	const char *value;

	if (args->count == 1 && strcmp(args->words[0], "-") == 0)
		name = "OLDPWD";
	else if (args->count == 1)
		return args->words[0];
	value = getenv(name);
	if (value && *value)
		return value;
	err_set(err, ENOENT, _("cd: %s is not set"), name);
	return NULL;
}

static int refuse(const char *to, struct err *err)
{
	int r = err_errno(err, "cd %s", to);

	if (r == -ENOTDIR)
		return err_hint(err, _("it is a file: 'edit %s' opens it, 'cat %s' shows it"),
				to, to);
	if (r == -ENOENT)
		(void)near_file(to, err);
	return r;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	OWN_FREE char *before = getcwd(NULL, 0);
	OWN_FREE char *after = NULL;
	const char *to = target(args, err);

	if (!to)
		return -err->code;
	if (chdir(to) < 0)
		return refuse(to, err);
	after = getcwd(NULL, 0);
	if (before)
		setenv("OLDPWD", before, 1);
	if (after)
		setenv("PWD", after, 1);
	if (args->count == 1 && strcmp(args->words[0], "-") == 0 && after)
		fprintf(shell->out, "%s\n", after);
	return 0;
}

static const char *const examples[] = { "cd", "cd ..", NULL };

const struct cmd cmd_cd = {
	.name = "cd",
	.group = N_("Shell"),
	.synopsis = "[FOLDER]",
	.summary = N_("Go to another folder of this machine"),
	.max_args = 1,
	.examples = examples,
	.run = run,
	.ours = true,
	.inside_only = true,
	.needs = CMD_NEEDS_NOTHING,
	.first = COMPLETE_FOLDERS,
};
