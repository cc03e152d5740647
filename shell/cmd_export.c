/* shell/cmd_export.c - export: all files of a container as one archive. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "images/export.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "shell/cmd.h"
#include "shell/output_file.h"
#include "shell/progress.h"

struct export_opts {
	const char *output;
};

static const struct opt opts[] = {
	{ "output", 'o', OPT_TEXT, "string",
	  N_("Write to this file, and not to standard output"), NULL,
	  offsetof(struct export_opts, output), 0 },
	{ 0 },
};

/* container, progress  for whoever fills the file */
struct export_work {
	struct shell *shell;
	const char *container;
	const struct progress *progress;
};

static int write_tar(void *arg, int fd, struct err *err)
{
	const struct export_work *work = arg;

	return export_container(work->shell->home, work->container, fd,
				&work->progress->watch, err);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct export_opts *o = args->opts;
	bool to_file = o->output && *o->output;
	struct progress progress;
	struct export_work work = { shell, args->words[0], &progress };
	int r;

	if (!to_file && isatty(fileno(shell->out))) {
		err_docker(err, ERR_BARE, EINVAL,
			   "cowardly refusing to save to a terminal. Use the -o flag or redirect");
		return err_hint(err, _("an archive is for a file: 'export -o files.tar %s'; 'export NAME=value' sets a variable"),
				args->words[0]);
	}
	if (to_file && output_file_check(o->output,
					 "failed to export container", err) < 0)
		return -err->code;
	progress_begin(&progress, shell, _("Exporting - "), false);
	fflush(shell->out);
	r = to_file ? output_file_fill(o->output, write_tar, &work, err) :
		      write_tar(&work, fileno(shell->out), err);
	progress_end_work(&progress, shell, r,
			  to_file ? _("stopped: the file is as it was before")
				  : _("stopped: the archive is not whole"));
	return r;
}

static const char *const examples[] = {
	"run --name hoge busybox true",
	"export hoge | tar -t",
	NULL,
};
static const char *const aliases[] = { "container export", NULL };

const struct cmd cmd_export = {
	.name = "export",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "[OPTIONS] CONTAINER",
	.summary = N_("Write all files of a container as an archive"),
	.docker_summary = "Export a container's filesystem as a tar archive",
	.min_args = 1,
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct export_opts),
	.examples = examples,
	.lesson = "base-image",
	.run = run,
	.job = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_CONTAINERS,
};
