/* shell/cmd_note.c - `note`: a line of one's own for the notebook. */
#include <errno.h>

#include "lessons/notebook.h"
#include "lessons/session.h"
#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/lesson_view.h"

struct note_opts {
	struct opt_number remove;
};

/* The lesson under way, also where this program has not opened it. */
static const char *lesson_id(struct shell *shell)
{
	struct err none = { 0 };

	if (!shell->lesson && lesson_view_need(shell, &none) < 0)
		return NULL;
	return lesson_of(shell->lesson)->id;
}

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const struct note_opts *opts = args->opts;
	OWN_FD int folder = notebook_folder(shell->base_home, err);
	OWN_BUF struct buf text = { 0 };

	if (folder < 0)
		return folder;
	if (opts->remove.given)
		return notebook_remove_note(folder, opts->remove.value, err);
	for (int i = 0; i < args->count; i++)
		buf_fmt(&text, i > 0 ? " %s" : "%s", args->words[i]);
	if (text.len == 0) {
		err_set(err, EINVAL, _("note: nothing to note"));
		return err_hint(err, _("'note whiteouts are devices' puts that "
				       "into your notebook"));
	}
	return notebook_note(folder, lesson_id(shell), buf_text(&text), err);
}

static const struct opt opts[] = {
	{ .name = "remove",
	  .kind = OPT_COUNT,
	  .placeholder = "number",
	  .help = N_("Take this note out again ('notebook' shows the numbers)"),
	  .offset = offsetof(struct note_opts, remove) },
	{ .name = NULL },
};

static const char *const examples[] = { "note a whiteout is a device 0, 0",
					"note ask in class: why 137?", NULL };

const struct cmd cmd_note = {
	.name = "note",
	.group = N_("Lessons"),
	.synopsis = "[OPTIONS] TEXT...",
	.summary = N_("Put a note of your own into the notebook"),
	.max_args = -1,
	.opts = opts,
	.opts_size = sizeof(struct note_opts),
	.stop_at_first_word = true,
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_STORE,
	.first = COMPLETE_NOTHING,
	.rest = COMPLETE_NOTHING,
};
