/* shell/advice_args.c - see advice.h: what stands behind a command */
#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/advice.h"
#include "shell/advice_parts.h"
#include "shell/cmd.h"
#include "shell/commands.h"
#include "shell/near.h"
#include "shell/opt.h"
#include "shell/sh.h"

/* ---- the number of words ---- */

/* "run --name busybox", "logs -n web": the option has taken what is missing. Given, or
 * NULL. */
static char *on_swallowed(const struct cmd *cmd, char *const *words)
{
	const struct opt *opt = NULL;
	char *const *last = words;

	while (*last && last[1])
		last++;
	if (last <= words || last[-1][0] != '-')
		return NULL;
	if (last[-1][1] == '-')
		opt = opt_find(cmd, last[-1] + 2, strlen(last[-1] + 2));
	else
		opt = opt_find_letter(cmd, last[-1][strlen(last[-1]) - 1]);
	if (!opt || opt->kind == OPT_FLAG)
		return NULL;
	if (strstr(cmd->synopsis, "CONTAINER"))
		return mem_fmt(_("'%s' was taken as the value of %s; the container comes behind it"),
			       *last, last[-1]);
	return mem_fmt(_("'%s' was taken as the value of %s; the image comes behind it"),
		       *last, last[-1]);
}

static const char *lists(const struct cmd *cmd)
{
	if (strstr(cmd->synopsis, "CONTAINER") || cmd == &cmd_inspect)
		return _("which one? 'ps -a' lists all containers");
	if (strstr(cmd->synopsis, "IMAGE"))
		return _("which one? 'images' lists those that are here");
	if (cmd == &cmd_network_create)
		return _("the name is missing, as in 'network create mynet'");
	if (cmd == &cmd_import)
		return _("the archive is missing, and the name of the image: 'import FILE NAME'");
	if (strstr(cmd->synopsis, "NETWORK"))
		return _("which one? 'network ls' lists them");
	if (strstr(cmd->synopsis, "VOLUME"))
		return _("which one? 'volume ls' lists them");
	return NULL;
}

static bool said(const struct shell *shell, const char *word)
{
	for (char *const *w = shell->said; w && *w; w++)
		if (strcmp(*w, word) == 0)
			return true;
	return false;
}

static char *on_too_few(const struct shell *shell, const struct cmd *cmd,
			const char *called)
{
	OWN_FREE char *typed = advice_line_of("", shell->said);
	bool takes = (cmd->stop_at_first_word && cmd != &cmd_exec) ||
		     (strstr(cmd->synopsis, "CONTAINER") &&
		      (!shell->args || shell->args->count == 0));
	char *swallowed = takes ? on_swallowed(cmd, shell->said) : NULL;
	const char *list = lists(cmd);

	if (swallowed)
		return swallowed;
	if (said(shell, "-help")) /* to Docker, -h and its value */
		return mem_fmt(_("did you mean '%s --help'?"), called);
	if (cmd == &cmd_history && strcmp(called, "history") == 0)
		return mem_str(_("'history' shows how an image came to be; Ctrl-R and the arrow up find lines that were typed"));
	if (cmd == &cmd_container_run || cmd == &cmd_create)
		return mem_fmt(_("the image is missing, as in '%s busybox'; 'images' lists those that are here"),
			       typed + 1);
	if (cmd == &cmd_build)
		return mem_fmt(_("the folder is missing; '.' is the one you are in: '%s .'"),
			       typed + 1);
	if (cmd == &cmd_exec && shell->args && shell->args->count == 1)
		return mem_fmt(_("the program is missing, as in '%s sh'"),
			       typed + 1);
	if (shell->args && shell->args->count > 0)
		return mem_fmt(_("two words are needed behind '%s'; 'help %s' has examples"),
			       called, called);
	return list ? mem_str(list) : NULL;
}

/* `image prune all`, `volume ls data`, `lessons diff`, `info web`. */
static char *on_none_wanted(const struct shell *shell, const struct cmd *cmd,
			    const char *called, const char *first)
{
	OWN_FREE char *learn = mem_fmt("learn %s", first);

	if (cmd == &cmd_lessons && near_is_lesson(shell, first))
		return mem_fmt(_("did you mean '%s'?"), learn);
	if (opt_find(cmd, first, strlen(first)))
		return mem_fmt(_("did you mean '%s --%s'?"), called, first);
	if (cmd == &cmd_volume_ls || cmd == &cmd_network_ls)
		return mem_fmt(_("did you mean '%s --filter name=%s'?"),
			       called, first);
	return mem_fmt(_("'%s' takes no name; '%s' is a word too many"), called,
		       first);
}

/* `build mine:1 site`, `cp web /etc/hosts .`: what joins two of the words is missing. */
static char *on_torn(const struct shell *shell, const struct cmd *cmd,
		     const char *called)
{
	const struct args *args = shell->args;
	struct stat st;

	if (!args || args->count < 2)
		return NULL;
	if (said(shell, "="))
		return mem_str(_("no blank stands around '=': NAME=value is one word"));
	if (cmd == &cmd_build && args->count == 2 &&
	    stat(args->words[0], &st) < 0 && stat(args->words[1], &st) == 0)
		return mem_fmt(_("did you mean '%s -t %s %s'?"), called,
			       args->words[0], args->words[1]);
	if (cmd == &cmd_cp && args->count == 3 && args->words[1][0] == '/' &&
	    near_is_container(shell, args->words[0]))
		return mem_fmt(_("did you mean '%s %s:%s %s'?"), called,
			       args->words[0], args->words[1], args->words[2]);
	return NULL;
}

static char *on_too_many(const struct shell *shell, const struct cmd *cmd,
			 const char *called)
{
	const char *first = shell->args ? shell->args->words[0] : "";
	char *torn = on_torn(shell, cmd, called);

	if (torn)
		return torn;
	if (cmd == &cmd_ps && strcmp(called, "ps") == 0 && first[0] == 'a')
		return mem_fmt(_("'%s' is a command of dockershell here; for this machine's own put a backslash in front: \\%s"),
			       called, called);
	if (cmd == &cmd_ps)
		return mem_fmt(_("did you mean '%s --filter name=%s'?"),
			       called, first);
	if (cmd == &cmd_load)
		return mem_fmt(_("did you mean '%s -i %s'?"), called, first);
	if (cmd->max_args == 0)
		return on_none_wanted(shell, cmd, called, first);
	if (cmd->max_args == 1)
		return mem_fmt(_("one at a time: '%s %s'"), called, first);
	if (cmd->min_args == 2)
		return mem_fmt(_("two words are needed behind '%s'; 'help %s' has examples"),
			       called, called);
	if (cmd->max_args > 1)
		return mem_fmt(_("there is a word too many; a text with blanks needs quotes around it; 'help %s' has examples"),
			       called);
	return NULL;
}

char *advice_on_count(const struct shell *shell, const struct cmd *cmd,
		      const char *called, int count)
{
	if (!shell->said)
		return NULL;
	return count < cmd->min_args ? on_too_few(shell, cmd, called)
				     : on_too_many(shell, cmd, called);
}

/* ---- flags ---- */

static const struct synonym flag_synonyms[] = {
	{ "background", "detach" }, { "cpu", "cpus" },
	{ "daemon", "detach" },	    { "delete", "rm" },
	{ "directory", "workdir" }, { "dir", "workdir" },
	{ "environment", "env" },   { "everything", "all" },
	{ "folder", "workdir" },    { "lines", "tail" },
	{ "port", "publish" },	    { "ports", "publish" },
	{ "ram", "memory" },	    { "remove", "rm" },
	{ "root", "privileged" },   { "terminal", "tty" },
	{ "timeout", "time" },	    { NULL, NULL },
};

/* `ps -ef`, `rm -rf x`, `kill -9 12`: the machine has a program of that name. */
static void on_program(const struct shell *shell, const char *called,
		       const char *word, struct err *err)
{
	/* Half a line of a lesson, perhaps, and it was meant for a container: nobody
	 * is led to delete what is the machine's. */
	if (shell->lesson && strcmp(called, "rm") == 0)
		err_hint(err, _("'rm' removes containers here; to run a program in one, put 'run' and an image in front"));
	else if (strcmp(called, "kill") == 0 &&
		 (isdigit((unsigned char)word[1]) ||
		  isupper((unsigned char)word[1])))
		err_hint(err, _("did you mean 'kill -s %s'? For a process of this machine: \\kill %s"),
			 word + 1, word);
	else if (!strchr(called, ' ') && sh_finds(called))
		err_hint(err, _("'%s' is a command of dockershell here; for this machine's own put a backslash in front: \\%s"),
			 called, called);
}

/* `--it`, `-IT`, `-help`, `-t--rm`: the letters are right. */
static bool on_spelling(const struct cmd *cmd, const char *word,
			struct err *err)
{
	OWN_FREE char *small = mem_str(word);
	const char *bare = small + strspn(small, "-");
	size_t len = strlen(bare);
	bool letters = len > 0;

	for (char *p = small; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	for (size_t i = 0; i < len; i++)
		letters = letters && opt_find_letter(cmd, bare[i]);
	if (strcmp(word, "-help") == 0)
		err_hint(err, _("did you mean '%s'?"), "--help");
	else if (strncmp(word, "---", 3) == 0 && opt_find(cmd, bare, len))
		err_hint(err, _("did you mean '--%s'?"), bare);
	else if (letters && len <= 3 &&
		 (strspn(word, "-") == 1 ? strcmp(small, word) != 0
					 : bare[strspn(bare, "itd")] == '\0'))
		err_hint(err, _("did you mean '%s'?"), bare - 1);
	else
		return false;
	return true;
}

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

/* What another program of that name, or another command, has. */
static bool on_habit(const struct shell *shell, const struct cmd *cmd,
		     const char *called, const char *word, struct err *err)
{
	static const char *const all[] = { "-a", "--all", NULL };
	static const char *const deep[] = { "-r", "-R", "--recursive", NULL };
	static const char *const terminal[] = { "-t", "-it", "-ti", "--tty",
						NULL };

	if (cmd == &cmd_cp && is_one_of(word, deep))
		err_hint(err, _("'cp' takes a folder with all that is in it: leave '%s' away"),
			 word);
	else if (cmd == &cmd_start && is_one_of(word, terminal))
		err_hint(err, _("the terminal is there if 'run' or 'create' had -t; 'start -ai NAME' gives it your keyboard"));
	else if (cmd->max_args < 0 && cmd->min_args == 1 &&
		 strncmp(cmd->synopsis, "[OPTIONS] CONTAINER [", 21) == 0 &&
		 is_one_of(word, all))
		return advice_on_all(shell, called, err);
	else
		return false;
	return true;
}

static const char *behind(const char *text, const char *what)
{
	const char *at = strstr(text, what);

	return at ? at + strlen(what) : NULL;
}

void advice_on_flag(const struct shell *shell, const struct cmd *cmd,
		    const char *called, struct err *err)
{
	const char *word = behind(err->msg, "unknown flag: ");
	const char *meant;

	if (!word)
		word = behind(err->msg, " in ");
	if (!word || strncmp(err->msg, "unknown", 7) != 0)
		return;
	if (on_spelling(cmd, word, err) || err->hint[0] ||
	    on_habit(shell, cmd, called, word, err))
		return;
	if (word[0] == '-' && isdigit((unsigned char)word[1]) &&
	    strchr(word, ':')) { /* -P80:80 */
		OWN_FREE char *ports = mem_fmt("-p %s", word + 1);

		err_hint(err, _("did you mean '%s'?"), ports);
	} else if (word[0] == '-' && word[1] == '-' && word[2] && !word[3] &&
		   opt_find_letter(cmd, word[2])) {
		err_hint(err, _("did you mean '%s'?"), word + 1);
	} else if (word[0] == '-' && word[1] == '-') {
		meant = advice_synonym_of(flag_synonyms, word + 2);
		if (meant && opt_find(cmd, meant, strlen(meant)))
			err_hint(err, _("did you mean '--%s'?"), meant);
	} else {
		on_program(shell, called, word, err);
	}
	if (!err->hint[0])
		err_hint(err, _("'help %s' lists its flags"), called);
}
