/* shell/cmd_version.c - `version`: what this is, and what it is not.
 *
 * Laid out as Docker lays out its client's part. There is no server to ask. */
#include <string.h>
#include <sys/utsname.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "shell/cmd.h"
#include "shell/version.h"

static const char *go_arch(const char *machine)
{
	if (strcmp(machine, "x86_64") == 0)
		return "amd64";
	if (strcmp(machine, "aarch64") == 0)
		return "arm64";
	return machine;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	struct utsname system;

	(void)args;
	if (uname(&system) < 0)
		return err_errno(err, "uname");
	fprintf(shell->out, "Client: dockershell\n");
	fprintf(shell->out, " Version:           %s\n", DOCKERSHELL_VERSION);
	fprintf(shell->out, " Follows Docker:    %s\n", DOCKER_FOLLOWED);
	fprintf(shell->out, " OS/Arch:           linux/%s\n",
		go_arch(system.machine));
	fprintf(shell->out, " Kernel:            %s\n", system.release);
	fprintf(shell->out, "\n%s\n",
		_("There is no server: each command does its work itself."));
	return 0;
}

static const char *const examples[] = { "version", NULL };

const struct cmd cmd_version = {
	.name = "version",
	.group = N_("Shell"),
	.synopsis = "",
	.summary = N_("Show the version of this program"),
	.max_args = 0,
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_NOTHING,
};
