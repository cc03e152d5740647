/* shell/cmd_sent.c - sent: what a build would be sent of a folder. */
#include <errno.h>
#include <string.h>

#include "images/context.h"
#include "images/sent.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "shell/cmd.h"
#include "shell/progress.h"
#include "shell/sent_view.h"
#include "shell/view.h"

struct sent_opts {
	struct view_opts view;
	const char *file;
};

static const struct opt opts[] = {
	{ "file", 'f', OPT_TEXT, "string",
	  N_("The Dockerfile (default: Dockerfile in the folder)"), NULL,
	  offsetof(struct sent_opts, file), 0, COMPLETE_FILES },
	VIEW_OPTS(struct sent_opts, view),
	{ 0 },
};

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct sent_opts *o = args->opts;
	OWN_SENT struct sent sent = { 0 };
	OWN_VIEW struct view view = { 0 };
	const struct context_choice choice = {
		.path = args->words[0],
		.dockerfile = o->file && *o->file ? o->file : NULL,
		.input_fd = shell->in_fd,
	};
	struct progress progress;
	int r;

	if (strcmp(choice.path, "-") == 0) {
		err_set(err, EINVAL, _("'-' is no folder"));
		return err_hint(err, _("a tar on standard input is sent as it is: 'tar -tv' lists it"));
	}
	progress_begin(&progress, shell, "", true); /* for Ctrl-C */
	r = sent_read(shell->home, &choice, &sent, err);
	progress_end(&progress);
	if (r == -ENOENT && !err->hint[0] && strstr(err->msg, "Dockerfile"))
		return err_hint(err, _("a build needs a Dockerfile: -f names one that lies elsewhere"));
	if (r < 0)
		return r;
	view_begin(&view, shell, &o->view);
	sent_view(&view, &sent, choice.path, choice.dockerfile);
	return 0;
}

static const char *const examples[] = {
	"mkdir web; echo FROM busybox >web/Dockerfile; sent web",
	"sent --json web",
	NULL,
};

const struct cmd cmd_sent = {
	.name = "sent",
	.group = N_("Windows into the machinery"),
	.synopsis = "[OPTIONS] DIR",
	.summary = N_("Show what a build of a folder would be sent, and what hides what"),
	.min_args = 1,
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct sent_opts),
	.examples = examples,
	.lesson = "cache",
	.run = run,
	.job = true,
	.pages = true,
	.ours = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_FOLDERS,
};
