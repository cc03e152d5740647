/* shell/advice_sh.c - see advice.h: what sh did not understand
 *
 * A line may be written for another shell than sh, or have been copied with a <name>
 * in it, which to sh is a file to read from. sh says only where it gave up. */
#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/own.h"
#include "shell/advice.h"
#include "shell/cmd.h"

/* ---- <container> ---- */

/* The first <word> that is no file of this folder. Given, or NULL. */
static char *stand_in(const char *text)
{
	for (const char *at = text; (at = strchr(at, '<')); at++) {
		size_t len = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz"
					    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-");
		OWN_FREE char *name = mem_strn(at + 1, len);

		if (len > 0 && at[len + 1] == '>' && access(name, F_OK) < 0)
			return mem_strn(at, len + 2);
	}
	return NULL;
}

/* ---- bash ---- */

/* One of bash's words, as a word: [[:alpha:]] and $((1 + 1)) are sh's as well. */
static bool has_word_of_bash(const char *text)
{
	static const char *const words[] = { "[[ ",	 "((",	    "source ",
					     "function ", "shopt ", "declare ",
					     "mapfile ",  NULL };

	for (size_t i = 0; words[i]; i++)
		for (const char *at = text; (at = strstr(at, words[i])); at++)
			if (at == text || strchr(" \t\n;", at[-1]))
				return true;
	return false;
}

/* What bash has and sh has not. */
static bool is_of_bash(const char *text)
{
	static const char *const marks[] = { "=(", "<(", ">(", "<<<", "${!",
					     "pipefail", NULL };
	const char *brace = text;

	if (has_word_of_bash(text))
		return true;
	for (size_t i = 0; marks[i]; i++)
		if (strstr(text, marks[i]))
			return true;
	/* ${name//a/b}, ${name[0]}, ${name^^}, ${name:1} */
	while ((brace = strstr(brace, "${"))) {
		brace += 2;
		brace += *brace == '#';
		while (isalnum((unsigned char)*brace) || *brace == '_')
			brace++;
		if (strchr("/[^,", *brace) && *brace)
			return true;
		if (*brace == ':' && isdigit((unsigned char)brace[1]))
			return true;
	}
	return false;
}

/* Whom the first line of a script names: "bash" of #!/usr/bin/env bash; given, or NULL
 * where that is sh, ourselves or nobody. */
static char *written_for(const char *path)
{
	OWN_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char line[128];
	ssize_t got = fd >= 0 ? read(fd, line, sizeof(line) - 1) : -1;
	char *at = line;
	char *name;
	char *slash;

	if (got < 3 || line[0] != '#' || line[1] != '!')
		return NULL;
	line[got] = '\0';
	line[strcspn(line, "\n")] = '\0';
	at += 2 + strspn(line + 2, " \t");
	if (strncmp(at, "/usr/bin/env ", 13) == 0)
		at += 13 + strspn(at + 13, " \t");
	name = mem_strn(at, strcspn(at, " \t\r"));
	slash = strrchr(name, '/');
	if (slash)
		memmove(name, slash + 1, strlen(slash));
	if (*name && strcmp(name, "sh") != 0 && strcmp(name, "dash") != 0 &&
	    strcmp(name, "dockershell") != 0)
		return name;
	free(name);
	return NULL;
}

static char *on_other_shell(const struct shell *shell, const char *text)
{
	OWN_FREE char *name =
		shell->script && *shell->script ? written_for(shell->script)
						: NULL;

	if (!name && !is_of_bash(text))
		return NULL;
	if (name)
		return mem_fmt(_("%s is written for %s, and the lines here are sh's: '%s %s' runs it, and a link called docker to this program makes its docker ours"),
			       shell->script, name, name, shell->script);
	return mem_str(_("this is bash's way to write it, and the lines here are sh's; bash itself runs it: bash -c '...', or 'bash FILE' for a script"));
}

/* ---- the daemon ---- */

/* "systemctl start docker": there is nothing to be started. */
static bool starts_daemon(const char *text)
{
	return (strncmp(text, "systemctl ", 10) == 0 ||
		strncmp(text, "service ", 8) == 0) &&
	       strstr(text, " docker");
}

char *advice_on_sh(const struct shell *shell, const char *text, int status)
{
	OWN_FREE char *name = status == 2 ? stand_in(text) : NULL;

	if (name)
		return mem_fmt(_("'%s' stands for a name or an id: put the one you mean in its place"),
			       name);
	if (shell->interactive && starts_daemon(text))
		return mem_str(_("that is for Docker's daemon, and this program needs none: 'run' and all the rest work at once"));
	return status == 2 || status == 127 ? on_other_shell(shell, text)
					    : NULL;
}
