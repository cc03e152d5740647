/* shell/advice.c - see advice.h: what a message of Docker's means here
 *
 * A row is a piece of the message and what to say; the first that fits counts. What
 * a row cannot know (the word that was typed) is found by a function. */
#include "shell/advice.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/suggest.h"
#include "runtime/caps.h"
#include "shell/advice_parts.h"
#include "shell/cmd.h"
#include "shell/complete.h"
#include "shell/format.h"
#include "shell/near.h"
#include "shell/opt.h"

/* What stands between `before` and the next `end` in the message; given, "" where
 * there is none. */
static char *quoted(const struct err *err, const char *before, char end)
{
	const char *at = strstr(err->msg, before);
	const char *to;

	if (!at)
		return mem_str("");
	at += strlen(before);
	to = strchr(at, end);
	return to ? mem_strn(at, (size_t)(to - at)) : mem_str(at);
}

static bool hint_nearest(const char *typed, const struct strs *names,
			 struct err *err)
{
	struct suggest best = suggest_start(typed);

	for (size_t i = 0; i < names->count; i++)
		suggest_try(&best, names->items[i]);
	if (best.found)
		err_hint(err, _("did you mean '%s'?"), best.found);
	return best.found != NULL;
}

static const char *called(const struct shell *shell)
{
	return shell->args ? shell->args->called : "";
}

static const char *first_word(const struct shell *shell)
{
	return shell->args && shell->args->count > 0 ? shell->args->words[0]
						     : "NAME";
}

/* ---- programs ---- */

static bool is_word_of_sh(const char *word)
{
	static const char *const words[] = { "alias", "cd",	"exit",
					     "export", "set",	"source",
					     "ulimit", "umask", NULL };

	for (size_t i = 0; words[i]; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* "--name", and "box" behind it where that is its value; given. */
static char *with_value(const struct shell *shell, const char *word)
{
	const struct opt *opt = NULL;
	size_t len = strlen(word);

	if (shell->cmd && strncmp(word, "--", 2) == 0)
		opt = opt_find(shell->cmd, word + 2, len - 2);
	else if (shell->cmd && word[0] == '-' && len > 1)
		opt = opt_find_letter(shell->cmd, word[len - 1]);
	if (!opt || opt->kind == OPT_FLAG || !shell->args ||
	    shell->args->count < 3)
		return mem_str(word);
	return mem_fmt("%s %s", word, shell->args->words[2]);
}

static void not_in_path(const struct shell *shell, const char *word, bool exec,
			struct err *err)
{
	/* `start` names a container that does not run: its files are there all the same. */
	OWN_FREE char *line =
		strcmp(called(shell), "start") == 0 ||
				strcmp(called(shell), "restart") == 0
			? mem_fmt("export %s | tar t", first_word(shell))
			: advice_listing(shell, exec, first_word(shell));

	if (strchr(word, '/')) {
		err_hint(err, _("the container has no file '%s': COPY puts one into an image, -v a folder of this machine into a container"),
			 word);
		return;
	}
	err_hint(err, _("the container has no program '%s' in its $PATH; is it spelled right? '%s' shows what there is"),
		 word, line);
}

/* What stands between exec: " and ": , without Go's backslashes; given. */
static char *program_in(const struct err *err)
{
	const char *at = strstr(err->msg, "exec: \"");
	OWN_BUF struct buf word = { 0 };

	for (at = at ? at + strlen("exec: \"") : ""; *at && *at != '"'; at++) {
		at += *at == '\\' && at[1];
		buf_char(&word, *at);
	}
	return buf_give(&word);
}

/* exec: "-it": executable file not found. */
static void on_program(const struct shell *shell, struct err *err)
{
	OWN_FREE char *word = program_in(err);
	OWN_FREE char *flag = with_value(shell, word);
	bool exec = strcmp(called(shell), "exec") == 0;

	if (word[0] == '-' && exec)
		err_hint(err, _("'%s' was taken for the program: flags stand before the container: exec %s %s ..."),
			 word, flag, first_word(shell));
	else if (word[0] == '-')
		err_hint(err, _("'%s' was taken for the program: flags stand before the image: %s %s %s ..."),
			 word, called(shell), flag, first_word(shell));
	else if (strchr(word, ' '))
		err_hint(err, strchr(word, '"') ?
				      _("the quotes made one word of it, the name of one program; leave them away, or: sh -c '%s'") :
				      _("the quotes made one word of it, the name of one program; leave them away, or: sh -c \"%s\""),
			 word);
	else if (is_word_of_sh(word))
		err_hint(err, _("'%s' is no program but a word that only a shell knows: sh -c '%s ...'"),
			 word, word);
	else if (strstr(err->msg, "\": no such file or directory"))
		err_hint(err, _("'%s' is there, but the program that has to start it is not; 'why' says which one"),
			 word);
	else if (strcmp(word, "bash") == 0 || strcmp(word, "/bin/bash") == 0)
		err_hint(err, _("this image has no bash; small images have 'sh'"));
	else if (strstr(err->msg, "permission denied"))
		err_hint(err, _("'%s' is a folder, or a file that may not be run (chmod +x makes it a program)"),
			 word);
	else
		not_in_path(shell, word, exec, err);
}

/* ---- names in capitals ---- */

static bool has_capital(const char *word)
{
	for (; *word; word++)
		if (isupper((unsigned char)*word))
			return true;
	return false;
}

static void on_capitals(const struct shell *shell, struct err *err)
{
	OWN_FREE char *word = quoted(err, "invalid argument \"", '"');
	char *const *words = shell->args ? shell->args->words : NULL;

	for (; words && *words && !*word; words++)
		if (has_capital(*words) && **words != '-') {
			free(word);
			word = mem_str(*words);
			break;
		}
	if (advice_stands_for_another(word)) {
		advice_on_stand_in(word, err);
		return;
	}
	for (char *p = word; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	if (*word)
		err_hint(err, _("did you mean '%s'?"), word);
}

/* ---- values ---- */

static void on_capability(const struct shell *shell, struct err *err)
{
	OWN_FREE char *typed = quoted(err, "capability: \"CAP_", '"');
	OWN_STRS struct strs names = { 0 };

	(void)shell;
	for (int i = 0; i <= CAP_LAST_CAP; i++) {
		OWN_FREE char *name = caps_name(i);

		strs_add(&names, name + strlen("CAP_"));
	}
	if (!hint_nearest(typed, &names, err))
		err_hint(err, _("'%s --cap-add ' and the Tab key list them"),
			 called(shell));
}

static void on_restart_policy(const struct shell *shell, struct err *err)
{
	OWN_FREE char *typed = quoted(err, "policy '", '\'');
	OWN_STRS struct strs names = { 0 };

	(void)shell;
	strs_split(&names, "no always unless-stopped on-failure", ' ');
	if (!hint_nearest(typed, &names, err))
		err_hint(err, _("there are: no, always, unless-stopped, on-failure, on-failure:3"));
}

static void on_pull(const struct shell *shell, struct err *err)
{
	OWN_FREE char *typed = quoted(err, "option: '", '\'');
	OWN_STRS struct strs names = { 0 };

	(void)shell;
	strs_split(&names, "always missing never", ' ');
	(void)hint_nearest(typed, &names, err);
}

static void on_signal(const struct shell *shell, struct err *err)
{
	OWN_FREE char *typed = quoted(err, "signal: ", '\n');
	const char *bare = strncmp(typed, "SIG", 3) == 0 ? typed + 3 : typed;
	OWN_STRS struct strs names = { 0 };

	(void)shell;
	for (int i = 1; i < 32; i++)
		if (sigabbrev_np(i))
			strs_add(&names, sigabbrev_np(i));
	if (!hint_nearest(bare, &names, err))
		err_hint(err, _("signals are TERM, KILL, HUP, INT, USR1 ...: '\\kill -l' lists all"));
}

/* ---- lists ---- */

static void on_filter(const struct shell *shell, struct err *err)
{
	OWN_FREE char *typed = quoted(err, "filter '", '\'');
	const struct cmd *cmd = shell->cmd;
	const char *equals = strchr(typed, '=');
	OWN_STRS struct strs names = { 0 };
	OWN_FREE char *all = NULL;
	OWN_FREE char *key = NULL;

	if (!cmd || !cmd->filter_keys)
		return;
	key = mem_strn(typed, strcspn(typed, "="));
	if (equals)
		complete_filter_words(cmd, key, &names);
	for (const char *const *k = cmd->filter_keys; !equals && *k; k++)
		strs_add(&names, *k);
	all = strs_join(&names, ", ");
	if (!hint_nearest(equals ? equals + 1 : typed, &names, err) &&
	    names.count > 0)
		err_hint(err, _("there are: %s"), all);
}

static void on_field(const struct shell *shell, struct err *err)
{
	OWN_FREE char *typed = quoted(err, "evaluate field ", ' ');
	const struct format_kind *rows = shell->cmd ? shell->cmd->rows : NULL;
	OWN_STRS struct strs names = { 0 };
	OWN_FREE char *all = NULL;

	for (const struct format_field *f = rows ? rows->fields : NULL;
	     f && f->name; f++)
		strs_add(&names, f->name);
	all = strs_join(&names, ", ");
	if (!hint_nearest(typed, &names, err) && names.count > 0)
		err_hint(err, _("there are: %s"), all);
}

static void on_key(const struct shell *shell, struct err *err)
{
	OWN_FREE char *typed = quoted(err, "no entry for key \"", '"');
	OWN_STRS struct strs names = { 0 };

	if (shell->cmd)
		complete_field_names(shell, shell->cmd, first_word(shell),
				     &names);
	if (!hint_nearest(typed, &names, err))
		err_hint(err, _("without -f it shows all fields there are"));
}

/* ---- files ---- */

static void on_file(const struct shell *shell, struct err *err)
{
	const char *at = strstr(err->msg, "lstat ");
	OWN_FREE char *path = NULL;

	(void)shell;
	if (!at)
		at = strstr(err->msg, "open ");
	if (!at)
		return;
	path = quoted(err, *at == 'l' ? "lstat " : "open ", ':');
	(void)near_file(path, err); /* it says something in either case */
}

/* The path as it is typed in the folder one is in, if it lies below it. Borrowed. */
static const char *from_here(const char *path)
{
	OWN_FREE char *here = getcwd(NULL, 0);
	size_t len = here ? strlen(here) : 0;

	return len > 0 && strncmp(path, here, len) == 0 && path[len] == '/'
		       ? path + len + 1
		       : path;
}

static void on_dockerfile(const struct shell *shell, struct err *err)
{
	OWN_FREE char *path = quoted(err, "lstat ", ':');
	const char *slash = strrchr(path, '/');
	OWN_FREE char *inside = mem_fmt("%s/%s", first_word(shell),
					slash ? slash + 1 : path);

	if (!near_file(path, err) && !near_file(inside, err))
		err_hint(err, _("there is no file of that name; 'edit %s' makes one, -f names another: build -f FILE FOLDER"),
			 from_here(path));
}

static void on_no_folder(const struct shell *shell, struct err *err)
{
	const char *typed = first_word(shell);
	const char *slash = strrchr(typed, '/');
	OWN_FREE char *folder =
		slash ? mem_strn(typed, (size_t)(slash - typed))
		      : mem_str(".");

	err_hint(err, _("the folder is wanted, the Dockerfile in it is found by itself: 'build %s'; another file: 'build -f %s %s'"),
		 folder, typed, folder);
}

/* ---- the table ---- */

static const struct advice {
	const char *says;
	void (*find)(const struct shell *shell, struct err *err);
	const char *hint; /* where there is nothing to find; %s: the first word */
} advices[] = {
	{ "exec: \"", on_program, NULL },
	{ "must be lowercase", on_capitals, NULL },
	{ "unknown capability", on_capability, NULL },
	{ "invalid restart policy", on_restart_policy, NULL },
	{ "invalid pull option", on_pull, NULL },
	{ "Invalid signal", on_signal, NULL },
	{ "Invalid filter", on_filter, NULL },
	{ "can't evaluate field", on_field, NULL },
	{ "no entry for key", on_key, NULL },
	{ "Dockerfile path", on_dockerfile, NULL },
	{ "context must be a directory", on_no_folder, NULL },
	{ "no such file or directory", on_file, NULL },
	{ "Invalid container name", NULL,
	  N_("a name has two characters or more: it begins with a letter or digit, and '_', '.' and '-' may follow") },
	{ "cannot remove a running container", NULL,
	  N_("'stop %s' ends it first; 'rm -f %s' does both") },
	{ "cannot attach to a stopped container", NULL,
	  N_("'start -a %s' starts it and attaches") },
	{ "is already in use by container", NULL,
	  N_("'rm NAME' removes the old one; without --name a name is made up; 'start NAME' goes on with it") },
	{ " is not running", NULL, N_("'start %s' starts it again") },
	{ "Invalid containerPort", NULL,
	  N_("-p wants two ports, HOST:CONTAINER, as in -p 8080:80") },
	{ "Invalid hostPort", NULL,
	  N_("-p wants two ports, HOST:CONTAINER, as in -p 8080:80") },
	{ "Invalid proto", NULL,
	  N_("-p wants two ports, HOST:CONTAINER, as in -p 8080:80") },
	{ "Invalid ip address", NULL,
	  N_("-p wants two ports, HOST:CONTAINER, as in -p 8080:80") },
	{ "\"--mount\" flag", advice_on_mount, NULL },
	{ "mount path must be absolute", advice_on_mount, NULL },
	{ "invalid mode", NULL,
	  N_("behind the second colon stands ro (read only) or rw") },
	{ "invalid volume specification", NULL,
	  N_("-v wants NAME:/PATH or /FOLDER:/PATH, as in -v data:/data") },
	{ "for a local volume name", NULL,
	  N_("a volume's name has letters and digits; a folder begins with / or ./") },
	{ "unable to find user", NULL,
	  N_("'run --rm IMAGE cat /etc/passwd' shows the users that an image knows; a number always works") },
	{ "unable to find group", NULL,
	  N_("'run --rm IMAGE cat /etc/group' shows the groups that an image knows; a number always works") },
	{ "unclosed action", NULL,
	  N_("a field stands between {{ and }}, all of it in quotes: '{{.ID}}'") },
	{ "bad character U+007D", NULL,
	  N_("a field stands between {{ and }}, all of it in quotes: '{{.ID}}'") },
	{ "must specify at least one container source", NULL,
	  N_("one of the two is in a container: NAME:PATH, as in 'cp web:/etc/passwd .'; for files of this machine alone it is \\cp") },
	{ "copying between containers", NULL,
	  N_("copy to this machine first, from here to the other then") },
	{ "\" not found", NULL,
	  N_("the last word is the folder with the Dockerfile; '.' is the one you are in") },
	{ "invalid size", NULL,
	  N_("a size is a number and b, k, m or g: 64m") },
	{ "Minimum memory limit", NULL,
	  N_("a size is a number and b, k, m or g: 64m") },
	{ "ParseBool", NULL, N_("it is true or false") },
	{ "ParseInt", NULL, N_("a whole number is wanted") },
	{ "as a rational number", NULL,
	  N_("a number is wanted, such as 0.5 or 2") },
	{ "is using its referenced image", NULL,
	  N_("a container was made from it: 'ps -a' lists them, 'rm' removes them; then the image can go") },
	{ "image is being used by", NULL,
	  N_("a container was made from it: 'ps -a' lists them, 'rm' removes them; then the image can go") },
	{ "no tar archive", NULL,
	  N_("'save -o FILE IMAGE' writes one for 'load', 'export -o FILE CONTAINER' one for 'import'") },
	{ "valid value for --type", NULL,
	  N_("there are: container, image, network, volume") },
	{ "needs an argument: 'h' in -h", NULL,
	  N_("-h is a flag with a value here; --help shows the help") },
	{ "needs an argument", NULL,
	  N_("the flag's value is missing behind it; --help shows what it may be") },
	{ "expected name=value", NULL,
	  N_("as in --filter name=web; --help shows the names") },
	{ "network with name", NULL,
	  N_("'network ls' lists all networks, 'network rm' removes one") },
	{ "invalid reference format", advice_on_reference, NULL },
	{ "no such directory", advice_on_place, NULL },
	{ "must be an absolute path", NULL,
	  N_("a folder of the container is meant, named from its root: -w /tmp") },
	{ "needs to be an absolute path", NULL,
	  N_("a folder of the container is meant, named from its root: -w /tmp") },
	{ "as time or duration", NULL,
	  N_("how long ago, as in 10m or 2h, or when, as in 2026-01-31T10:00:00") },
	{ "provide one or more flags", NULL,
	  N_("as in 'update --cpus 0.5 %s'; --help lists what can be changed") },
	{ "invalid ulimit argument", NULL,
	  N_("as in --ulimit nofile=1024:2048") },
	{ "is not a swarm manager", NULL,
	  N_("that driver joins several machines; on this one it is 'bridge', which is taken where no driver is named") },
	{ "Conflicting options", NULL, N_("take one of the two away") },
	{ "not a TTY", NULL,
	  N_("-t wants a terminal; without it, -i alone takes what is piped in") },
	{ NULL, NULL, NULL },
};

/* The hint with the first word in each %s, of which there are two at most. */
static void say(const struct shell *shell, const char *hint, struct err *err)
{
	OWN_BUF struct buf text = { 0 };

	for (const char *at = hint; *at; at++) {
		if (at[0] == '%' && at[1] == 's') {
			buf_str(&text, first_word(shell));
			at++;
		} else {
			buf_char(&text, *at);
		}
	}
	err_hint(err, "%s", buf_text(&text));
}

/* Nothing is lost by it: what was being written is written anew or not at all. */
static void on_full_disk(const struct shell *shell, struct err *err)
{
	err_hint(err, _("the disk with %s is full: 'df -h' shows how full, 'system df' what is ours, 'system prune' gives some of it back; then type the line again"),
		 shell->base_home ? shell->base_home->path : "/");
}

void advice_on_failure(const struct shell *shell, struct err *err)
{
	if (err->hint[0] || err->code == EINTR)
		return;
	if (err->code == ENOSPC || err->code == EDQUOT)
		on_full_disk(shell, err);
	near_hint(shell, err);
	for (const struct advice *a = advices; a->says && !err->hint[0]; a++) {
		if (!strstr(err->msg, a->says))
			continue;
		if (a->find)
			a->find(shell, err);
		else
			say(shell, _(a->hint), err);
		return;
	}
}
