/* shell/cmd_complete.c - `complete`: what bash, zsh and fish ask at Tab.
 *
 *   dockershell complete 'dockershell run --ne'
 *
 *   none 0                    none, files or folders of this machine fit, too, and
 *                             where in the word their path begins
 *   --ne                      the word at the cursor, without quotes
 *   --network<TAB>Which ...   each word that goes on with it, and what it means
 *
 * The scripts that read this are cmd_completion.c's. */
#include <stdio.h>

#include "runtime/base/lang.h"
#include "shell/commands.h"
#include "shell/complete.h"

static const char *which_files(const struct completion *found)
{
	if (found->folders)
		return "folders";
	return found->files ? "files" : "none";
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	OWN_COMPLETION struct completion found = { 0 };

	(void)err; /* there is nothing that could go wrong aloud */
	complete_line(shell, args->words[0], true, &found);
	fprintf(shell->out, "%s %zu\n%s\n", which_files(&found), found.files_at,
		found.typed);
	for (size_t i = 0; i < found.words.count; i++)
		fprintf(shell->out, "%s\t%s\n", found.words.items[i],
			found.meanings.items[i]);
	return 0;
}

static const char *const examples[] = {
	"complete 'dockershell run --r'",
	"complete 'dockershell ps --filter '",
	NULL,
};

const struct cmd cmd_complete = {
	.name = "complete",
	.group = N_("Shell"),
	.synopsis = "LINE",
	.summary = N_("Say what may stand at the end of a line"),
	.min_args = 1,
	.max_args = 1,
	.stop_at_first_word = true,
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_NOTHING,
	.first = COMPLETE_NOTHING,
	.hidden = true,
};
