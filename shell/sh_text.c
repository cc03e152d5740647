/* shell/sh_text.c - see sh_text.h
 *
 *     <newlines>                so that sh counts lines as the script does
 *     alias rm='docker rm' ...  where one of our words occurs
 *     set -u; f() { ...; }      what earlier lines said
 *     set >&9; trap ... 0       what the caller wants to know
 *     LINE                      behind what makes $? the status of the line before
 *
 * An alias holds from the next line on, so none of this can stand on the line
 * itself. Where there are not as many lines in front of it as this takes, `eval`
 * reads it: sh counts anew in there. */
#include "shell/sh_text.h"

#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "shell/cmd.h"
#include "shell/commands.h"

/* ---- the line of aliases ---- */

static void add_alias(struct buf *out, const char *word)
{
	buf_fmt(out, " %s='docker %s'", word, word);
}

/* First words of two-word names: once each. */
static void add_groups(struct buf *out, const char *const *aliases,
		       struct strs *seen)
{
	for (; aliases && *aliases; aliases++) {
		size_t len = strcspn(*aliases, " ");
		OWN_FREE char *group = mem_strn(*aliases, len);

		if ((*aliases)[len] == '\0' || strs_has(seen, group))
			continue;
		strs_add(seen, group);
		add_alias(out, group);
	}
}

/* `export` and `wait` are sh's own words as well: they are Docker's where they
 * are called as Docker's are. All in one line, so that sh counts one. */
static void add_aliases(struct buf *out)
{
	OWN_STRS struct strs groups = { 0 };

	buf_str(out, "dockershell_export() { case $* in ''|*=*|-p) command export \"$@\";; *) docker export \"$@\";; esac; };"
		     " dockershell_wait() { case $* in ''|%*) command wait \"$@\";; *) docker wait \"$@\";; esac; };"
		     " alias");
	for (size_t i = 0; commands[i]; i++) {
		const struct cmd *cmd = commands[i];
		const char *const names[] = { cmd->name, NULL };

		if (cmd->inside_only || cmd->hidden)
			continue;
		add_groups(out, names, &groups);
		add_groups(out, cmd->aliases, &groups);
		if (strchr(cmd->name, ' '))
			continue;
		if (strcmp(cmd->name, "export") == 0 ||
		    strcmp(cmd->name, "wait") == 0)
			buf_fmt(out, " %s=dockershell_%s", cmd->name,
				cmd->name);
		else
			add_alias(out, cmd->name);
	}
	buf_char(out, '\n');
}

/* Whether the first word of a name occurs, as a word or a part of one. */
static bool has_name(const char *text, const char *name)
{
	size_t len = strcspn(name, " ");
	const char *p = text;

	while ((p = strchr(p, name[0])))
		if (strncmp(p, name, len) == 0)
			return true;
		else
			p++;
	return false;
}

/* What `eval` and `.` bring in is not in the text. */
static bool needs_aliases(const char *text)
{
	if (strstr(text, "eval") || strstr(text, ". "))
		return true;
	for (size_t i = 0; commands[i]; i++) {
		const struct cmd *cmd = commands[i];

		if (has_name(text, cmd->name))
			return true;
		for (const char *const *a = cmd->aliases; a && *a; a++)
			if (has_name(text, *a))
				return true;
	}
	return false;
}

/* ---- the whole ---- */

static int count_newlines(const char *text)
{
	int count = 0;

	while ((text = strchr(text, '\n'))) {
		count++;
		text++;
	}
	return count;
}

static void add_newlines(struct buf *out, int count)
{
	while (count-- > 0)
		buf_char(out, '\n');
}

static void add_in_quotes(struct buf *out, const char *text)
{
	for (; *text; text++)
		if (*text == '\'')
			buf_str(out, "'\\''");
		else
			buf_char(out, *text);
}

/* Each line has an sh of its own: where it asks, $? is what the line before ended with.
 * In a list, so that `set -e` lets it be; and `set -x` does not show it. */
static void add_status(const struct shell *shell, const char *line,
		       struct buf *out)
{
	if (shell->last_status != 0 &&
	    (strstr(line, "$?") || strstr(line, "${?")))
		buf_fmt(out,
			"{ dockershell_last() { return %d; }; dockershell_last && :; } 2>/dev/null; ",
			shell->last_status & 255);
}

void sh_text_make(const struct shell *shell, const char *before,
		  const char *line, struct buf *out)
{
	OWN_BUF struct buf front = { 0 };
	const char *kept = shell->kept ? shell->kept : "";
	int lines_before = shell->script ? shell->line - 1 : 0;
	int lines_taken;

	if (needs_aliases(line) || needs_aliases(kept))
		add_aliases(&front);
	buf_str(&front, kept);
	if (*before)
		buf_fmt(&front, "%s\n", before);
	lines_taken = count_newlines(buf_text(&front));
	if (lines_taken <= lines_before) {
		add_newlines(out, lines_before - lines_taken);
		buf_str(out, buf_text(&front));
		add_status(shell, line, out);
		buf_fmt(out, "%s\n", line);
	} else {
		buf_str(out, buf_text(&front));
		add_status(shell, line, out);
		buf_str(out, "eval '");
		add_newlines(out, lines_before);
		add_in_quotes(out, line);
		buf_str(out, "'\n");
	}
}
