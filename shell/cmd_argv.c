/* shell/cmd_argv.c - argv: which command line an image starts. */
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "shell/argv_view.h"
#include "shell/cmd.h"
#include "shell/view.h"

struct argv_opts {
	struct view_opts view;
	struct strs entrypoint;
};

static const struct opt opts[] = {
	{ "entrypoint", 0, OPT_LIST, "string",
	  N_("As run --entrypoint; '' takes the image's away"), NULL,
	  offsetof(struct argv_opts, entrypoint), 0, COMPLETE_PROGRAMS },
	VIEW_OPTS(struct argv_opts, view),
	{ 0 },
};

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct argv_opts *o = args->opts;
	OWN_ARGV struct argv_facts facts = { 0 };
	OWN_STRS struct strs words = { 0 };
	OWN_VIEW struct view view = { 0 };
	const char *entrypoint =
		o->entrypoint.count ?
			o->entrypoint.items[o->entrypoint.count - 1] :
			NULL;
	int r;

	for (int i = 1; i < args->count; i++)
		strs_add(&words, args->words[i]);
	r = argv_facts_read(shell, args->words[0], &words, entrypoint, &facts,
			    err);
	if (r < 0)
		return r;
	view_begin(&view, shell, &o->view);
	argv_view(&view, &facts);
	return 0;
}

static const char *const examples[] = {
	"argv busybox",
	"argv --entrypoint ls busybox -l /",
	NULL,
};

const struct cmd cmd_argv = {
	.name = "argv",
	.group = N_("Windows into the machinery"),
	.synopsis = "[OPTIONS] IMAGE|CONTAINER [ARG...]",
	.summary = N_("Show the command line that ENTRYPOINT, CMD and your words make"),
	.min_args = 1,
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct argv_opts),
	.stop_at_first_word = true,
	.examples = examples,
	.lesson = "argv",
	.run = run,
	.pages = true,
	.ours = true,
	.first = COMPLETE_STACKS,
	.rest = COMPLETE_PROGRAMS,
};
