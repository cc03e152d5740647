/* shell/cmd_tag.c - tag: one more name for an image. */
#include "images/store.h"
#include "runtime/base/lang.h"
#include "shell/cmd.h"

static int run(struct shell *shell, struct args *args, struct err *err)
{
	return image_tag(shell->store, args->words[0], args->words[1], err);
}

static const char *const examples[] = { "tag busybox mine:1", "images mine",
					NULL };
static const char *const aliases[] = { "image tag", NULL };

const struct cmd cmd_tag = {
	.name = "tag",
	.aliases = aliases,
	.group = N_("Images"),
	.synopsis = "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
	.summary = N_("Give an image one more name"),
	.docker_summary = "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
	.min_args = 2,
	.max_args = 2,
	.examples = examples,
	.lesson = "image-container",
	.run = run,
	.first = COMPLETE_IMAGES,
	.rest = COMPLETE_NOTHING,
};
