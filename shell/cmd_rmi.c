/* shell/cmd_rmi.c - rmi: take names of images away, and images with their last
 * name. */
#include <errno.h>

#include "images/store.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "shell/cmd.h"
#include "shell/progress.h"
#include "shell/report.h"

struct rmi_opts {
	bool force;
	bool no_prune;
};

static const struct opt opts[] = {
	{ "force", 'f', OPT_FLAG, NULL,
	  N_("Also when stopped containers or other names use it"), NULL,
	  offsetof(struct rmi_opts, force), 0 },
	{ "no-prune", 0, OPT_FLAG, NULL,
	  N_("Keep the nameless images that it was made from"), NULL,
	  offsetof(struct rmi_opts, no_prune), 0 },
	{ 0 },
};

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct rmi_opts *o = args->opts;
	struct progress progress;
	int failed = 0;
	int r;

	progress_begin(&progress, shell, "", false);
	if (args->count > 1)
		image_removals_begin(shell->store);
	for (int i = 0; i < args->count; i++) {
		OWN_STRS struct strs lines = { 0 };
		struct err one = { 0 };

		r = image_remove(shell->store, args->words[i], o->force,
				 o->no_prune, &lines, &one);
		for (size_t n = 0; n < lines.count; n++)
			fprintf(shell->out, "%s\n", lines.items[n]);
		fflush(shell->out);
		if (r == 0)
			continue;
		report_failure(shell, NULL, NULL, &one);
		failed += !(r == -ENOENT && o->force);
	}
	r = args->count > 1 ? image_removals_end(shell->store, err) : 0;
	progress_end(&progress);
	if (r < 0)
		return r;
	return failed ? 1 : 0;
}

static const char *const examples[] = { "tag busybox mine:1", "rmi mine:1",
					NULL };
static const char *const aliases[] = { "image rm", "image remove", NULL };

const struct cmd cmd_rmi = {
	.name = "rmi",
	.aliases = aliases,
	.group = N_("Images"),
	.synopsis = "[OPTIONS] IMAGE [IMAGE...]",
	.summary = N_("Remove images, or one of their names"),
	.docker_summary = "Remove one or more images",
	.min_args = 1,
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct rmi_opts),
	.examples = examples,
	.lesson = "image-container",
	.run = run,
	.first = COMPLETE_IMAGES,
	.rest = COMPLETE_IMAGES,
};
