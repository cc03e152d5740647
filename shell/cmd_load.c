/* shell/cmd_load.c - load: images out of an archive that was saved. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "images/load.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/progress.h"

struct load_opts {
	const char *input;
	bool quiet;
};

#define AT(member) offsetof(struct load_opts, member)

static const struct opt opts[] = {
	{ "input", 'i', OPT_TEXT, "string",
	  N_("Read this file, or this folder of OCI's form, and not standard input"),
	  NULL, AT(input), 0, COMPLETE_FILES },
	{ "quiet", 'q', OPT_FLAG, NULL, N_("Do not show how far it is"), NULL,
	  AT(quiet), 0 },
	{ 0 },
};

/* Go's words for what open(2) says. */
static int no_file(const char *path, struct err *err)
{
	int code = errno;
	const char *why = code == ENOENT ? "no such file or directory" :
			  code == EACCES ? "permission denied" :
					   strerror(code);

	return err_docker(err, ERR_BARE, code, "open %s: %s", path, why);
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct load_opts *o = args->opts;
	bool from_file = o->input && *o->input;
	OWN_STRS struct strs lines = { 0 };
	struct progress progress;
	OWN_FD int opened = -1;
	int r;

	if (from_file) {
		opened = open(o->input, O_RDONLY | O_CLOEXEC);
		if (opened < 0)
			return no_file(o->input, err);
	} else if (isatty(shell->in_fd)) {
		err_docker(err, ERR_BARE, EINVAL,
			   "requested load from stdin, but stdin is empty");
		return err_hint(err, _("'load -i image.tar' reads an archive that 'save -o image.tar' wrote"));
	}
	progress_begin(&progress, shell, "", o->quiet);
	r = load_images(shell->store, from_file ? opened : shell->in_fd,
			&progress.watch, &lines, err);
	progress_end_work(&progress, shell, r,
			  _("stopped: nothing of it was loaded"));
	for (size_t i = 0; i < lines.count; i++)
		fprintf(shell->out, "%s\n", lines.items[i]);
	return r;
}

static const char *const examples[] = {
	"save busybox | load",
	"save -o busybox.tar busybox; load -i busybox.tar",
	NULL,
};
static const char *const aliases[] = { "image load", NULL };

const struct cmd cmd_load = {
	.name = "load",
	.aliases = aliases,
	.group = N_("Images"),
	.synopsis = "[OPTIONS]",
	.summary = N_("Bring in images from an archive that was saved"),
	.docker_summary = "Load an image from a tar archive or STDIN",
	.min_args = 0,
	.max_args = 0,
	.opts = opts,
	.opts_size = sizeof(struct load_opts),
	.examples = examples,
	.lesson = "base-image",
	.run = run,
	.job = true,
};
