/* shell/welcome.c - see welcome.h */
#include "shell/welcome.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/report.h"
#include "shell/shell.h"
#include "shell/style.h"

/* A small file of the home as text, "" where it is not there. */
static void read_small(const struct shell *shell, const char *name,
		       struct buf *out)
{
	struct err ignored = { 0 };

	(void)fs_read(shell->base_home->fd, name, 64, out, &ignored);
}

/* What was chosen with `lang` counts, unless the environment asks for one by
 * name (--lang sets it, too). */
static void take_language(struct shell *shell)
{
	OWN_BUF struct buf lang = { 0 };

	if (getenv("DOCKERSHELL_LANG"))
		return;
	read_small(shell, "lang", &lang);
	if (lang.len == 2 && lang_choose(buf_text(&lang))) {
		shell->lang = lang_now();
		setenv("DOCKERSHELL_LANG", shell->lang, 1);
	}
}

static void say(const struct shell *shell, const char *text)
{
	OWN_BUF struct buf lines = { 0 };

	style_wrap(&lines, text, 0, 0, style_columns(shell->err_out));
	fputs(buf_text(&lines), shell->err_out);
}

static pid_t filling; /* the child that fills a new home, or 0 */

/* What goes wrong there is said when a command needs the store: it tries again
 * whatever is missing. */
static void fill_home(struct shell *shell)
{
	struct err ignored = { 0 };
	pid_t pid = fork();

	if (pid == 0) {
		/* Away from the terminal's Ctrl-C. */
		(void)setpgid(0, 0);
		_exit(shell_need_store(shell, &ignored) < 0);
	}
	if (pid < 0)
		return; /* whoever needs the store fills it */
	filling = pid;
	shell->home->made = false;
}

void welcome_settle(bool wait)
{
	if (filling > 0 && waitpid(filling, NULL, wait ? 0 : WNOHANG) != 0)
		filling = 0;
}

void welcome(struct shell *shell)
{
	struct err err = { 0 };

	if (shell_need_home(shell, &err) < 0) {
		report_failure(shell, NULL, "", &err);
		return;
	}
	take_language(shell);
	if (!shell->home->made)
		return;
	say(shell, _("dockershell: Docker's commands on real containers, made to be looked into."));
	OWN_FREE char *where = mem_fmt(_("No daemon, no Docker. All that is made here lies in %s"),
				       shell->home->path);
	say(shell, where);
	say(shell, _("Type first: 'tour', 'lessons' or 'help'. In Japanese: 'lang ja'."));
	fill_home(shell);
}
