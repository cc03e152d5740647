/* shell/cmd_commit.c - commit: what a container wrote becomes an image. */
#include "images/commit.h"
#include "runtime/base/digest.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "shell/cmd.h"
#include "shell/progress.h"

struct commit_opts {
	const char *author;
	struct strs changes;
	const char *message;
	bool pause;
};

#define AT(member) offsetof(struct commit_opts, member)

static const struct opt opts[] = {
	{ "author", 'a', OPT_TEXT, "string",
	  N_("Who made it (\"Hana Sato <hana@example.com>\")"), NULL,
	  AT(author), 0 },
	{ "change", 'c', OPT_LIST, "list",
	  N_("Apply a Dockerfile instruction to the new image"), NULL,
	  AT(changes), 0,
	  .values = "CMD ENTRYPOINT ENV EXPOSE LABEL ONBUILD STOPSIGNAL USER VOLUME WORKDIR" },
	{ "message", 'm', OPT_TEXT, "string",
	  N_("The image's comment"), NULL, AT(message), 0 },
	{ "pause", 'p', OPT_FLAG, NULL,
	  N_("Hold the container still meanwhile (default true)"), NULL,
	  AT(pause), OPT_ON },
	{ 0 },
};

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct commit_opts *o = args->opts;
	struct progress progress;
	const struct commit_choice choice = {
		.container = args->words[0],
		.name = args->count > 1 && *args->words[1] ? args->words[1] :
							     NULL,
		.changes = &o->changes,
		.message = o->message,
		.author = o->author,
		.pause = o->pause,
	};
	char id[DIGEST_SIZE];
	int r;

	progress_begin(&progress, shell, _("Making the layer - "), false);
	r = commit_container(shell->store, &choice, id, err);
	progress_end_work(&progress, shell, r,
			  _("stopped: no image was made of it"));
	if (r < 0)
		return r;
	fprintf(shell->out, "%s\n", id);
	return 0;
}

static const char *const examples[] = {
	"run --name hoge busybox touch /notes.txt",
	"commit -m notes hoge mine:1",
	NULL,
};
static const char *const aliases[] = { "container commit", NULL };

const struct cmd cmd_commit = {
	.name = "commit",
	.aliases = aliases,
	.group = N_("Containers"),
	.synopsis = "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
	.summary = N_("Make an image of what a container changed"),
	.docker_summary = "Create a new image from a container's changes",
	.min_args = 1,
	.max_args = 2,
	.opts = opts,
	.opts_size = sizeof(struct commit_opts),
	.examples = examples,
	.lesson = "image-container",
	.run = run,
	.job = true,
	.first = COMPLETE_CONTAINERS,
	.rest = COMPLETE_NOTHING,
};
