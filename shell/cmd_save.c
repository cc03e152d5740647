/* shell/cmd_save.c - save: images as an archive, to be taken elsewhere. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "images/save.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "shell/cmd.h"
#include "shell/output_file.h"
#include "shell/progress.h"

struct save_opts {
	const char *output;
};

static const struct opt opts[] = {
	{ "output", 'o', OPT_TEXT, "string",
	  N_("Write to this file, and not to standard output"), NULL,
	  offsetof(struct save_opts, output), 0 },
	{ 0 },
};

struct save_work {
	struct shell *shell;
	const struct strs *names;
	const struct progress *progress;
};

static int write_tar(void *arg, int fd, struct err *err)
{
	const struct save_work *work = arg;

	return save_images(work->shell->store, work->names, fd,
			   &work->progress->watch, err);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct save_opts *o = args->opts;
	bool to_file = o->output && *o->output;
	OWN_STRS struct strs names = { 0 };
	struct progress progress;
	struct save_work work = { shell, &names, &progress };
	int r;

	for (int i = 0; i < args->count; i++)
		strs_add(&names, args->words[i]);
	if (!to_file && isatty(fileno(shell->out))) {
		err_docker(err, ERR_BARE, EINVAL,
			   "cowardly refusing to save to a terminal. Use the -o flag or redirect");
		return err_hint(err, _("an archive is for a file: 'save -o image.tar %s'"),
				args->words[0]);
	}
	if (to_file &&
	    output_file_check(o->output, "failed to save image", err) < 0)
		return -err->code;
	progress_begin(&progress, shell, "", false);
	fflush(shell->out);
	r = to_file ? output_file_fill(o->output, write_tar, &work, err) :
		      write_tar(&work, fileno(shell->out), err);
	progress_end_work(&progress, shell, r,
			  to_file ? _("stopped: the file is as it was before")
				  : _("stopped: the archive is not whole"));
	return r;
}

static const char *const examples[] = {
	"save -o busybox.tar busybox",
	"save busybox | tar -t",
	NULL,
};
static const char *const aliases[] = { "image save", NULL };

const struct cmd cmd_save = {
	.name = "save",
	.aliases = aliases,
	.group = N_("Images"),
	.synopsis = "[OPTIONS] IMAGE [IMAGE...]",
	.summary = N_("Write images as an archive, to be taken elsewhere"),
	.docker_summary =
		"Save one or more images to a tar archive (streamed to STDOUT by default)",
	.min_args = 1,
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct save_opts),
	.examples = examples,
	.lesson = "base-image",
	.run = run,
	.job = true,
	.first = COMPLETE_IMAGES,
	.rest = COMPLETE_IMAGES,
};
