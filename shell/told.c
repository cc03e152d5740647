/* shell/told.c - see told.h
 *
 * The parts, a NUL behind each:
 *
 *     set          all variables, before the line
 *     end          where sh came to the end of the line, else nothing
 *     pwd          the folder
 *     umask
 *     set          all variables, after it
 *     limits       /proc/PID/limits, where the line speaks of ulimit
 *     $#  $1 ...   the positional parameters
 *
 * Variables are compared, so that what sh sets by itself is left alone. */
#include "shell/told.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/err.h"
#include "runtime/base/fs.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/env.h"

#define LARGEST ((size_t)8 << 20)

bool told_wanted(const struct shell *shell, const char *line)
{
	static const char *const words[] = {
		"=",	 "cd",	    "read",  "for",    "set",	 "shift",
		"umask", "getopts", "eval",  "ulimit", "source", ". ",
		NULL,
	};

	if (shell->kept && strstr(shell->kept, "()"))
		return true; /* a function may do any of it */
	for (size_t i = 0; words[i]; i++)
		if (strstr(line, words[i]))
			return true;
	return false;
}

/* ---- variables ---- */

/* Quoted as `set` of dash, busybox and bash does: 'it'"'"'s', 'it'\''s', plain. Adds
 * the text up to the end of the line to `out`; gives what follows the newline. */
static const char *read_quoted(const char *at, struct buf *out)
{
	char quote = '\0';

	for (; *at && (quote || *at != '\n'); at++) {
		if (quote && *at == quote)
			quote = '\0';
		else if (!quote && (*at == '\'' || *at == '"'))
			quote = *at;
		else if (!quote && *at == '\\' && at[1])
			buf_char(out, *++at);
		else
			buf_char(out, *at);
	}
	return *at ? at + 1 : at;
}

/* "A='x y'" lines to "A=x y". What only bash has ($'...', arrays) is left out. */
static void read_variables(const char *at, struct strs *out)
{
	while (*at) {
		size_t len = strcspn(at, "=\n");
		OWN_BUF struct buf entry = { 0 };
		bool plain = at[len] == '=' && env_is_name(at, len) &&
			     at[len + 1] != '(' && at[len + 1] != '$';

		at = read_quoted(at, &entry);
		if (plain)
			strs_add(out, buf_text(&entry));
	}
}

/* Those that sh keeps for itself. */
static bool is_shs_own(const char *entry)
{
	static const char *const names[] = {
		"_=",	  "PPID=",    "PWD=",	  "OLDPWD=", "LINENO=",
		"PS1=",	  "PS2=",     "PS4=",	  "RANDOM=", "SECONDS=",
		"SHLVL=", "OPTERR=",  "SHELLOPTS=", "FUNCNAME=",
		"BASH",	  "PIPESTATUS=", "dockershell_", NULL,
	};

	for (size_t i = 0; names[i]; i++)
		if (strncmp(entry, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* $PATH as it was before our folder came to stand in it; given. */
static char *without_ours(const struct shell *shell, const char *path)
{
	OWN_STRS struct strs folders = { 0 };
	OWN_BUF struct buf out = { 0 };
	OWN_FREE char *ours = mem_fmt(
		"%s/run/bin", shell->base_home ? shell->base_home->path : "");

	strs_split(&folders, path, ':');
	for (size_t i = 0; i < folders.count; i++)
		if (strcmp(folders.items[i], ours) != 0 && folders.items[i][0])
			buf_fmt(&out, "%s%s", out.len ? ":" : "",
				folders.items[i]);
	return buf_give(&out);
}

/* What separates words is sh's own affair: it is told to each again. */
static void keep_separators(struct shell *shell, const char *value)
{
	OWN_BUF struct buf kept = { 0 };

	buf_fmt(&kept, "%sIFS='", shell->kept ? shell->kept : "");
	for (; *value; value++)
		buf_str(&kept, *value == '\'' ? "'\\''"
					      : (char[]){ *value, '\0' });
	buf_str(&kept, "'\n");
	free(shell->kept);
	shell->kept = buf_give(&kept);
}

static void set_variable(struct shell *shell, const char *entry)
{
	size_t len = strcspn(entry, "=");
	OWN_FREE char *name = mem_strn(entry, len);
	const char *value = entry + len + 1;

	if (strcmp(name, "IFS") == 0) {
		keep_separators(shell, value);
	} else if (strcmp(name, "PATH") == 0) {
		OWN_FREE char *path = without_ours(shell, value);

		setenv(name, path, 1);
	} else {
		setenv(name, value, 1);
	}
}

static bool has_name(const struct strs *entries, const char *entry)
{
	size_t len = strcspn(entry, "=") + 1;

	for (size_t i = 0; i < entries->count; i++)
		if (strncmp(entries->items[i], entry, len) == 0)
			return true;
	return false;
}

static void follow_variables(struct shell *shell, const char *before,
			     const char *after)
{
	OWN_STRS struct strs old = { 0 };
	OWN_STRS struct strs new = { 0 };

	if (strcmp(before, after) == 0)
		return;
	read_variables(before, &old);
	read_variables(after, &new);
	for (size_t i = 0; i < new.count; i++)
		if (!is_shs_own(new.items[i]) && !strs_has(&old, new.items[i]))
			set_variable(shell, new.items[i]);
	for (size_t i = 0; i < old.count; i++) {
		OWN_FREE char *name = mem_strn(old.items[i],
					       strcspn(old.items[i], "="));

		if (!is_shs_own(old.items[i]) && !has_name(&new, old.items[i]))
			unsetenv(name);
	}
}

/* ---- the rest ---- */

static void follow_folder(char *folder)
{
	OWN_FREE char *before = getcwd(NULL, 0);

	folder[strcspn(folder, "\n")] = '\0';
	if (!*folder || (before && strcmp(before, folder) == 0))
		return;
	if (chdir(folder) < 0)
		return; /* gone already: we stay */
	if (before)
		setenv("OLDPWD", before, 1);
	setenv("PWD", folder, 1);
}

/* "Max open files            1024                 524288               files" */
static void follow_limits(const char *text)
{
	static const struct {
		const char *name;
		int number;
	} rows[] = {
		{ "Max cpu time", RLIMIT_CPU },
		{ "Max file size", RLIMIT_FSIZE },
		{ "Max data size", RLIMIT_DATA },
		{ "Max stack size", RLIMIT_STACK },
		{ "Max core file size", RLIMIT_CORE },
		{ "Max resident set", RLIMIT_RSS },
		{ "Max processes", RLIMIT_NPROC },
		{ "Max open files", RLIMIT_NOFILE },
		{ "Max locked memory", RLIMIT_MEMLOCK },
		{ "Max address space", RLIMIT_AS },
		{ "Max file locks", RLIMIT_LOCKS },
		{ "Max pending signals", RLIMIT_SIGPENDING },
		{ "Max msgqueue size", RLIMIT_MSGQUEUE },
		{ "Max nice priority", RLIMIT_NICE },
		{ "Max realtime priority", RLIMIT_RTPRIO },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *at = strstr(text, rows[i].name);
		char *end;
		struct rlimit limit;

		if (!at)
			continue;
		at += strlen(rows[i].name);
		at += strspn(at, " ");
		limit.rlim_cur = *at == 'u' ? RLIM_INFINITY
					    : strtoull(at, NULL, 10);
		at += strcspn(at, " ");
		limit.rlim_max = strtoull(at, &end, 10);
		if (end == at || at[strspn(at, " ")] == 'u')
			limit.rlim_max = RLIM_INFINITY;
		(void)setrlimit((__rlimit_resource_t)rows[i].number, &limit); /* sh could, or said so */
	}
}

/* $0 stays. */
static void follow_words(struct shell *shell, const char *at, const char *end)
{
	char *const *old = shell->script_words;
	struct strs *words = mem_zero(1, sizeof(*words));
	bool same = true;
	size_t count;

	strs_add(words, old && old[0] ? old[0] : "dockershell");
	for (at += strlen(at) + 1; at < end; at += strlen(at) + 1)
		strs_add(words, at);
	for (count = 0; old && old[count]; count++)
		same = same && count < words->count &&
		       strcmp(old[count], words->items[count]) == 0;
	if (same && words->count <= (count > 0 ? count : 1)) {
		strs_done(words);
		free(words);
		return;
	}
	shell->script_words = strs_vector(words);
	if (shell->own_words)
		strs_done(shell->own_words);
	free(shell->own_words);
	shell->own_words = words;
}

/* ---- all of it ---- */

void told_front(const char *line, struct buf *out)
{
	bool limits = strstr(line, "ulimit") != NULL;

	/* In a group whose errors go nowhere: `set -x` would show it. */
	buf_fmt(out,
		"{ set >&9; printf '\\0' >&9; trap '{ set +ex; } 2>/dev/null;"
		" { printf \"\\0\"; pwd; printf \"\\0\"; umask;"
		" printf \"\\0\"; set; printf \"\\0\"; %s"
		" printf \"\\0%%s\\0\" \"$#\";"
		" [ $# = 0 ] || printf \"%%s\\0\" \"$@\"; }"
		" >&9 2>/dev/null' 0; } 2>/dev/null",
		limits ? "cat /proc/$$/limits;" : "");
}

bool told_hear(struct shell *shell, int fd)
{
	enum { BEFORE, END, FOLDER, UMASK, AFTER, LIMITS, WORDS, PARTS };
	OWN_BUF struct buf text = { 0 };
	struct err ignored = { 0 };
	char *part[PARTS] = { NULL };
	char *at;
	char *end;
	int count = 0;

	if (lseek(fd, 0, SEEK_SET) < 0 ||
	    fs_read_fd(fd, LARGEST, &text, &ignored) < 0 || text.len == 0)
		return false;
	end = text.data + text.len;
	for (at = text.data; at < end && count < PARTS; at += strlen(at) + 1)
		part[count++] = at;
	if (count == PARTS && end[-1] == '\0') {
		follow_folder(part[FOLDER]);
		(void)umask((mode_t)strtoul(part[UMASK], NULL, 8));
		follow_variables(shell, part[BEFORE], part[AFTER]);
		if (*part[LIMITS])
			follow_limits(part[LIMITS]);
		follow_words(shell, part[WORDS], end);
	}
	return count > END && strncmp(part[END], "end\n", 4) == 0;
}
