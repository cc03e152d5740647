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
#include "shell/cmd.h"
#include "shell/report.h"

/* In a form that can be typed again. */
static void print_variable(FILE *out, const char *entry)
{
	size_t len = strcspn(entry, "=");

	fprintf(out, "export %.*s='", (int)len, entry);
	for (const char *p = entry + len + 1; entry[len] && *p; p++)
		fputs(*p == '\'' ? "'\\''" : (char[]){ *p, '\0' }, out);
	fputs("'\n", out);
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
			setenv(name, words[i] + len + 1, 1);
		}
	}
	return status;
}
