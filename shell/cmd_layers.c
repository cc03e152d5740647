/* shell/cmd_layers.c - layers: what an image or a container is made of. */
#include "images/stack.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "shell/cmd.h"
#include "shell/layers_view.h"
#include "shell/view.h"
#include "shell/why_ask.h"

struct layers_opts {
	struct view_opts view;
};

static const struct opt opts[] = {
	VIEW_OPTS(struct layers_opts, view),
	{ 0 },
};

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct layers_opts *o = args->opts;
	OWN_LAYERS_FACTS struct layers_facts facts = { 0 };
	OWN_VIEW struct view view = { 0 };
	int r = layers_facts_read(shell, args->words[0], &facts, err);

	if (r < 0)
		return r;
	view_begin(&view, shell, &o->view);
	layers_view(&view, &facts);
	why_note_layers(shell, args->words[0]);
	return 0;
}

static const char *const examples[] = {
	"layers busybox",
	"layers --plain busybox",
	NULL,
};
static const char *const aliases[] = { "image layers", "container layers",
				       NULL };

const struct cmd cmd_layers = {
	.name = "layers",
	.aliases = aliases,
	.group = N_("Windows into the machinery"),
	.synopsis = "[OPTIONS] IMAGE|CONTAINER",
	.summary = N_("Show the stack of layers: what each added, changed and hid"),
	.min_args = 1,
	.max_args = 1,
	.opts = opts,
	.opts_size = sizeof(struct layers_opts),
	.examples = examples,
	.lesson = "waste",
	.run = run,
	.job = true,
	.pages = true,
	.ours = true,
	.first = COMPLETE_STACKS,
};
