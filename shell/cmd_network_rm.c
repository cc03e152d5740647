/* shell/cmd_network_rm.c - network rm: networks that nobody needs any more. */
#include <errno.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/network.h"
#include "shell/cmd.h"
#include "shell/each.h"
#include "shell/network_view.h"

static int remove_one(struct shell *shell, const char *name, void *arg,
		      struct err *err)
{
	OWN_NETWORK struct network network = { 0 };
	int r = network_view_find(shell, name, &network, err);

	(void)arg;
	if (r == 0)
		r = network_remove(shell->home, network.id, err);
	if (r == -EBUSY)
		err_hint(err,
			 _("'ps --filter network=%s' shows who is on it; stop them, or take them off with 'network disconnect %s NAME'"),
			 network.name, network.name);
	if (r == 0)
		network_view_note(shell, &network, "destroy", NULL);
	return r;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	(void)err;
	return each_container(shell, args, remove_one, NULL, false, NULL);
}

static const char *const examples[] = { "network create mynet",
					"network rm mynet", NULL };
static const char *const aliases[] = { "network remove", NULL };

const struct cmd cmd_network_rm = {
	.name = "network rm",
	.aliases = aliases,
	.group = N_("Networks"),
	.synopsis = "NETWORK [NETWORK...]",
	.summary = N_("Remove networks that no running container is on"),
	.docker_summary = "Remove one or more networks",
	.min_args = 1,
	.max_args = -1,
	.examples = examples,
	.lesson = "ports",
	.run = run,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_NETWORKS,
	.rest = COMPLETE_NETWORKS,
};
