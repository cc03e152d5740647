/* shell/cmd_rm.c - rm: remove containers, their writable layer with them. */
#include <errno.h>
#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/container.h"
#include "runtime/links.h"
#include "runtime/volumes.h"
#include "shell/cmd.h"
#include "shell/each.h"
#include "shell/progress.h"

struct rm_opts {
	bool force;
	bool link;
	bool volumes;
};

static const struct opt opts[] = {
	{ "force", 'f', OPT_FLAG, NULL,
	  N_("Kill it first if it runs; one that is not there is fine"), NULL,
	  offsetof(struct rm_opts, force), 0 },
	{ "link", 'l', OPT_FLAG, NULL,
	  N_("Remove a link to another container (PARENT/ALIAS), not a container"),
	  NULL, offsetof(struct rm_opts, link), 0 },
	{ "volumes", 'v', OPT_FLAG, NULL,
	  N_("Remove its anonymous volumes too"), NULL,
	  offsetof(struct rm_opts, volumes), 0 },
	{ 0 },
};

struct rm_work {
	const struct rm_opts *opts;
	int serious; /* failures that -f does not excuse */
};

/* A link is called PARENT/ALIAS, in front a slash or not; whatever else there is is a
 * container's own name. */
static int remove_link(struct shell *shell, const char *name, struct err *err)
{
	const char *bare = name + (*name == '/');
	const char *slash = strchr(bare, '/');
	OWN_FREE char *parent =
		mem_strn(bare, slash ? (size_t)(slash - bare) : strlen(bare));
	OWN_CONTAINER struct container c = { 0 };
	int r = container_find(shell->home, parent, &c, err);

	if (r == 0 && !slash)
		return err_docker(
			err, ERR_DAEMON, EINVAL,
			"Conflict, cannot remove the default link name of the container");
	if (r == 0)
		r = links_remove(shell->home, c.spec.id, slash + 1, err);
	return r == -ENOENT ? err_docker(err, ERR_CLIENT, ENOENT,
					 "No such container: %s", bare) :
			      r;
}

static int remove_one(struct shell *shell, const char *name, void *arg,
		      struct err *err)
{
	struct rm_work *work = arg;
	OWN_CONTAINER struct container c = { 0 };
	struct err ignored = { 0 };
	bool known = work->opts->volumes && !work->opts->link &&
		     container_find(shell->home, name, &c, &ignored) == 0;
	int r = work->opts->link ?
			remove_link(shell, name, err) :
			container_remove(shell->home, name,
					 work->opts->force, err);

	if (r == 0 && known)
		volumes_remove_anonymous(shell->home, &c.spec);
	if (r == -EBUSY)
		err->voice = ERR_DAEMON;
	if (r < 0 && !(r == -ENOENT && work->opts->force))
		work->serious++;
	return r;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	struct rm_work work = { args->opts, 0 };
	struct progress progress;
	int r;

	(void)err;
	progress_begin(&progress, shell, "", false);
	r = each_container(shell, args, remove_one, &work, false, NULL);
	progress_end(&progress);
	return r > 1 ? r : work.serious ? 1 : 0;
}

static const char *const examples[] = {
	"run --name hoge busybox touch /tmp/hoge.txt",
	"rm hoge",
	NULL,
};
static const char *const aliases[] = { "container rm", "container remove",
				       NULL };

const struct cmd cmd_rm = {
	.name = "rm",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "[OPTIONS] CONTAINER [CONTAINER...]",
	.summary = N_("Remove containers and what they wrote"),
	.docker_summary = "Remove one or more containers",
	.min_args = 1,
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct rm_opts),
	.examples = examples,
	.lesson = "life",
	.run = run,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_CONTAINERS,
	.rest = COMPLETE_CONTAINERS,
};
