/* shell/cmd_image_restore.c - image restore: the images that come with the
 * program, as at the first start. Docker has no such word; there one would pull. */
#include <stdio.h>

#include "images/base.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "shell/cmd.h"

static int run(struct shell *shell, struct args *args, struct err *err)
{
	OWN_STRS struct strs names = { 0 };
	int r = 0;

	if (args->count == 0)
		r = base_restore(shell->store, NULL, &names, err);
	for (int i = 0; i < args->count && r == 0; i++)
		r = base_restore(shell->store, args->words[i], &names, err);
	for (size_t i = 0; i < names.count; i++)
		fprintf(shell->out, "%s\n", names.items[i]);
	return r;
}

static const char *const examples[] = { "image restore",
					"image restore busybox", NULL };

const struct cmd cmd_image_restore = {
	.name = "image restore",
	.group = N_("Images"),
	.synopsis = "[IMAGE...]",
	.summary = N_("Bring back the images that come with the program"),
	.min_args = 0,
	.max_args = -1,
	.examples = examples,
	.run = run,
	.first = COMPLETE_NOTHING,
	.rest = COMPLETE_NOTHING,
};
