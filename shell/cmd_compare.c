/* shell/cmd_compare.c - compare: images side by side, and why one is larger. */
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "shell/cmd.h"
#include "shell/compare_view.h"
#include "shell/view.h"

struct compare_opts {
	struct view_opts view;
	bool files;
};

static const struct opt opts[] = {
	{ "files", 0, OPT_FLAG, NULL,
	  N_("List the files, too, that not all of them have"), NULL,
	  offsetof(struct compare_opts, files), 0 },
	VIEW_OPTS(struct compare_opts, view),
	{ 0 },
};

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct compare_opts *o = args->opts;
	OWN_COMPARE struct compare compare = { 0 };
	OWN_VIEW struct view view = { 0 };
	int r = compare_read(shell, args->words, (size_t)args->count, &compare,
			     err);

	if (r < 0)
		return r;
	if (o->files)
		compare_files(&compare);
	view_begin(&view, shell, &o->view);
	compare_view(&view, &compare, o->files);
	return 0;
}

static const char *const examples[] = {
	"run --name c1 busybox touch /new",
	"compare busybox c1",
	NULL,
};

const struct cmd cmd_compare = {
	.name = "compare",
	.group = N_("Windows into the machinery"),
	.synopsis = "[OPTIONS] IMAGE IMAGE [IMAGE...]",
	.summary = N_("Show images side by side: where their bytes come from"),
	.min_args = 2,
	.max_args = COMPARE_MOST,
	.opts = opts,
	.opts_size = sizeof(struct compare_opts),
	.examples = examples,
	.lesson = "base-image",
	.run = run,
	.job = true,
	.pages = true,
	.ours = true,
	.first = COMPLETE_STACKS,
	.rest = COMPLETE_STACKS,
};
