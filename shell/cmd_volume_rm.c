/* shell/cmd_volume_rm.c - volume rm: remove volumes and what is in them. */
#include <errno.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/interrupt.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "runtime/volume.h"
#include "shell/cmd.h"
#include "shell/progress.h"
#include "shell/report.h"

struct rm_opts {
	bool force;
};

static const struct opt opts[] = {
	{ "force", 'f', OPT_FLAG, NULL, N_("One that is not there is fine"),
	  NULL, offsetof(struct rm_opts, force), 0 },
	{ 0 },
};

/* As in Docker, what failed is said behind what did not. */
static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct rm_opts *o = args->opts;
	OWN_FREE struct err *failures =
		mem_zero((size_t)args->count, sizeof(*failures));
	struct progress progress;
	int failed = 0;

	progress_begin(&progress, shell, "", false);
	for (int i = 0; i < args->count; i++) {
		struct err *one = &failures[failed];
		int r = volume_remove(shell->home, args->words[i], NULL, one);

		if (interrupt_seen()) {
			progress_end(&progress);
			return interrupt_err(err);
		}
		if (r == 0 || (r == -ENOENT && o->force)) {
			*one = (struct err){ 0 };
			fprintf(shell->out, "%s\n", args->words[i]);
			fflush(shell->out);
			continue;
		}
		if (r == -EBUSY)
			err_hint(one,
				 _("'ps -a --filter volume=%s' shows the containers that mount it; 'rm' them first"),
				 args->words[i]);
		failed++;
	}
	progress_end(&progress);
	for (int i = 0; i < failed; i++)
		report_failure(shell, NULL, NULL, &failures[i]);
	return failed ? 1 : 0;
}

static const char *const examples[] = { "volume create data",
					"volume rm data", NULL };
static const char *const aliases[] = { "volume remove", NULL };

const struct cmd cmd_volume_rm = {
	.name = "volume rm",
	.aliases = aliases,
	.group = N_("Volumes"),
	.synopsis = "[OPTIONS] VOLUME [VOLUME...]",
	.summary = N_("Remove volumes and what is in them"),
	.docker_summary = "Remove one or more volumes",
	.min_args = 1,
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct rm_opts),
	.examples = examples,
	.lesson = "volumes",
	.run = run,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_VOLUMES,
	.rest = COMPLETE_VOLUMES,
};
