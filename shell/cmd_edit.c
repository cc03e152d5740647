/* shell/cmd_edit.c - `edit`: a file in the editor.
 *
 * $VISUAL, else $EDITOR, else the first of a few that is installed. Run by sh,
 * since $EDITOR may hold options. */
#include <errno.h>
#include <stdlib.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/sh.h"

static const char *editor(void)
{
	static const char *const common[] = { "sensible-editor", "nano", "vim",
					      "vi", "emacs", NULL };
	const char *value = getenv("VISUAL");

	if (!value || !*value)
		value = getenv("EDITOR");
	if (value && *value)
		return value;
	for (size_t i = 0; common[i]; i++)
		if (sh_finds(common[i]))
			return common[i];
	return sh_finds("busybox") ? "busybox vi" : NULL;
}

static void add_quoted(struct buf *out, const char *word)
{
	buf_str(out, " '");
	for (; *word; word++)
		buf_str(out, *word == '\'' ? "'\\''"
					   : (char[]){ *word, '\0' });
	buf_char(out, '\'');
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const char *program = editor();
	OWN_BUF struct buf line = { 0 };

	if (!program) {
		err_set(err, ENOENT, _("no editor was found"));
		return err_hint(err, _("name one: export EDITOR=..., or install nano"));
	}
	buf_fmt(&line, "command %s", program);
	for (int i = 0; i < args->count; i++)
		add_quoted(&line, args->words[i]);
	return sh_run(shell, buf_text(&line), false, err);
}

static const char *const examples[] = {
	"edit Dockerfile",
	"edit Dockerfile notes.txt",
	NULL,
};

const struct cmd cmd_edit = {
	.name = "edit",
	.group = N_("Shell"),
	.synopsis = "FILE...",
	.summary = N_("Open files in your editor"),
	.min_args = 1,
	.max_args = -1,
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_FILES,
};
