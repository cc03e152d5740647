/* shell/advice_words.c - see advice.h: words that are no command */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/base/suggest.h"
#include "shell/advice.h"
#include "shell/advice_parts.h"
#include "shell/cmd.h"
#include "shell/commands.h"
#include "shell/near.h"
#include "shell/sh.h"

/* Another word for the same thing: no slip of the finger leads from one to the
 * other. */
static const struct synonym synonyms[] = {
	{ "add", "create" },	 { "begin", "start" },
	{ ":q", "exit" },	 { "q", "exit" },
	{ "終了", "exit" },	 { "ヘルプ", "help" },
	{ "tutorial", "tour" },	 { "course", "lessons" },
	{ "bye", "exit" },	 { "clean", "system prune" },
	{ "cls", "clear" },	 { "containers", "ps" },
	{ "copy", "cp" },	 { "del", "rm" },
	{ "delete", "rm" },	 { "dir", "ls" },
	{ "download", "pull" },	 { "end", "stop" },
	{ "enter", "exec" },	 { "erase", "rm" },
	{ "execute", "exec" },	 { "finish", "stop" },
	{ "launch", "run" },	 { "list", "ps" },
	{ "log", "logs" },	 { "make", "build" },
	{ "move", "rename" },	 { "mv", "rename" },
	{ "networks", "network ls" }, { "new", "create" },
	{ "process", "ps" },	 { "processes", "ps" },
	{ "prune", "system prune" },
	{ "remove", "rm" },	 { "show", "inspect" },
	{ "ssh", "exec" },	 { "status", "ps" },
	{ "volumes", "volume ls" }, { NULL, NULL },
};

/* In a group ("volume delete"), a list is its own. */
static const struct synonym group_synonyms[] = {
	{ "add", "create" },  { "del", "rm" },	   { "delete", "rm" },
	{ "erase", "rm" },    { "list", "ls" },	   { "new", "create" },
	{ "remove", "rm" },   { "show", "inspect" }, { "clean", "prune" },
	{ NULL, NULL },
};

static const char *const groups[] = { "builder", "container", "image", "lesson",
				      "network", "system",    "volume", NULL };

const char *advice_synonym_of(const struct synonym *list, const char *typed)
{
	for (; list->typed; list++)
		if (strcmp(list->typed, typed) == 0)
			return list->meant;
	return NULL;
}

static char *did_you_mean(const char *line)
{
	return mem_fmt(_("did you mean '%s'?"), line);
}

char *advice_line_of(const char *begin, char *const *rest)
{
	OWN_BUF struct buf line = { 0 };

	buf_str(&line, begin);
	for (; *rest; rest++)
		buf_fmt(&line, " %s", *rest);
	return buf_give(&line);
}

/* ---- no command ---- */

static bool is_instruction(const char *word)
{
	static const char *const names[] = {
		"ADD",	  "ARG",  "CMD",     "COPY", "ENTRYPOINT", "ENV",
		"EXPOSE", "FROM", "LABEL",   "RUN",  "SHELL",	   "USER",
		"VOLUME", "STOPSIGNAL", "WORKDIR", "HEALTHCHECK", NULL,
	};

	for (size_t i = 0; names[i]; i++)
		if (strcmp(names[i], word) == 0)
			return true;
	return false;
}

/* "logsweb" is "logs web"; given, or NULL. */
static char *without_blank(const struct shell *shell, const char *word)
{
	for (size_t i = 0; commands[i]; i++) {
		size_t len = strlen(commands[i]->name);

		if (strncmp(word, commands[i]->name, len) == 0 && word[len] &&
		    (near_is_container(shell, word + len) ||
		     near_is_image(shell, word + len)))
			return mem_fmt("%s %s", commands[i]->name, word + len);
	}
	return NULL;
}

/* "web stop", "busybox sh": the name stands where the command should. */
static char *on_name_first(const struct shell *shell, char *const *words)
{
	const struct cmd *cmd = words[1] ? command_named(words[1]) : NULL;
	OWN_FREE char *line = NULL;

	if (near_is_container(shell, words[0]) && cmd) {
		OWN_FREE char *begin =
			mem_fmt("%s %s", words[1], words[0]);

		line = advice_line_of(begin, words + 2);
	} else if (near_is_container(shell, words[0])) {
		return mem_fmt(_("'%s' is a container; the command stands first: 'logs %s', 'stop %s' ..."),
			       words[0], words[0], words[0]);
	} else if (near_is_image(shell, words[0])) {
		line = advice_line_of("run", words);
	} else {
		line = without_blank(shell, words[0]);
	}
	return line ? did_you_mean(line) : NULL;
}

/* "PS" is "ps". Given, or NULL where there are only small letters. */
static char *lowered(const char *word)
{
	char *small = mem_str(word);

	for (char *p = small; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return small;
}

/* A slip in one of the other words: "contianers". Nearer than `near` only. */
static const char *nearest_synonym(const char *typed, const char *near)
{
	struct suggest best = suggest_start(typed);
	const char *meant = near;

	if (strlen(typed) < 5)
		return near;
	if (near)
		suggest_try(&best, near);
	for (const struct synonym *s = synonyms; s->typed; s++) {
		int before = best.distance;

		if (strlen(s->typed) < 5)
			continue;
		suggest_try(&best, s->typed);
		if (best.distance < before && best.distance <= 2)
			meant = s->meant;
	}
	for (size_t i = 0; groups[i]; i++) {
		int before = best.distance;

		suggest_try(&best, groups[i]);
		if (best.distance < before)
			meant = groups[i];
	}
	return meant;
}

static const char *nearest(const char *group, const char *typed)
{
	OWN_FREE char *small = lowered(typed);
	const char *near =
		advice_synonym_of(group ? group_synonyms : synonyms, small);

	if (near)
		return near;
	near = command_nearest(group, small);
	return group ? near : nearest_synonym(small, near);
}

/* Mistyped: the word, and in a group its first word too. */
static char *on_slip(const char *group, char *const *words)
{
	const char *typed = words[group ? 1 : 0];
	const char *bare = typed + strspn(typed, "-"); /* "--verion" */
	const char *near = nearest(group, bare);
	OWN_FREE char *line = NULL;

	if (group && near)
		line = mem_fmt("%s %s", group, near);
	else if (!near && group && command_named(typed))
		line = mem_str(typed); /* "container images" */
	else if (near)
		line = mem_str(near);
	return line ? did_you_mean(line) : NULL;
}

/* "serach": what was meant is not here either. */
static char *on_refused(const char *typed)
{
	const char *near = command_refused_nearest(typed);
	const char *instead;

	return near ? mem_fmt(_("did you mean '%s'? It is not here: %s"), near,
			      command_refused(near, &instead))
		    : NULL;
}

static bool is_like_docker(const char *word)
{
	OWN_FREE char *small = lowered(word);
	int distance = suggest_distance(small, "docker", 2);

	return distance <= 2 && strlen(word) >= 4;
}

/* "docker-run busybox", "docker_ps": one word of the two. Given, or NULL. */
static char *on_joined(char *const *words)
{
	OWN_FREE char *small = lowered(words[0]);
	const char *rest = small + strlen("docker");

	if (strncmp(small, "docker", strlen("docker")) != 0)
		return NULL;
	rest += strspn(rest, "-_.:,");
	if (!command_named(rest))
		return NULL;
	OWN_FREE char *begin = mem_fmt("docker %s", rest);
	OWN_FREE char *line = advice_line_of(begin, words + 1);

	return did_you_mean(line);
}

/* Where the command begins behind another shell's prompt ("me@pc:~$ docker ps"), or
 * NULL. Borrowed. */
static const char *behind_prompt(const char *text)
{
	for (const char *p = text; *p; p++) {
		const char *rest = p + 1 + strspn(p + 1, " ");
		OWN_STRS struct strs words = { 0 };
		char *const *named;
		int used = 0;

		if (!strchr("$#%>", *p) || rest == p + 1)
			continue;
		strs_split(&words, rest, ' ');
		named = strs_vector(&words);
		if (*named && strcmp(*named, "docker") == 0)
			named++;
		if (*named && (command_find(named, &used) ||
			       command_is_group(*named)))
			return rest;
	}
	return NULL;
}

char *advice_on_prompt(const char *text)
{
	const char *meant = behind_prompt(text);

	return meant ? did_you_mean(meant) : NULL;
}

/* "docker.exe ps", "--rm run busybox": what belongs elsewhere stands in front. */
static char *on_word_in_front(char *const *words)
{
	int used = 0;
	OWN_FREE char *begin = NULL;
	OWN_FREE char *line = NULL;

	if (!words[1])
		return NULL;
	if (strcmp(words[0], "docker.exe") == 0 ||
	    strcmp(words[0], "winpty") == 0) {
		line = advice_line_of(words[1], words + 2);
		return did_you_mean(line);
	}
	if (words[0][0] != '-' || !command_find(words + 1, &used) || used != 1)
		return NULL;
	begin = mem_fmt("%s %s", words[1], words[0]);
	line = advice_line_of(begin, words + 2);
	return did_you_mean(line);
}

/* Also in capitals. */
static bool is_command(const char *word)
{
	OWN_FREE char *small = lowered(word);
	char *const words[] = { small, NULL };
	int used = 0;

	return command_find(words, &used) || command_is_group(small);
}

static char *on_first_word(char *const *words)
{
	const char *first = words[0];

	if (is_instruction(first))
		return mem_fmt(_("'%s' is an instruction of a Dockerfile: write it with 'edit Dockerfile', then 'build .'"),
			       first);
	if (strcmp(first, "dockershell") == 0 && words[1]) {
		OWN_FREE char *line = advice_line_of(words[1], words + 2);

		return mem_fmt(_("you are in it already: type '%s'"), line);
	}
	if (words[1] && is_like_docker(first) && is_command(words[1])) {
		OWN_FREE char *second = lowered(words[1]);
		OWN_FREE char *begin = mem_fmt("docker %s", second);
		OWN_FREE char *line = advice_line_of(begin, words + 2);

		return strcmp(first, "docker") == 0
			       ? mem_fmt(_("'docker' stands there twice; did you mean '%s'?"),
					 line)
			       : did_you_mean(line);
	}
	if (strcmp(first, "source") == 0 && words[1]) {
		OWN_FREE char *line = advice_line_of(".", words + 1);

		return did_you_mean(line); /* as sh calls it */
	}
	if (strncasecmp(first, "docker", strlen("docker")) == 0) {
		char *joined = on_joined(words);

		if (joined)
			return joined;
	}
	return on_word_in_front(words);
}

/* "conatiner ls": the first word of two. */
static char *on_group(char *const *words)
{
	struct suggest best = suggest_start(words[0]);
	OWN_FREE char *line = NULL;
	int used = 0;

	if (!words[1])
		return NULL;
	for (size_t i = 0; groups[i]; i++) {
		OWN_FREE char *name = mem_fmt("%s %s", groups[i], words[1]);

		if (command_named(name))
			suggest_try(&best, groups[i]);
	}
	if (!best.found || command_find(words, &used))
		return NULL;
	line = advice_line_of(best.found, words + 1);
	return did_you_mean(line);
}

char *advice_on_words(const struct shell *shell, const char *group,
		      char *const *words)
{
	OWN_FREE char *line = advice_line_of(words[0], words + 1);
	char *advice = NULL;

	if (!group)
		advice = advice_on_prompt(line);
	if (!advice && !group)
		advice = on_first_word(words);
	if (group && strcmp(group, "lesson") == 0 &&
	    (isdigit((unsigned char)words[1][0]) ||
	     near_is_lesson(shell, words[1]))) {
		OWN_FREE char *learn = mem_fmt("learn %s", words[1]);

		return did_you_mean(learn);
	}
	if (!advice && !group)
		advice = on_name_first(shell, words);
	if (!advice && !group)
		advice = on_group(words);
	if (!advice)
		advice = on_slip(group, words);
	return advice || group ? advice : on_refused(words[0]);
}

bool advice_takes(char *const *words)
{
	int used;

	if (strcmp(words[0], "login") == 0 || strcmp(words[0], "logout") == 0)
		return true;
	if (!words[1])
		return false;
	if (strcmp(words[0], "sudo") == 0)
		return strcmp(words[1], "docker") == 0 ||
		       command_find(words + 1, &used);
	return strcmp(words[0], "man") == 0 && !words[2] &&
	       command_find(words + 1, &used) && !sh_finds(words[1]);
}
