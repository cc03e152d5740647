/* shell/env.c - see env.h
 *
 * The program has no variables besides the environment: what is set here is
 * what everything started from here gets. */
#include "shell/env.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/lang.h"
#include "runtime/base/list.h"
#include "runtime/base/own.h"
#include "runtime/enclosure_guard.h"
#include "shell/cmd.h"
#include "shell/report.h"

/* In a form that can be typed again. */
static void add_variable(struct buf *out, const char *name, const char *value)
{
	buf_fmt(out, "export %s='", name);
	for (const char *p = value; *p; p++)
		buf_str(out, *p == '\'' ? "'\\''" : (char[]){ *p, '\0' });
	buf_str(out, "'\n");
}

static void print_variable(FILE *out, const char *entry)
{
	size_t len = strcspn(entry, "=");
	OWN_FREE char *name = mem_strn(entry, len);
	OWN_BUF struct buf text = { 0 };

	add_variable(&text, name, entry[len] ? entry + len + 1 : "");
	fputs(buf_text(&text), out);
}

static void list(struct shell *shell)
{
	OWN_STRS struct strs all = { 0 };

	for (char **e = environ; *e; e++)
		strs_add(&all, *e);
	strs_sort(&all);
	for (size_t i = 0; i < all.count; i++)
		print_variable(shell->out, all.items[i]);
}

bool env_is_name(const char *text, size_t len)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";

	return len > 0 && strchr(letters, text[0]) &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") >= len;
}

/* With each line that goes to sh. */
static void keep_for_sh(struct shell *shell, const char *text)
{
	char *before = shell->kept;

	shell->kept = mem_fmt("%s%s", before ? before : "", text);
	free(before);
}

void env_set(struct shell *shell, const char *name, const char *value)
{
	OWN_BUF struct buf text = { 0 };

	if (guard_env(name)) {
		if (value)
			(void)setenv(name, value, 1);
		else
			(void)unsetenv(name);
		return;
	}
	if (value)
		add_variable(&text, name, value);
	else
		buf_fmt(&text, "unset %s\n", name);
	keep_for_sh(shell, buf_text(&text));
}

int env_export(struct shell *shell, int count, char *const *words)
{
	int status = 0;

	if (count == 0 || strcmp(words[0], "-p") == 0)
		list(shell);
	for (int i = 0; i < count; i++) {
		size_t len = strcspn(words[i], "=");
		OWN_FREE char *name = mem_strn(words[i], len);

		if (strcmp(words[i], "-p") == 0)
			continue;
		if (!env_is_name(words[i], len)) {
			report_line(shell,
				    _("export: '%s' is no name of a variable"),
				    name);
			status = 1;
		} else if (words[i][len] == '=') {
			env_set(shell, name, words[i] + len + 1);
		}
	}
	return status;
}
