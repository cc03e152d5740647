/* shell/cmd_network_disconnect.c - network disconnect: a container off a network. */
#include <errno.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/container.h"
#include "runtime/network.h"
#include "shell/cmd.h"
#include "shell/network_view.h"

struct disconnect_opts {
	bool force;
};

static const struct opt opts[] = {
	{ "force", 'f', OPT_FLAG, NULL,
	  N_("Forget its place there, even where it is gone already"), NULL,
	  offsetof(struct disconnect_opts, force), 0 },
	{ 0 },
};

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct disconnect_opts *o = args->opts;
	OWN_NETWORK struct network network = { 0 };
	OWN_CONTAINER struct container c = { 0 };
	struct err ignored = { 0 }; /* network_disconnect says what is wrong */
	int r = network_disconnect(shell->home, args->words[0], args->words[1],
				   o->force, err);

	if (r == 0 &&
	    network_find(shell->home, args->words[0], &network, &ignored) ==
		    0 &&
	    container_find(shell->home, args->words[1], &c, &ignored) == 0)
		network_view_note(shell, &network, "disconnect", c.spec.id);
	if (r == -ENOENT && err->voice == ERR_CLIENT)
		err->voice = ERR_DAEMON;
	return r;
}

static const char *const examples[] = {
	"run -d --name web busybox sleep 60",
	"network disconnect bridge web",
	NULL,
};

const struct cmd cmd_network_disconnect = {
	.name = "network disconnect",
	.group = N_("Networks"),
	.synopsis = "[OPTIONS] NETWORK CONTAINER",
	.summary = N_("Take a container off a network"),
	.docker_summary = "Disconnect a container from a network",
	.min_args = 2,
	.max_args = 2,
	.opts = opts,
	.opts_size = sizeof(struct disconnect_opts),
	.examples = examples,
	.lesson = "ports",
	.run = run,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_NETWORKS,
	.rest = COMPLETE_CONTAINERS,
};
