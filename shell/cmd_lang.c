/* shell/cmd_lang.c - `lang`: the language of our messages.
 *
 * Docker's own messages stay English: they are what a learner will meet, and
 * search for, elsewhere. The choice is kept in the file `lang` of the home. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lessons/session.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "shell/cmd.h"
#include "shell/shown.h"

static int run(struct shell *shell, struct args *args, struct err *err)
{
	const char *lang;

	if (args->count == 0) {
		if (shell->json)
			shown_object(shell,
				     json_pack("{s:s}", "lang", lang_now()));
		else
			fprintf(shell->out, "%s\n", lang_now());
		return 0;
	}
	lang = args->words[0];
	if (!lang_choose(lang)) {
		err_set(err, EINVAL, _("lang: '%s' is no language we have"),
			lang);
		return err_hint(err, _("type 'lang en' or 'lang ja'"));
	}
	shell->lang = lang_now();
	setenv("DOCKERSHELL_LANG", shell->lang, 1); /* for what we start */
	if (shell->lesson) /* what it says from now on, too */
		lesson_set_lang(shell->lesson, shell->lang);
	if (fs_replace(shell->base_home->fd, "lang", shell->lang,
		       strlen(shell->lang), 0644, false, err) < 0)
		return -err->code;
	if (shell->interactive)
		fprintf(shell->out, "%s\n",
			_("From now on in English."));
	return 0;
}

static const char *const examples[] = { "lang ja", "lang en", NULL };

const struct cmd cmd_lang = {
	.name = "lang",
	.group = N_("Shell"),
	.synopsis = "[en|ja]",
	.summary = N_("Choose the language of messages and lessons"),
	.max_args = 1,
	.examples = examples,
	.run = run,
	.ours = true,
	.inside_only = true,
	.needs = CMD_NEEDS_HOME,
	.first = COMPLETE_LANGUAGES,
	.shows = true,
};
