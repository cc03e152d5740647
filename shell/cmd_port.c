/* shell/cmd_port.c - port: which ports of the machine lead into a container.
 *
 * Containers have no network of their own to which a port could lead yet, so
 * none is published. */
#include <errno.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "shell/cmd.h"
#include "shell/ports.h"

static int run(struct shell *shell, struct args *args, struct err *err)
{
	OWN_CONTAINER struct container container = { 0 };
	OWN_FREE char *port = NULL;
	int r = container_find(shell->home, args->words[0], &container, err);

	if (r == 0 && args->count > 1)
		r = ports_read(args->words[1], &port, err);
	if (r < 0 || !port)
		return r;
	return err_docker(err, ERR_CLIENT, ENOENT,
			  "No public port '%s' published for %s", port,
			  args->words[0]);
}

static const char *const examples[] = { "run -d --name web busybox sleep 60",
					"port web", NULL };
static const char *const aliases[] = { "container port", NULL };

const struct cmd cmd_port = {
	.name = "port",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "CONTAINER [PRIVATE_PORT[/PROTO]]",
	.summary = N_("List the ports that lead into a container"),
	.docker_summary = "List port mappings or a specific mapping for the container",
	.min_args = 1,
	.max_args = 2,
	.examples = examples,
	.lesson = NULL,
	.run = run,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_CONTAINERS,
	.rest = COMPLETE_NOTHING,
};
